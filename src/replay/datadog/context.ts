import type { ReplayClock } from "../clock.ts";

/** What every part of the replayed Datadog needs. */
export interface DatadogContext {
  readonly clock: ReplayClock;
  /** The served clock, epoch milliseconds: what "now" in a query means. */
  readonly now: () => number;
}
