import type { CoverageLine, ModelFinding } from "../incident/finding.ts";
import { joinedWords, prose, say, type Words } from "./text.ts";
import { markedWords } from "./unverified.ts";
import { duration } from "./words.ts";

/** What was read and what was not. */

/** The one name of each state. */
export const coverageWords: Readonly<Record<CoverageLine["status"], string>> = {
  read: "read",
  empty: "nothing found",
  sampled: "read in part",
  failed: "failed",
  "timed-out": "timed out",
  "not-asked": "not asked",
  "not-configured": "not configured",
};

/** What was not seen comes first: it limits what the answer is worth. */
const ORDER: readonly CoverageLine["status"][] = ["failed", "timed-out", "sampled", "read", "empty", "not-asked", "not-configured"];
export const inOrder = (coverage: readonly CoverageLine[]): readonly CoverageLine[] =>
  ORDER.flatMap((status) => coverage.filter((line) => line.status === status));

/** Sources that were asked and did not answer: someone should act on these. */
export const lostSources = (coverage: readonly CoverageLine[]): readonly CoverageLine[] =>
  coverage.filter(({ status }) => status === "failed" || status === "timed-out");

/** Sources of which too little is known to be sure: those that are lost, and those that answered in part. */
export function shortSources(coverage: readonly CoverageLine[]): { readonly lost: readonly string[]; readonly partly: readonly string[] } {
  const short = coverage.filter(({ unread = [] }) => unread.length > 0);
  const lost = lostSources(short);
  const name = ({ source }: CoverageLine) => source;
  return { lost: lost.map(name), partly: short.filter((line) => !lost.includes(line)).map(name) };
}

/** What else there is to say of a source beside its name and state, or null. */
export function coverageDetail({ source, status, detail, pending }: CoverageLine): string | null {
  const goesOn = pending === true ? " Still reading." : "";
  if (detail === null || detail === coverageWords[status]) return goesOn.trim() || null;
  // An error begins with whose it is, which the line does already.
  const begin = `${source.split(" ", 1)[0] ?? source}: `.toLowerCase();
  return `${detail.slice(0, begin.length).toLowerCase() === begin ? detail.slice(begin.length) : detail}${goesOn}`;
}

/** "read 5 of 6 sources in 4.1 s, 1 failed (Sentry)". */
export function readText(coverage: readonly CoverageLine[], tookMs: number | null): string {
  const asked = coverage.filter(({ status }) => status !== "not-asked" && status !== "not-configured");
  const lost = lostSources(asked);
  const failed = lost.length === 0 ? "" : `, ${lost.length} failed (${lost.map(({ source }) => source).join(", ")})`;
  return `read ${asked.length - lost.length} of ${asked.length} sources${tookMs === null ? "" : ` in ${duration(tookMs)}`}${failed}`;
}

const isUnread = ({ status }: CoverageLine) => status === "failed" || status === "timed-out" || status === "not-configured";
const whyUnread = (line: CoverageLine): string =>
  line.status === "not-configured" ? coverageWords[line.status] : (coverageDetail(line) ?? coverageWords[line.status]);
/** Sources that say nothing, for whatever reason. */
export const unreadSources = (coverage: readonly CoverageLine[]): readonly CoverageLine[] => coverage.filter(isUnread);

const names = (what: string, { source }: CoverageLine) => what.toLowerCase().includes(source.toLowerCase());

/**
 * What a model could not check and who can, then the sources that were not read. A source that the model names is said once, with why.
 * @param missing what a model says; nothing where there is no finding
 */
export function missingWords(missing: ModelFinding["missing"], coverage: readonly CoverageLine[]): readonly Words[] {
  const unread = unreadSources(coverage);
  const told = missing.map(({ what, who, unverified }) => {
    const line = unread.find((one) => names(what, one));
    const why = line === undefined || what.toLowerCase().includes(whyUnread(line).toLowerCase()) ? null : prose(whyUnread(line));
    const about = joinedWords([why, who !== null && say`needs: ${prose(who)}`], "; ");
    return say`${markedWords(what, unverified)}${about.length > 0 && say` (${about})`}`;
  });
  const others = unread.filter((line) => !missing.some(({ what }) => names(what, line)));
  return [...told, ...others.map((line) => say`${line.source} (${prose(whyUnread(line))})`)];
}
