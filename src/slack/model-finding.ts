import { confidenceWords } from "../incident/confidence.ts";
import { type Analysis, blamed, causeWords, type ModelFinding } from "../incident/finding.ts";
import { type Investigation, retryAt, tokenWords } from "../incident/investigation.ts";
import { counted } from "../report/tool-view.ts";
import type { IncidentView } from "../incident/view.ts";
import { changeMark, duration, minuteTime, shortSha } from "../report/words.ts";
import { type Part, type SlackMessage, toMessage } from "../integrations/slack/block-kit.ts";
import {
  behindHeading,
  fixPart,
  joined,
  listed,
  LONGEST_QUOTE,
  type Marks,
  marksAt,
  missingWords,
  numbered,
  ruledOutWords,
  runbookSteps,
  runbookWords,
  said,
  suspectWords,
  SHOWN_MARKS,
  toldWithCode,
} from "./message-words.ts";
import { cutPlain, inlineCode, link } from "../integrations/slack/mrkdwn.ts";

const SHOWN_CLAIMS = 4;
const SHOWN_RULED_OUT = 4;
const SHOWN_MISSING = 5;
const LONGEST_CAUSE = 400;
/** With as many steps of its own a finding needs no runbook's beside them. */
const FEW_STEPS = 2;

/** What a model found, in one line: its likelihood only where something is blamed. */
export function modelConclusion(found: ModelFinding): string {
  const cause = toldWithCode(causeWords(found), LONGEST_CAUSE);
  if (found.verdict === "nothing-wrong") return cause;
  if (found.verdict === "inconclusive") return `*Inconclusive.* ${cause}`;
  return `*Cause (${confidenceWords(found.confidence)}, ${found.confidence.toFixed(2)}):* ${cause}`;
}

/** Whom the data alone blame, where a model's finding blames nothing or another and does not rule that one out; else "". */
export function dataSuspect(found: ModelFinding, analysis: Analysis | null): string {
  const best = blamed(analysis)[0];
  if (best === undefined || (found.verdict === "incident" && found.service === best.service)) return "";
  // What the analysis itself leaves open is told only where the finding does too.
  if (found.verdict !== "inconclusive" && analysis?.verdict !== "incident") return "";
  const names = [best.service, ...(best.change?.sha == null ? [] : [shortSha(best.change.sha)])];
  if (found.ruled_out.slice(0, SHOWN_RULED_OUT).some(({ what }) => names.some((name) => what.includes(name)))) return "";
  return `The data alone point to ${suspectWords(best)} (${confidenceWords(best.probability)}, ${best.probability.toFixed(2)})`;
}

/** "payments (payments-7d9f), change `9f2c1e4`: payments → checkout": where the cause lies and how it spread. */
function whereWords({ service, instance, change, causal_path: path }: ModelFinding): string {
  const at = `*${said(service, LONGEST_QUOTE)}*${instance === null ? "" : ` (${said(instance, LONGEST_QUOTE)})`}`;
  const hops = path.map((hop) => hop.service).filter((hop, index, all) => hop !== all[index - 1]);
  return joined([
    change === null ? at : `${at}, change ${inlineCode(changeMark(change.id))}`,
    hops.length > 1 && `*Path:* ${hops.map((hop) => said(hop, LONGEST_QUOTE)).join(" → ")}`,
  ]);
}

/** A fact with the line that shows it, unless the fact says that line already. */
export function claimLine({ text, evidence, quotes }: ModelFinding["claims"][number], marks: Marks): string {
  const quote = quotes[0]?.text;
  const line = quote === undefined || text.includes(quote) ? "" : ` ${inlineCode(quote, LONGEST_QUOTE)}`;
  const numbers = [...new Set([...evidence, ...quotes.map((one) => one.evidence)])].slice(0, SHOWN_MARKS);
  const cited = numbers.map((number) => marks([number], quotes.find((one) => one.evidence === number)?.text));
  return `• ${toldWithCode(text)}${line} ${joined(cited, " ")}`.trimEnd();
}

/** "3 min 10 s · 9 turns · 14 tool calls · $0.07 · 61k tokens, 83 % from the cache · claude-x": what the model's work took. */
export function workWords(investigation: Investigation): string {
  const { startedAt, closedAt, round, turns, toolCalls, cost, model } = investigation;
  const took = closedAt === null ? null : `${duration(closedAt - startedAt)}${round > 1 ? ` (round ${round})` : ""}`;
  return joined([
    took,
    counted(turns, "turn"),
    counted(toolCalls, "tool call"),
    `$${cost.toFixed(2)}`,
    tokenWords(investigation),
    said(model, LONGEST_QUOTE),
  ]);
}

/** "the provider answers 529": why the model's work ended, without the end of the sentence. */
const because = ({ closed }: Investigation): string => said((closed?.because ?? "").trim().replace(/\.$/, ""));

/** What happens next after work that ended before its finding: another try by itself, or one that a person asks for. */
function nextTry(investigation: Investigation, view: Pick<IncidentView, "status">): string {
  const at = retryAt(investigation, view.status);
  if (at !== null) return `It will be asked again at ${minuteTime(at)} UTC.`;
  return view.status === "resolved" ? "" : "Write “resume” in the thread to have it asked again.";
}

/**
 * Where the model's work stands while no finding says it: at work, or ended without one and why; "" where neither is so.
 * @param expected whether a model takes part that was not asked yet
 */
export function workState(view: IncidentView, expected: boolean): string {
  const { investigation, status } = view;
  if (investigation === null) {
    const soon = expected && view.finding === null && !view.finished && status !== "resolved";
    return soon ? "A model investigates now; its finding comes in the thread." : "";
  }
  const again = investigation.round > 1 ? ` again (round ${investigation.round})` : "";
  if (investigation.closed === null) return `${said(investigation.model, LONGEST_QUOTE)} is investigating${again} …`;
  if (investigation.finding !== null) return "";
  return joined([`No finding of a model: ${because(investigation)}.`, nextTry(investigation, view)], " ");
}

/** Why the data alone are told where a model takes part. */
export const withoutFinding = (investigation: Investigation): string =>
  investigation.closed === null ? "the model is still at work" : `no finding of a model: ${because(investigation)}`;

/** What is said after {@link withoutFinding}, or "". */
export const afterwards = (view: IncidentView): string =>
  view.investigation === null || view.investigation.closed === null ? "" : nextTry(view.investigation, view);

/** What the model found and code has checked: first the answer, then why, what to do, what was not seen. */
export function modelFinding(
  view: IncidentView,
  investigation: Investigation,
  found: ModelFinding,
  timelineUrl: string | null,
): SlackMessage {
  const marks = marksAt(timelineUrl);
  const calm = found.verdict === "nothing-wrong";
  const { closed } = investigation;
  const books = (view.triage?.runbooks ?? []).filter(({ name }) => found.do_now.some(({ runbook }) => runbook === name));
  // "Follow the runbook" alone helps nobody at three in the morning; beside steps of its own it would bury them.
  const shown = found.do_now.length < FEW_STEPS ? books.slice(0, 1) : [];
  const bookName = (runbook: string) =>
    timelineUrl !== null && books.some(({ name }) => name === runbook) && !shown.some(({ name }) => name === runbook)
      ? link(`${timelineUrl}#next`, cutPlain(runbook, LONGEST_QUOTE))
      : inlineCode(runbook, LONGEST_QUOTE);
  const steps = found.do_now.map(
    ({ step, runbook }) => `${toldWithCode(step)}${runbook === null ? "" : ` (runbook ${bookName(runbook)})`}`,
  );
  const missing = missingWords(found.missing, view.coverage);
  const parts: Part[] = [
    {
      text: joined(
        [
          joined([calm && !/^nothing (?:looks|is) wrong/i.test(found.cause) && "*Nothing looks wrong.*", modelConclusion(found)], " "),
          closed !== null &&
            closed.how !== "submitted" &&
            `_Ended early_: ${because(investigation)}. What had been found by then stands here.`,
          closed === null && workState(view, false),
          dataSuspect(found, view.analysis),
        ],
        "\n",
      ),
    },
    {
      text: joined(
        [
          found.verdict === "incident" && whereWords(found),
          ...found.claims.slice(0, SHOWN_CLAIMS).map((claim) => claimLine(claim, marks)),
          found.claims.length > SHOWN_CLAIMS && `and ${found.claims.length - SHOWN_CLAIMS} more on the incident's page`,
        ],
        "\n",
      ),
    },
    {
      text: joined(
        [
          found.impact !== null && `*Impact:* ${toldWithCode(found.impact.text)} ${marks(found.impact.evidence)}`.trimEnd(),
          steps.length > 0 ? `*Do now:*\n${numbered(steps)}` : !calm && runbookSteps(view),
          ...shown.map(runbookWords),
        ],
        "\n",
      ),
    },
    fixPart(view),
    {
      text: joined(
        [
          found.ruled_out.length > 0 &&
            `*Ruled out:* ${listed(
              found.ruled_out.map((one) => ruledOutWords(one, marks)),
              SHOWN_RULED_OUT,
            )}`,
          missing.length > 0 && `*Could not check:*${behindHeading(missing, SHOWN_MISSING)}`,
          investigation.dropped.length > 0 &&
            `*Dropped by the checks:* ${counted(investigation.dropped.length, "point")} that did not hold against the evidence`,
        ],
        "\n",
      ),
    },
    { text: joined([workWords(investigation), timelineUrl === null ? null : link(timelineUrl, "evidence and timeline")]), small: true },
  ];
  return toMessage(parts);
}
