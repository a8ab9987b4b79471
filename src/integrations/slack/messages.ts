import { confidenceWords } from "../../incident/confidence.ts";
import { type Analysis, blamed, type CoverageLine, leadOf, type ModelFinding, type Reason, type Suspect } from "../../incident/finding.ts";
import type { IncidentView } from "../../incident/view.ts";
import { duration, evidenceMark, minuteTime, quantity, shortSha, clockTime } from "../../incident/words.ts";
import { type SlackMessage, toMessage } from "./block-kit.ts";
import { cutPlain, escapeText, inlineCode, link } from "./mrkdwn.ts";

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
const SHOWN_STEPS = 5;
const SHOWN_CLAIMS = 4;
/** Longest reason and quote, characters: a phone shows about 45 in a line. */
const LONGEST_REASON = 260;
const LONGEST_QUOTE = 140;

/** Evidence numbers as links that open what they stand for. */
type Marks = (numbers: readonly number[]) => string;
const marksAt =
  (timelineUrl: string | null): Marks =>
  (numbers) =>
    [...new Set(numbers)]
      .slice(0, 4)
      .map((number) =>
        timelineUrl === null ? inlineCode(evidenceMark(number)) : link(`${timelineUrl}/evidence/${number}`, evidenceMark(number)),
      )
      .join(" ");

const joined = (parts: readonly (string | null | false)[], separator = " · "): string =>
  parts.filter((part): part is string => typeof part === "string" && part !== "").join(separator);

/** Text of the analysis: log patterns in it stand between backticks, all else is plain. */
function reasonText(text: string): string {
  const parts = cutPlain(text, LONGEST_REASON).split("`");
  if (parts.length % 2 === 0) return escapeText(parts.join("'"));
  return parts.map((part, index) => (index % 2 === 1 ? inlineCode(part) : escapeText(part))).join("");
}

/** `payments`, or `payments · deploy 9f2c1e4`: a suspect in as few words as name it. */
function suspectWords(suspect: Suspect): string {
  const { change } = suspect;
  if (change === null) return `*${escapeText(suspect.service)}*`;
  const id = change.sha === null ? change.version : shortSha(change.sha);
  return `*${escapeText(suspect.service)}*, ${escapeText(change.kind)}${id === null ? "" : ` ${inlineCode(id)}`}`;
}

const reasonLine = (reason: Reason, marks: Marks): string => `${reasonText(reason.text)} ${marks(reason.evidence)}`.trimEnd();

/** The line that was seen, word for word, unless the reason already shows it. */
const quoteLine = (reason: Reason | undefined): string =>
  reason?.quote == null || reason.text.includes(reason.quote) ? "" : `\n> ${inlineCode(cutPlain(reason.quote, LONGEST_QUOTE))}`;

/** "checkout: errors 0.3 % → 18 % since 03:12", or the page's title while nothing is measured. */
function headline(view: IncidentView): string {
  const { page, analysis } = view;
  const title = page?.title.trim() === "" || page === null ? "A page without a title" : page.title;
  if ((view.investigation?.finding ?? analysis)?.verdict === "nothing-wrong") return `*Nothing looks wrong.* ${escapeText(title)}`;
  const worst = analysis?.symptoms[0];
  if (worst === undefined) return `*${escapeText(title)}*`;
  return `*${escapeText(worst.service)}: ${escapeText(worst.what)} ${escapeText(quantity(worst.before, worst.unit))} → ${escapeText(quantity(worst.now, worst.unit))} since ${minuteTime(worst.since)}*`;
}

function pagerWords(view: IncidentView): string {
  const { page } = view;
  const name = page?.number == null ? "PagerDuty" : `PagerDuty #${page.number}`;
  const people = page?.assignees.map((person) => escapeText(person.name)).join(", ") ?? "";
  const by = view.by === null ? "" : ` by ${escapeText(view.by)}`;
  return joined([
    page?.priority === null ? null : escapeText(page?.priority ?? ""),
    link(page?.link ?? null, name),
    view.status !== "triggered" && `${view.status}${by}`,
    view.status === "triggered" && people !== "" && `on call: ${people}`,
  ]);
}

const vendorsOf = (sources: readonly string[]): string => [...new Set(sources.map((source) => source.split(" ")[0] ?? source))].join(", ");

/** The model's finding that code has checked, in the words of the conclusion. */
function modelConclusion(found: ModelFinding): string {
  if (found.verdict === "nothing-wrong") return escapeText(found.cause);
  if (found.verdict === "inconclusive") return `*Inconclusive.* ${escapeText(found.cause.replace(/^inconclusive[.:]?\s*/i, ""))}`;
  return `*Cause (${confidenceWords(found.confidence)}, ${found.confidence.toFixed(2)}):* ${escapeText(found.cause)}`;
}

function conclusion(view: IncidentView): string {
  const { analysis, investigation } = view;
  if (analysis === null) return "";
  if (investigation?.finding != null) return modelConclusion(investigation.finding);
  const first = analysis.suspects[0];
  if (analysis.verdict === "nothing-wrong") return escapeText(analysis.because);
  if (first === undefined) return `*Inconclusive.* ${escapeText(analysis.because)}`;
  const lead = analysis.verdict === "inconclusive" ? "Inconclusive; best guess" : "Best suspect";
  return `${lead} (${confidenceWords(first.probability)}, ${first.probability.toFixed(2)}): ${suspectWords(first)}`;
}

function fixLine(view: IncidentView): string {
  if (view.fix?.type === "fix-proposed")
    return `Draft *revert* PR ${link(view.fix.url, `#${view.fix.number}`)}: ${escapeText(view.fix.title)}. It changes nothing until a person merges it.`;
  return view.fix?.type === "fix-declined" ? `No fix PR: ${escapeText(view.fix.because)}` : "";
}

const failureLine = (view: IncidentView): string =>
  view.failures.map((failure) => `midwatch could not do “${escapeText(failure.step)}”: ${escapeText(failure.error)}`).join("\n");

function coverageWords(line: CoverageLine): string {
  const detail = line.detail === null ? "" : `: ${escapeText(line.detail)}`;
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

/** The incident's status, in a view's words: one message, edited in place. */
function status(view: IncidentView, progress?: { answered: number; of: number; sources: readonly string[] }): SlackMessage {
  const reading = view.analysis === null && view.failures.length === 0;
  const working = view.investigation !== null && view.investigation.closed === null;
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
        : joined(
            [conclusion(view), working && `${escapeText(view.investigation.model)} is investigating …`, fixLine(view), failureLine(view)],
            "\n",
          ),
    },
  ]);
}

function brief(view: IncidentView, timelineUrl: string | null): SlackMessage {
  const { analysis, triage, page } = view;
  if (analysis === null || triage === null) return toMessage([{ text: failureLine(view) }]);
  const since =
    analysis.onset === null || page === null ? "" : `, page ${duration(Math.max(0, page.createdAt - analysis.onset))} after the onset`;
  const marks = marksAt(timelineUrl);
  const suspects = blamed(analysis)
    .filter((suspect, index) => index === 0 || suspect.probability >= WORTH_A_LINE)
    .slice(0, SHOWN_SUSPECTS);
  const head = `*What changed, what broke* (${minuteTime(page?.createdAt ?? view.openedAt)} UTC${since}, read in ${duration(triage.tookMs)})`;
  const later = analysis.consequences.map((one) => `${escapeText(one.service)} (${clockTime(one.onset)})`).slice(0, 6);
  return toMessage([
    {
      text: `${head}\n${analysis.verdict === "incident" ? "" : `${joined([conclusion(view), leadLine(analysis, marks)], "\n")}\n`}${suspects.map((suspect, index) => suspectLines(suspect, index, marks)).join("\n")}`,
    },
    {
      text: joined(
        [
          later.length > 0 && `*Moved later or only as a consequence:* ${later.join(", ")}`,
          analysis.ruledOut.length > 0 && `*Looked at and ruled out:* ${ruledOut(view, marks)}`,
        ],
        "\n",
      ),
    },
    { text: coverage(view.coverage), small: true },
    {
      text: joined([timelineUrl === null ? null : link(timelineUrl, "Evidence and timeline"), "Replies here are kept on the timeline."]),
      small: true,
    },
  ]);
}

const ruledOut = (view: IncidentView, marks: Marks): string =>
  (view.analysis?.ruledOut ?? [])
    .slice(0, 6)
    .map((one) => `${escapeText(one.what)} (${escapeText(one.why)}) ${marks(one.evidence)}`.trimEnd())
    .join("; ");

function impact(view: IncidentView, marks: Marks): string {
  return (view.analysis?.symptoms ?? [])
    .slice(0, 3)
    .map(
      (symptom) =>
        `${escapeText(symptom.service)} ${escapeText(symptom.what)} ${escapeText(quantity(symptom.before, symptom.unit))} → ${escapeText(quantity(symptom.now, symptom.unit))} since ${clockTime(symptom.since)} ${marks(symptom.evidence)}`,
    )
    .join("; ");
}

function nextSteps(view: IncidentView): string {
  const runbook = view.triage?.runbooks[0];
  if (runbook === undefined) return "";
  return `*Do now* (runbook ${inlineCode(runbook.name)}):\n${runbook.steps
    .slice(0, SHOWN_STEPS)
    .map((step, index) => `${index + 1}. ${escapeText(step)}`)
    .join("\n")}`;
}

/** What the model found and code has checked: first the answer, then why, what to do, what was not seen. */
function modelFinding(view: IncidentView, found: ModelFinding, timelineUrl: string | null): SlackMessage {
  const { investigation } = view;
  const marks = marksAt(timelineUrl);
  const claims = found.claims.slice(0, SHOWN_CLAIMS).map((claim) => {
    const quote = claim.quotes[0]?.text;
    const said = quote === undefined || claim.text.includes(quote) ? "" : ` ${inlineCode(cutPlain(quote, LONGEST_QUOTE))}`;
    return `• ${escapeText(claim.text)}${said} ${marks([...claim.evidence, ...claim.quotes.map(({ evidence }) => evidence)])}`.trimEnd();
  });
  const path = found.causal_path.map(({ service }) => service).filter((service, index, all) => service !== all[index - 1]);
  const steps = found.do_now.map(
    ({ step, runbook }, index) => `${index + 1}. ${escapeText(step)}${runbook === null ? "" : ` (runbook ${inlineCode(runbook)})`}`,
  );
  const unread = view.coverage.filter(
    (line) => line.status === "failed" || line.status === "timed-out" || line.status === "not-configured",
  );
  const missing = [
    ...found.missing.map(({ what, who }) => `${escapeText(what)}${who === null ? "" : ` (${escapeText(who)})`}`),
    ...unread.map(
      (line) =>
        `${escapeText(line.source)} (${line.status === "not-configured" ? "not configured" : escapeText(line.detail ?? line.status)})`,
    ),
  ];
  const ruled = found.ruled_out
    .slice(0, 6)
    .map((one) => `${escapeText(one.what)} (${escapeText(one.why)}) ${marks(one.evidence)}`.trimEnd());
  const cut = investigation?.closed?.how === "submitted" ? "" : `Ended early: ${escapeText(investigation?.closed?.because ?? "")}.`;
  return toMessage([
    { text: joined([found.verdict === "nothing-wrong" && "*Nothing looks wrong.*", modelConclusion(found), cut], " ") },
    { text: joined([path.length > 1 && `*Path:* ${path.map(escapeText).join(" → ")}`, ...claims], "\n") },
    {
      text: joined(
        [
          found.impact !== null && `*Impact:* ${escapeText(found.impact.text)} ${marks(found.impact.evidence)}`,
          steps.length > 0 ? `*Do now:*\n${steps.join("\n")}` : found.verdict !== "nothing-wrong" && nextSteps(view),
        ],
        "\n",
      ),
    },
    { text: fixLine(view) },
    {
      text: joined(
        [ruled.length > 0 && `*Ruled out:* ${ruled.join("; ")}`, missing.length > 0 && `*Could not check:* ${missing.join("; ")}`],
        "\n",
      ),
    },
    {
      text: joined([workWords(view), timelineUrl === null ? null : link(timelineUrl, "evidence and timeline")]),
      small: true,
    },
  ]);
}

/** "3 min 10 s · 9 turns · 14 answers · $0.07": what the model's work took. */
function workWords({ investigation }: IncidentView): string {
  if (investigation === null) return "";
  const { startedAt, closedAt, turns, toolCalls, cost, model } = investigation;
  const took = closedAt === null ? null : duration(closedAt - startedAt);
  return joined([took, `${turns} turns`, `${toolCalls} tool calls`, `$${cost.toFixed(2)}`, escapeText(model)]);
}

/** Why no model's finding is said. */
function withoutModel({ investigation }: IncidentView, options: MessageOptions): string {
  if (investigation === null) return `no model was used: ${escapeText(options.withoutModel ?? "it was not asked")}`;
  const again = investigation.closed?.retry === true ? "; it will be asked again" : "";
  return `no finding of a model: ${escapeText(investigation.closed?.because ?? "it is still at work")}${again}`;
}

function finding(view: IncidentView, timelineUrl: string | null, options: MessageOptions): SlackMessage {
  const { analysis } = view;
  if (analysis === null) return toMessage([{ text: failureLine(view) }]);
  const checked = view.investigation?.finding ?? null;
  if (checked !== null) return modelFinding(view, checked, timelineUrl);
  const marks = marksAt(timelineUrl);
  const unread = view.coverage.filter(
    (line) => line.status === "failed" || line.status === "timed-out" || line.status === "not-configured",
  );
  const reasons =
    blamed(analysis)[0]
      ?.reasons.slice(0, 2)
      .map((reason) => `• ${reasonLine(reason, marks)}`) ?? [];
  const took = view.triage === null ? "" : `data read in ${duration(view.triage.tookMs)}, ${view.triage.calls} answers`;
  return toMessage([
    {
      text: joined(
        [
          analysis.verdict === "nothing-wrong"
            ? `*Nothing looks wrong.* ${escapeText(analysis.because)}`
            : `*From the data alone* (${withoutModel(view, options)}). ${conclusion(view)}`,
          leadLine(analysis, marks),
          reasons.join("\n"),
        ],
        "\n",
      ),
    },
    {
      text: joined(
        [analysis.symptoms.length > 0 && `*Impact:* ${impact(view, marks)}`, analysis.verdict !== "nothing-wrong" && nextSteps(view)],
        "\n",
      ),
    },
    { text: fixLine(view) },
    {
      text: joined(
        [
          analysis.ruledOut.length > 0 && `*Ruled out:* ${ruledOut(view, marks)}`,
          unread.length > 0 &&
            `*Could not check:* ${unread.map((line) => `${escapeText(line.source)} (${line.status === "not-configured" ? "not configured" : escapeText(line.detail ?? line.status)})`).join("; ")}`,
        ],
        "\n",
      ),
    },
    {
      text: joined([
        took,
        view.investigation === null ? "no model, $0.00" : workWords(view),
        timelineUrl === null ? null : link(timelineUrl, "evidence and timeline"),
      ]),
      small: true,
    },
  ]);
}

/** The words of an incident's messages. Everything from outside is escaped here, so callers hand over plain text. */
export function createMessages(options: MessageOptions) {
  return {
    status,
    brief: (view: IncidentView, incidentId: string) => brief(view, options.timelineUrl(incidentId)),
    finding: (view: IncidentView, incidentId: string) => finding(view, options.timelineUrl(incidentId), options),
  };
}
