import { IntegrationError } from "../guard/errors.ts";
import type { GithubClient } from "../integrations/github/client.ts";
import { type Library, readLibrary, type SkillSource } from "./library.ts";
import type { SkillFiles } from "./skill.ts";

/** How old a reading may be before the repository is asked again, ms. */
const FRESH_MS = 60_000;
const READ_MS = 30_000;
/** Most skills, and most runbooks, that are read. */
const MOST = 60;
const MOST_REFERENCES = 20;
const LARGEST_FILE = 64_000;
const FOLDER = "040000";
const isFile = (mode: string) => mode === "100644" || mode === "100755";

/** The team's skills and runbooks in a GitHub repository. */
export interface SkillRepository {
  /** What was read last; asks again, in the background, when that is a minute old. null: nothing has been read yet. */
  current(): Library | null;
  /** Asks now. @throws the errors of guard/errors.ts */
  read(signal: AbortSignal): Promise<Library>;
}

/** `owner/name`, or `owner/name@branch`. */
export function splitRepository(text: string): { readonly repository: string; readonly branch: string | null } {
  const at = text.indexOf("@");
  return at < 0 ? { repository: text, branch: null } : { repository: text.slice(0, at), branch: text.slice(at + 1) };
}

/**
 * Reads `skills/` and `runbooks/` at the tip of a branch, a request a folder and a file, and only when the tip has moved. Read only; a repository
 * that cannot be read leaves what was read before.
 * @param place `owner/name` or `owner/name@branch`; default: the repository's own branch
 */
export function openSkillRepository(github: GithubClient, place: string, now: () => number): SkillRepository {
  const { repository, branch } = splitRepository(place);
  let library: Library | null = null;
  let tip: string | null = null;
  let askedAt = -Infinity;

  async function read(signal: AbortSignal): Promise<Library> {
    const name = branch ?? (await github.repository({ repository }, signal)).value.defaultBranch;
    const sha = await github.git.readBranch({ repository, branch: name }, signal);
    if (sha === null) throw new IntegrationError("github", `github: ${repository} has no branch ${name}. Check SKILLS_REPOSITORY.`);
    if (sha === tip && library !== null) return library;
    const commit = await github.git.readCommit({ repository, sha }, signal);
    if (commit === null) throw new IntegrationError("github", `github: ${repository} has no commit ${sha.slice(0, 12)}`);
    const source = await sourceAt(commit.tree, signal);
    library = readLibrary([source], library ?? undefined);
    tip = sha;
    return library;
  }

  const list = (sha: string, signal: AbortSignal) => github.git.readTree({ repository, sha }, signal);
  /** Text of a small file; null for what is large or no text. */
  const textOf = async (entry: { readonly sha: string; readonly size: number | null }, signal: AbortSignal) =>
    (entry.size ?? 0) > LARGEST_FILE ? null : github.git.readBlob({ repository, sha: entry.sha }, signal);

  async function skillAt(name: string, sha: string, signal: AbortSignal): Promise<SkillFiles> {
    const files = new Map<string, string>();
    const entries = await list(sha, signal);
    const own = entries.find((entry) => entry.name === "SKILL.md" && isFile(entry.mode));
    const folder = entries.find((entry) => entry.name === "references" && entry.mode === FOLDER);
    const references =
      folder === undefined ? [] : (await list(folder.sha, signal)).filter(({ name: file, mode }) => isFile(mode) && file.endsWith(".md"));
    for (const [path, entry] of [
      ...(own === undefined ? [] : [["SKILL.md", own] as const]),
      ...references.slice(0, MOST_REFERENCES).map((one) => [`references/${one.name}`, one] as const),
    ]) {
      const text = await textOf(entry, signal);
      if (text !== null) files.set(path, text);
    }
    return { folder: `skills/${name}`, files };
  }

  async function sourceAt(tree: string, signal: AbortSignal): Promise<SkillSource> {
    const root = await list(tree, signal);
    const folderOf = async (name: string) => {
      const entry = root.find((one) => one.name === name && one.mode === FOLDER);
      return entry === undefined ? [] : list(entry.sha, signal);
    };
    const skills: SkillFiles[] = [];
    for (const { name, mode, sha } of (await folderOf("skills")).slice(0, MOST))
      if (mode === FOLDER) skills.push(await skillAt(name, sha, signal));
    const runbooks: { file: string; text: string | null }[] = [];
    for (const entry of (await folderOf("runbooks")).slice(0, MOST)) {
      if (isFile(entry.mode) && /^[\w .-]+\.md$/.test(entry.name))
        runbooks.push({ file: `runbooks/${entry.name}`, text: await textOf(entry, signal) });
    }
    const bare = !root.some(({ name, mode }) => mode === FOLDER && (name === "skills" || name === "runbooks"));
    const message = "holds neither skills/ nor runbooks/ at the tip of its branch";
    return {
      origin: repository,
      content: { skills, runbooks },
      problems: bare ? [{ file: repository, line: null, severity: "error", message }] : [],
    };
  }

  return {
    read,
    current() {
      if (now() - askedAt >= FRESH_MS) {
        askedAt = now();
        // What goes wrong leaves what was read before; doctor says why.
        read(AbortSignal.timeout(READ_MS)).catch(() => undefined);
      }
      return library;
    },
  };
}

/** A library with another's skills and runbooks in place of its own of the same name. */
export function joinLibraries(own: Pick<Library, "skills" | "runbooks">, team: Library | null): Pick<Library, "skills" | "runbooks"> {
  if (team === null) return own;
  const byName = <T extends { readonly name: string }>(first: readonly T[], second: readonly T[]): T[] =>
    [...new Map([...first, ...second].map((one) => [one.name, one])).values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return { skills: byName(own.skills, team.skills), runbooks: byName(own.runbooks, team.runbooks) };
}
