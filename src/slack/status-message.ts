import type { Joined } from "../incident/joining-state.ts";
import { awaitingWords, joinedWords } from "../report/joining-words.ts";
import { triggerName } from "../incident/trigger.ts";
import type { IncidentView } from "../incident/view.ts";
import { type SlackMessage, toMessage } from "../integrations/slack/block-kit.ts";
import { cutShort, escapeText, link } from "../integrations/slack/mrkdwn.ts";
import { beliefHead, beliefWords } from "../report/belief-words.ts";
import { lostSources, shortSources } from "../report/coverage-words.ts";
import { OWN_ADVICE } from "../report/do-now.ts";
import { shortProof } from "../report/proof-words.ts";
import { headlineOf, pageTitle } from "../report/status.ts";
import { link as linkTo, plain, prose, say, strong, type Words } from "../report/text.ts";
import { endedWords, passedWords, resolvedFirst, workingWords } from "../report/work-words.ts";
import { joined, LONGEST_SENTENCE, wholeSentences } from "./markup.ts";
import { failureLines, fixState, investigateButtons, leadLine, separately, shortReason, type Content } from "./message-lines.ts";
import { shortened, withoutRemarks } from "./shorter.ts";
import { LEAST_STEP, LONGEST_FIRST, LONGEST_STEP, shorterSteps } from "./step-forms.ts";
import { fitted, inForms, type Line, may, must, visibleLength } from "./visible.ts";

/** The incident's status: one message, edited in place, read first and on a phone. What is wrong, why, what to do, what not; no more. */

/** Visible characters of the whole message. */
const ROOM = 400;
const LONGEST_HEADLINE = 110;
const SHORT_HEADLINE = 80;
const LONGEST_TITLE = 40;
/** Of a cause, where nothing else gives way any more: as much as there is room for. */
const SHORT_CAUSES = [150, 140, 130, 120, 110, 100] as const;
/** Where nobody is blamed: why. */
const LONGEST_OPEN = 200;
/** A shorter clause says too little of what not to do. */
const LEAST_DO_NOT = 15;
/** Of midwatch's own step, where people have decided what to do. */
const ADVICE_SPARE = 2.2;
/** A last clause of a step goes only where a cut cause has not made room enough; one of what not to do, mostly its reason, before that. */
const LAST_CLAUSE_SPARE = 0.5;
const LAST_REASON_SPARE = 1.2;
const LONGEST_SOURCES = 80;
const LONGEST_FIX_STATE = 50;

export interface Progress {
  readonly answered: number;
  readonly of: number;
  readonly sources: readonly string[];
}

/** A line of the status with what it says of the cause, to see what is left for the thread. */
interface StatusLine extends Line {
  readonly cause?: ShownCause;
}

/** What the status says of what changed and of how it shows; null: nothing. */
export interface ShownCause {
  readonly changed: string | null;
  readonly how: string | null;
  /** Whether it names the instance, where there is one. */
  readonly isNamed: boolean;
}

/** Whose page it is, its number, who has it, and the channel where people work on it. */
function pagerWords(
  { page, trigger, status: state, by, channel }: IncidentView,
  named: { readonly title: string; readonly people: boolean },
): string {
  const people = page?.assignees.map((person) => escapeText(cutShort(person.name, LONGEST_TITLE))).join(", ") ?? "";
  return joined([
    escapeText(page?.priority ?? ""),
    `${link(page?.link ?? null, triggerName(trigger))}${named.title === "" ? "" : ` “${escapeText(cutShort(named.title, LONGEST_TITLE))}”`}`,
    state !== "triggered" && `${state}${by === null ? "" : ` by ${escapeText(by)}`}`,
    state === "triggered" && named.people && people,
    named.people && channel !== null && `<#${channel}>`,
  ]);
}

/** What is wrong and how bad, and whose it is: longest form first. What people search for, the page's own title, gives way first. */
function headForms({ view, write }: Content): readonly [Line, ...Line[]] {
  const { headline } = headlineOf(view);
  // Of several pages one may be over: that is said beside its number alone.
  const resolved = view.status === "resolved" && view.joining.pages.length === 0 ? "*Resolved* · " : "";
  const now = write(beliefHead(view));
  const head = (words: string, named: Parameters<typeof pagerWords>[1]) =>
    joined([`${resolved}${now === "" ? "" : `${now} · `}*${escapeText(words)}*`, pagerWords(view, named)]);
  const title = headline.includes(pageTitle(view.trigger)) || view.trigger === null ? "" : pageTitle(view.trigger);
  const whole = cutShort(headline, LONGEST_HEADLINE);
  const bare = cutShort(withoutRemarks(headline), LONGEST_HEADLINE);
  return [
    { text: head(whole, { title, people: true }), spare: 9 },
    { text: head(whole, { title: "", people: true }), spare: 2.5 },
    { text: head(bare, { title: "", people: true }), spare: 1.5 },
    { text: head(cutShort(withoutRemarks(headline), SHORT_HEADLINE), { title: "", people: false }), spare: 0 },
  ];
}

/** What could not be read, and what that costs. */
export function unreadWords({ report: { answer }, view, write }: Content): string {
  if (answer === null) return "";
  const { verdict, limits } = answer;
  const { partly } = shortSources(view.coverage);
  const named = (label: string, sources: readonly string[]) =>
    sources.length > 0 && `${label}: ${write(say`${sources.join(", ")}`, LONGEST_SOURCES)}`;
  const short = (sources: readonly string[]) => joined([named("Not read", sources), named("Read in part", partly)], ". ");
  if (verdict !== "incident") {
    // The conclusion may name them already.
    const isNew = (source: string) => !plain(answer.cause).includes(source);
    const lost = lostSources(view.coverage).map(({ source }) => source);
    return joined([named("Not read", lost.filter(isNew)), named("Read in part", partly.filter(isNew))], ". ");
  }
  const unread = (view.analysis?.unread ?? []).filter((source) => !partly.includes(source));
  return limits.length > 0 ? `${short(unread)}. That limits how sure this is.` : "";
}

/** The one fact that decides where the conclusion has none, or what is worth a look: a name without a why is not believed. */
function whyLines(content: Content): Line[] {
  const { answer } = content.report;
  if (answer === null || answer.by === "model") return [];
  const { verdict, blame } = answer;
  const [first] = blame?.points ?? [];
  return [
    // Where nothing is blamed, the conclusion is the reason already.
    may(1, first !== undefined && blame?.cause === null && content.write(say`${prose(shortReason(first.text))}`)),
    may(1, verdict === "inconclusive" && leadLine(content, answer)),
    may(2, verdict !== "incident" && separately(content, answer, 1).join("")),
    may(2, verdict !== "incident" && unreadWords(content)),
  ];
}

/** A cause in fewer and fewer words, each with how willingly it gives way to the next. What changed counts more than how it shows: the thread has that. */
const CAUSE_FORMS = [
  { stage: shortened.whole, spare: 8, instance: true, how: true },
  { stage: shortened.longCode, spare: 6.5, instance: true, how: true },
  { stage: shortened.code, spare: 6, instance: true, how: true },
  { stage: shortened.code, spare: 5.5, instance: true, how: false },
  { stage: shortened.code, spare: 5, instance: false, how: false },
  { stage: shortened.remarks, spare: 4.5, instance: false, how: false },
  { stage: shortened.tail, spare: 3.5, instance: false, how: false },
  { stage: shortened.shortCode, spare: 3, instance: false, how: false },
  { stage: shortened.tails, spare: 2, instance: false, how: false },
] as const;

/** The cause in plain words with how sure, or that none is found: longest form first. */
function causeForms({ report: { answer }, write }: Content): readonly [StatusLine, ...StatusLine[]] {
  if (answer === null) return [must("")];
  const { sure, what, bare, changed, how, equal } = answer.parts;
  const [first] = answer.conclusion;
  const label = sure === null ? (first?.as === "strong" ? first.text : "") : `Cause (${sure}):`;
  const head = label === "" ? [] : say`${strong(label)} `;
  const form = (stage: (whole: string) => string, isWhole: boolean, name: Words, shows: string | null): StatusLine => {
    // Where nobody is blamed, the first sentences say it.
    const part = (text: string) => wholeSentences(stage(text), sure === null ? LONGEST_OPEN : LONGEST_SENTENCE);
    const change = changed === null ? null : part(changed);
    const shown = shows === null ? null : part(shows);
    const named = name.map((run) => (run.as === "prose" ? prose(part(run.text)) : run));
    const did = change !== null && say` (${prose(change)})`;
    const words = say`${head}${named}${did}${shown !== null && say`: ${prose(shown)}`}${isWhole ? equal : []}`;
    return {
      ...must(write(words)),
      cause: { changed: change, how: shown, isNamed: name === what },
    };
  };
  const staged = CAUSE_FORMS.map(({ stage, spare, instance, how: withHow }) => ({
    ...form(stage, stage === shortened.whole, instance ? what : (bare ?? what), withHow || changed === null ? how : null),
    spare,
  }));
  const cut = SHORT_CAUSES.map((longest) => ({
    ...form((text) => wholeSentences(shortened.tails(text), longest, longest, false), false, bare ?? what, changed === null ? how : null),
    spare: 1,
  }));
  const all = [...staged, ...cut];
  // Each is shorter than the one before it.
  const forms = all.filter((line, at) => all.slice(0, at).every((before) => visibleLength(before.text) > visibleLength(line.text)));
  const [longest = must(""), ...rest] = forms;
  return [longest, ...rest];
}

/**
 * What people decided; then one step, with what waits for a person's button, and what not to do. All of it stays, however full the message is; only
 * where people have decided, the step may go.
 */
function stepLines(content: Content): Line[] {
  const { report, write, sentences } = content;
  const { answer, doNow } = report;
  const { decided, order, steps, doNot, books } = doNow;
  // While the cause is open, a runbook is for the thread: nobody knows that it fits.
  const [book] = answer?.verdict === "incident" ? books : [];
  const not = doNot.length > 0 ? doNot : (book?.doNot ?? []);
  const first = order ?? steps[0]?.words ?? book?.steps[0] ?? [];
  const fix = fixLine(content);
  // An order is code's own: its command and its numbers are never cut.
  const short = (words: Words, least: number, form: 1 | 2) =>
    words.map((run) => (run.as === "prose" ? prose(shorterSteps(run.text, least)[form]) : run));
  const step = (words: Words, more: string) =>
    `*${decided === null ? "Do now" : OWN_ADVICE}:* ${joined([order === null ? sentences(words, LONGEST_STEP, LONGEST_FIRST) : write(words), write(doNow.before), more], " ")}`;
  const never = (words: Words) => `*Do not* ${sentences(words, LONGEST_STEP, LONGEST_FIRST)}`;
  const text = step(short(first, LEAST_STEP, 1), fix);
  const brief: Line =
    decided === null
      ? { text, spare: LAST_CLAUSE_SPARE, shorter: must(step(short(first, LEAST_STEP, 2), fix)) }
      : // The pull request may be how people do what they decided: it stays.
        { text, spare: ADVICE_SPARE, shorter: must(pullLine(content)) };
  return [
    decidedLine(content),
    first.length === 0 ? must(fix) : { text: step(first, fix), spare: 4, shorter: brief },
    not.length === 0
      ? must("")
      : inForms([
          { text: never(not), spare: 7 },
          { text: never(short(not, LEAST_DO_NOT, 1)), spare: LAST_REASON_SPARE },
          { text: never(short(not, LEAST_DO_NOT, 2)), spare: 0 },
        ]),
  ];
}

const decidedLine = ({ report: { doNow }, sentences }: Content): Line =>
  must(doNow.decided !== null && `*Do now:* ${sentences(doNow.decided, LONGEST_STEP, LONGEST_FIRST)}`);

/** "*Draft revert PR* #45: CI passes."; "" where there is none. */
function pullLine({ report: { fix }, view: { proof, fixChange }, write }: Content): string {
  if (fix === null || fix.pull === null) return "";
  // The thread says it whole. Nobody merges what CI refutes for want of a word here.
  const shows = proof === null || fixChange !== null ? null : shortProof(proof);
  return write(say`${strong(fix.heading)} ${linkTo(`#${fix.pull.number}`, fix.pull.url)}${shows !== null && say`: ${shows}`}.`);
}

/** What becomes of the fix: what waits for a person's yes is named where its button is, and one that the step names is not named again. */
function fixLine(content: Content): string {
  const { fix, doNow } = content.report;
  if (fix === null || doNow.order?.some((run) => run.as === "link" && run.url === fix.pull?.url) === true) return "";
  if (fix.short.length > 0) return content.write(fix.short);
  // Why there is none is in the thread.
  if (content.view.fix?.type === "fix-declined" && content.view.fix.shared === undefined) return "";
  const { heading, pull } = fix;
  if (pull === null) return `*${escapeText(heading)}*: in the thread.`;
  const state = fixState(content);
  // What CI shows in more words than these is there too.
  return visibleLength(state) <= LONGEST_FIX_STATE ? state : pullLine(content);
}

const vendorsOf = (sources: readonly string[]): string => [...new Set(sources.map((source) => source.split(" ")[0] ?? source))].join(", ");

/** Of a page that has joined another one: where to read on. */
const joinedTo = ({ page: { name, service, link: url }, because }: Joined): string =>
  `*Joined to* ${link(url, name)} (${escapeText(service)}): ${escapeText(joinedWords(because))}. Follow it there.`;

/** Each line in the form that fits, and what they say of the cause. */
function statusLines(content: Content): { readonly lines: readonly string[]; readonly cause: ShownCause } {
  const { view, report, write } = content;
  const { answer } = report;
  const { belief } = view;
  // What to do about it was said of how it was then.
  const isPast = belief?.state === "recovered" || belief?.state === "withdrawn" || belief?.state === "second-fault";
  const steps = isPast ? [decidedLine(content), must(fixLine(content))] : stepLines(content);
  const all: StatusLine[] = [
    inForms(headForms(content)),
    must(write(beliefWords(view))),
    ...(belief?.state === "withdrawn" ? [] : [inForms(causeForms(content))]),
    must(answer?.verdict === "inconclusive" && write(report.alsoData)),
    ...(isPast ? [] : whyLines(content)),
    ...steps,
    must(answer?.by === "model" ? null : write(endedWords(view))),
    must(content.offersModel && view.investigation === null && view.refusal === null && write(resolvedFirst)),
    must(write(workingWords(view, content.expected))),
    must(failureLines(content)),
  ];
  const kept = fitted(all, ROOM).flatMap((line) => line ?? []);
  return {
    lines: kept.map(({ text }) => text),
    cause: kept.flatMap(({ cause }) => cause ?? [])[0] ?? { changed: null, how: null, isNamed: false },
  };
}

/** What the status says of the cause: the thread has the rest. */
export const causeInStatus = (content: Content): ShownCause => statusLines(content).cause;

export function statusMessage(content: Content, progress?: Progress): SlackMessage {
  const { view, write } = content;
  const [first = must("")] = fitted([inForms(headForms(content))], ROOM);
  const head = first?.text ?? "";
  const { lead } = view.joining;
  if (lead !== null) return toMessage([{ text: head }, { text: joinedTo(lead) }]);
  const buttons = investigateButtons(content);
  if (view.passed && view.joining.pages.length === 0) return toMessage([{ text: head }, { text: write(passedWords(view)), buttons }]);
  const reading =
    progress === undefined
      ? "Reading all sources …"
      : `Reading ${escapeText(vendorsOf(progress.sources))} … (${progress.answered} of ${progress.of})`;
  if (view.analysis === null && view.failures.length === 0)
    return toMessage([{ text: head }, { text: joined([reading, write(awaitingWords(view.joining))], "\n") }]);
  const [shown = "", ...lines] = statusLines(content).lines;
  return toMessage([{ text: shown }, { text: lines.join("\n"), buttons }]);
}
