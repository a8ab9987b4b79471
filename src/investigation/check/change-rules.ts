import { isSameVersion, isShaPrefix } from "../../incident/change-id.ts";
import type { ChangeEvent } from "../../incident/telemetry.ts";
import { clockTime } from "../../report/words.ts";
import type { CheckContext } from "./check-context.ts";
import { scan } from "./figures.ts";
import { problemOf, type Unplaced } from "./problem.ts";
import type { SeenChange } from "./seen-changes.ts";

/** Onsets are known to the minute at best, as analysis takes them: a change this close came with the onset. */
const ONSET_SLACK_MS = 60_000;

/** Whether an id (sha, version, `#number`, title of a flag or setting) means this change. */
function isChange(id: string, change: ChangeEvent): boolean {
  const last = id.slice(id.lastIndexOf("@") + 1).trim();
  const number = /^(?:#|PR ?#?)(\d+)$/i.exec(last)?.[1];
  if (number !== undefined) return change.pullRequest?.number === Number(number);
  if (last === "") return false;
  return isShaPrefix(last, change.sha) || isSameVersion(last, change.version) || (change.sha === null && id.trim() === change.title.trim());
}
/** A commit or pull request alone: merged, which is not live. */
export const isMerge = ({ kind }: ChangeEvent): boolean => kind === "commit" || kind === "pull-request";

/** Whether two ids of changes mean the same one. */
export const isSameChange = (one: string, other: string): boolean =>
  one === other || isShaPrefix(one, other) || isShaPrefix(other, one) || isSameVersion(one, other);

/** Names as code writes them, pull requests, and what is quoted. */
const SAID =
  /[“"`]([^”"`]{4,120})[”"`]|[\p{L}\p{N}]+(?:[_./-][\p{L}\p{N}]+)+|[\p{L}\p{N}]*\p{Ll}\p{Lu}[\p{L}\p{N}]*|#\d{1,7}|(?<![\p{L}\p{N}:.,])\d{3,}(?![\p{L}\p{N}:.,])/gu;

/** All that a change says of itself, lower case. */
const wordsOf = ({ title, pullRequest, files }: ChangeEvent): string =>
  [
    title,
    ...(pullRequest === null ? [] : [`#${pullRequest.number} `, pullRequest.title]),
    ...(files ?? []).flatMap(({ path, patch }) => [path, patch ?? ""]),
  ]
    .join("\n")
    .toLowerCase();

/** What may be said of changes: which of them can be blamed, and whose diff was read. */
export function createChangeRules(context: Pick<CheckContext, "changes" | "diffsRead" | "onset" | "pagedAt" | "services">) {
  const onset = context.onset ?? context.pagedAt;
  const latest = onset + ONSET_SLACK_MS;
  const services = new Set(context.services.flatMap(({ name, aliases }) => [name, ...aliases]).map((name) => name.toLowerCase()));

  /** Why a change can't be blamed, or null where it can. @param running commits that run without a deployment record */
  function blameProblem(id: string, repository: string | null, running: readonly ChangeEvent[] = []): Unplaced | null {
    const found = context.changes.filter((change) => isChange(id, change));
    if (found.length === 0) return problemOf("unknown-change", id);
    const same = found.filter(
      (change) => repository === null || change.repository === null || change.repository.toLowerCase() === repository.toLowerCase(),
    );
    if (same.length === 0) return problemOf("other-repository", id, repository ?? "");
    const live = same.filter((change) => (!isMerge(change) || running.includes(change)) && Number.isFinite(change.at));
    if (live.length === 0) return problemOf("never-live", id);
    const before = live.filter((change) => change.at <= latest);
    if (before.length === 0) {
      const [first] = live.toSorted((one, other) => one.at - other.at);
      return problemOf("live-too-late", id, first === undefined ? null : clockTime(first.at), clockTime(onset));
    }
    return before.some(isRead) ? null : problemOf("diff-unread", id);
  }

  /** A change in the words of what is known of it: around its id the model's own words could be. */
  function inKnownWords({ id, repository }: { id: string; repository: string | null }) {
    const meant = context.changes.filter((change) => isChange(id, change));
    const said = meant.some((change) => change.sha === null && id === change.title.trim()) ? id : id.slice(id.lastIndexOf("@") + 1).trim();
    return { id: said, repository: meant.some((change) => change.repository !== null) ? repository : null };
  }

  /** What is not code has no diff to read. */
  function isRead(change: ChangeEvent): boolean {
    if (change.sha === null || change.repository === null) return true;
    return context.diffsRead.some((id) => isChange(/^\d{1,7}$/.test(id) ? `#${id}` : id, change));
  }

  /** The known changes that an id means. */
  const changesOf = (id: string) => context.changes.filter((change) => isChange(id, change));

  /** Ids of known changes that a text names, with their places. */
  const changesIn = (text: string): { readonly id: string; readonly start: number; readonly end: number }[] =>
    scan(text).tokens.flatMap(({ kind, value, text: word, start, end }) => {
      const id = kind === "pull-request" ? `#${value}` : kind === "name" ? word : null;
      return id !== null && context.changes.some((change) => isChange(id, change)) ? [{ id, start, end }] : [];
    });

  /** Whether a text names a change, known or not, by one of its ids. */
  const names = (text: string, id: string): boolean => text.includes(id) || changesIn(text).some((one) => isSameChange(one.id, id));

  /**
   * What a text says of the one change that it names, where that is in other changes and not in this one: files, settings, titles, pull requests,
   * constants. Names of services are in the titles of many, and a flag or a setting that is named is spoken of beside it.
   * @param seen changes that answers tell of
   */
  function ofAnotherChange(text: string, seen: readonly SeenChange[]): { readonly id: string; readonly problem: Unplaced } | null {
    const shas = scan(text).tokens.flatMap(({ kind, text: id }) =>
      kind === "name" && seen.some(({ sha }) => isShaPrefix(id, sha)) ? [{ id }] : [],
    );
    const known = changesIn(text).filter(({ id }) => !shas.some((one) => isSameChange(one.id, id)));
    const [named, ...others] = [...shas, ...known];
    if (named === undefined || others.some(({ id }) => !isSameChange(id, named.id) && !id.startsWith("#"))) return null;
    const said = [...text.matchAll(SAID)]
      .map(([one, quoted]) => (quoted ?? one).toLowerCase())
      .filter((one) => !isShaPrefix(one, named.id) && !services.has(one));
    const code = context.changes.filter((change) => change.sha !== null || isChange(named.id, change));
    const all = [
      ...code.map((change) => ({
        ...{ isOwn: isChange(named.id, change), words: wordsOf(change) },
        name: change.sha?.slice(0, 7) ?? change.version ?? change.title,
      })),
      ...seen.map(({ sha, words }) => ({ isOwn: isShaPrefix(named.id, sha), words, name: sha.slice(0, 7) })),
    ];
    const has = (words: string) => said.filter((one) => words.includes(one));
    if (all.some(({ isOwn, words }) => isOwn && has(words).length > 0)) return null;
    const other = all.find(({ isOwn, words }) => !isOwn && has(words).length > 0);
    return other === undefined ? null : { id: named.id, problem: problemOf("change-of-another", named.id, has(other.words), other.name) };
  }
  return { blameProblem, inKnownWords, changesOf, changesIn, names, ofAnotherChange };
}

export type ChangeRules = ReturnType<typeof createChangeRules>;
