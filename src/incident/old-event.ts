import type { IncidentEvent } from "./event.ts";
import type { ToolAnswer } from "./tool.ts";

/** What steps were called in logs from before they had ids, and their ids. */
const oldSteps: readonly (readonly [RegExp, string])[] = [
  [/^first words$/, "first-words"],
  [/^start triage$/, "start-triage"],
  [/^say that triage failed$/, "say-triage-failed"],
  [/^revised finding$/, "revised-finding"],
  [/^look for answer (\d+)$/, "look-for-answer:$1"],
  [/^answer (\d+)$/, "answer:$1"],
  [/^begin the investigation$/, "begin-investigation"],
  [/^close the investigation$/, "close-investigation"],
  [/^model turn$/, "model-turn:1"],
  [/^model turn \(round (\d+)\)$/, "model-turn:$1"],
  [/^tools$/, "model-tools:1"],
  [/^tools \(round (\d+)\)$/, "model-tools:$1"],
  [/^begin the patch$/, "begin-patch:1"],
  [/^begin the patch \(attempt (\d+)\)$/, "begin-patch:$1"],
  [/^close the work on the patch$/, "close-patch"],
  [/^model turn of the patch$/, "patch-turn:1"],
  [/^model turn of the patch \(attempt (\d+)\)$/, "patch-turn:$1"],
  [/^tools of the patch$/, "patch-tools:1"],
  [/^tools of the patch \(attempt (\d+)\)$/, "patch-tools:$1"],
  [/^fix \(asked (\d+) times\)$/, "fix:$1"],
  [/^better fix$/, "better-fix"],
  [/^the offer of a fix is over \((\w+)\)$/, "offer-over:$1"],
  [/^commit (\d+) of the fix$/, "fix-commit:$1"],
  [/^say that a patch is being written$/, "say-patch-begins"],
  [/^tell of the fix: ([\w-]*)$/, "tell-fix:$1"],
  [/^tell of the fix: ([\w-]*), ([\w-]+)$/, "tell-fix:$1:$2"],
  [/^look at the fix (\d+)$/, "look-at-fix:$1"],
  [/^checks ([0-9a-f]{12})$/, "read-checks:$1"],
];

function stepIdOf(step: string): string {
  const known = oldSteps.find(([name]) => name.test(step));
  return known === undefined ? step : step.replace(known[0], known[1]);
}

/** A call as the timeline and the checks know it today: only its fact gave the result. */
function toolAnswerOf(answer: ToolAnswer): ToolAnswer {
  const { name, fact, failed } = answer;
  if (failed && fact.startsWith("there is no tool ")) return { ...answer, code: "no-such-tool" };
  if (failed && fact.startsWith("a patch of the model: ")) return { ...answer, code: "patch-not-taken" };
  const runbook = name === "read_runbook" ? /^read (?:.*\/)?([^/]+)\.md(?:, part \d+)?$/.exec(fact)?.[1] : undefined;
  return runbook === undefined ? answer : { ...answer, runbook };
}

/** A stored event as it would be written today. The one place that knows words which older versions kept in place of ids and codes. */
export function readable(event: IncidentEvent): IncidentEvent {
  if (event.type === "step-failed") return { ...event, step: stepIdOf(event.step) };
  if (event.type === "fix-declined")
    return { ...event, because: event.because.replace(/^(?:No patch was written: |No draft PR was opened\. )/, "") };
  if (event.type !== "tools-answered") return event;
  return { ...event, answers: event.answers.map((one) => (one.code === undefined && one.runbook === undefined ? toolAnswerOf(one) : one)) };
}
