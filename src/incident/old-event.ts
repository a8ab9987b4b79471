import type { IncidentEvent } from "./event.ts";

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

/** A stored event as it would be written today. The one place that knows words which older versions kept in place of ids and codes. */
export function readable(event: IncidentEvent): IncidentEvent {
  return event.type === "step-failed" ? { ...event, step: stepIdOf(event.step) } : event;
}
