import { z } from "zod";
import { changeOfId } from "../incident/change-id.ts";
import type { EventOf, IncidentEvent } from "../incident/event.ts";
import type { SharedFix } from "../incident/fix.ts";
import { triggerName } from "../incident/trigger.ts";
import type { IncidentView } from "../incident/view.ts";
import { shortSha } from "../report/words.ts";
import type { Step, StepContext } from "../store/incident-store.ts";
import type { FixChoice } from "./fix-choice.ts";

/** Several incidents may need one fix: the first that opens it, be it a revert or a patch, opens it for all of them. */

/** What makes two fixes one, and its words for people. */
interface Same {
  readonly key: string;
  readonly words: string;
}

/** What the first incident lets others know of its draft PR. */
const noteSchema: z.ZodType<SharedFix> = z.object({
  kind: z.enum(["revert", "patch"]),
  number: z.number(),
  url: z.string(),
  of: z.string(),
});

/**
 * By what a fix is known again in other incidents: the commit that is blamed, and the files of a patch that is written. A short hash might be another
 * repository's.
 */
function keysOf(view: IncidentView, choice: FixChoice): Same[] {
  const { investigation, triage, fixWork } = view;
  const named = investigation?.finding?.change ?? null;
  const change = choice.kind === "revert" ? choice.suspect.change : named === null ? null : changeOfId(triage?.changes ?? [], named);
  const sha = change?.sha ?? "";
  const draft = choice.kind === "revert" ? null : (fixWork?.draft ?? null);
  const paths = (draft?.files ?? []).map(({ path }) => path).toSorted();
  return [
    ...(/^[0-9a-f]{40}$/.test(sha) ? [{ key: `fix:${sha}`, words: `blames ${shortSha(sha)} too` }] : []),
    ...(draft === null || paths.length === 0
      ? []
      : [{ key: `files:${draft.repository}:${JSON.stringify(paths)}`, words: "changes the same files" }]),
  ];
}

function noted(note: string | null) {
  if (note === null) return null;
  const parsed = noteSchema.safeParse(JSON.parse(note));
  return parsed.success ? parsed.data : null;
}

/** Why this incident opens no pull request: another one has it, or is about to. null: it is this one's to open. */
export async function sharedElsewhere(
  { others, incidentId }: StepContext,
  view: IncidentView,
  choice: FixChoice,
): Promise<EventOf<"fix-declined"> | null> {
  if (choice.kind === "none") return null;
  const mine: string[] = [];
  for (const { key, words } of keysOf(view, choice)) {
    const { incidentId: owner, note } = await others.claim(key);
    if (owner === incidentId) {
      mine.push(key);
      continue;
    }
    for (const kept of mine) await others.note(kept, null);
    const shared: IncidentEvent = {
      type: "fix-shared",
      ...{ incident: incidentId, name: triggerName(view.trigger), link: view.page?.link ?? null },
    };
    await others.tell(owner, [shared], `fix-shared:${incidentId}:${key}`);
    const draft = noted(note);
    return draft === null
      ? { type: "fix-declined", because: `Another incident (${owner}) ${words} and opens a fix for both.` }
      : { type: "fix-declined", because: `${draft.of} ${words}.`, shared: draft };
  }
  return null;
}

/** Lets other incidents know what became of the fix that they share. */
export async function noteShared(
  { others }: StepContext,
  view: IncidentView,
  choice: FixChoice,
  events: readonly IncidentEvent[],
): Promise<void> {
  for (const event of events) {
    for (const { key } of keysOf(view, choice)) {
      if (event.type === "fix-proposed") {
        const { kind, number, url } = event;
        await others.note(key, JSON.stringify({ kind, number, url, of: triggerName(view.trigger) }));
      }
      // Another incident may see it otherwise, and needs to wait for nobody's button.
      if (event.type === "fix-declined" || event.type === "fix-offered") await others.note(key, null);
    }
  }
}

/** The same step, unless another incident's fix serves this one too: then nobody writes a second. */
export const unlessShared = (step: Step, view: IncidentView, choice: FixChoice): Step => ({
  ...step,
  async run(context) {
    const elsewhere = await sharedElsewhere(context, view, choice);
    return elsewhere === null ? step.run(context) : [elsewhere];
  },
});
