import { type SlackMessage, toMessage } from "../integrations/slack/block-kit.ts";
import { lengthOf } from "../integrations/slack/mrkdwn.ts";
import { withdrawnNotice } from "../report/belief-words.ts";
import type { Answer, Point } from "../report/answer.ts";
import { OWN_ADVICE } from "../report/do-now.ts";
import { SHOWN_RULED_OUT } from "../report/incident-report.ts";
import { plain, prose, say, type Words } from "../report/text.ts";
import { endedWords } from "../report/work-words.ts";
import { joined, quoteOf } from "./markup.ts";
import {
  feedbackButtons,
  feedbackLine,
  fixButtons,
  fixWords,
  listOf,
  LONGEST_LINE,
  namesOf,
  pageLink,
  type Content,
} from "./message-lines.ts";
import { leftOfStep } from "./step-forms.ts";
import { fitted, type Line, may, must, visibleLength } from "./visible.ts";

/** What a model found and code has checked, under the status: why, what to do next, what it is not, what was not seen. What the status says is not said again. */

/** Visible characters of the whole message; with the status and the brief's one line at most 1,500. */
const ROOM = 900;
const LONGEST_CAUSE = 300;
/** Of a claim, a step or the impact: where there is room, and where there is little. */
const LONG = 240;
const SHORT = 130;
/** A claim up to this length is not shortened: half of one says less than the room it saves. */
const WHOLE_CLAIM = 170;
/** A claim and the line that shows it are together no longer than this. */
const LONGEST_WITH_QUOTE = 260;
const SHOWN_STEPS = 3;
const SHOWN_MISSING = 3;

/** "*payments*, deploy `9f2c1e4` · *Path:* payments → checkout": where the cause lies and how it spread. */
function whereWords({ write }: Content, { blame, path }: Answer): string {
  const hops = path.map((hop) => hop.service).filter((hop, index, all) => hop !== all[index - 1]);
  return joined([
    blame !== null && write(blame.name),
    hops.length > 1 && `*Path:* ${hops.map((hop) => write(say`${hop}`, LONGEST_LINE)).join(" → ")}`,
  ]);
}

/** How willingly each part gives way, in its long form and in its short one; 0: never. What to do and who is hit go last. */
const SPARE = {
  where: 9,
  claims: [
    [4, 1],
    [6.5, 3],
    [8, 5],
  ],
  ruledOut: [7, 2.5],
  missing: [6, 3.5],
  impact: [4.5, 0],
  nextStep: [4.2, 1],
  laterStep: [5, 2],
} as const;

/** A line in a long form, then a short one; it may be left out where that has a weight too. */
const inTwo = ([long, short]: readonly [number, number], forms: readonly [string, string]): Line => ({
  ...may(long, forms[0]),
  shorter: may(short, forms[1]),
});

function claimLine({ point }: Content, claim: Point, weights: readonly [number, number]): Line {
  const quote = quoteOf(claim);
  const fits = lengthOf(claim.text) + lengthOf(quote) <= LONGEST_WITH_QUOTE;
  return inTwo(weights, [
    `• ${point(claim, fits ? quote : "", LONG)}`,
    `• ${point(claim, "", lengthOf(claim.text) <= WHOLE_CLAIM ? LONG : SHORT)}`,
  ]);
}

/** The steps, each with its runbook; of the first one what the status does not say. */
function stepLines({ report: { doNow }, page, sentences, write }: Content, root: string): Line[] {
  const { decided, steps, books } = doNow;
  const bookName = (runbook: string): Words =>
    page !== null && books.some(({ name }) => name === runbook)
      ? [{ as: "link", text: runbook, url: `${page}#next` }]
      : [{ as: "code", text: runbook }];
  const [first, ...others] = steps;
  if (first === undefined) return [];
  const left = leftOfStep(first.words, (part) => root.includes(write(part)));
  const isNamed = others.some(({ runbook }) => runbook === first.runbook);
  const book = left === "" && first.runbook !== null && !isNamed ? `*Runbook:* ${write(bookName(first.runbook))}` : "";
  const head = left === null ? first.words : say`… ${prose(left)}`;
  const numbered = [
    ...(left === "" ? [] : [{ ...first, words: head, place: 1 }]),
    ...others.map((step, at) => ({ ...step, place: at + 2 })),
  ];
  const label = left === null ? (decided === null ? "Do now" : OWN_ADVICE) : "Then";
  const forms = ({ words, runbook, place }: (typeof numbered)[number], longest: number) =>
    `${place === numbered[0]?.place ? `*${label}:*\n` : ""}${place}. ${sentences(runbook === null ? words : say`${words} (runbook ${bookName(runbook)})`, longest)}`;
  const lines = numbered.slice(0, SHOWN_STEPS).map((step, at): Line => {
    const weights = at > 0 ? SPARE.laterStep : left === null ? ([SPARE.nextStep[0], 0] as const) : SPARE.nextStep;
    return inTwo(weights, [forms(step, LONG), forms(step, LONGEST_LINE)]);
  });
  return [
    ...lines,
    may(1, numbered.length > SHOWN_STEPS && `and ${numbered.length - SHOWN_STEPS} more on the incident's page`),
    may(2, book),
  ];
}

function missingLines({ report: { missing }, write }: Content): Line[] {
  const more = missing.length - SHOWN_MISSING;
  const shown = missing.slice(0, SHOWN_MISSING).map((words) => `• ${write(words, LONGEST_LINE)}`);
  if (more > 0) shown.push(`and ${more} more on the incident's page`);
  if (shown.length === 0) return [];
  const [first = ""] = missing.slice(0, 1).map((words) => write(words, LONGEST_LINE));
  const others = missing.length > 1 ? ` and ${missing.length - 1} more on the incident's page` : "";
  return [inTwo(SPARE.missing, [`*Could not check:*\n${shown.join("\n")}`, `*Could not check:* ${first}${others}`])];
}

const isIn =
  (cause: string) =>
  ({ text }: Point) =>
    cause.includes(text.trim().replace(/\.$/, "").toLowerCase());

/**
 * @param answer of a model
 * @param root the status message, under which it is
 */
export function findingMessage(content: Content, answer: Answer, root: string): SlackMessage {
  const { view, report, write, sentences, point } = content;
  const { points, verdict, impact, ruledOut } = answer;
  // What the cause says already is shown by its evidence.
  const cause = plain(answer.cause).toLowerCase();
  const [said, claims] = [points.filter(isIn(cause)), points.filter((claim) => !isIn(cause)(claim))];
  const isCauseSaid = root.includes(write(answer.cause));
  const proof = content.proof(said);
  const fixSaid = fixWords(content);
  const paragraphs: readonly (readonly Line[])[] = [
    [
      must(write(withdrawnNotice(view))),
      must(isCauseSaid ? joined(["*Why*", proof], " ") : joined([sentences(answer.conclusion, LONGEST_CAUSE), proof], " ")),
      must(write(endedWords(view))),
    ],
    [
      may(SPARE.where, verdict === "incident" && whereWords(content, answer)),
      ...SPARE.claims.flatMap((weights, at) => (claims[at] === undefined ? [] : [claimLine(content, claims[at], weights)])),
      may(1, claims.length > SPARE.claims.length && "More on the incident's page"),
    ],
    [
      ...(impact === null ? [] : [inTwo(SPARE.impact, [`*Impact:* ${point(impact, "", LONG)}`, `*Impact:* ${point(impact, "", SHORT)}`])]),
      ...stepLines(content, root),
    ],
    [],
    [
      ruledOut.length === 0
        ? must("")
        : inTwo(SPARE.ruledOut, [
            listOf(content, "Ruled out", ruledOut, SHOWN_RULED_OUT),
            namesOf(content, "Ruled out", ruledOut, SHOWN_RULED_OUT),
          ]),
      ...missingLines(content),
      must(report.dropped.length > 0 && `*Cut by the checks:* ${write(report.dropped, LONGEST_LINE)}`),
    ],
  ];
  const all = paragraphs.flat();
  const shown = new Map(fitted(all, ROOM - visibleLength(fixSaid)).map((line, at) => [all[at], line]));
  const parts = paragraphs.map((lines) => ({
    text: lines.flatMap((line) => shown.get(line)?.text ?? []).join("\n"),
  }));
  const fix = { text: fixSaid, buttons: fixButtons(view) };
  const last = [
    { text: feedbackLine(content), small: true },
    { text: pageLink(content), small: true },
  ];
  return toMessage([...parts.slice(0, 3), fix, ...parts.slice(4), ...last], feedbackButtons(content));
}
