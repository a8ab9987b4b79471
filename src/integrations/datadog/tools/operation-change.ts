import { median, sortedQuantile } from "../../../analysis/baseline.ts";
import { joinSpans } from "../../../analysis/span-forest.ts";
import { finish } from "../../../analysis/turns.ts";
import type { Unnumbered } from "../../../incident/answer.ts";
import type { Span } from "../../../incident/telemetry.ts";
import { ownTimes } from "./own-time.ts";

type VendorSpan = Unnumbered<Span>;

/** Spans of one window. */
export interface SpanWindow {
  readonly spans: readonly VendorSpan[];
  /** Spans of whole traces, from which own times are taken; may be the same. */
  readonly wholeTraces: readonly VendorSpan[];
  /** How many spans each read one stands for. */
  readonly weight: number;
  readonly minutes: number;
}

/** Fewer spans than these make no rate and no tail. */
export const FEW_SPANS = 20;

/** One operation of one service in one window. Durations are milliseconds. */
export interface OperationFigures {
  readonly spans: number;
  /** How many of them were read; under {@link FEW_SPANS} a rate means nothing. */
  readonly read: number;
  readonly longest: number;
  readonly perMinute: number;
  /** 0..1; null where no span says how it ended. */
  readonly failing: number | null;
  readonly p50: number;
  readonly p95: number;
  /** Median and mean own time; null where no whole trace holds the operation. */
  readonly ownMedian: number | null;
  readonly ownMean: number | null;
}

export interface OperationChange {
  readonly service: string;
  readonly operation: string;
  readonly now: OperationFigures | null;
  readonly before: OperationFigures | null;
  /**
   * Own time that the window's calls take per minute beyond what they took in the quiet time, milliseconds (of the median duration where own times
   * are not known). More calls alone add nothing. Negative: they are faster.
   */
  readonly addedMs: number;
  /** Failing spans per minute beyond the quiet time's share. */
  readonly addedFailures: number;
  /** Messages of failing spans in the window with how often each came, most frequent first. */
  readonly errors: readonly (readonly [string, number])[];
  readonly statement: string | null;
  readonly slowest: VendorSpan | null;
  readonly failed: VendorSpan | null;
}

const keyOf = ({ service, operation }: VendorSpan) => `${service}\n${operation}`;

function grouped(spans: readonly VendorSpan[]): Map<string, VendorSpan[]> {
  const groups = new Map<string, VendorSpan[]>();
  for (const span of spans) {
    const group = groups.get(keyOf(span));
    if (group === undefined) groups.set(keyOf(span), [span]);
    else group.push(span);
  }
  return groups;
}

/** Own times by operation. Where some roots of an operation have children, the children of the others were not recorded: their time is not their own. */
function ownByOperation(spans: readonly VendorSpan[]): Map<string, number[]> {
  const forest = finish(joinSpans(spans.map((span) => ({ ...span, evidence: 0 }))));
  const own = ownTimes(forest);
  const groups = new Map<string, number[]>();
  const parents = new Set(forest.spans.filter((_, index) => forest.firstChild[index] !== -1).map(keyOf));
  for (const [index, span] of forest.spans.entries()) {
    if (forest.parent[index] === -1 && forest.firstChild[index] === -1 && parents.has(keyOf(span))) continue;
    const group = groups.get(keyOf(span));
    if (group === undefined) groups.set(keyOf(span), [own[index] ?? 0]);
    else group.push(own[index] ?? 0);
  }
  return groups;
}

function figuresOf(spans: readonly VendorSpan[], own: readonly number[], { weight, minutes }: SpanWindow): OperationFigures {
  const durations = spans.map(({ durationMs }) => durationMs).toSorted((a, b) => a - b);
  const told = spans.filter(({ error }) => error !== null);
  return {
    spans: spans.length * weight,
    read: spans.length,
    longest: durations.at(-1) ?? 0,
    perMinute: (spans.length * weight) / minutes,
    failing: told.length === 0 ? null : told.filter(({ error }) => error === true).length / told.length,
    p50: sortedQuantile(durations, 0.5),
    p95: sortedQuantile(durations, 0.95),
    ownMedian: own.length === 0 ? null : median([...own]),
    ownMean: own.length === 0 ? null : own.reduce((sum, value) => sum + value, 0) / own.length,
  };
}

function errorsOf(spans: readonly VendorSpan[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const { error, errorMessage } of spans) {
    const message = errorMessage?.slice(0, 500) ?? "";
    if (error === true && message !== "") counts.set(message, (counts.get(message) ?? 0) + 1);
  }
  return [...counts].toSorted(([, a], [, b]) => b - a);
}

/**
 * Per operation what the window has and the quiet time had, sorted by what each adds: its share of the own time added by all plus its share of the
 * failures added by all. Operations that slowed least come last.
 * @param before null: not read, so nothing is compared and the present time and failures rank
 */
export function operationChanges(now: SpanWindow, before: SpanWindow | null): OperationChange[] {
  const groupsNow = grouped(now.spans);
  const groupsBefore = grouped(before?.spans ?? []);
  const ownNow = ownByOperation(now.wholeTraces);
  const ownBefore = ownByOperation(before?.wholeTraces ?? []);
  const changes = [...new Set([...groupsNow.keys(), ...groupsBefore.keys()])].flatMap((key): OperationChange[] => {
    const late = groupsNow.get(key) ?? [];
    const early = groupsBefore.get(key) ?? [];
    const [one] = late.length > 0 ? late : early;
    if (one === undefined) return [];
    const present = late.length === 0 ? null : figuresOf(late, ownNow.get(key) ?? [], now);
    const past = early.length === 0 || before === null ? null : figuresOf(early, ownBefore.get(key) ?? [], before);
    const ownKnown = present?.ownMean != null && (past === null || past.ownMean !== null);
    const timeOf = (figures: OperationFigures) => (ownKnown ? (figures.ownMean ?? 0) : figures.p50);
    const failingOf = (figures: OperationFigures) => figures.failing ?? 0;
    const added = (of: (figures: OperationFigures) => number) =>
      present === null ? 0 : present.perMinute * (of(present) - (past === null ? 0 : of(past)));
    return [
      {
        service: one.service,
        operation: one.operation,
        now: present,
        before: past,
        addedMs: added(timeOf),
        addedFailures: added(failingOf),
        errors: errorsOf(late),
        statement: late.find(({ statement }) => statement !== null)?.statement ?? null,
        slowest: late.reduce<VendorSpan | null>((most, span) => (most === null || span.durationMs > most.durationMs ? span : most), null),
        failed: late.find(({ error }) => error === true) ?? null,
      },
    ];
  });
  const sum = (of: (change: OperationChange) => number) => changes.reduce((all, change) => all + Math.max(0, of(change)), 0) || 1;
  const [allMs, allFailures] = [sum(({ addedMs }) => addedMs), sum(({ addedFailures }) => addedFailures)];
  const rank = (change: OperationChange) => change.addedMs / allMs + change.addedFailures / allFailures;
  return changes.toSorted((a, b) => rank(b) - rank(a) || (keyOfChange(a) < keyOfChange(b) ? -1 : 1));
}

const keyOfChange = ({ service, operation }: OperationChange) => `${service}\n${operation}`;
