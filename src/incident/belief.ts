import { LIKELY } from "./confidence.ts";
import type { BlamedChange } from "./footprint.ts";
import type { ChangeEvent } from "./telemetry.ts";

/**
 * How an incident is, held against what was said of it. In doubt it is "same", and nobody hears of it. The states and their proofs are in
 * `docs/belief.md`.
 */
export type BeliefState = "same" | "worse" | "still-bad" | "recovering" | "recovered" | "withdrawn" | "second-fault";

/** Whether what was said of the cause is not so any more. Of what recovered it was so. */
export const isSuspectPast = (state: BeliefState): boolean => state === "withdrawn" || state === "second-fault";

/** What was last said of an incident. */
export interface Belief {
  readonly state: BeliefState;
  /** Up to when data were read for it; instants in epoch milliseconds. */
  readonly asOf: number;
  readonly onset: number | null;
  /** Who is held to blame, and with which change. */
  readonly suspect: string | null;
  readonly change: BlamedChange | null;
  /** When the service was back in its usual range, where that was said. */
  readonly recoveredAt: number | null;
  /** Since when it was called worse; once is enough. */
  readonly worseSince: number | null;
  /** It was said that signals are bad although the page is resolved. */
  readonly isStillBad: boolean;
  /** Series that showed the trouble, by `seriesName`: without new points of each nothing is over. */
  readonly series: readonly string[];
}

/** A level of the paged service that its callers feel, in the series' own unit. */
export interface Level {
  readonly service: string;
  /** Words for people: "errors", "p95 latency". */
  readonly what: string;
  readonly unit: string | null;
  readonly was: number;
  readonly now: number;
  readonly since: number;
  readonly evidence: number;
}

/** What became of the signals after the blamed change was rolled back. */
export interface AfterRollback {
  readonly at: number;
  /** Fewest new points of a signal that was out of its usual range. */
  readonly points: number;
  readonly forMs: number;
  /** What is left of the level right before it, over the usual one: 1 is all of it. Of the signal that is left least. */
  readonly left: number;
  /** The same of the signal that is left most: above 1 it rose. */
  readonly most: number;
  /** It helped: the suspect's own signals are back in their usual range, or the page's were for some points. */
  readonly isSuspectHome: boolean;
  /** It helped the suspect or took away most, and what is left does not fall any more: since when the signals are out; null: it is not so. */
  readonly restSince: number | null;
}

/** Trouble that the first one does not explain. */
interface Second {
  readonly service: string | null;
  readonly probability: number;
  readonly onset: number;
  /** It is what a rollback left: nobody saw when it began. */
  readonly isRest?: true;
  /** The page's own signals were back before it, so it is not what the first one left. */
  readonly isAgain?: true;
}

/** What the newest data show of an incident that was described before. */
export interface Course {
  readonly asOf: number;
  /** Coarsest step of the page's own signals, milliseconds. */
  readonly stepMs: number;
  /** The page's own signals are proven to be back in their usual range since then: the proof of the verdict `recovered`. */
  readonly recoveredAt: number | null;
  /** They are so for long enough to call it over. */
  readonly isSettled: boolean;
  /** The page's own signals are out of their usual range now. */
  readonly isOut: boolean;
  /** The first trouble was over for minutes, or its change was rolled back and that helped, whatever is bad now. */
  readonly isOver: boolean;
  readonly worse: Level | null;
  readonly rollback: AfterRollback | null;
  /** Trouble that began after the first was over or its change was rolled back, and whom the data hold for its cause; null: nobody. */
  readonly second: Second | null;
  readonly evidence: readonly number[];
}

export interface Judged {
  readonly state: BeliefState;
  readonly since: number;
  /** Whom it is about: the second suspect, the withdrawn one, the service that is worse. */
  readonly service: string | null;
  /** Of a second fault: it is what the rollback of the blamed change left. */
  readonly isRest?: true;
}

/** What is back for so long is back, a service or a series: a minute of quiet between two bad ones is common. */
export const HOME_MS = 4 * 60_000;
/** A rollback takes some minutes to reach all instances. */
export const SETTLED_MS = 5 * 60_000;
const FEWEST_POINTS = 3;
/** A rollback after which so much is left changed nothing; with less, something may have helped and may still help. */
const ALL_LEFT = 0.8;
/** And one after which it is half as much again was followed by something else: that nothing changed would not be so. */
const FAR_MORE = 1.5;
/** As likely as not: that there is a second fault is said, and its place only where it is likely. */
const FAIR_CHANCE = 0.45;

/** A place is named where it is likely, and not the one that was said before: then the first fault may be back. */
const isNamed = ({ service, probability }: Second, { suspect }: Belief) => probability >= LIKELY && service !== suspect;

/** What a newer reading says against what was said. @param resolvedAt when the pager's page was resolved, or null: it is open */
export function judgeCourse(belief: Belief, course: Course, resolvedAt: number | null = null): Judged {
  const same: Judged = { state: "same", since: course.asOf, service: null };
  const { second, rollback, recoveredAt, worse } = course;
  const isOver = belief.recoveredAt !== null;
  if (!isOver && recoveredAt !== null) return { state: course.isSettled ? "recovered" : "recovering", since: recoveredAt, service: null };
  // Right after a rollback that helped, trouble of the same suspect is what is left of the first.
  const isElse = rollback?.isSuspectHome !== true || isOver || second?.service !== belief.suspect;
  const isSure = second !== null && (second.service === null || second.probability >= FAIR_CHANCE);
  if (second !== null && (second.isAgain === true || (isElse && isSure)) && course.isOver)
    return belief.state === "second-fault"
      ? same
      : {
          ...{ state: "second-fault", since: second.onset, service: isNamed(second, belief) ? second.service : null },
          ...(second.isRest === true && !isNamed(second, belief) ? { isRest: true } : {}),
        };
  if (isOver) return same;
  if (
    rollback !== null &&
    belief.change !== null &&
    !rollback.isSuspectHome &&
    rollback.points >= FEWEST_POINTS &&
    rollback.forMs >= Math.max(SETTLED_MS, FEWEST_POINTS * course.stepMs) &&
    rollback.left >= ALL_LEFT &&
    rollback.most < FAR_MORE
  )
    return { state: "withdrawn", since: rollback.at, service: belief.suspect };
  if (!course.isOut) return same;
  // Pages resolve themselves when monitors do, which look back over minutes.
  if (resolvedAt !== null && !belief.isStillBad && course.asOf - resolvedAt >= HOME_MS)
    return { state: "still-bad", since: resolvedAt, service: null };
  return worse === null || belief.worseSince !== null ? same : { state: "worse", since: worse.since, service: worse.service };
}

/**
 * When a change was undone: its service went back to what ran before. A later deploy of something else is none, for nobody knows what it holds.
 * @param changes of which nothing is later than what was read
 */
export function undoneAt(blamed: BlamedChange, changes: readonly ChangeEvent[]): number | null {
  const isSame = (a: string | null, b: string | null) => a !== null && b !== null && (a.startsWith(b) || b.startsWith(a));
  const itself = changes.find(
    ({ at, service, sha, version }) =>
      at === blamed.at && service === blamed.service && (isSame(sha, blamed.sha) || version === blamed.version),
  );
  const undone = changes.find(
    ({ kind, at, service, sha }) =>
      at > blamed.at &&
      service === blamed.service &&
      (kind === "rollback" || (kind === "deploy" && isSame(sha, itself?.previousSha ?? null) && !isSame(sha, blamed.sha))),
  );
  return undone?.at ?? null;
}

/** What is said once a reading was judged: the next one is held against it. */
export function beliefAfter(belief: Belief, judged: Judged, asOf: number): Belief {
  const { state, since, service } = judged;
  switch (state) {
    case "recovered":
      return { ...belief, state, asOf, recoveredAt: since, worseSince: null };
    case "withdrawn":
      return { ...belief, state, asOf, change: null };
    case "second-fault":
      return { ...belief, state, asOf, onset: since, suspect: service, change: null, recoveredAt: null, worseSince: null };
    case "worse":
      return { ...belief, state, asOf, worseSince: since };
    case "still-bad":
      return { ...belief, state, isStillBad: true };
    case "recovering":
    case "same":
      return belief;
  }
}
