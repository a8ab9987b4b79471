import type { BeliefState } from "../incident/belief.ts";
import type { EventOf } from "../incident/event.ts";
import { type Context, type Draft, HELD_UP_MS } from "./timeline-entry.ts";
import { changeEntry } from "./timeline-signals.ts";
import { duration } from "./words.ts";

const WORDS: Readonly<Partial<Record<BeliefState, { readonly text: string; readonly tone: Draft["tone"] & string }>>> = {
  recovered: { text: "signals are back in their usual range", tone: "good" },
  worse: { text: "getting worse", tone: "bad" },
  withdrawn: { text: "rolled back, with no clear improvement: withdrawn as the cause", tone: "bad" },
  "second-fault": { text: "out of the usual range again", tone: "bad" },
  "still-bad": { text: "the page is resolved, and signals are still out of their usual range", tone: "bad" },
};

/** How long after the page each part of the response came. @param ends with what it ends, in order: what is not known is left out */
export function responseTimes(
  { page, receivedAt, times }: Context,
  ends: readonly (readonly [string, number | undefined])[],
): string | null {
  const from = page?.createdAt ?? receivedAt;
  if (from === null) return null;
  const isHeldUp = receivedAt !== null && receivedAt - from >= HELD_UP_MS;
  const parts: readonly (readonly [string, number | undefined])[] = [
    ["received", isHeldUp ? receivedAt : undefined],
    ["acknowledged", times.acknowledged],
    ["first words", times.firstWords],
    ["finding", times.finding],
    ...ends,
  ];
  const words = parts.flatMap(([what, at]) => (at === undefined || at < from ? [] : [`${what} ${duration(at - from)}`]));
  return words.length === 0 ? null : `time after the page: ${words.join(", ")}`;
}

/** What a later reading adds: what people changed meanwhile, and how the incident is where that is news. */
export function beliefEntries(event: EventOf<"belief-read">, context: Context): Draft[] {
  const { state, since, service, changes, evidence } = event;
  const words = WORDS[state];
  const own = context.analysis?.symptoms[0]?.service ?? context.page?.service?.name ?? null;
  // What helped is what went live before the signals were back.
  const detail =
    state === "recovered"
      ? responseTimes(context, [
          ["last change before the recovery", event.after?.at],
          ["recovered", since],
        ])
      : null;
  return [
    ...changes.map(changeEntry),
    ...(words === undefined ? [] : [{ at: since, kind: "signal" as const, service: service ?? own, ...words, detail, evidence }]),
  ];
}
