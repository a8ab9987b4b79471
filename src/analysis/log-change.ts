import type { LogLine, TimeWindow } from "../incident/telemetry.ts";
import { within } from "./baseline.ts";
import type { CallGraph } from "./call-graph.ts";
import { type Clue, saturating } from "./clue.ts";
import { createPatternMiner } from "./log-pattern.ts";
import { findStep } from "./trace.ts";
import { clock, extract, figure } from "./words.ts";

/** What changed in a service's logs. */
export interface PatternChange {
  readonly kind: "new" | "surged" | "vanished" | "broken-pair";
  readonly service: string;
  readonly instance: string | null;
  readonly template: string;
  readonly severity: string | null;
  /** Lines a minute, healthy and now (for a broken pair: share of the first lines that the second follows). */
  readonly before: number;
  readonly now: number;
  readonly count: number;
  readonly onset: number;
  readonly quote: string;
  readonly evidence: number;
}

interface Tally {
  readonly service: string;
  readonly id: number;
  healthy: number;
  late: number;
  firstLate: number;
  sample: LogLine;
  errors: number;
}

const BUCKET_MS = 10_000;
const TROUBLE =
  /\b(error|exception|fail(ed|ure|ing)?|fatal|panic|refused|denied|timed? ?out|unable|cannot|could not|not found|enotfound|econn\w*|unreachable|oom|out of memory|expired|invalid|does not exist|reset by peer|too many|exhausted|unavailable|crash\w*|abort\w*)\b/i;

export const isTrouble = (severity: string | null, text: string): boolean =>
  severity === "ERROR" ||
  severity === "FATAL" ||
  severity === "CRITICAL" ||
  severity === "EMERGENCY" ||
  severity === "ALERT" ||
  TROUBLE.test(text.slice(0, 500));

/** Minutes (in tenths) in which anything at all was logged: sources keep logs for part of the time only. */
function coveredMinutes(logs: readonly LogLine[], keep: (at: number) => boolean): number {
  const buckets = new Set<number>();
  for (const line of logs) if (keep(line.at)) buckets.add(Math.floor(line.at / BUCKET_MS));
  return (buckets.size * BUCKET_MS) / 60_000;
}

/**
 * Compares the logs of the suspect time with the healthy ones, per service and pattern, against the healthy rate of the same pattern; and finds
 * statements that used to be followed by another in the same span and no longer are.
 */
export function compareLogs(logs: readonly LogLine[], suspect: TimeWindow, page: number, earlier: readonly TimeWindow[]): PatternChange[] {
  if (logs.length === 0) return [];
  const ordered = inOrder(logs);
  const miner = createPatternMiner();
  const ids = new Int32Array(ordered.length);
  for (let index = 0; index < ordered.length; index += 1) ids[index] = miner.add(ordered[index]?.message ?? "");
  for (let index = 0; index < ordered.length; index += 1) ids[index] = miner.resolve(ids[index] ?? 0);
  // Lines shortly before the page are suspect; those of the suspect time's quiet beginning are told apart by each pattern's own onset.
  const isLate = (at: number): boolean => at >= suspect.from && at < suspect.to;
  const healthyMinutes = coveredMinutes(ordered, (at) => at < suspect.from && !within(at, earlier));
  const lateMinutes = coveredMinutes(ordered, isLate);
  const tallies = new Map<string, Map<number, Tally>>();
  for (let index = 0; index < ordered.length; index += 1) {
    const line = ordered[index];
    const id = ids[index] ?? 0;
    if (line === undefined || line.at >= suspect.to) continue;
    let row = tallies.get(line.service);
    if (row === undefined) tallies.set(line.service, (row = new Map()));
    let tally = row.get(id);
    if (tally === undefined)
      row.set(id, (tally = { service: line.service, id, healthy: 0, late: 0, firstLate: Infinity, sample: line, errors: 0 }));
    if (isLate(line.at)) {
      if (tally.late === 0) {
        tally.firstLate = line.at;
        tally.sample = line;
      }
      tally.late += line.weight;
      if (isTrouble(line.severity, line.message)) tally.errors += line.weight;
    } else if (!within(line.at, earlier)) tally.healthy += line.weight;
  }
  const changes: PatternChange[] = [];
  for (const row of tallies.values()) {
    for (const tally of row.values()) {
      const minutesSince = Math.max(1 / 6, Math.min(lateMinutes, (suspect.to - Math.max(tally.firstLate, suspect.from)) / 60_000));
      const expected = healthyMinutes > 0 ? (tally.healthy / healthyMinutes) * lateMinutes : 0;
      const base = {
        service: tally.service,
        instance: tally.sample.instance,
        template: miner.template(tally.id).slice(0, 300),
        severity: tally.sample.severity,
        count: tally.late,
        quote: extract(tally.sample.message),
        evidence: tally.sample.evidence,
      };
      const before = healthyMinutes > 0 ? tally.healthy / healthyMinutes : 0;
      if (tally.healthy === 0 && tally.late > 0) {
        if (healthyMinutes === 0 && tally.errors === 0) continue;
        changes.push({ ...base, kind: "new", before: 0, now: tally.late / minutesSince, onset: tally.firstLate });
      } else if (tally.late > expected + 5 * Math.sqrt(expected + 1) && tally.late > 2 * expected) {
        changes.push({ ...base, kind: "surged", before, now: tally.late / Math.max(1 / 6, lateMinutes), onset: tally.firstLate });
      }
    }
  }
  changes.push(...brokenPairs(ordered, ids, (id) => miner.template(id), suspect, earlier));
  return changes;
}

/**
 * Statements that no longer follow another in the same span: for each span and service the statements in order; for each statement the one that
 * mostly comes next is its follower, and each occurrence says whether it came. A step in that share is a broken pair.
 */
function brokenPairs(
  logs: readonly LogLine[],
  ids: Int32Array,
  template: (id: number) => string,
  suspect: TimeWindow,
  earlier: readonly TimeWindow[],
): PatternChange[] {
  const spans = new Map<string, number[]>();
  for (let index = 0; index < logs.length; index += 1) {
    const line = logs[index];
    if (line === undefined || line.traceId === null) continue;
    const key = `${line.service}\n${line.traceId}\n${line.spanId ?? ""}`;
    const list = spans.get(key);
    if (list === undefined) spans.set(key, [index]);
    else list.push(index);
  }
  const followers = new Map<string, Map<number, number>>();
  const keyOf = (index: number): string => `${logs[index]?.service ?? ""}\n${ids[index] ?? 0}`;
  const healthyCount = new Map<string, number>();
  for (const list of spans.values()) {
    for (let position = 0; position < list.length; position += 1) {
      const index = list[position] ?? 0;
      const line = logs[index];
      if (line === undefined || line.at >= suspect.to) continue;
      const key = keyOf(index);
      healthyCount.set(key, (healthyCount.get(key) ?? 0) + 1);
      const next = list[position + 1];
      if (next === undefined) continue;
      let row = followers.get(key);
      if (row === undefined) followers.set(key, (row = new Map()));
      row.set(ids[next] ?? 0, (row.get(ids[next] ?? 0) ?? 0) + 1);
    }
  }
  const wanted = new Map<string, number>();
  for (const [key, row] of followers) {
    let best = -1;
    let most = 0;
    let total = 0;
    for (const [id, count] of row) {
      total += count;
      if (count > most) [best, most] = [id, count];
    }
    if (most >= 5 && most >= 0.5 * (healthyCount.get(key) ?? total)) wanted.set(key, best);
  }
  const samples = new Map<string, { at: number[]; value: number[]; index: number; lastBroken: number }>();
  for (const list of spans.values()) {
    for (let position = 0; position < list.length; position += 1) {
      const index = list[position] ?? 0;
      const key = keyOf(index);
      const follower = wanted.get(key);
      const line = logs[index];
      if (follower === undefined || line === undefined) continue;
      let row = samples.get(key);
      if (row === undefined) samples.set(key, (row = { at: [], value: [], index, lastBroken: index }));
      let came = false;
      for (let later = position + 1; later < Math.min(list.length, position + 4); later += 1)
        if (ids[list[later] ?? 0] === follower) came = true;
      row.at.push(line.at);
      row.value.push(came ? 0 : 1);
      if (!came) row.lastBroken = index;
    }
  }
  const changes: PatternChange[] = [];
  for (const [key, row] of samples) {
    const order = row.at.map((_, index) => index).sort((a, b) => (row.at[a] ?? 0) - (row.at[b] ?? 0));
    const sorted = { at: order.map((index) => row.at[index] ?? 0), value: order.map((index) => row.value[index] ?? 0) };
    const step = findStep(sorted, suspect.from, suspect.to, 0.1, 2, earlier);
    if (step === null || step.t < 4.5 || step.now - step.before < 0.15 || step.before > 0.5) continue;
    const line = logs[row.lastBroken];
    if (line === undefined) continue;
    const follower = template(wanted.get(key) ?? 0);
    changes.push({
      kind: "broken-pair",
      service: line.service,
      instance: line.instance,
      template: follower.slice(0, 300),
      severity: line.severity,
      before: 1 - step.before,
      now: 1 - step.now,
      count: step.countNow,
      onset: step.onset,
      quote: extract(line.message),
      evidence: line.evidence,
    });
  }
  return changes;
}

function inOrder(logs: readonly LogLine[]): readonly LogLine[] {
  let last = -Infinity;
  let fine = true;
  for (const line of logs) {
    if (!(line.at >= last)) {
      fine = false;
      break;
    }
    last = line.at;
  }
  return fine ? logs : logs.filter((line) => Number.isFinite(line.at)).sort((a, b) => a.at - b.at);
}

/** Turns pattern changes into clues; a line logged only because a callee fails weighs less, which the ranking sees by the call graph. */
export function logClues(changes: readonly PatternChange[], graph: CallGraph): Clue[] {
  const clues: Clue[] = [];
  for (const change of changes) {
    const service = graph.canonical(change.service);
    const bad = isTrouble(change.severity, change.quote);
    const shown = change.template.replaceAll(/\s+/g, " ").slice(0, 120);
    if (change.kind === "broken-pair") {
      clues.push({
        service,
        instance: change.instance,
        fault: "code",
        family: "shape",
        weight: saturating(change.before - change.now, 0.2, 5) * (change.count / (change.count + 3)),
        onset: change.onset,
        text: `in ${service} the next step is missing: ${figure(change.before * 100)} % → ${figure(change.now * 100)} % reach \`${shown}\` since ${clock(change.onset)}`,
        evidence: [change.evidence],
        quote: change.quote,
      });
      continue;
    }
    const amount = change.count / (change.count + 5);
    clues.push({
      service,
      instance: change.instance,
      fault: bad ? "error" : "code",
      family: "log",
      weight: (bad ? 3.5 : 0.8) * amount * (change.kind === "new" ? 1 : 0.7),
      onset: change.onset,
      text:
        `${change.kind === "new" ? "new log pattern" : "log pattern surged"} in ${service}, ${figure(change.before)} → ${figure(change.now)}/min ` +
        `from ${clock(change.onset)}: \`${shown}\``,
      evidence: [change.evidence],
      quote: change.quote,
    });
  }
  return clues;
}
