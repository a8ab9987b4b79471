import { confidenceWords } from "../incident/confidence.ts";
import type { RuledOut } from "../incident/finding.ts";
import { workOf } from "../incident/investigation.ts";
import { type IncidentView, viewOf } from "../incident/view.ts";
import { boardOf } from "../investigation/agent/hypotheses.ts";
import type { Answer, Blame, Point } from "../report/answer.ts";
import { coverageDetail, coverageWords } from "../report/coverage-words.ts";
import { type DoNow, OWN_ADVICE } from "../report/do-now.ts";
import { type IncidentReport, incidentReport } from "../report/incident-report.ts";
import { type IncidentStatus, toStatus } from "../report/status.ts";
import { joinedWords, type Markup, own, prose, rendered, say, strong, type Words } from "../report/text.ts";
import { toTimeline } from "../report/timeline.ts";
import { visibleText } from "../report/visible-text.ts";
import { clockTime, duration, minuteTime } from "../report/words.ts";
import { endedWords, tookWords } from "../report/work-words.ts";
import type { ExportInput } from "./export.ts";
import { evidencePath, incidentPath, iso, webUrl } from "./html.ts";

/** A postmortem needs no more; the weaker ones are named only. */
const MOST_SUSPECTS = 4;

const LIST_MARK = /^([-+]|\d+[.)])(?=\s)/;

/** Text on one line that brings no markup and no HTML, and pings nobody by an `@name` in it. */
function bare(text: string): string {
  return text
    .replace(/\s+/g, " ")
    .trim()
    .replace(/[\\`*_~[\]|#!]/g, String.raw`\$&`)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replace(/@(?=\w)/g, "@\u200b")
    .replace(LIST_MARK, String.raw`\$1`);
}

/** Foreign text as Markdown shows it: {@link bare}, and no address in it becomes a link by itself. */
const plain = (text: string): string =>
  bare(text)
    .replace(/:\/\//g, ":\u200b//")
    .replace(/\b(www)\./gi, "$1\u200b.");

/** Foreign text as code: fenced by more backticks than it holds. A table would read its bars as borders. */
function code(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  const longest = Math.max(0, ...(line.match(/`+/g) ?? []).map((run) => run.length));
  const fence = "`".repeat(longest + 1);
  const pad = line.startsWith("`") || line.endsWith("`") || line === "" ? " " : "";
  return `${fence}${pad}${line}${pad}${fence}`;
}

/** Prose with code in backticks, as reasons are written. */
const proseText = (text: string): string =>
  text
    .replace(/\s+/g, " ")
    .trim()
    .split(/(`[^`]+`)/)
    .map((part) => (/^`[^`]+`$/.test(part) ? code(part.slice(1, -1)) : part.replace(/\S+/g, (word) => bare(word))))
    .join("")
    .replace(LIST_MARK, String.raw`\$1`);

const link = (title: string, url: string | null): string => {
  const href = webUrl(url);
  return href === null
    ? title
    : `[${title}](${href.replace(/[()\s]/g, (sign) => encodeURIComponent(sign).replace("(", "%28").replace(")", "%29"))})`;
};

const SIGNS = /[\\`*_~[\]|#!]/g;

/** The report's words as Markdown. */
const markup: Markup = {
  own: (text) => text.replace(SIGNS, String.raw`\$&`),
  outside: plain,
  prose: proseText,
  strong: (text) => `**${plain(text)}**`,
  code,
  link: (text, url) => link(plain(text), url),
  time: (at, to) => (iso(at) === null ? "unknown time" : to === "minute" ? minuteTime(at) : clockTime(at)),
};

const clock = (at: number): string => (iso(at) === null ? "unknown time" : clockTime(at));
const day = (at: number): string => iso(at)?.slice(0, 10) ?? "";

/** One row of a table. A bar in a cell is text: outside text has it behind a backslash already. */
const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;

/** Words, links and rows, for other texts in Markdown. */
export const markdownWriter = { write: (words: Words): string => rendered(words, markup), link, plain, clock, row };

/** A section of the text: its lines under a heading, or nothing. */
const section = (title: string, lines: readonly string[]): string[] => (lines.length === 0 ? [] : [`## ${title}`, "", ...lines, ""]);

/** How each part of the report is written. */
function writer(input: ExportInput) {
  const known = new Set(input.evidence.map(({ number }) => number));
  const mark = (number: number) => link(`E${number}`, known.has(number) ? `${input.origin}${evidencePath(input.id, number)}` : null);
  const marks = (numbers: readonly number[]) => numbers.map(mark).join(" ");
  const write = (words: Words) => rendered(words, markup);
  const shown = (words: Words, evidence: readonly number[]) => `${write(words)}${evidence.length === 0 ? "" : ` ${marks(evidence)}`}`;
  const point = ({ words, evidence, quotes }: Point, indent = ""): string[] => [
    `${indent}- ${shown(words, evidence)}`,
    ...quotes.map((quote) => `${indent}   - ${code(quote.text)}${quote.evidence === null ? "" : ` ${mark(quote.evidence)}`}`),
  ];
  const ruledOut = ({ what, why, evidence }: RuledOut) => `- ${shown(say`${strong(what)}: ${prose(why)}`, evidence)}`;
  return { write, shown, point, ruledOut };
}

type Writer = ReturnType<typeof writer>;

function summaryLines(input: ExportInput, status: IncidentStatus, report: IncidentReport, { write }: Writer): string[] {
  const { fix, noModel, dataAlone, revision } = report;
  const after = (at: number | null, what: string) =>
    at === null ? null : `${what} ${clock(at)} (${duration(Math.max(0, at - status.openedAt))} after the webhook)`;
  const times = [
    status.pagedAt === null ? null : `paged ${clock(status.pagedAt)}`,
    status.onset === null ? null : `onset ${clock(status.onset)}`,
    after(status.briefAt, "brief"),
    after(status.findingAt, "finding"),
  ].filter((one) => one !== null);
  const pull = fix?.pull ?? null;
  const name =
    pull === null
      ? (fix?.heading ?? "no PR")
      : `${fix?.heading ?? ""} ${link(`#${pull.number} ${plain(pull.name)}`, pull.url)} in ${plain(pull.repository)}`;
  const sentences = fix === null || fix.sentences.length === 0 ? "" : `${pull === null ? ":" : "."} ${fix.sentences.map(write).join(" ")}`;
  return [
    `- **Page:** ${plain(status.title)}, ${link(status.pager.name, status.pager.link)}${status.severity === null ? "" : `, ${plain(status.severity)}`}`,
    `- **Service:** ${plain(status.service ?? "unknown")}`,
    `- **On call:** ${status.assignees.length === 0 ? "nobody assigned" : plain(status.assignees.join(", "))}`,
    `- **State:** ${status.state}; page ${status.pager.status}`,
    `- **Times (UTC):** ${times.join(", ")}`,
    `- **Fix:** ${name}${sentences}`,
    ...(revision.length === 0 ? [] : [`- ${write(revision)}`]),
    ...(noModel === null ? [] : [`- **From the data alone:** ${write(dataAlone)}`]),
    `- **Live page:** ${link("timeline and evidence", `${input.origin}${incidentPath(input.id)}`)}`,
  ];
}

const changeLine = ({ words, link: url }: NonNullable<Blame["change"]>, write: Writer["write"]) =>
  `${write(words)}${url === null ? "" : ` ${link("open", url)}`}`;

const sureWords = ({ probability }: Blame) => `${confidenceWords(probability)} (${probability.toFixed(2)})`;

/** What a model found, section by section. */
function foundSections(answer: Answer, { doNow, missing, cuts }: IncidentReport, { write, shown, point, ruledOut }: Writer): string[] {
  const { blame, path, impact } = answer;
  const blamed =
    blame === null ? [] : ["", `${sureWords(blame)}: ${write(blame.name)}${blame.fault === null ? "" : `, kind of fault: ${blame.fault}`}`];
  const change = blame?.change == null ? [] : ["", changeLine(blame.change, write)];
  return [
    ...section(answer.title, [write(answer.cause), ...blamed, ...change]),
    ...section(
      "How it spread",
      path.map((hop, index) => `${index + 1}. ${shown(say`${strong(`${hop.service}:`)} ${hop.what}`, hop.evidence)}`),
    ),
    ...section(
      "What it rests on",
      answer.points.flatMap((one) => point(one)),
    ),
    ...section("Impact", impact === null ? [] : [shown(impact.words, impact.evidence)]),
    ...section("Do now", [
      ...decidedLines(doNow, write),
      ...doNow.steps.map(
        ({ words, runbook }, index) => `${index + 1}. ${write(words)}${runbook === null ? "" : ` (runbook ${plain(runbook)})`}`,
      ),
      ...[doNow, ...doNow.books].flatMap(({ doNot }) => (doNot.length === 0 ? [] : ["", `**Do not** ${write(doNot)}`])),
    ]),
    ...section("Ruled out", answer.ruledOut.map(ruledOut)),
    ...section(
      "Could not check",
      missing.map((words) => `- ${write(words)}`),
    ),
    ...section(
      "Cut by the checks",
      cuts.map((words) => `- ${write(words)}`),
    ),
  ];
}

function suspectLines(suspect: Blame, rank: number, { write, point }: Writer): string[] {
  const since = suspect.onset === null ? "" : `, left its usual range at ${clock(suspect.onset)}`;
  return [
    `${rank + 1}. ${write(suspect.name)}: ${sureWords(suspect)}${since}`,
    ...(suspect.change === null ? [] : [`   - ${changeLine(suspect.change, write)}`]),
    ...suspect.points.flatMap((one) => point(one, "   ")),
  ];
}

/** What people decided, before what midwatch advises. */
function decidedLines({ decided, order, steps, books }: DoNow, write: Writer["write"]): string[] {
  if (decided === null) return [];
  const advises = order !== null || steps.length > 0 || books.length > 0;
  return [write(decided), ...(advises ? ["", `${OWN_ADVICE}:`, ""] : [])];
}

/** What the data alone give people to do: the way back, then the best runbook. */
function dataSteps(doNow: DoNow, { write }: Writer): string[] {
  const { order, books } = doNow;
  const [book] = books;
  return section("Do now", [
    ...decidedLines(doNow, write),
    ...(order === null ? [] : [write(order)]),
    ...(order === null || book === undefined ? [] : [""]),
    ...(book === undefined
      ? []
      : [`Runbook ${plain(book.name)}: ${plain(book.title)}`, "", ...book.steps.map((step, index) => `${index + 1}. ${write(step)}`)]),
    ...(book === undefined || book.doNot.length === 0 ? [] : ["", `**Do not** ${write(book.doNot)}`]),
  ]);
}

/** What the data alone say, section by section. @param doNow null: a model's finding comes before, with its own steps */
function dataSections(data: Answer | null, doNow: DoNow | null, writing: Writer): string[] {
  const found = doNow === null;
  const { write, shown, point, ruledOut } = writing;
  const title = found ? "From the data alone" : "What was wrong";
  if (data === null) return section(title, ["Not known: the data were not read."]);
  const suspects = [data.blame ?? data.lead, ...data.others].filter((one) => one !== null);
  const weaker = suspects.slice(MOST_SUSPECTS).map(({ service }) => plain(service));
  const symptoms = data.symptoms.map(
    ({ service, what, level, since, evidence }) => `- ${shown(say`${`${service}: ${what} ${level}`} ${since}`, evidence)}`,
  );
  return [
    ...section(title, [
      write(data.cause),
      ...(data.limits.length === 0 ? [] : ["", write(data.limits)]),
      ...(symptoms.length === 0 ? [] : ["", ...symptoms]),
    ]),
    ...section(
      data.verdict === "nothing-wrong" ? `${data.heading}, too weak to blame` : data.blame === null ? data.heading : "Suspects, best first",
      [
        ...suspects.slice(0, MOST_SUSPECTS).flatMap((suspect, rank) => suspectLines(suspect, rank, writing)),
        ...(weaker.length === 0 ? [] : ["", `Weaker still: ${weaker.join(", ")}.`]),
      ],
    ),
    ...(doNow === null ? [] : dataSteps(doNow, writing)),
    ...section(
      "Moved later, as a consequence",
      data.consequences.map(({ service, onset }) => `- ${plain(service)} at ${clock(onset)}`),
    ),
    ...section("Not ruled out", data.unproven.map(ruledOut)),
    ...section(
      "Separately",
      data.elsewhere.flatMap((one) => point(one)),
    ),
    ...section(found ? "Ruled out by the data alone" : "Ruled out", data.ruledOut.map(ruledOut)),
    ...section("In the usual range", data.asUsual.map(ruledOut)),
  ];
}

/** What a model did, what it took, and how that ended. */
function workSection({ log }: ExportInput, view: IncidentView, { write, shown }: Writer): string[] {
  const { investigation } = view;
  if (investigation === null) return [];
  const ended = endedWords(view);
  return section("How it was investigated", [
    `- ${write(tookWords(investigation))}`,
    ...(investigation.closed === null ? ["- still at work"] : ended.length === 0 ? [] : [`- ${write(ended)}`]),
    ...boardOf(log).board.map(
      ({ claim, status, because, evidence }) =>
        `- ${shown(say`${strong(`Hypothesis, ${status.replace("-", " ")}:`)} ${joinedWords([prose(claim), because === null ? null : prose(because)], ": ")}`, evidence)}`,
    ),
    ...workOf(log).flatMap(({ round, turn, at, calls }) => [
      `- ${round > 1 ? `Round ${round}, turn` : "Turn"} ${turn}, ${clock(at)}`,
      ...calls.map(({ name, fact, evidence }) => `   - ${shown(say`${name.replaceAll("_", " ")}: ${prose(fact)}`, evidence)}`),
    ]),
  ]);
}

/** One table; where the times cross midnight, each first time of a day says which day. */
function timelineRows({ log }: ExportInput, from: string, { shown }: Writer): string[] {
  let lastDay = from;
  const rows = toTimeline(log).map((entry) => {
    const today = day(entry.at);
    const when = today === lastDay ? clock(entry.at) : `${today} ${clock(entry.at)}`;
    lastDay = today;
    const links = entry.links.map((one) => ` ${link(plain(one.title), one.url)}`).join("");
    const detail = (entry.kind === "person" || entry.kind === "note") && entry.detail !== null ? say`: “${entry.detail}”` : null;
    const what = say`${entry.service !== null && say`${strong(entry.service)} `}${entry.text}${detail}`;
    return `| ${when} | ${entry.kind} | ${shown(what, entry.evidence)}${links} |`;
  });
  return rows.length === 0 ? [] : ["| UTC | | What happened |", "| --- | --- | --- |", ...rows];
}

/**
 * The incident as Markdown, to be pasted into a postmortem: what was wrong, why that is believed, what was not seen, what happened when.
 * Evidence numbers are links to the stored answers.
 */
export function markdownOf(input: ExportInput): string {
  const view = viewOf(input.log);
  const status = toStatus(input.log);
  const report = incidentReport(view, input.withoutModel);
  const { answer, data } = report;
  const all = writer(input);
  const { write, shown } = all;
  const from = day(status.onset ?? status.pagedAt ?? input.now) || day(input.now);
  const lines = [
    `# ${plain(status.headline)}`,
    "",
    `${from}, all times UTC.`,
    "",
    ...summaryLines(input, status, report, all),
    "",
    ...(answer?.by === "model" ? foundSections(answer, report, all) : []),
    ...dataSections(data, answer?.by === "model" ? null : report.doNow, all),
    ...section(
      "What was read",
      view.coverage.map((line) => {
        const detail = coverageDetail(line);
        return `- ${shown(say`${line.source}: ${own(coverageWords[line.status])}${detail !== null && say`, ${prose(detail)}`}`, line.evidence)}`;
      }),
    ),
    ...section(
      "What midwatch could not do",
      report.failures.map((words) => `- ${write(words)}`),
    ),
    ...workSection(input, view, all),
    ...section("Timeline", timelineRows(input, from, all)),
    ...section(
      "Evidence",
      input.evidence.map(
        (one) =>
          `- ${link(`E${one.number}`, `${input.origin}${evidencePath(input.id, one.number)}`)} ${plain(one.source)}: ${code(one.query)}`,
      ),
    ),
  ];
  return visibleText(`${lines.join("\n").trimEnd()}\n`);
}
