import { APPROVE, buttonValue, REFUSE } from "../incident/approval.ts";
import { type CoverageLine, lookedAt, type RuledOut } from "../incident/finding.ts";
import { triggerName } from "../incident/trigger.ts";
import type { FittingRunbook } from "../incident/trouble.ts";
import type { IncidentView } from "../incident/view.ts";
import { type Button, button, type Part, type SlackMessage, toMessage } from "../integrations/slack/block-kit.ts";
import { cutPlain, cutShort, escapeText, link } from "../integrations/slack/mrkdwn.ts";
import type { Answer, Blame, Point } from "../report/answer.ts";
import { coverageDetail, coverageWords, lostSources, shortSources } from "../report/coverage-words.ts";
import type { DoNow } from "../report/do-now.ts";
import { isWriting } from "../report/fix-words.ts";
import { type IncidentReport, incidentReport, SHOWN_RULED_OUT } from "../report/incident-report.ts";
import { headlineOf, pageTitle } from "../report/status.ts";
import { code, plain, prose, say, strong, type Words } from "../report/text.ts";
import { duration, minuteTime } from "../report/words.ts";
import { endedWords, nextTry, tookWords, workingWords } from "../report/work-words.ts";
import { behindHeading, joined, listed, numbered, quoteOf, type SlackMarkup, slackMarkup } from "./markup.ts";

/** What the incident's messages need besides its view. */
export interface MessageOptions {
  /** Page of the incident, or null when midwatch has no address people can open. */
  readonly timelineUrl: (incidentId: string) => string | null;
  /** Why no model takes part ("ANTHROPIC_API_KEY is not set"), or null where one does. */
  readonly withoutModel: string | null;
}

const SHOWN_SUSPECTS = 3;
/** Less likely suspects stay on the incident's page: nobody acts on them at first. */
const WORTH_A_LINE = 0.05;
const SHOWN_REASONS = 3;
const SHOWN_CLAIMS = 4;
const SHOWN_MISSING = 5;
const SHOWN_SYMPTOMS = 3;
const SHOWN_LATER = 6;
/** What lies where it always does is no news. */
const SHOWN_AS_USUAL = 3;
const SHOWN_UNPROVEN = 3;
/** With as many steps of its own a finding needs no runbook's beside them. */
const FEW_STEPS = 2;
/** Below a minute an onset is the page's own time, or as near as data that come once a minute tell. */
const WORTH_TELLING_MS = 60_000;
const LONGEST_CAUSE = 400;
/** A sentence of the fix holds names of checks, and what CI answered. */
const LONGEST_FIX = 600;
/** In the status message, which is read first and on a phone. */
const LONGEST_TITLE = 80;
const LONGEST_WHY = 160;
const LONGEST_PATTERN = 40;

/** What a message is made of. */
interface Told extends SlackMarkup {
  readonly view: IncidentView;
  readonly report: IncidentReport;
  readonly page: string | null;
  /** Whether a model will be asked: it is there, and Slack has the incident, which a look from the command line does not post. */
  readonly expected: boolean;
}

function pagerWords({ page, trigger, status: state, by }: IncidentView, headline: string): string {
  const title = pageTitle(trigger);
  const people = page?.assignees.map((person) => escapeText(person.name)).join(", ") ?? "";
  return joined([
    escapeText(page?.priority ?? ""),
    // Its own title is what people search for.
    `${link(page?.link ?? null, triggerName(trigger))}${trigger === null || headline.includes(title) ? "" : ` “${escapeText(cutPlain(title, LONGEST_TITLE))}”`}`,
    state !== "triggered" && `${state}${by === null ? "" : ` by ${escapeText(by)}`}`,
    state === "triggered" && people !== "" && `on call: ${people}`,
  ]);
}

/** A reason for a phone: of a long log pattern its head, so that what it did still fits. The brief has all of it. */
function shortReason(text: string): string {
  const shown = text.replaceAll(/`([^`]*)`/g, (whole, inside: string) =>
    inside.length <= LONGEST_PATTERN ? whole : `\`${cutShort(inside, LONGEST_PATTERN)}\``,
  );
  return cutShort(shown, LONGEST_WHY);
}

/** What is furthest from usual, where that is worth a line and not said yet: worth a look, not worth a word that blames. */
function leadLine({ write, point, page }: Told, { lead, showsLead, verdict, heading }: Answer): string {
  const [reason] = lead?.points ?? [];
  if (lead === null || reason === undefined || !showsLead) return "";
  const label = verdict === "nothing-wrong" ? `*${heading}*, too weak to blame:` : `*${heading}:*`;
  return `${label} ${write(lead.name)}: ${page === null ? write(say`${prose(shortReason(reason.text))}`) : point(reason)}`;
}

/** Trouble that nothing links to the page. */
const separately = ({ write, point, page }: Told, { elsewhere }: Answer, most: number): string =>
  elsewhere
    .slice(0, most)
    .map((one) => `*Separately:* ${page === null ? write(one.words) : point(one)}`)
    .join("\n");

/** The one fact that decides, and what could not be read: a name without a why is not believed. */
function whyWords(told: Told): string {
  const { answer } = told.report;
  if (answer === null || answer.by === "model") return "";
  const { verdict, blame, limits } = answer;
  const lost = lostSources(told.view.coverage).map(({ source }) => source);
  const [first] = blame?.points ?? [];
  const { partly } = shortSources(told.view.coverage);
  const unread = (told.view.analysis?.unread ?? []).filter((source) => !partly.includes(source));
  const named = (label: string, sources: readonly string[]) =>
    sources.length > 0 && `${label}: ${told.write(say`${sources.join(", ")}`, LONGEST_WHY)}`;
  const short = (sources: readonly string[]) => joined([named("Not read", sources), named("Read in part", partly)], ". ");
  return joined(
    [
      // Where nothing is blamed, the conclusion is the reason already.
      first !== undefined && blame?.cause === null && told.write(say`${prose(shortReason(first.text))}`),
      verdict === "inconclusive" && leadLine(told, answer),
      verdict !== "incident" && separately(told, answer, 1),
      verdict !== "incident" && short(lost),
      verdict === "incident" && limits.length > 0 && `${short(unread)}. That is why it is no surer.`,
    ],
    "\n",
  );
}

function conclusionLines({ report: { answer, alsoData }, write }: Told): string {
  return answer === null ? "" : joined([write(answer.conclusion, LONGEST_CAUSE), write(alsoData)], "\n");
}

function failureLines({ report: { failures }, write }: Told): string {
  return failures.map((failure) => write(failure)).join("\n");
}

/** What became of the fix, or "". */
function fixWords({ report: { fix }, write }: Told): string {
  if (fix === null) return "";
  const { heading, pull, sentences } = fix;
  const name =
    pull === null
      ? say`${strong(`${heading}:`)}`
      : say`${strong(heading)} ${{ as: "link", text: `#${pull.number}`, url: pull.url }}: ${pull.name}.`;
  return joined([write(name), ...sentences.map((sentence) => write(sentence, LONGEST_FIX))], " ");
}

/** The buttons of a pull request that waits for a person, or none. Once it was asked for, one is left: for another try. */
export function fixButtons(view: IncidentView): Button[] {
  const { fix, offered, approval } = view;
  if (fix !== null || offered === null || isWriting(view) || approval?.request.id !== offered.request) return [];
  const value = buttonValue(approval.request);
  if (approval.state !== "waiting" && approval.state !== "released") return [];
  return [
    button({ actionId: APPROVE, text: `Open draft ${offered.kind} PR`, value, style: "primary" }),
    ...(approval.state === "waiting" ? [button({ actionId: REFUSE, text: "No PR", value })] : []),
  ];
}

interface Progress {
  readonly answered: number;
  readonly of: number;
  readonly sources: readonly string[];
}

const vendorsOf = (sources: readonly string[]): string => [...new Set(sources.map((source) => source.split(" ")[0] ?? source))].join(", ");

/** The incident's status: one message, edited in place. */
function status(told: Told, progress?: Progress): SlackMessage {
  const { view, report, write, expected } = told;
  const { headline } = headlineOf(view);
  const resolved = view.status === "resolved" ? "*Resolved* · " : "";
  const reading =
    progress === undefined
      ? "Reading all sources …"
      : `Reading ${escapeText(vendorsOf(progress.sources))} … (${progress.answered} of ${progress.of})`;
  const { order, steps } = report.doNow;
  // While the cause is open, a runbook is for the thread: nobody knows that it fits.
  const [book] = report.answer?.verdict === "incident" ? report.doNow.books : [];
  const ofBook = book?.steps[0] === undefined ? [] : say`${prose(plain(book.steps[0]).replace(/\.$/, ""))} (runbook ${code(book.name)}).`;
  const first = order ?? steps[0]?.words ?? ofBook;
  const never = order === null && steps.length === 0 ? (book?.doNot ?? []) : [];
  const known = [
    conclusionLines(told),
    whyWords(told),
    first.length > 0 && `*Do now:* ${write(first)}`,
    never.length > 0 && `*Do not* ${write(never)}`,
    report.answer?.by === "model" ? "" : write(endedWords(view)),
    write(workingWords(view, expected)),
    fixWords(told),
    failureLines(told),
  ];
  return toMessage([
    { text: joined([`${resolved}*${escapeText(headline)}*`, pagerWords(view, headline)]) },
    { text: view.analysis === null && view.failures.length === 0 ? reading : joined(known, "\n") },
  ]);
}

const ruledOut = ({ write, marks }: Told, items: readonly RuledOut[], most: number): string =>
  listed(
    items.map(({ what, why, evidence }) => joined([write(say`${prose(what)} (${prose(why)})`, LONGEST_WHY), marks(evidence)], " ")),
    most,
  );

const listOf = (told: Told, heading: string, items: readonly RuledOut[], most: number): string =>
  items.length === 0 ? "" : `*${heading}:* ${ruledOut(told, items, most)}`;

/** After the suspects: which changes may still be the cause, and what else is in trouble. */
const unprovenLines = (told: Told, data: Answer): string[] => [
  listOf(told, "Not ruled out", data.unproven, SHOWN_UNPROVEN),
  separately(told, data, data.elsewhere.length),
];

/** Sources in one line; what failed has lines of its own, because someone must act on it. */
function coverage({ view, report, write }: Told): string {
  const bad = lostSources(view.coverage);
  const words = (line: CoverageLine) => {
    const detail = coverageDetail(line);
    switch (line.status) {
      case "read":
        return write(say`${line.source} ✓`);
      case "sampled":
        return write(say`${line.source} ✓ (${detail ?? coverageWords.sampled})`);
      case "failed":
      case "timed-out":
        return write(say`${line.source} ${strong(coverageWords[line.status])}${detail !== null && say`: ${prose(detail)}`}`);
      default:
        return write(say`${line.source}: ${coverageWords[line.status]}`);
    }
  };
  const rest = view.coverage.filter((line) => !bad.includes(line)).map(words);
  return joined([`*Coverage:* ${rest.join(" · ")}`, ...bad.map((line) => `• ${words(line)}`), write(report.data?.limits ?? [])], "\n");
}

/** @param taken whether a finding took the suspect back: its evidence stays */
function suspectLines(told: Told, data: Answer, suspect: Blame, index: number, taken: boolean): string {
  const { write, point, marks } = told;
  const { name, probability, change, points } = suspect;
  // The first suspect is what people act on; of the others one reason is enough.
  const [first, ...rest] = points.slice(0, index === 0 ? SHOWN_REASONS : 1);
  const quote = first === undefined ? "" : quoteOf(first);
  const changeShown = change?.evidence == null || [first, ...rest].some((one) => one?.evidence.includes(change.evidence ?? 0));
  // The cause is above where nothing is blamed.
  const isSaid = data.blame === null && first !== undefined && plain(data.cause).includes(first.text);
  const named = write(data.heading === "Fail alike" ? name : say`${name} (${probability.toFixed(2)})`);
  return joined(
    [
      `${index + 1}. ${taken ? `~${named}~` : named}${first === undefined ? ": no reason kept" : isSaid ? ` ${marks(first.evidence)}` : `: ${point(first)}`}`,
      index === 0 && quote !== "" && `> ${quote}`,
      ...rest.map((one) => `    ◦ ${point(one)}`),
      !changeShown && `    ◦ ${write(change.words)} ${marks([change.evidence ?? 0])}`,
    ],
    "\n",
  );
}

/** What the data hold for the cause, or what comes nearest to it. @param taken whether a finding took it back */
function answerLines(told: Told, data: Answer, taken: boolean): string[] {
  const { verdict, blame, lead, others, heading } = data;
  const suspects = [blame ?? (verdict === "nothing-wrong" ? null : lead), ...others]
    .filter((suspect) => suspect !== null)
    .filter((suspect, index) => index === 0 || suspect.probability >= WORTH_A_LINE)
    .slice(0, SHOWN_SUSPECTS);
  const conclusion = told.write(data.conclusion, LONGEST_CAUSE);
  return [
    ...(blame === null ? [taken ? `~${conclusion}~` : conclusion] : []),
    ...(verdict === "nothing-wrong" ? [leadLine(told, data)] : []),
    ...(blame === null && suspects.length > 0 ? [`*${heading}:*`] : []),
    ...suspects.map((suspect, index) => suspectLines(told, data, suspect, index, taken)),
  ];
}

/** Why: the suspects with their reasons, what was ruled out, what was read. */
function brief(told: Told): SlackMessage {
  const {
    view,
    report: { data, corrected, revision },
    expected,
    write,
  } = told;
  const { triage, trigger, analysis } = view;
  if (data === null || triage === null || analysis === null) return toMessage([{ text: failureLines(told) }]);
  const { onset } = analysis;
  const since =
    onset === null || trigger === null || trigger.at - onset < WORTH_TELLING_MS
      ? ""
      : `, ${duration(trigger.at - onset)} after the onset at ${minuteTime(onset)}`;
  const later = data.consequences.map(({ service, onset: at }) => told.write(say`${service} (${{ as: "time", at, to: "second" }})`));
  const head = `*What changed, what broke* (${view.page === null ? "started" : "paged"} ${minuteTime(trigger?.at ?? view.openedAt)} UTC${since}; read in ${duration(triage.tookMs)})`;
  const lines = [
    ...(revision.length > 0 ? [write(revision)] : []),
    ...(corrected ? ["*Corrected:* see the finding below.", `~${head}~`] : [head]),
    ...answerLines(told, data, corrected),
    ...unprovenLines(told, data),
  ];
  const rest = [
    later.length > 0 && `*Moved later, as a consequence:* ${later.slice(0, SHOWN_LATER).join(", ")}`,
    listOf(told, "Ruled out", data.ruledOut, SHOWN_RULED_OUT),
    data.asUsual.length > 0 && `*In the usual range:* ${ruledOut(told, lookedAt(analysis), SHOWN_AS_USUAL)}`,
  ];
  return toMessage([
    { text: joined(lines, "\n") },
    { text: joined(rest, "\n") },
    { text: coverage(told), small: true },
    {
      text: joined([
        told.page === null ? null : link(told.page, "Evidence and timeline"),
        // A look from the command line has no thread to reply in.
        view.statusMessage !== null &&
          (expected ? "Reply here to steer the investigation; “stop” ends it." : "Replies here go on the timeline."),
      ]),
      small: true,
    },
  ]);
}

/** A runbook's steps as a message shows them, for those who write it. */
export const runbookInSlack = ({ steps, doNot }: Pick<FittingRunbook, "steps" | "doNot">): string =>
  bookSteps(
    { steps: steps.map((step) => say`${prose(step)}`), doNot: doNot === undefined ? [] : say`${prose(doNot)}` },
    slackMarkup(null).write,
  );

/** Steps of a runbook, and what it says not to do. */
const bookSteps = ({ steps, doNot }: Pick<DoNow["books"][number], "steps" | "doNot">, write: Told["write"]): string =>
  joined([numbered(steps.map((step) => write(step))), doNot.length > 0 && `*Do not* ${write(doNot)}`], "\n");

/** What the data alone give people to do: the way back from a deploy that is the likely cause, then the steps of a runbook; or "". */
function dataSteps({ report: { doNow }, write }: Told): string {
  const { order, books } = doNow;
  const [book] = books;
  const steps = book === undefined ? "" : bookSteps(book, write);
  const name = book === undefined ? "" : write(say`${code(book.name)}`);
  if (order === null) return book === undefined ? "" : `*Do now* (runbook ${name}):\n${steps}`;
  return joined([`*Do now:* ${write(order)}`, book !== undefined && `*Runbook* ${name}:\n${steps}`], "\n");
}

/** A model's steps with their runbooks; one of those is shown whole where the finding has few steps of its own. */
function modelSteps(told: Told): string {
  const {
    report: { doNow },
    write,
    page,
  } = told;
  const { steps, books } = doNow;
  if (steps.length === 0) return dataSteps(told);
  // "Follow the runbook" alone helps nobody at three in the morning; beside steps of its own it would bury them.
  const shown = steps.length < FEW_STEPS ? books[0] : undefined;
  const bookName = (runbook: string): Words =>
    page !== null && runbook !== shown?.name && books.some(({ name }) => name === runbook)
      ? [{ as: "link", text: runbook, url: `${page}#next` }]
      : say`${code(runbook)}`;
  const lines = steps.map(({ words, runbook }) => write(runbook === null ? words : say`${words} (runbook ${bookName(runbook)})`));
  return joined(
    [`*Do now:*\n${numbered(lines)}`, shown !== undefined && `*Runbook* ${write(say`${code(shown.name)}`)}:\n${bookSteps(shown, write)}`],
    "\n",
  );
}

/** "*payments*, deploy `9f2c1e4` · *Path:* payments → checkout": where the cause lies and how it spread. */
function whereWords({ write }: Told, { blame, path }: Answer): string {
  const hops = path.map((hop) => hop.service).filter((hop, index, all) => hop !== all[index - 1]);
  return joined([
    blame !== null && write(blame.name),
    hops.length > 1 && `*Path:* ${hops.map((hop) => write(say`${hop}`, LONGEST_WHY)).join(" → ")}`,
  ]);
}

const bullets = ({ point }: Told, points: readonly Point[]) => points.map((one) => `• ${point(one, quoteOf(one))}`);

/** What a model found and code has checked: first the answer, then why, what to do, what was not seen. */
function modelParts(told: Told, answer: Answer): Part[] {
  const { view, report, write, point } = told;
  const more = answer.points.length - SHOWN_CLAIMS;
  return [
    { text: joined([conclusionLines(told), write(endedWords(view)), write(workingWords(view, false))], "\n") },
    {
      text: joined(
        [
          answer.verdict === "incident" && whereWords(told, answer),
          ...bullets(told, answer.points.slice(0, SHOWN_CLAIMS)),
          more > 0 && `and ${more} more on the incident's page`,
        ],
        "\n",
      ),
    },
    { text: joined([answer.impact !== null && `*Impact:* ${point(answer.impact)}`, modelSteps(told)], "\n") },
    { text: fixWords(told), buttons: fixButtons(view) },
    {
      text: joined(
        [
          listOf(told, "Ruled out", answer.ruledOut, SHOWN_RULED_OUT),
          missing(told),
          report.dropped.length > 0 && `*Cut by the checks:* ${write(report.dropped)}`,
        ],
        "\n",
      ),
    },
  ];
}

const missing = ({ report, write }: Told): string =>
  report.missing.length > 0
    ? `*Could not check:*${behindHeading(
        report.missing.map((words) => write(words)),
        SHOWN_MISSING,
      )}`
    : "";

/** What the data alone say. Below its brief, which is made from the same data, only what that has not. */
function dataParts(told: Told, answer: Answer): Part[] {
  const { view, report, write, marks } = told;
  const inBrief = view.brief !== null;
  const impact = answer.symptoms
    .slice(0, SHOWN_SYMPTOMS)
    .map(({ service, what, level, since, evidence }) => `${write(say`${service} ${what} ${level} ${since}`)} ${marks(evidence)}`);
  return [
    {
      text: joined(
        [
          write(say`${strong("From the data alone")} (${report.dataAlone}). ${answer.conclusion}`, LONGEST_CAUSE),
          write(nextTry(view)),
          !inBrief && leadLine(told, answer),
          !inBrief && answer.blame !== null && bullets(told, answer.points.slice(0, 2)).join("\n"),
          ...(inBrief ? [] : unprovenLines(told, answer)),
        ],
        "\n",
      ),
    },
    {
      text: joined(
        [
          impact.length > 0 && `*Impact:* ${impact.join("; ")}`,
          answer.verdict !== "nothing-wrong" && answer.verdict !== "recovered" && dataSteps(told),
        ],
        "\n",
      ),
    },
    { text: fixWords(told), buttons: fixButtons(view) },
    {
      text: joined(
        [
          inBrief && "Reasons and coverage: see the brief above.",
          !inBrief && listOf(told, "Ruled out", answer.ruledOut, SHOWN_RULED_OUT),
          !inBrief && missing(told),
          !inBrief && write(answer.limits),
        ],
        "\n",
      ),
    },
  ];
}

function finding(told: Told): SlackMessage {
  const {
    view,
    report: { answer },
    write,
    page,
  } = told;
  const { investigation, triage } = view;
  if (answer === null) return toMessage([{ text: failureLines(told) }]);
  const read = answer.by === "model" || triage === null ? null : `read in ${duration(triage.tookMs)}, ${triage.calls} answers`;
  const work = investigation === null ? "no model, $0.00" : write(tookWords(investigation));
  const last = joined([read, work, page === null ? null : link(page, "evidence and timeline")]);
  return toMessage([...(answer.by === "model" ? modelParts(told, answer) : dataParts(told, answer)), { text: last, small: true }]);
}

/** The words of an incident's messages. Everything from outside is escaped here, so callers hand over plain text. */
export function createMessages({ timelineUrl, withoutModel }: MessageOptions) {
  const told = (view: IncidentView, page: string | null): Told => ({
    ...slackMarkup(page),
    ...{ view, page, report: incidentReport(view, withoutModel) },
    expected: withoutModel === null && view.statusMessage !== null && view.analysis !== null,
  });
  return {
    status: (view: IncidentView, progress?: Progress) => status(told(view, null), progress),
    brief: (view: IncidentView, incidentId: string) => brief(told(view, timelineUrl(incidentId))),
    finding: (view: IncidentView, incidentId: string) => finding(told(view, timelineUrl(incidentId))),
  };
}
