import type { Button, SlackMessage } from "../integrations/slack/block-kit.ts";
import { toMessage } from "../integrations/slack/block-kit.ts";
import type { Answer, Blame, Point, SymptomLine } from "../report/answer.ts";
import { coverageDetail, coverageWords, lostSources } from "../report/coverage-words.ts";
import { code, plain, prose, say, strong } from "../report/text.ts";
import { nextTry } from "../report/work-words.ts";
import { joined, quoteOf } from "./markup.ts";
import {
  failureLines,
  fixButtons,
  fixWords,
  leadLine,
  listOf,
  LONGEST_LINE,
  pageLink,
  separately,
  shortReason,
  type Told,
} from "./message-lines.ts";
import { fitting, type Line, may, must, visibleLength } from "./visible.ts";

/** Why: what the data alone show, in one message under the status, edited in place. What the status says is not said again. */

/** Visible characters of the whole message; with those of the status at most 900. */
const ROOM = 400;
const SHOWN_REASONS = 3;
const SHOWN_SUSPECTS = 3;
/** Less likely suspects stay on the incident's page: nobody acts on them at first. */
const WORTH_A_LINE = 0.05;
const SHOWN_UNPROVEN = 2;
const SHOWN_ELSEWHERE = 2;
const SHOWN_RULED_OUT = 2;
const SHOWN_LATER = 3;
const LONGEST_OTHER = 80;

const shortened = (one: Point, longest = LONGEST_LINE): Point => ({ ...one, words: say`${prose(shortReason(one.text, longest))}` });

/** What the status has of a suspect's first reason already. */
const saidOf = ({ cause, points }: Blame): string => cause ?? shortReason(points[0]?.text ?? "");

/** A quote that the cause has already, characters: a shorter one may be there by chance. */
const SAME_CODE = 20;

/** A reason without the lines that the cause quotes: "new error, 234 times since 12:56:10". One that begins with such a line is about it. */
function withoutCodes(text: string, said: string): string {
  const codes = [...said.matchAll(/`([^`]+)`/g)].map(([, inside = ""]) => inside).filter((inside) => inside.length >= SAME_CODE);
  const short = codes.reduce((left, inside) => left.replace(`\`${inside}\``, "…").replace(inside, "…"), text);
  return short.startsWith("…") ? text : short.replace(/(?:: [\w.$]{1,60})?: …$/, "");
}

/** A reason without the level and time that the headline has: "error rate: not explained by its dependencies". */
function withoutLevel(text: string, { service }: Blame, symptom: SymptomLine | undefined): string {
  const head = symptom?.service === service ? `${symptom.what} ${symptom.level}` : null;
  if (symptom === undefined || head === null || !text.startsWith(head)) return text;
  const [at] = /^ at [\d:]{8}, (?=\S)/.exec(text.slice(head.length)) ?? [];
  return at === undefined ? text : `${symptom.what}: ${text.slice(head.length + at.length)}`;
}

/** What a reason adds to what was said: all, its rest, or only what shows it. @param headline the level that the status begins with */
function reasonLine({ point, marks }: Told, reason: Point, blame: Blame, headline: SymptomLine | undefined): string {
  const quote = quoteOf(reason);
  const said = saidOf(blame);
  // The name of the service is written before the cause.
  const { service } = blame;
  const text =
    reason.text.startsWith(`${service} `) && !said.startsWith(`${service} `) ? reason.text.slice(service.length + 1) : reason.text;
  if (said === "" || !text.startsWith(said)) {
    const left = withoutLevel(withoutCodes(reason.text, said), blame, headline);
    return joined([point(shortened({ ...reason, text: left })), quote === "" ? "" : `\n> ${quote}`], "");
  }
  const rest = text.slice(said.length).replace(/^[\s;,.:]+/, "");
  if (rest === "") return joined([quote, marks(reason.evidence)], " ");
  return point(shortened({ ...reason, text: rest }));
}

/** Whether a reason is only the numbers of its evidence. */
const isShort = (reason = ""): boolean => visibleLength(reason) <= 20;

/** The blamed suspect's reasons. */
function blameLines(told: Told, blame: Blame, others: readonly Blame[], headline: SymptomLine | undefined): Line[] {
  const { write, marks, point } = told;
  const { change, points } = blame;
  const shown = points.slice(0, SHOWN_REASONS);
  const isShown = change?.evidence == null || shown.some(({ evidence }) => evidence.includes(change.evidence ?? 0));
  const reasons = [
    ...shown.map((one) => reasonLine(told, one, blame, headline)),
    ...(isShown ? [] : [`${write(change.words, LONGEST_LINE)} ${marks([change.evidence ?? 0])}`]),
  ].filter((text) => text !== "");
  const why = `*Why* ${write(blame.name)}`;
  return [
    must(reasons.length === 0 ? `${why}: no reason kept` : isShort(reasons[0]) ? `${why} ${reasons[0]}` : `${why}\n• ${reasons[0]}`),
    ...reasons.slice(1, SHOWN_REASONS).map((text, index) => may(1 + index * 2, `• ${text}`)),
    ...others.slice(0, SHOWN_SUSPECTS - 1).map((one) => {
      const [first] = one.points;
      const named = write(say`${strong("Less likely:")} ${one.name} (${one.probability.toFixed(2)})`);
      return may(5, joined([named, first !== undefined && point(shortened(first, LONGEST_OTHER))], ": "));
    }),
  ];
}

/** Where nothing is blamed: what is furthest from usual, or fails alike, each with its first reason. */
function openLines(told: Told, data: Answer, suspects: readonly Blame[]): Line[] {
  const { write, point, marks } = told;
  if (data.verdict === "nothing-wrong") return [must(leadLine(told, data))];
  // Where something is wrong and no one clearly to blame, nobody is the best suspect.
  const heading = data.heading === "Best suspect" ? "Furthest from usual" : data.heading;
  const lines = suspects.map((one, index) => {
    const [first] = one.points;
    const name = data.heading === "Fail alike" ? one.name : say`${one.name} (${one.probability.toFixed(2)})`;
    if (first === undefined) return `${write(name)}: no reason kept`;
    // The status has the cause, and of what it shows as the lead the reason.
    const isSaid = plain(data.cause).includes(first.text) || (index === 0 && data.showsLead && data.verdict === "inconclusive");
    return isSaid ? `${write(name)} ${marks(first.evidence)}` : `${write(name)}: ${point(shortened(first))}`;
  });
  return lines.map((text, index) => (index === 0 ? must(`*${heading}:*\n• ${text}`) : may(index + 1, `• ${text}`)));
}

/** What failed to be read, because someone must act on it; what is not set up only where that may be why there is no answer. */
function unreadLines({ view: { coverage }, write }: Told, { verdict }: Answer): Line[] {
  const short = coverage.filter((line) => lostSources([line]).length > 0 || (line.status === "sampled" && (line.unread ?? []).length > 0));
  const lost = short.map((line) => {
    const detail = coverageDetail(line);
    return must(
      `• ${write(say`${line.source} ${strong(coverageWords[line.status])}${detail !== null && say`: ${prose(detail)}`}`, LONGEST_LINE)}`,
    );
  });
  const absent = coverage.flatMap(({ source, status }) => (status === "not-configured" ? [source] : []));
  const isWhy = absent.length > 0 && (lost.length > 0 || verdict === "inconclusive");
  return [...lost, may(6, isWhy && `Not configured: ${write(say`${absent.join(", ")}`, LONGEST_LINE)}`)];
}

/** The runbook that fits, by name: its first step is in the status, all of them on the page. */
function runbookLine({ report: { doNow }, page, write }: Told): string {
  const [book] = doNow.books;
  if (book === undefined) return "";
  return write(
    say`${strong("Runbook:")} ${page === null ? code(book.name) : { as: "link" as const, text: book.name, url: `${page}#next` }}`,
  );
}

export function evidenceMessage(told: Told): SlackMessage {
  const { view, report, write } = told;
  const { data, revision } = report;
  if (data === null) return toMessage([{ text: failureLines(told) }]);
  const { blame, lead, others, verdict } = data;
  const worth = others.filter(({ probability }) => probability >= WORTH_A_LINE);
  const open = [lead, ...worth].filter((one) => one !== null).slice(0, SHOWN_SUSPECTS);
  const later = data.consequences.map(({ service, onset: at }) =>
    write(say`${service} (${{ as: "time" as const, at, to: "second" as const }})`),
  );
  const why: Line[] = [
    must(revision.length > 0 && write(revision, LONGEST_OTHER)),
    ...(blame === null ? openLines(told, data, open) : blameLines(told, blame, worth, data.symptoms[0])),
    may(2, listOf(told, "Not ruled out", data.unproven, SHOWN_UNPROVEN)),
    // Where nothing is blamed, the status has the first.
    ...separately(told, data, SHOWN_ELSEWHERE).map((text, index) => may(2 + index, verdict === "incident" || index > 0 ? text : "")),
    may(9, later.length > 0 && `*Moved later:* ${later.slice(0, SHOWN_LATER).join(", ")}`),
    may(
      8,
      listOf(
        told,
        "Ruled out",
        data.ruledOut.filter(({ what }) => !plain(data.cause).includes(what)),
        SHOWN_RULED_OUT,
      ),
    ),
  ];
  const rest: Line[] = [...unreadLines(told, data), may(7, runbookLine(told))];
  const last = joined([
    // A look from the command line has no thread to reply in.
    told.expected ? "Reply here to steer the investigation; “stop” ends it." : "From the data alone",
    pageLink(told),
  ]);
  // Why there is none is in the status.
  const fix = view.fix?.type === "fix-declined" ? "" : fixWords(told);
  const kept = fitting([...why, ...rest], ROOM - visibleLength(last) - visibleLength(fix));
  const buttons: Button[] = fixButtons(view);
  const said = [...why, ...rest].some(({ text }) => text !== "") || fix !== "";
  const partOf = (lines: readonly Line[]) =>
    lines
      .filter((line) => kept.includes(line))
      .map(({ text }) => text)
      .join("\n");
  return toMessage([
    { text: said ? partOf(why) : "There is no more to show." },
    { text: fix, buttons },
    { text: partOf(rest) },
    { text: joined([write(nextTry(view)), last]), small: true },
  ]);
}
