import { type SlackMessage, toMessage } from "../integrations/slack/block-kit.ts";
import { lengthOf } from "../integrations/slack/mrkdwn.ts";
import { withdrawnNotice } from "../report/belief-words.ts";
import type { Answer, Point } from "../report/answer.ts";
import { OWN_ADVICE } from "../report/do-now.ts";
import { SHOWN_RULED_OUT } from "../report/incident-report.ts";
import { plain, say, type Words } from "../report/text.ts";
import { endedWords } from "../report/work-words.ts";
import { joined, quoteOf } from "./markup.ts";
import { feedbackButtons, feedbackLine, fixButtons, fixWords, listOf, LONGEST_LINE, pageLink, type Told } from "./message-lines.ts";
import { fitting, type Line, may, must, visibleLength } from "./visible.ts";

/** What a model found and code has checked, under the status: why, what to do next, what it is not, what was not seen. What the status says is not said again. */

/** Visible characters of the whole message; with the status at most 1,500. */
const ROOM = 850;
const LONGEST_CAUSE = 300;
const LONGEST_CLAIM = 140;
/** A claim and the line that shows it are together no longer than two claims. */
const LONGEST_WITH_QUOTE = 200;
const SHOWN_CLAIMS = 3;
const SHOWN_STEPS = 3;
const SHOWN_MISSING = 3;

/** "*payments*, deploy `9f2c1e4` · *Path:* payments → checkout": where the cause lies and how it spread. */
function whereWords({ write }: Told, { blame, path }: Answer): string {
  const hops = path.map((hop) => hop.service).filter((hop, index, all) => hop !== all[index - 1]);
  return joined([
    blame !== null && write(blame.name),
    hops.length > 1 && `*Path:* ${hops.map((hop) => write(say`${hop}`, LONGEST_LINE)).join(" → ")}`,
  ]);
}

function claimLine({ point }: Told, claim: Point): string {
  const quote = quoteOf(claim);
  const fits = lengthOf(claim.text) + lengthOf(quote) <= LONGEST_WITH_QUOTE;
  return `• ${point(claim, fits ? quote : "", LONGEST_CLAIM)}`;
}

/** The steps, each with its runbook, but for the first where the status has it. */
function stepLines({ report: { doNow }, page, sentences, write }: Told, root: string): Line[] {
  const { decided, steps, books } = doNow;
  const bookName = (runbook: string): Words =>
    page !== null && books.some(({ name }) => name === runbook)
      ? [{ as: "link", text: runbook, url: `${page}#next` }]
      : [{ as: "code", text: runbook }];
  const lines = steps.map(({ words, runbook }) =>
    sentences(runbook === null ? words : say`${words} (runbook ${bookName(runbook)})`, LONGEST_LINE),
  );
  const [first] = steps;
  const isSaid = first !== undefined && root.includes(write(first.words));
  const book = isSaid && first.runbook !== null ? `*Runbook:* ${write(bookName(first.runbook))}` : "";
  const rest = lines.slice(isSaid ? 1 : 0, SHOWN_STEPS);
  return [
    ...rest.map((step, index) => {
      const numbered = `${index + (isSaid ? 2 : 1)}. ${step}`;
      return index > 0
        ? may(index, numbered)
        : isSaid
          ? may(1, `*Then:*\n${numbered}`)
          : must(`*${decided === null ? "Do now" : OWN_ADVICE}:*\n${numbered}`);
    }),
    may(1, lines.length > SHOWN_STEPS && `and ${lines.length - SHOWN_STEPS} more on the incident's page`),
    may(2, book),
  ];
}

function missingLines({ report: { missing }, write }: Told): Line[] {
  const more = missing.length - SHOWN_MISSING;
  const shown = missing.slice(0, SHOWN_MISSING).map((words) => `• ${write(words, LONGEST_LINE)}`);
  if (more > 0) shown.push(`and ${more} more on the incident's page`);
  return [may(4, shown.length > 0 && `*Could not check:*\n${shown.join("\n")}`)];
}

const isIn =
  (cause: string) =>
  ({ text }: Point) =>
    cause.includes(text.trim().replace(/\.$/, "").toLowerCase());

/**
 * @param answer of a model
 * @param root the status message, under which it is
 */
export function findingMessage(told: Told, answer: Answer, root: string): SlackMessage {
  const { view, report, write, sentences, point, marks } = told;
  const { points, verdict, impact, ruledOut } = answer;
  // What the cause says already is shown by its evidence.
  const cause = plain(answer.cause).toLowerCase();
  const [said, claims] = [points.filter(isIn(cause)), points.filter((claim) => !isIn(cause)(claim))];
  const isCauseSaid = root.includes(write(answer.cause));
  const proof = marks(said.flatMap(({ evidence }) => evidence));
  const fixSaid = fixWords(told);
  const paragraphs: readonly (readonly Line[])[] = [
    [
      must(write(withdrawnNotice(view))),
      must(isCauseSaid ? joined(["*Why*", proof], " ") : joined([sentences(answer.conclusion, LONGEST_CAUSE), proof], " ")),
      must(write(endedWords(view))),
    ],
    [
      may(6, verdict === "incident" && whereWords(told, answer)),
      ...claims.slice(0, SHOWN_CLAIMS).map((claim, index) => may(1 + 2 * index, claimLine(told, claim))),
      may(1, claims.length > SHOWN_CLAIMS && "More on the incident's page"),
    ],
    [may(2, impact !== null && `*Impact:* ${point(impact, "", LONGEST_LINE)}`), ...stepLines(told, root)],
    [],
    [
      may(5, listOf(told, "Ruled out", ruledOut, SHOWN_RULED_OUT)),
      ...missingLines(told),
      must(report.dropped.length > 0 && `*Cut by the checks:* ${write(report.dropped, LONGEST_LINE)}`),
    ],
  ];
  const kept = fitting(paragraphs.flat(), ROOM - visibleLength(fixSaid));
  const parts = paragraphs.map((lines) => ({
    text: lines
      .filter((line) => kept.includes(line))
      .map(({ text }) => text)
      .join("\n"),
  }));
  const fix = { text: fixSaid, buttons: fixButtons(view) };
  const last = [
    { text: feedbackLine(told), small: true },
    { text: pageLink(told), small: true },
  ];
  return toMessage([...parts.slice(0, 3), fix, ...parts.slice(4), ...last], feedbackButtons(told));
}
