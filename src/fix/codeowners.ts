import type { GithubClient } from "../integrations/github/client.ts";
import { coversPath } from "./path-pattern.ts";

/** One line of a CODEOWNERS file. No owners: the paths are taken out of an earlier line's. */
export interface OwnerRule {
  readonly pattern: string;
  /** `@login` and `@organisation/team`; addresses are left out, a pull request cannot mention them. */
  readonly owners: readonly string[];
}

/** Where GitHub looks, in its order; the first file there is counts. */
const codeownersPaths = [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"] as const;

/** GitHub reads no larger file. */
const LARGEST_FILE = 3_000_000;
const MOST_RULES = 5_000;
const mention = /^@[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})(?:\/[A-Za-z0-9._-]{1,100})?$/;

/** The lines of a CODEOWNERS file that GitHub would use: it passes over lines with "!", "[ ]" or an escaped "#" in the pattern. */
export function parseCodeowners(text: string): readonly OwnerRule[] {
  if (text.length > LARGEST_FILE) return [];
  const rules: OwnerRule[] = [];
  for (const line of text.split(/\r?\n/)) {
    const words = line
      .replace(/^\uFEFF/, "")
      .trim()
      .split(/\s+/);
    const comment = words.findIndex((word) => word.startsWith("#"));
    const [pattern, ...owners] = comment < 0 ? words : words.slice(0, comment);
    if (pattern === undefined || pattern === "" || /^!|[[\]\\]/.test(pattern)) continue;
    rules.push({ pattern, owners: owners.filter((owner) => mention.test(owner)) });
    if (rules.length === MOST_RULES) break;
  }
  return rules;
}

/** Owners of the paths, each once, those of most paths first. For each path the last rule that covers it counts. */
export function ownersOf(rules: readonly OwnerRule[], paths: readonly string[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const path of paths) {
    const rule = rules.findLast(({ pattern }) => coversPath(pattern, path, true));
    for (const owner of new Set(rule?.owners ?? [])) counts.set(owner, (counts.get(owner) ?? 0) + 1);
  }
  return [...counts].toSorted((a, b) => b[1] - a[1]).map(([owner]) => owner);
}

/**
 * Owners of the changed paths, by the CODEOWNERS file at a commit; empty where there is none. They are mentioned in the pull request, never
 * assigned to it.
 * @throws IntegrationError when GitHub cannot be read
 */
export async function readOwners(
  github: GithubClient,
  about: { readonly repository: string; readonly ref: string; readonly paths: readonly string[] },
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { repository, ref, paths } = about;
  for (const path of codeownersPaths) {
    const { value } = await github.getContents({ repository, path, ref, maxChars: LARGEST_FILE }, signal);
    if (value.kind === "text") return ownersOf(parseCodeowners(value.text), paths);
  }
  return [];
}
