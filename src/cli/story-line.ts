import type { IncidentEvent } from "../incident/event.ts";
import { plainLine } from "../investigation/check/plain.ts";
import { joinedLine, joinedWords } from "../report/joining-words.ts";
import { stepWords } from "../report/step-words.ts";
import { duration, shortSha } from "../report/words.ts";

const LONGEST_BECAUSE = 400;

/** One line of the story for the person who watches, or null for what needs no word. */
export function storyLine(event: IncidentEvent): string | null {
  switch (event.type) {
    case "page-received":
      return `page      PagerDuty: "${event.page.title}"`;
    case "joined":
      return `joined    to ${event.page.name}: ${joinedWords(event.because)}`;
    case "page-joined":
      return `joined    ${joinedLine(event.page, event.because)}`;
    case "status-posted":
      return "slack     first words are in the incident's channel";
    case "triage-started":
      return "triage    asking Datadog, Sentry, GitHub and PagerDuty, all at once";
    case "triage-finished": {
      const read = event.coverage.filter(({ status }) => status === "read" || status === "sampled").length;
      const first = event.analysis.suspects[0];
      const said =
        event.analysis.verdict === "nothing-wrong" || first === undefined
          ? event.analysis.because
          : `${first.service} (${first.probability.toFixed(2)})`;
      return `analysis  ${read} of ${event.coverage.length} sources had something: ${said}`;
    }
    case "investigation-started":
      return `model     ${event.model} investigates`;
    case "model-turn": {
      const asks = [...new Set(event.toolUses.map(({ name }) => plainLine(name, 60, [])))].join(", ");
      return `model     ${asks === "" ? "no tool" : asks} (${duration(event.tookMs)}, $${event.cost.toFixed(2)})`;
    }
    case "investigation-closed":
      return event.how === "submitted"
        ? "model     its finding is checked"
        : `model     ended early: ${plainLine(event.because, LONGEST_BECAUSE, [])}`;
    case "brief-posted":
      return "slack     brief: what changed, what broke";
    case "brief-revised":
      return event.changed ? "slack     the brief is corrected after late answers" : null;
    case "finding-posted":
      return "slack     finding";
    case "fix-proposed":
      return `fix       ${event.draft ? "draft" : "PR"} #${event.number} in ${event.repository}: ${event.title}`;
    case "fix-declined":
      return `fix       no PR: ${event.because}`;
    case "fix-offered":
      return `fix       a draft ${event.kind} PR waits until somebody presses its button: ${event.because}`;
    case "fix-work-started":
      return event.attempt === 1 ? "fix       the model writes a patch with a test" : "fix       CI is red; the model improves its patch";
    case "fix-refused":
      return `fix       stopped by code: ${event.because[0] ?? ""}`;
    case "fix-work-closed":
      return event.how === "drafted" ? null : `fix       no patch: ${event.because}`;
    case "fix-committed":
      return `fix       ${event.commit.role === "improvement" ? "a better fix" : "the fix"} is pushed as ${shortSha(event.commit.sha)}`;
    case "step-failed":
      return `failed    ${stepWords(event.step)}, try ${event.attempt}: ${event.error}`;
    case "investigation-finished":
      return "done      the investigation has ended";
    default:
      return null;
  }
}
