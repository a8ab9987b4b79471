import type { Button, SlackMessage } from "../integrations/slack/block-kit.ts";
import { toMessage } from "../integrations/slack/block-kit.ts";
import { withdrawnNotice } from "../report/belief-words.ts";
import type { Answer, Blame, Point, SymptomLine } from "../report/answer.ts";
import { coverageDetail, coverageWords, lostSources } from "../report/coverage-words.ts";
import { code, plain, prose, say, strong } from "../report/text.ts";
import { nextTry } from "../report/work-words.ts";
import { joined, quoteOf, tells, toldSpan } from "./markup.ts";
import {
  failureLines,
  feedbackButtons,
  feedbackLine,
  fixButtons,
  fixWords,
  leadLine,
  listOf,
  LONGEST_LINE,
  LONGEST_PATTERN,
  pageLink,
  separately,
  shortReason,
  type Content,
} from "./message-lines.ts";
import { saysLess, withShortCode } from "./shorter.ts";
import { causeInStatus, unreadWords } from "./status-message.ts";
import { fitting, type Line, may, must, visibleLength } from "./visible.ts";

/** Why: what the data alone show, in one message under the status, edited in place. What the status says is not said again. */

/** Visible characters of the whole message, however long the status is. */
const LEAST_ROOM = 250;
const MOST_ROOM = 500;
const SHOWN_REASONS = 3;
const SHOWN_SUSPECTS = 3;
/** Less likely suspects stay on the incident's page: nobody acts on them at first. */
const WORTH_A_LINE = 0.15;
const SHOWN_UNPROVEN = 2;
const SHOWN_ELSEWHERE = 2;
const SHOWN_RULED_OUT = 2;
const LONGEST_OTHER = 80;
/** Of a statement within the cause, which the evidence has whole. */
const LONGEST_REST_CODE = 90;
const LONGEST_DECLINED = 140;
/** Of the first that failed also what to do about it: that is mostly the same for the others. */
const LONGEST_FIRST_LOST = 230;
const LONGEST_LOST = 90;

const shortened = (one: Point, longest = LONGEST_LINE): Point => ({ ...one, words: say`${prose(shortReason(one.text, longest))}` });

/** What the status says of a suspect already. Without a cause it has the first reason. */
const saidOf = ({ cause, changed, points }: Blame): readonly string[] =>
  [cause ?? points[0]?.text ?? "", changed ?? ""].filter((text) => text !== "");

/** A piece of code of which less was said is another one. */
const SAME_CODE = 0.8;

/** A reason without the part that was said: "new error, 234 times since 12:56:10". One that begins with it is about it. */
function withoutTold(text: string, said: string): string {
  const span = toldSpan(said, text);
  if (span === null) return text;
  let { from, to } = span;
  while (/[\s:;,]/.test(text[from] ?? "")) from += 1;
  const isInCode = (text.slice(0, from + 1).match(/`/g)?.length ?? 0) % 2 === 1;
  if (isInCode) {
    const open = text.lastIndexOf("`", from);
    const close = text.indexOf("`", open + 1);
    if (close < 0 || to - from < SAME_CODE * (close - open)) return text;
    [from, to] = [open, Math.max(close + 1, to)];
  }
  if (from <= 1) return text;
  return `${text.slice(0, from)}… ${text.slice(to)}`.replace(/(?:: [\w.$]{1,60})?: …[\s.]*$/, "").trim();
}

/**
 * A reason without the level and time that the headline has: "error rate: not explained by its dependencies". "" where it is only about that level:
 * "connections 492, over its alarm threshold of 490".
 */
function withoutLevel(text: string, { service }: Blame, symptom: SymptomLine | undefined): string {
  if (symptom === undefined || symptom.service !== service) return text;
  const head = `${symptom.what} ${symptom.level}`;
  const now = `${symptom.what.replace(/ \([^()]*\)$/, "")} ${symptom.level.split("→ ").at(-1) ?? ""},`;
  if (text.startsWith(now)) return "";
  if (!text.startsWith(head)) return text;
  const [at] = /^ at [\d:]{8}(?:, (?=\S)|$)/.exec(text.slice(head.length)) ?? [];
  if (at === undefined) return text;
  const rest = text.slice(head.length + at.length);
  return rest === "" ? "" : `${symptom.what}: ${rest}`;
}

/** What a reason adds to what the status says: all of it, its rest, or "". @param headline the level that the status begins with */
function newWords(reason: string, blame: Blame, headline: SymptomLine | undefined): string {
  const said = saidOf(blame);
  const { service, instance, changed } = blame;
  const [known = "", ...more] = changed === null ? [] : reason.split(`: ${changed}`);
  if (more.length > 0) return known;
  // Code is cut here and there, at different places. An instance is in the name or in the cause.
  const alone = (text: string) => (instance === null ? text : text.replaceAll(` in ${instance}`, ""));
  const bare = (text: string) => withShortCode(alone(text), LONGEST_PATTERN);
  const text = bare(reason);
  // The name of the service is written before the cause.
  const own = text.startsWith(`${service} `) ? text.slice(service.length + 1) : text;
  for (const begin of said.map(bare))
    for (const whole of [text, own]) if (whole.startsWith(begin)) return whole.slice(begin.length).replace(/^[\s;,.:]+/, "");
  return withoutLevel(withoutTold(alone(reason), said.map(alone).join("\n")), blame, headline);
}

/** What a reason adds to what was said, with its evidence; null where it adds nothing. */
function reasonLine({ point, proof }: Content, reason: Point, blame: Blame, headline: SymptomLine | undefined): string | null {
  const quote = quoteOf(reason);
  const text = newWords(reason.text, blame, headline);
  const shown = quote === "" || saidOf(blame).some((said) => tells(said, reason.quotes[0]?.text ?? "")) ? "" : quote;
  if (text === "") return shown === "" ? null : joined([shown, proof([reason])], " ");
  return joined([point(shortened({ ...reason, text })), shown === "" ? "" : `\n> ${shown}`], "");
}

/** What of the cause the status has no room for, and the instance that it does not name. */
function restOfCause(content: Content): { readonly words: string; readonly instance: string } {
  const { data } = content.report;
  const { changed, how } = data?.parts ?? { changed: null, how: null };
  const shown = causeInStatus(content);
  const rest = [
    [changed, shown.changed],
    [how, shown.how],
  ].flatMap(([text, part]) => (typeof text === "string" && saysLess(text, part ?? null) ? [withShortCode(text, LONGEST_REST_CODE)] : []));
  const instance = data?.blame?.instance ?? null;
  return { words: rest.join("; "), instance: instance !== null && !shown.isNamed && data?.parts.bare != null ? instance : "" };
}

/** The blamed suspect's reasons. What only shows what the status says is numbers beside the heading. */
function blameLines(content: Content, blame: Blame, others: readonly Blame[], headline: SymptomLine | undefined): Line[] {
  const { write, marks, point } = content;
  const { change, points } = blame;
  const shown = points.slice(0, SHOWN_REASONS);
  const isShown = change?.evidence == null || shown.some(({ evidence }) => evidence.includes(change.evidence ?? 0));
  const isTold = ({ quotes: [quote] }: Point, index: number) =>
    quote !== undefined && shown.slice(0, index).some(({ quotes: [before] }) => before !== undefined && tells(before.text, quote.text));
  const lines = shown.map((one, index) => ({ one, text: isTold(one, index) ? null : reasonLine(content, one, blame, headline) }));
  const rest = restOfCause(content);
  const proof = content.proof(lines.flatMap(({ one, text }) => (text === null ? [one] : [])));
  const news = [
    ...lines.flatMap(({ text }) => text ?? []),
    ...(isShown ? [] : [`${write(change.words, LONGEST_LINE)} ${marks([change.evidence ?? 0])}`]),
  ];
  return [
    must(
      news.length === 0 && proof === "" && rest.words === ""
        ? "*Why:* no reason is recorded"
        : joined(["*Why*", rest.instance !== "" && write(say`(${rest.instance})`), proof], " "),
    ),
    must(rest.words === "" ? "" : `• ${write(say`${prose(rest.words)}`)}`),
    // Where nothing shows what the status says, the first is all that does.
    ...news.map((text, index) => (index === 0 && proof === "" ? must(`• ${text}`) : may(index * 2 + 1, `• ${text}`))),
    ...others.slice(0, SHOWN_SUSPECTS - 1).map((one) => {
      const [first] = one.points;
      const named = write(say`${strong("Less likely:")} ${one.name} (${one.probability.toFixed(2)})`);
      return may(5, joined([named, first !== undefined && point(shortened(first, LONGEST_OTHER))], ": "));
    }),
  ];
}

/** Where nothing is blamed: what is furthest from usual, or fails alike, each with its first reason. */
function openLines(content: Content, data: Answer, suspects: readonly Blame[]): Line[] {
  const { write, point, proof } = content;
  if (data.verdict === "nothing-wrong") return [must(leadLine(content, data))];
  // The status has the cause, and of what it shows as the lead the reason.
  const isSaid = ({ points: [first] }: Blame, index: number) =>
    first !== undefined && (plain(data.cause).includes(first.text) || (index === 0 && data.showsLead && data.verdict === "inconclusive"));
  // Where something is wrong and no one clearly to blame, nobody is the best suspect; and what the status names is furthest from usual, not this.
  const leads = suspects.some(isSaid) ? "Furthest from usual" : "Weaker leads";
  const heading = data.heading === "Fail alike" || data.heading === "Likeliest cause then" ? data.heading : leads;
  const lines = suspects.map((one, index) => {
    const [first] = one.points;
    const name = data.heading === "Fail alike" ? one.name : say`${one.name} (${one.probability.toFixed(2)})`;
    if (first === undefined) return `${write(name)}: no reason is recorded`;
    return isSaid(one, index) ? `${write(name)} ${proof([first])}` : `${write(name)}: ${point(shortened(first))}`;
  });
  return lines.map((text, index) => (index === 0 ? must(`*${heading}:*\n• ${text}`) : may(index + 1, `• ${text}`)));
}

/**
 * What failed to be read, because someone must act on it; what is not set up only where that may be why there is no answer. What was read in part
 * is named above.
 */
function unreadLines({ view: { coverage }, sentences }: Content, { verdict }: Answer): Line[] {
  const lost = lostSources(coverage).map((line, index) => {
    const detail = coverageDetail(line);
    return must(
      `• ${sentences(say`${line.source} ${strong(coverageWords[line.status])}${detail !== null && say`: ${prose(detail)}`}`, index === 0 ? LONGEST_FIRST_LOST : LONGEST_LOST)}`,
    );
  });
  const absent = coverage.flatMap(({ source, status }) => (status === "not-configured" ? [source] : []));
  const isWhy = absent.length > 0 && (lost.length > 0 || verdict === "inconclusive");
  return [...lost, may(6, isWhy && `Not configured: ${sentences(say`${absent.join(", ")}`, LONGEST_LINE)}`)];
}

/** The runbook that fits, by name: its first step is in the status, all of them on the page. */
function runbookLine({ report: { doNow }, page, write }: Content): string {
  const [book] = doNow.books;
  if (book === undefined) return "";
  return write(
    say`${strong("Runbook:")} ${page === null ? code(book.name) : { as: "link" as const, text: book.name, url: `${page}#next` }}`,
  );
}

/** @param room visible characters that the status leaves */
export function evidenceMessage(content: Content, room: number): SlackMessage {
  const { view, report, write } = content;
  const { data, revision, isCorrection } = report;
  if (data === null) return toMessage([{ text: failureLines(content) }]);
  const { blame, lead, others, verdict } = data;
  const worth = others.filter(({ probability }) => probability >= WORTH_A_LINE);
  const open = [lead, ...worth].filter((one) => one !== null).slice(0, SHOWN_SUSPECTS);
  const revised = write(revision, LONGEST_OTHER);
  const why: Line[] = [
    must(write(withdrawnNotice(view))),
    // Who read the first words must know that they were wrong; that it is surer now they see.
    isCorrection ? must(revised) : may(4, revised),
    ...(blame === null ? openLines(content, data, open) : blameLines(content, blame, worth, data.symptoms[0])),
    may(2, verdict === "incident" && unreadWords(content)),
    may(2, listOf(content, "Not ruled out", data.unproven, SHOWN_UNPROVEN)),
    // Where nothing is blamed, the status has the first.
    ...separately(content, data, SHOWN_ELSEWHERE).map((text, index) => may(2 + index, verdict === "incident" || index > 0 ? text : "")),
    may(
      8,
      listOf(
        content,
        "Ruled out",
        data.ruledOut.filter(({ what }) => !plain(data.cause).includes(what)),
        SHOWN_RULED_OUT,
      ),
    ),
  ];
  const isDeclined = view.fix?.type === "fix-declined" && view.fix.shared === undefined;
  const fix = isDeclined ? "" : fixWords(content);
  // Somebody may have to act on it.
  const declined =
    isDeclined &&
    report.fix !== null &&
    content.sentences(say`${strong(`${report.fix.heading}:`)} ${report.fix.sentences[0] ?? []}`, LONGEST_DECLINED);
  const rest: Line[] = [...unreadLines(content, data), must(declined), may(1, runbookLine(content))];
  const last = joined([
    // A look from the command line has no thread to reply in.
    content.expected ? "Reply here to steer the investigation; “stop” ends it." : "From the data alone",
    pageLink(content),
  ]);
  const kept = fitting([...why, ...rest], Math.min(MOST_ROOM, Math.max(LEAST_ROOM, room)) - visibleLength(last) - visibleLength(fix));
  const buttons: Button[] = fixButtons(view);
  const said = [...why, ...rest].some(({ text }) => text !== "") || fix !== "";
  const partOf = (lines: readonly Line[]) =>
    lines
      .filter((line) => kept.includes(line))
      .map(({ text }) => text)
      .join("\n");
  return toMessage(
    [
      { text: said ? partOf(why) : "There is no more to show." },
      { text: fix, buttons },
      { text: partOf(rest) },
      { text: feedbackLine(content), small: true },
      { text: joined([write(nextTry(view)), last]), small: true },
    ],
    feedbackButtons(content),
  );
}
