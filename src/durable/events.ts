import type { AuditRecord } from "./audit.ts";

/** An event with its place in the log. */
export interface Logged<E> {
  /** 1 for the first event of an incident; no gaps. */
  readonly seq: number;
  readonly at: number;
  readonly event: E;
}

/** A try of a step failed; `final`: for good, so the plan goes past it. */
export interface StepFailure {
  readonly step: string;
  readonly error: string;
  readonly attempt: number;
  readonly final: boolean;
}

/** What the list shows of an incident. */
export interface Listing {
  readonly title: string;
  readonly service: string | null;
  readonly status: string;
  readonly urgency: string | null;
  readonly createdAt: number;
}

/** Which of those who wait for the machine come first. */
export interface Standing {
  /** 0 to 5; 0 comes first, whatever came before it. */
  readonly rank: number;
  /** Incidents of one rank and kind take turns with those of other kinds: many of one do not keep one of another waiting. */
  readonly kind: string;
}

/** What the store must know of the events that it keeps. All else of them is the program's own affair. */
export interface EventRules<E> {
  /** An event of an older log in today's form. */
  readable(event: E): E;
  failed(failure: StepFailure): E;
  /** The step that this event gives up, or null. */
  gaveUp(event: E): string | null;
  /** Whether somebody decided something: such events go into the audit as well. */
  isDecision(event: E): boolean;
  /** What the audit says of the newest event of a log; null where nobody decided anything. */
  decisionOf(log: readonly Logged<E>[]): AuditRecord | null;
  /** What the list shows from this event on; null: it says nothing of that. */
  listed(event: E): Listing | null;
  /** How urgent an incident is from this event on; null: as before. */
  standing(event: E): Standing | null;
  /** Order of states at one instant: an incident does not go back without a later event. */
  rank(status: string): number;
}
