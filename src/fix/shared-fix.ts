import type { EventOf, IncidentEvent } from "../incident/event.ts";
import type { Suspect } from "../incident/finding.ts";
import { triggerName } from "../incident/trigger.ts";
import type { IncidentView } from "../incident/view.ts";
import { shortSha } from "../report/words.ts";
import type { StepContext } from "../store/incident-store.ts";

/** Several incidents may have one blamed change: the first that would revert it does so, for all of them. */

/** By which a change is known again in other incidents. A short hash might be another repository's. */
const keyOf = ({ change }: Suspect): string | null =>
  change?.sha != null && /^[0-9a-f]{40}$/.test(change.sha) ? `revert:${change.sha}` : null;

/** Why this incident opens no pull request: another one has it, or is about to. null: it is this one's to open. */
export async function sharedElsewhere(context: StepContext, view: IncidentView, suspect: Suspect): Promise<EventOf<"fix-declined"> | null> {
  const key = keyOf(suspect);
  if (key === null) return null;
  const { others, incidentId } = context;
  const { incidentId: owner, note } = await others.claim(key);
  if (owner === incidentId) return null;
  const shared: IncidentEvent = { type: "fix-shared", incident: incidentId, name: triggerName(view.trigger) };
  await others.tell(owner, [shared], `fix-shared:${incidentId}:${key}`);
  const by = shortSha(suspect.change?.sha ?? "");
  return {
    type: "fix-declined",
    because:
      note === null
        ? `A revert of ${by} is another incident's, which blames it too (${owner}).`
        : `${note} already reverts ${by}, which another incident blames too (${owner}).`,
  };
}

/** Lets other incidents know what became of the revert that they share. */
export async function noteShared(context: StepContext, suspect: Suspect, events: readonly IncidentEvent[]): Promise<void> {
  const key = keyOf(suspect);
  if (key === null) return;
  for (const event of events) {
    if (event.type === "fix-proposed") await context.others.note(key, `Draft PR ${event.url}`);
    // Another incident may see it otherwise.
    if (event.type === "fix-declined") await context.others.note(key, null);
  }
}
