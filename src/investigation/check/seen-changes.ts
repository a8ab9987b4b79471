/** Changes that raw answers tell of: beside those that triage knows, what the model read itself (a file's history, a pull request's commits). */

export interface SeenChange {
  readonly sha: string;
  /** All that is said of it: message, pull requests, paths and diffs; lower case. */
  readonly words: string;
}

const SHA = /^[0-9a-f]{7,40}$/;
/** Fields of a commit, or of one file of it, that say what it is. */
const TELLING = new Set(["message", "title", "filename", "path", "patch", "files", "commit", "html_url"]);
const MOST_CHANGES = 300;
const LONGEST_WORDS = 60_000;

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null && !Array.isArray(value);

/** Strings under fields that tell of a change. */
function tellingIn(value: unknown, depth = 0): string[] {
  if (typeof value === "string") return [value];
  if (depth > 4) return [];
  if (Array.isArray(value)) return value.flatMap((one) => tellingIn(one, depth + 1));
  return isFields(value) ? Object.entries(value).flatMap(([key, one]) => (TELLING.has(key) ? tellingIn(one, depth + 1) : [])) : [];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** The commits in a raw answer: objects with a sha and a message. Linear. */
export function changesSeenIn(raw: string): SeenChange[] {
  if (!raw.includes('"sha"')) return [];
  const whole = parsed(raw);
  const stack = whole === null ? raw.split("\n").map(parsed) : [whole];
  const found: SeenChange[] = [];
  for (let value = stack.pop(); value !== undefined && found.length < MOST_CHANGES; value = stack.pop()) {
    if (Array.isArray(value)) stack.push(...value.slice(0, MOST_CHANGES));
    if (!isFields(value)) continue;
    const { sha, commit, message } = value;
    if (typeof sha === "string" && SHA.test(sha) && (isFields(commit) || typeof message === "string"))
      found.push({ sha, words: tellingIn(value).join("\n").slice(0, LONGEST_WORDS).toLowerCase() });
    else stack.push(...Object.values(value).filter((one) => typeof one === "object" && one !== null));
  }
  return found;
}
