import type { Joined } from "../incident/joining-state.ts";
import { awaitingWords, joinedWords } from "../report/joining-words.ts";
import { triggerName } from "../incident/trigger.ts";
import type { IncidentView } from "../incident/view.ts";
import { type SlackMessage, toMessage } from "../integrations/slack/block-kit.ts";
import { cutShort, escapeText, link } from "../integrations/slack/mrkdwn.ts";
import { beliefHead, beliefWords } from "../report/belief-words.ts";
import { lostSources, shortSources } from "../report/coverage-words.ts";
import { headlineOf, pageTitle } from "../report/status.ts";
import { plain, prose, say, strong } from "../report/text.ts";
import { endedWords, passedWords, resolvedFirst, workingWords } from "../report/work-words.ts";
import { joined } from "./markup.ts";
import {
  failureLines,
  fixState,
  investigateButtons,
  leadLine,
  separately,
  shortReason,
  type Told,
  withShortCode,
} from "./message-lines.ts";
import { fitting, may, must, visibleLength } from "./visible.ts";

/** The incident's status: one message, edited in place, read first and on a phone. What is wrong, why, what to do; no more. */

/** Visible characters of the whole message. */
const ROOM = 560;
const LONGEST_HEADLINE = 110;
const LONGEST_TITLE = 40;
/** A longer headline leaves no room for the page's title. */
const LONGEST_BESIDE_TITLE = 50;
const LONGEST_CAUSE = 180;
/** Of the data's, with what changed and how it shows: each of the two. */
const LONGEST_PART = 100;
/** A statement or log line within the cause: enough to know it again. */
const LONGEST_CODE = 70;
/** And within what changed: the diff has all of it. */
const LONGEST_CHANGED_CODE = 45;
/** Of a step and what not to do: a first sentence may be longer than what else is said with it. */
const LONGEST_STEP = 120;
const LONGEST_DO_NOT = 90;
const LONGEST_FIRST = 150;
const LONGEST_IMPACT = 140;
const LONGEST_SOURCES = 80;

export interface Progress {
  readonly answered: number;
  readonly of: number;
  readonly sources: readonly string[];
}

function pagerWords({ page, trigger, status: state, by }: IncidentView, headline: string): string {
  const title = pageTitle(trigger);
  // What a person or the clock asks has no number to find it by.
  const isTitled = trigger !== null && !headline.includes(title) && (page === null || headline.length <= LONGEST_BESIDE_TITLE);
  const people = page?.assignees.map((person) => escapeText(cutShort(person.name, LONGEST_TITLE))).join(", ") ?? "";
  return joined([
    escapeText(page?.priority ?? ""),
    // Its own title is what people search for.
    `${link(page?.link ?? null, triggerName(trigger))}${isTitled ? ` “${escapeText(cutShort(title, LONGEST_TITLE))}”` : ""}`,
    state !== "triggered" && `${state}${by === null ? "" : ` by ${escapeText(by)}`}`,
    state === "triggered" && people !== "" && `on call: ${people}`,
  ]);
}

/** What could not be read, and what that costs. */
function unreadWords({ report: { answer }, view, write }: Told): string {
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
function whyLines(told: Told) {
  const { answer } = told.report;
  if (answer === null || answer.by === "model") return [];
  const { verdict, blame } = answer;
  const [first] = blame?.points ?? [];
  return [
    // Where nothing is blamed, the conclusion is the reason already.
    may(1, first !== undefined && blame?.cause === null && told.write(say`${prose(shortReason(first.text))}`)),
    may(1, verdict === "inconclusive" && leadLine(told, answer)),
    may(2, verdict !== "incident" && separately(told, answer, 1).join("")),
    may(2, unreadWords(told)),
  ];
}

/** The answer in one line, short enough that the step is seen with it. */
function conclusionLine({ report: { answer }, sentences }: Told): string {
  if (answer === null) return "";
  const { by, conclusion, blame } = answer;
  if (by === "model") return sentences(conclusion, LONGEST_CAUSE);
  const longest = (text: string) => (text === blame?.changed ? LONGEST_CHANGED_CODE : LONGEST_CODE);
  const short = conclusion.map((run) => (run.as === "prose" ? prose(withShortCode(run.text, longest(run.text))) : run));
  return sentences(short, blame !== null && blame.changed !== null ? LONGEST_PART : LONGEST_CAUSE);
}

/** One step, and what not to do: both stay, however full the message is. */
function stepLines({ report: { answer, doNow }, write, sentences }: Told) {
  const { order, steps, doNot, books } = doNow;
  // While the cause is open, a runbook is for the thread: nobody knows that it fits.
  const [book] = answer?.verdict === "incident" ? books : [];
  const not = doNot.length > 0 ? doNot : (book?.doNot ?? []);
  const first = order ?? steps[0]?.words ?? book?.steps[0] ?? [];
  return [
    must(first.length > 0 && `*Do now:* ${joined([sentences(first, LONGEST_STEP, LONGEST_FIRST), write(doNow.before)], " ")}`),
    must(not.length > 0 && `*Do not* ${sentences(not, LONGEST_DO_NOT, LONGEST_FIRST)}`),
  ];
}

/** What becomes of the fix: what waits for a person's yes is named where its button is, and one that the step names is not named again. */
function fixLine(told: Told): string {
  const { fix, doNow } = told.report;
  if (fix === null || doNow.order?.some((run) => run.as === "link" && run.url === fix.pull?.url) === true) return "";
  return fix.short.length > 0 ? told.write(fix.short) : fixState(told);
}

const vendorsOf = (sources: readonly string[]): string => [...new Set(sources.map((source) => source.split(" ")[0] ?? source))].join(", ");

/** Of a page that has joined another one: where to read on. */
const joinedTo = ({ page: { name, service, link: url }, because }: Joined): string =>
  `*Joined to* ${link(url, name)} (${escapeText(service)}): ${escapeText(joinedWords(because))}. Follow it there.`;

export function statusMessage(told: Told, progress?: Progress): SlackMessage {
  const { view, report, write, expected } = told;
  const headline = cutShort(headlineOf(view).headline, LONGEST_HEADLINE);
  // Of several pages one may be over: that is said beside its number alone.
  const resolved = view.status === "resolved" && view.joining.pages.length === 0 ? "*Resolved* · " : "";
  const now = write(beliefHead(view));
  const head = joined([`${resolved}${now === "" ? "" : `${now} · `}*${escapeText(headline)}*`, pagerWords(view, headline)]);
  const { lead } = view.joining;
  if (lead !== null) return toMessage([{ text: head }, { text: joinedTo(lead) }]);
  const buttons = investigateButtons(told);
  if (view.passed && view.joining.pages.length === 0) return toMessage([{ text: head }, { text: write(passedWords(view)), buttons }]);
  const reading =
    progress === undefined
      ? "Reading all sources …"
      : `Reading ${escapeText(vendorsOf(progress.sources))} … (${progress.answered} of ${progress.of})`;
  if (view.analysis === null && view.failures.length === 0)
    return toMessage([{ text: head }, { text: joined([reading, write(awaitingWords(view.joining))], "\n") }]);
  const { answer } = report;
  const { belief } = view;
  // What to do about it was said of how it was then.
  const isPast = belief?.state === "recovered" || belief?.state === "withdrawn" || belief?.state === "second-fault";
  const known = [
    must(write(beliefWords(view))),
    must(belief?.state === "withdrawn" ? null : conclusionLine(told)),
    must(answer?.verdict === "inconclusive" && write(report.alsoData)),
    ...(isPast ? [] : [...whyLines(told), ...stepLines(told)]),
    may(4, answer?.impact != null && write(say`${strong("Impact:")} ${answer.impact.words}`, LONGEST_IMPACT)),
    must(answer?.by === "model" ? null : write(endedWords(view))),
    must(told.offersModel && view.investigation === null && view.refusal === null && write(resolvedFirst)),
    must(write(workingWords(view, expected))),
    must(fixLine(told)),
    must(failureLines(told)),
  ];
  return toMessage([
    { text: head },
    {
      text: joined(
        fitting(known, ROOM - visibleLength(head)).map(({ text }) => text),
        "\n",
      ),
      buttons,
    },
  ]);
}
