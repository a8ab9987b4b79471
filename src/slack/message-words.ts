import { ORDER_LEFT_OUT } from "../guard/untrusted.ts";
import { changedElsewhere, type CoverageLine, type ModelFinding, rollbackOf, type Suspect } from "../incident/finding.ts";
import { APPROVE, buttonValue, REFUSE } from "../incident/approval.ts";
import { afterwardsWords, fixState, fixTitle, isWriting, mergeWay, nextTryWords, offeredWords, WRITING } from "../report/fix-words.ts";
import { proofWords } from "../report/proof-words.ts";
import type { IncidentView } from "../incident/view.ts";
import { changeMark, evidenceMark, quoteSearch, shortSha } from "../report/words.ts";
import { type Button, button, type Part } from "../integrations/slack/block-kit.ts";
import { cutPlain, cutWithCode, escapeText, escapeWithCode, inlineCode, link } from "../integrations/slack/mrkdwn.ts";

/** Words that several messages share. All take plain text, whatever it holds, and give mrkdwn. */

/** Longest reason and quote, characters: a phone shows about 45 in a line. */
export const LONGEST_REASON = 260;
export const LONGEST_QUOTE = 140;
export const SHOWN_MARKS = 4;
const SHOWN_STEPS = 5;

/** Longest quote in a link, characters: enough to find its line, and no URL of half a message. */
const LONGEST_SEARCH = 80;

/** Evidence numbers as links that open what they stand for, with a quote at the lines that hold it. */
export type Marks = (numbers: readonly number[], quote?: string | null) => string;

/** A quote from which something was left out stands nowhere as it is. */
const searchFor = (quote: string | null): string =>
  quote === null || quote.trim() === "" || quote.includes(ORDER_LEFT_OUT) ? "" : quoteSearch(quote, LONGEST_SEARCH);

/** @param timelineUrl page of the incident, or null where there is none: the numbers then stand alone */
export const marksAt =
  (timelineUrl: string | null): Marks =>
  (numbers, quote = null) =>
    [...new Set(numbers)]
      .slice(0, SHOWN_MARKS)
      .map((number) =>
        timelineUrl === null
          ? inlineCode(evidenceMark(number))
          : link(`${timelineUrl}/evidence/${number}${searchFor(quote)}`, evidenceMark(number)),
      )
      .join(" ");

/** The parts that say something. */
export const joined = (parts: readonly (string | null | false)[], separator = " · "): string =>
  parts.filter((part): part is string => typeof part === "string" && part !== "").join(separator);

/** Text from outside, escaped, no longer than a reader takes in. */
export const said = (text: string, longest = LONGEST_REASON): string => escapeText(cutPlain(text, longest));

/** As {@link said}, for our own files and for what the checks let pass: code between single backticks is set as code. */
export const toldWithCode = (text: string, longest = LONGEST_REASON): string => escapeWithCode(cutWithCode(text, longest));

/** `payments`, or `payments, deploy 9f2c1e4`, or `checkout, deploy 9f2c1e4 of payments`: a suspect in as few words as name it. */
export function suspectWords(suspect: Suspect): string {
  const { change } = suspect;
  if (change === null) return `*${escapeText(suspect.service)}*`;
  const id = change.sha === null ? change.version : shortSha(change.sha);
  const owner = changedElsewhere(suspect);
  return `*${escapeText(suspect.service)}*, ${escapeText(change.kind)}${id === null ? "" : ` ${inlineCode(id)}`}${owner === null ? "" : ` of *${escapeText(owner)}*`}`;
}

/** The first of many, and how many more there are. */
export function listed(items: readonly string[], most: number, separator = "; "): string {
  const more = items.length - most;
  return `${items.slice(0, most).join(separator)}${more > 0 ? `${separator}and ${more} more` : ""}`;
}

/** What stands behind a heading: one item in its line, several below each other, for each is a sentence or two. */
export const behindHeading = (items: readonly string[], most: number): string => {
  const [only = "", ...others] = items;
  if (others.length === 0) return ` ${only}`;
  const lines = items.map((item) => `• ${item}`);
  return `\n${listed(lines, most, "\n")}`;
};

/** "1. Open the slowest trace." */
export const numbered = (steps: readonly string[]): string => {
  const more = steps.length - SHOWN_STEPS;
  const lines = steps.slice(0, SHOWN_STEPS).map((step, index) => `${index + 1}. ${step}`);
  return [...lines, ...(more > 0 ? [`and ${more} more on the incident's page`] : [])].join("\n");
};

const bookSteps = (steps: readonly string[]): string => numbered(steps.map((step) => toldWithCode(step)));

/** A runbook under its name. */
export const runbookWords = ({ name, steps }: { readonly name: string; readonly steps: readonly string[] }): string =>
  `*Runbook* ${inlineCode(name, LONGEST_QUOTE)}:\n${bookSteps(steps)}`;

/** Steps of the runbook that fits best, or "". */
export function runbookSteps(view: IncidentView): string {
  const runbook = view.triage?.runbooks[0];
  return runbook === undefined ? "" : `*Do now* (runbook ${inlineCode(runbook.name, LONGEST_QUOTE)}):\n${bookSteps(runbook.steps)}`;
}

/** What the data alone give people to do: the way back from a deploy that is the likely cause, then the steps of a runbook; or "". */
export function dataSteps(view: IncidentView): string {
  const { analysis, fix, triage } = view;
  const back = rollbackOf(analysis);
  if (back === null) return runbookSteps(view);
  const way = mergeWay(view);
  const pull = fix?.type === "fix-proposed" && way !== null ? `, ${way.before}${link(fix.url, `#${fix.number}`)}${way.after}` : "";
  const [book] = triage?.runbooks ?? [];
  const order = `roll back *${escapeText(back.service)}* to ${inlineCode(shortSha(back.sha))}`;
  const { migration } = back;
  const asked =
    migration === null
      ? order
      : `ask ${escapeText(migration.author ?? "its author")} whether the code before ${inlineCode(changeMark(migration.sha))} runs on the schema of ${inlineCode(cutPlain(migration.file, LONGEST_QUOTE))}; if so, ${order}`;
  return joined([`*Do now:* ${asked}${pull}.`, book !== undefined && runbookWords(book)], "\n");
}

/** "provider outage (its latency is flat) E14" */
export const ruledOutWords = ({ what, why, evidence }: { what: string; why: string; evidence: readonly number[] }, marks: Marks): string =>
  `${toldWithCode(what, LONGEST_QUOTE)} (${toldWithCode(why, LONGEST_QUOTE)}) ${marks(evidence)}`.trimEnd();

const isUnread = ({ status }: CoverageLine) => status === "failed" || status === "timed-out" || status === "not-configured";
const whyUnread = ({ status, detail }: CoverageLine): string => (status === "not-configured" ? "not configured" : (detail ?? status));

/** Sources that were not read, and why. */
export const unreadWords = (coverage: readonly CoverageLine[]): string[] =>
  coverage.filter(isUnread).map((line) => `${said(line.source)} (${toldWithCode(whyUnread(line))})`);

/** What a model says it could not check, then the sources that were not read. A source that the model names is said once, with why. */
export function missingWords(missing: ModelFinding["missing"], coverage: readonly CoverageLine[]): string[] {
  const names = (what: string, { source }: CoverageLine) => what.toLowerCase().includes(source.toLowerCase());
  const told = missing.map(({ what, who }) => {
    const line = coverage.find((one) => isUnread(one) && names(what, one));
    const why = line === undefined || what.toLowerCase().includes(whyUnread(line).toLowerCase()) ? null : toldWithCode(whyUnread(line));
    const about = joined([why, who !== null && said(who, LONGEST_QUOTE)], "; ");
    return `${toldWithCode(what)}${about === "" ? "" : ` (${about})`}`;
  });
  return [...told, ...unreadWords(coverage.filter((line) => !missing.some(({ what }) => names(what, line))))];
}

/** What became of the fix, or "". @param inThread whether its button is elsewhere: in the thread, not below these words */
export function fixWords(view: IncidentView, inThread = false): string {
  const { fix, offered, approval, proof } = view;
  if (fix === null) {
    if (isWriting(view)) return WRITING;
    return offered === null
      ? ""
      : `*No PR yet:* ${escapeText(offeredWords(offered, approval, inThread ? "The button in the thread" : "The button"))}`;
  }
  if (fix.type === "fix-declined") return `No fix PR: ${escapeText(fix.because)}`;
  const state = fixState(view);
  const number = link(fix.url, `#${fix.number}`);
  const name =
    state === null ? `Draft *${fix.kind}* PR ${number}` : `*${fix.kind === "patch" ? "Patch" : "Revert"}* PR ${number}, ${state}`;
  return joined(
    [
      `${name}: ${escapeText(fixTitle(fix))}.`,
      proof !== null && escapeText(proofWords(proof, fix.base.branch)),
      nextTryWords(view),
      escapeText(afterwardsWords(view)),
    ],
    " ",
  );
}

/** The buttons of a pull request that waits for a person, or nothing. Once it was asked for, one is left: for another try. */
export function fixButtons(view: IncidentView): (Button | null)[] {
  const { fix, offered, approval } = view;
  if (fix !== null || offered === null || isWriting(view) || approval?.request.id !== offered.request) return [];
  const value = buttonValue(approval.request);
  if (approval.state !== "waiting" && approval.state !== "released") return [];
  return [
    button({ actionId: APPROVE, text: `Open draft ${offered.kind} PR`, value, style: "primary" }),
    approval.state === "waiting" ? button({ actionId: REFUSE, text: "No PR", value }) : null,
  ];
}

/** What became of the fix, with its button right below it. */
export const fixPart = (view: IncidentView): Part => ({ text: fixWords(view), buttons: fixButtons(view) });
