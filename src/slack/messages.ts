import { confidenceWords } from "../incident/confidence.ts";
import { stepWords } from "../report/step-words.ts";
import {
  type Analysis,
  blamed,
  type CoverageLine,
  leadOf,
  type Reason,
  type Suspect,
  lookedAt,
  type RuledOut,
} from "../incident/finding.ts";
import { isModelStep } from "../incident/step-id.ts";
import { pageName, pageTitle } from "../report/status.ts";
import { pagerName } from "../incident/page.ts";
import type { IncidentView } from "../incident/view.ts";
import { clockTime, duration, levelWords, minuteTime, sinceWords, symptomWords } from "../report/words.ts";
import { type SlackMessage, toMessage } from "../integrations/slack/block-kit.ts";
import {
  behindHeading,
  dataSteps,
  fixPart,
  fixWords,
  joined,
  listed,
  LONGEST_QUOTE,
  LONGEST_REASON,
  type Marks,
  marksAt,
  ruledOutWords,
  said,
  suspectWords,
  unreadWords,
} from "./message-words.ts";
import { afterwards, dataSuspect, modelConclusion, modelFinding, withoutFinding, workState, workWords } from "./model-finding.ts";
import { cutPlain, cutWithCode, cutShort, escapeText, escapeWithCode, inlineCode, link } from "../integrations/slack/mrkdwn.ts";

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
const SHOWN_RULED_OUT = 6;
/** What lies where it always does is no news. */
const SHOWN_AS_USUAL = 3;
/** Below a minute an onset is the page's own time, or as near as data that come once a minute tell. */
const WORTH_TELLING_MS = 60_000;
/** In the status message, which is read first and on a phone. */
const LONGEST_TITLE = 80;
const LONGEST_WHY = 160;
const LONGEST_PATTERN = 40;

/** Text of the analysis: log patterns in it stand between backticks, all else is plain. */
function reasonText(text: string, longest = LONGEST_REASON): string {
  const parts = cutWithCode(text, longest).split("`");
  if (parts.length % 2 === 0) return escapeText(parts.join("'"));
  return parts.map((part, index) => (index % 2 === 1 ? inlineCode(part) : escapeText(part))).join("");
}

const reasonLine = (reason: Reason, marks: Marks): string => `${reasonText(reason.text)} ${marks(reason.evidence, reason.quote)}`.trimEnd();

/** So much of a quote within a reason is the quote again, though the reason was cut. */
const SAME_QUOTE = 60;

/** The line that was seen, word for word, unless the reason already shows it. */
const quoteLine = (reason: Reason | undefined): string =>
  reason?.quote == null || reason.text.includes(reason.quote.slice(0, SAME_QUOTE))
    ? ""
    : `\n> ${inlineCode(cutPlain(reason.quote, LONGEST_QUOTE))}`;

/** "checkout: errors 0.3 % → 18 % since 03:12", or the page's service and title while nothing is measured. */
function headline(view: IncidentView): string {
  const { page, analysis } = view;
  const title = pageName(page);
  if ((view.investigation?.finding ?? analysis)?.verdict === "nothing-wrong") return `*Nothing looks wrong.* ${escapeText(title)}`;
  const worst = analysis?.symptoms[0];
  if (worst === undefined) return `*${escapeText(title)}*`;
  return `*${escapeText(worst.service)}: ${escapeText(worst.what)} ${escapeText(levelWords(worst))} ${sinceWords(worst, minuteTime(worst.since))}*`;
}

/** The page's own title, which people search for, where the headline does not have it. */
function titleWords(view: IncidentView): string {
  const title = pageTitle(view.page);
  return view.page === null || headline(view).includes(escapeText(title)) ? "" : ` “${said(title, LONGEST_TITLE)}”`;
}

function pagerWords(view: IncidentView): string {
  const { page } = view;
  const people = page?.assignees.map((person) => escapeText(person.name)).join(", ") ?? "";
  const by = view.by === null ? "" : ` by ${escapeText(view.by)}`;
  return joined([
    page?.priority === null ? null : escapeText(page?.priority ?? ""),
    `${link(page?.link ?? null, pagerName(page))}${titleWords(view)}`,
    view.status !== "triggered" && `${view.status}${by}`,
    view.status === "triggered" && people !== "" && `on call: ${people}`,
  ]);
}

const vendorsOf = (sources: readonly string[]): string => [...new Set(sources.map((source) => source.split(" ")[0] ?? source))].join(", ");

function conclusion(view: IncidentView): string {
  const { analysis, investigation } = view;
  if (analysis === null) return "";
  if (investigation !== null && investigation.finding !== null)
    return joined([modelConclusion(investigation.finding), dataSuspect(investigation.finding, analysis)], "\n");
  const first = analysis.suspects[0];
  if (analysis.verdict === "nothing-wrong") return escapeText(analysis.because);
  if (first === undefined) return `*Inconclusive:* ${escapeText(analysis.because)}`;
  const lead = analysis.verdict === "inconclusive" ? "Inconclusive; best guess" : "Best suspect";
  return `${lead} (${confidenceWords(first.probability)}, ${first.probability.toFixed(2)}): ${suspectWords(first)}`;
}

/** A reason for a phone: of a long log pattern its head, so that what it did still fits. */
const shortReason = (text: string): string => {
  const shown = text.replaceAll(/`([^`]*)`/g, (whole, inside: string) =>
    inside.length <= LONGEST_PATTERN ? whole : `\`${cutShort(inside, LONGEST_PATTERN)}\``,
  );
  // All of it stands in the brief.
  return reasonText(cutShort(shown, LONGEST_WHY));
};

/** Of what the data alone conclude, the one fact that decides, and what could not be read: a name without a why is not believed. */
function whyWords({ analysis, investigation, coverage: lines }: IncidentView): string {
  if (analysis === null || investigation?.finding != null) return "";
  const [reason] = blamed(analysis)[0]?.reasons ?? [];
  const unread = lines.filter(({ status: how }) => how === "failed" || how === "timed-out").map(({ source }) => source);
  return joined(
    [
      // Where nothing is blamed, the conclusion is the reason already.
      analysis.verdict === "inconclusive" && blamed(analysis).length > 0 && said(analysis.because, LONGEST_WHY),
      analysis.verdict === "incident" && reason !== undefined && shortReason(reason.text),
      analysis.verdict !== "incident" && unread.length > 0 && `Not read: ${said(unread.join(", "), LONGEST_WHY)}`,
    ],
    "\n",
  );
}

/** The model's own steps are left out: how its work ended tells of those. */
const failureLine = ({ failures, investigation }: IncidentView): string =>
  failures
    .filter(({ step }) => investigation === null || !isModelStep(step))
    .map(({ step, error }) => `midwatch could not do “${escapeText(stepWords(step))}”: ${escapeText(error)}`)
    .join("\n");

function coverageWords(line: CoverageLine): string {
  const detail = line.detail === null ? "" : `: ${escapeWithCode(line.detail)}`;
  const source = escapeText(line.source);
  switch (line.status) {
    case "read":
      return `${source} ✓`;
    case "sampled":
      return `${source} ✓ (${escapeText(line.detail ?? "sampled")})`;
    case "empty":
      return `${source}: nothing found`;
    case "timed-out":
      return `${source} *timed out*${detail}`;
    case "failed":
      return `${source} *failed*${detail}`;
    case "not-asked":
      return `${source}: not asked`;
    case "not-configured":
      return `${source} not configured`;
  }
}

/** Sources in one line; what failed stands on lines of its own, because someone must act on it. */
function coverage(lines: readonly CoverageLine[]): string {
  const bad = lines.filter((line) => line.status === "failed" || line.status === "timed-out");
  const rest = lines.filter((line) => !bad.includes(line)).map(coverageWords);
  return [`*Coverage:* ${rest.join(" · ")}`, ...bad.map((line) => `• ${coverageWords(line)}`)].join("\n");
}

function suspectLines(suspect: Suspect, index: number, marks: Marks): string {
  const { change } = suspect;
  // The first suspect is what people act on; of the others one reason is enough.
  const [first, ...rest] = suspect.reasons.slice(0, index === 0 ? SHOWN_REASONS : 1);
  const toldOfChange = change === null || [first, ...rest].some((reason) => reason?.evidence.includes(change.evidence));
  return joined(
    [
      `${index + 1}. ${suspectWords(suspect)} (${suspect.probability.toFixed(2)}): ${first === undefined ? "no reason kept" : reasonLine(first, marks)}`,
      ...rest.map((reason) => `    ◦ ${reasonLine(reason, marks)}`),
      !toldOfChange &&
        `    ◦ ${escapeText(change.kind)} at ${clockTime(change.at)}: “${escapeText(cutPlain(change.title, LONGEST_QUOTE))}” ${marks([change.evidence])}`,
    ],
    "\n",
  ).concat(index === 0 ? quoteLine(first) : "");
}

/** What is furthest from usual while nothing is wrong: worth a look, not worth a word that blames. */
function leadLine(analysis: Analysis, marks: Marks): string {
  const lead = leadOf(analysis);
  const [reason] = lead?.reasons ?? [];
  if (lead === null || reason === undefined) return "";
  return `Furthest from usual, too weak to blame: ${suspectWords(lead)}: ${reasonLine(reason, marks)}`;
}

interface Progress {
  readonly answered: number;
  readonly of: number;
  readonly sources: readonly string[];
}

/** The incident's status, in a view's words: one message, edited in place. */
function status(view: IncidentView, expected: boolean, progress?: Progress): SlackMessage {
  const reading = view.analysis === null && view.failures.length === 0;
  const count = progress === undefined ? "" : ` (${progress.answered} of ${progress.of} answered)`;
  const doing =
    progress === undefined
      ? "midwatch is reading what it may …"
      : `midwatch is reading ${escapeText(vendorsOf(progress.sources))} …${count}`;
  const resolved = view.status === "resolved" ? "*Resolved* · " : "";
  return toMessage([
    { text: joined([`${resolved}${headline(view)}`, pagerWords(view)]) },
    {
      text: reading
        ? doing
        : joined([conclusion(view), whyWords(view), workState(view, expected), fixWords(view, true), failureLine(view)], "\n"),
    },
  ]);
}

function brief(view: IncidentView, expected: boolean, timelineUrl: string | null): SlackMessage {
  const { analysis, triage, page } = view;
  if (analysis === null || triage === null) return toMessage([{ text: failureLine(view) }]);
  const since =
    analysis.onset === null || page === null || page.createdAt - analysis.onset < WORTH_TELLING_MS
      ? ""
      : `, page ${duration(page.createdAt - analysis.onset)} after the onset at ${minuteTime(analysis.onset)}`;
  const marks = marksAt(timelineUrl);
  const suspects = blamed(analysis)
    .filter((suspect, index) => index === 0 || suspect.probability >= WORTH_A_LINE)
    .slice(0, SHOWN_SUSPECTS);
  const head = `*What changed, what broke* (${minuteTime(page?.createdAt ?? view.openedAt)} UTC${since}, read in ${duration(triage.tookMs)})`;
  const later = analysis.consequences.map((one) => `${escapeText(one.service)} (${clockTime(one.onset)})`).slice(0, 6);
  return toMessage([
    {
      text: joined(
        [
          head,
          ...(analysis.verdict === "incident" ? [] : [conclusion(view), leadLine(analysis, marks)]),
          ...suspects.map((suspect, index) => suspectLines(suspect, index, marks)),
        ],
        "\n",
      ),
    },
    {
      text: joined(
        [
          later.length > 0 && `*Moved later or only as a consequence:* ${later.join(", ")}`,
          analysis.ruledOut.length > 0 && `*Looked at and ruled out:* ${ruledOut(analysis.ruledOut, marks)}`,
          lookedAt(analysis).length > 0 && `*As usual:* ${ruledOut(lookedAt(analysis), marks, SHOWN_AS_USUAL)}`,
        ],
        "\n",
      ),
    },
    { text: coverage(view.coverage), small: true },
    {
      text: joined([
        timelineUrl === null ? null : link(timelineUrl, "Evidence and timeline"),
        // A look from the command line has no thread to reply in.
        view.statusMessage !== null &&
          (expected ? "Reply here to steer the investigation; “stop” ends it." : "Replies here are kept on the timeline."),
      ]),
      small: true,
    },
  ]);
}

const ruledOut = (items: readonly RuledOut[], marks: Marks, most = SHOWN_RULED_OUT): string =>
  listed(
    items.map((one) => ruledOutWords(one, marks)),
    most,
  );

function impact(view: IncidentView, marks: Marks): string {
  return (view.analysis?.symptoms ?? [])
    .slice(0, 3)
    .map((symptom) => `${escapeText(symptom.service)} ${escapeText(symptomWords(symptom))} ${marks(symptom.evidence)}`)
    .join("; ");
}

function finding(view: IncidentView, timelineUrl: string | null, options: MessageOptions): SlackMessage {
  const { analysis, investigation } = view;
  if (analysis === null) return toMessage([{ text: failureLine(view) }]);
  if (investigation !== null && investigation.finding !== null)
    return modelFinding(view, investigation, investigation.finding, timelineUrl);
  const marks = marksAt(timelineUrl);
  const why =
    investigation === null ? `no model was used: ${escapeText(options.withoutModel ?? "it was not asked")}` : withoutFinding(investigation);
  const unread = unreadWords(view.coverage);
  const reasons =
    blamed(analysis)[0]
      ?.reasons.slice(0, 2)
      .map((reason) => `• ${reasonLine(reason, marks)}`) ?? [];
  // Both are made from the same reading of the data, so where the brief stands above, it has the rest.
  const inBrief = view.brief !== null;
  const took = view.triage === null ? "" : `data read in ${duration(view.triage.tookMs)}, ${view.triage.calls} answers`;
  return toMessage([
    {
      text: joined(
        [
          analysis.verdict === "nothing-wrong"
            ? `*Nothing looks wrong.* ${escapeText(analysis.because)} (From the data alone; ${why}.)`
            : `*From the data alone* (${why}). ${conclusion(view)}`,
          afterwards(view),
          !inBrief && leadLine(analysis, marks),
          !inBrief && reasons.join("\n"),
        ],
        "\n",
      ),
    },
    {
      text: joined(
        [analysis.symptoms.length > 0 && `*Impact:* ${impact(view, marks)}`, analysis.verdict !== "nothing-wrong" && dataSteps(view)],
        "\n",
      ),
    },
    fixPart(view),
    {
      text: joined(
        [
          inBrief && "Reasons, ruled out and coverage: in the brief above.",
          !inBrief && analysis.ruledOut.length > 0 && `*Ruled out:* ${ruledOut(analysis.ruledOut, marks)}`,
          !inBrief && unread.length > 0 && `*Could not check:*${behindHeading(unread, unread.length)}`,
        ],
        "\n",
      ),
    },
    {
      text: joined([
        took,
        investigation === null ? "no model, $0.00" : workWords(investigation),
        timelineUrl === null ? null : link(timelineUrl, "evidence and timeline"),
      ]),
      small: true,
    },
  ]);
}

/** The words of an incident's messages. Everything from outside is escaped here, so callers hand over plain text. */
export function createMessages(options: MessageOptions) {
  /** Whether a model will be asked: it is there, and people were told of the incident, which a look from the command line never does. */
  const expected = (view: IncidentView) => options.withoutModel === null && view.statusMessage !== null && view.analysis !== null;
  return {
    status: (view: IncidentView, progress?: Progress) => status(view, expected(view), progress),
    brief: (view: IncidentView, incidentId: string) => brief(view, expected(view), options.timelineUrl(incidentId)),
    finding: (view: IncidentView, incidentId: string) => finding(view, options.timelineUrl(incidentId), options),
  };
}
