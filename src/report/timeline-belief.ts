import type { BeliefState } from "../incident/belief.ts";
import type { EventOf } from "../incident/event.ts";
import { changeEntry } from "./timeline-signals.ts";
import type { Draft } from "./timeline-entry.ts";

const WORDS: Readonly<Partial<Record<BeliefState, { readonly text: string; readonly tone: Draft["tone"] & string }>>> = {
  recovered: { text: "signals are back in their usual range", tone: "good" },
  worse: { text: "gets worse", tone: "bad" },
  withdrawn: { text: "rolled back, and nothing changed: withdrawn as the cause", tone: "bad" },
  "second-fault": { text: "second fault", tone: "bad" },
  "still-bad": { text: "the page is resolved, and signals are still out of their usual range", tone: "bad" },
};

/** What a later reading adds: what people changed meanwhile, and how the incident is where that is news. */
export function beliefEntries({ state, since, service, changes, evidence }: EventOf<"belief-read">): Draft[] {
  const words = WORDS[state];
  return [
    ...changes.map(changeEntry),
    ...(words === undefined ? [] : [{ at: since, kind: "signal" as const, service, ...words, evidence }]),
  ];
}
