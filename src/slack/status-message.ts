import { triggerName } from "../incident/trigger.ts";
import type { IncidentView } from "../incident/view.ts";
import { type SlackMessage, toMessage } from "../integrations/slack/block-kit.ts";
import { cutShort, escapeText, link } from "../integrations/slack/mrkdwn.ts";
import { lostSources, shortSources } from "../report/coverage-words.ts";
import { headlineOf, pageTitle } from "../report/status.ts";
import { code, plain, prose, say, strong, type Words } from "../report/text.ts";
import { endedWords, workingWords } from "../report/work-words.ts";
import { joined } from "./markup.ts";
import { failureLines, fixState, leadLine, separately, shortReason, type Told } from "./message-lines.ts";
import { fitting, may, must, visibleLength } from "./visible.ts";

/** The incident's status: one message, edited in place, read first and on a phone. What is wrong, why, what to do; no more. */

/** Visible characters of the whole message. */
const ROOM = 480;
const LONGEST_HEADLINE = 110;
const LONGEST_TITLE = 40;
/** A longer headline leaves no room for the page's title. */
const LONGEST_BESIDE_TITLE = 70;
const LONGEST_CAUSE = 180;
const LONGEST_STEP = 140;
const LONGEST_SOURCES = 80;

export interface Progress {
  readonly answered: number;
  readonly of: number;
  readonly sources: readonly string[];
}

function pagerWords({ page, trigger, status: state, by }: IncidentView, headline: string): string {
  const title = pageTitle(trigger);
  const people = page?.assignees.map((person) => escapeText(cutShort(person.name, LONGEST_TITLE))).join(", ") ?? "";
  return joined([
    escapeText(page?.priority ?? ""),
    // Its own title is what people search for.
    `${link(page?.link ?? null, triggerName(trigger))}${trigger === null || headline.includes(title) || headline.length > LONGEST_BESIDE_TITLE ? "" : ` “${escapeText(cutShort(title, LONGEST_TITLE))}”`}`,
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
  return limits.length > 0 ? `${short(unread)}. That is why it is no surer.` : "";
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

/** One step, and what not to do. */
function stepLines({ report: { answer, doNow }, write, sentences }: Told) {
  const { order, steps, books } = doNow;
  // While the cause is open, a runbook is for the thread: nobody knows that it fits.
  const [book] = answer?.verdict === "incident" ? books : [];
  const ofBook: Words = book?.steps[0] === undefined ? [] : say`${prose(plain(book.steps[0]))} (runbook ${code(book.name)})`;
  const first = order ?? steps[0]?.words ?? ofBook;
  return [
    must(first.length > 0 && `*Do now:* ${joined([sentences(first, LONGEST_STEP), write(doNow.before)], " ")}`),
    may(3, book !== undefined && book.doNot.length > 0 && `*Do not* ${write(book.doNot, LONGEST_STEP)}`),
  ];
}

const vendorsOf = (sources: readonly string[]): string => [...new Set(sources.map((source) => source.split(" ")[0] ?? source))].join(", ");

export function statusMessage(told: Told, progress?: Progress): SlackMessage {
  const { view, report, write, sentences, expected } = told;
  const headline = cutShort(headlineOf(view).headline, LONGEST_HEADLINE);
  const resolved = view.status === "resolved" ? "*Resolved* · " : "";
  const head = joined([`${resolved}*${escapeText(headline)}*`, pagerWords(view, headline)]);
  const reading =
    progress === undefined
      ? "Reading all sources …"
      : `Reading ${escapeText(vendorsOf(progress.sources))} … (${progress.answered} of ${progress.of})`;
  if (view.analysis === null && view.failures.length === 0) return toMessage([{ text: head }, { text: reading }]);
  const { answer, fix } = report;
  const known = [
    must(answer === null ? null : sentences(answer.conclusion, LONGEST_CAUSE)),
    must(answer?.verdict === "inconclusive" && write(report.alsoData)),
    ...whyLines(told),
    ...stepLines(told),
    may(4, answer?.impact != null && write(say`${strong("Impact:")} ${answer.impact.words}`, LONGEST_STEP)),
    must(answer?.by === "model" ? null : write(endedWords(view))),
    must(write(workingWords(view, expected))),
    // What waits for a person's yes is named where its button is.
    must(fix != null && fix.short.length > 0 ? write(fix.short) : fixState(told)),
    must(failureLines(told)),
  ];
  return toMessage([
    { text: head },
    {
      text: joined(
        fitting(known, ROOM - visibleLength(head)).map(({ text }) => text),
        "\n",
      ),
    },
  ]);
}
