import type { LogLine, TimeWindow } from "../incident/telemetry.ts";
import { MIN_POINTS } from "./baseline.ts";
import { BUCKET_MS, type PatternChange, SLICE } from "./log-reading.ts";
import { isTrouble } from "./log-trouble.ts";
import type { SpanForest } from "./span-forest.ts";
import { findStep } from "./step.ts";
import type { Steps } from "./turns.ts";
import { extract } from "./words.ts";

/** What at least this share of healthy runs did is a branch of the code; rarer may be a line that was lost. */
const BRANCH_SHARE = 0.05;
/** Whether so many of the healthy runs make a branch; a single one never does. */
const isBranch = (count: number, runs: number): boolean => count >= 2 && count >= BRANCH_SHARE * runs;
/** What a break is worth where no healthy run shows which branches there are. */
const NO_HISTORY = 0.35;
/**
 * Statements that no longer follow another in the same span: for each span and service the statements in order; for each statement the one that
 * mostly comes next is its follower, and each occurrence says whether it came. A step in that share is a broken pair.
 */
export function* brokenPairs(
  logs: readonly LogLine[],
  ids: Int32Array,
  template: (id: number) => string,
  suspect: TimeWindow,
  end: number,
  earlier: readonly TimeWindow[],
): Steps<PatternChange[]> {
  const services = new Map<string, number>();
  const spans = new Map<string, number[]>();
  const keys = new Float64Array(logs.length);
  for (let index = 0; index < logs.length; index += 1) {
    const line = logs[index];
    if (index % SLICE === SLICE - 1) yield;
    if (line === undefined || line.traceId === null) continue;
    let service = services.get(line.service);
    if (service === undefined) services.set(line.service, (service = services.size));
    // Patterns are numbered from 0, so service and pattern make one number.
    keys[index] = service * 4_194_304 + (ids[index] ?? 0);
    const key = line.spanId ?? line.traceId;
    const list = spans.get(key);
    if (list === undefined) spans.set(key, [index]);
    else list.push(index);
  }
  yield;
  const followers = new Map<number, Map<number, number>>();
  const occurrences = new Map<number, number>();
  for (const list of spans.values()) {
    for (let position = 0; position < list.length; position += 1) {
      const key = keys[list[position] ?? 0] ?? 0;
      occurrences.set(key, (occurrences.get(key) ?? 0) + 1);
      const next = keys[list[position + 1] ?? -1];
      if (next === undefined) continue;
      let row = followers.get(key);
      if (row === undefined) followers.set(key, (row = new Map()));
      row.set(next, (row.get(next) ?? 0) + 1);
    }
  }
  yield;
  const wanted = new Map<number, number>();
  for (const [key, row] of followers) {
    let best = -1;
    let most = 0;
    for (const [next, count] of row) if (count > most) [best, most] = [next, count];
    if (most >= 5 && most >= 0.4 * (occurrences.get(key) ?? 0)) wanted.set(key, best);
  }
  // What else followed it while all was well is another branch of the code, not a break; the end of the span counts as a follower too.
  const endsHere = new Map<number, number>();
  const seenHealthy = new Map<number, number>();
  for (const list of spans.values()) {
    for (let position = 0; position < list.length; position += 1) {
      const index = list[position] ?? 0;
      if ((logs[index]?.at ?? Infinity) >= suspect.from) continue;
      const key = keys[index] ?? 0;
      seenHealthy.set(key, (seenHealthy.get(key) ?? 0) + 1);
      if (position === list.length - 1) endsHere.set(key, (endsHere.get(key) ?? 0) + 1);
    }
  }
  /** The work stops at a statement: nothing follows it where something used to, or the next line reports trouble. */
  const stops = (list: readonly number[], position: number): boolean => {
    const key = keys[list[position] ?? 0] ?? 0;
    const next = logs[list[position + 1] ?? -1];
    if (next !== undefined) return isTrouble(next.severity, next.message);
    return !isBranch(endsHere.get(key) ?? 0, seenHealthy.get(key) ?? 0);
  };
  yield;
  const samples = new Map<number, { at: number[]; value: number[]; lastBroken: number }>();
  for (const list of spans.values()) {
    for (let position = 0; position < list.length; position += 1) {
      const index = list[position] ?? 0;
      const line = logs[index];
      const follower = wanted.get(keys[index] ?? 0);
      if (follower === undefined || line === undefined || line.at > end) continue;
      let row = samples.get(keys[index] ?? 0);
      if (row === undefined) samples.set(keys[index] ?? 0, (row = { at: [], value: [], lastBroken: index }));
      let came = !stops(list, position);
      for (let later = position + 1; later < Math.min(list.length, position + 4); later += 1)
        if (keys[list[later] ?? 0] === follower) came = true;
      row.at.push(line.at);
      row.value.push(came ? 0 : 1);
      if (!came) row.lastBroken = index;
    }
  }
  yield;
  const changes: PatternChange[] = [];
  for (const [key, row] of samples) {
    const step = binaryStep(row, suspect, earlier);
    const line = logs[row.lastBroken];
    if (step === null || line === undefined) continue;
    if (isTrouble(null, template((wanted.get(key) ?? 0) % 4_194_304))) continue;
    changes.push({
      kind: "broken-pair",
      service: line.service,
      instance: line.instance,
      template: template((wanted.get(key) ?? 0) % 4_194_304).slice(0, 300),
      severity: line.severity,
      before: 1 - step.before,
      now: 1 - step.now,
      count: Math.round((step.now - step.before) * step.countNow),
      onset: step.onset,
      sure: (seenHealthy.get(key) ?? 0) >= MIN_POINTS ? 1 : NO_HISTORY,
      quote: extract(line.message),
      evidence: line.evidence,
    });
  }
  return changes;
}

/** A step up in a share that is worth telling: 15 of a hundred at least, two cases more than usual at least, and no chance. */
function binaryStep(row: { readonly at: number[]; readonly value: number[] }, suspect: TimeWindow, earlier: readonly TimeWindow[]) {
  const order = row.at.map((_, index) => index).sort((a, b) => (row.at[a] ?? 0) - (row.at[b] ?? 0));
  const sorted = { at: order.map((index) => row.at[index] ?? 0), value: order.map((index) => row.value[index] ?? 0) };
  const step = findStep(sorted, suspect.from, suspect.to, 0.1, 2, earlier);
  if (step === null || step.t < 4.5 || step.now - step.before < 0.15 || step.before > 0.5) return null;
  return (step.now - step.before) * step.countNow >= 2 ? step : null;
}

/** Statements that nearly every span of an operation logged, and which spans of it no longer log although they still run. */
export function* missingStatements(
  logs: readonly LogLine[],
  ids: Int32Array,
  template: (id: number) => string,
  forest: SpanForest,
  buckets: ReadonlySet<number>,
  suspect: TimeWindow,
  end: number,
  earlier: readonly TimeWindow[],
): Steps<PatternChange[]> {
  if (forest.spans.length === 0) return [];
  /** For each operation, which patterns its spans log, and how many spans logged them. */
  const statements = new Map<string, Map<number, { spans: Set<number>; index: number }>>();
  for (let index = 0; index < logs.length; index += 1) {
    const line = logs[index];
    if (line === undefined || line.spanId === null) continue;
    const place = forest.placeOf.get(line.spanId);
    const span = place === undefined ? undefined : forest.spans[place];
    if (place === undefined || span === undefined || span.service !== line.service) continue;
    const key = `${span.service}\n${span.operation}`;
    let row = statements.get(key);
    if (row === undefined) statements.set(key, (row = new Map()));
    const id = ids[index] ?? 0;
    let seen = row.get(id);
    if (seen === undefined) row.set(id, (seen = { spans: new Set(), index }));
    seen.spans.add(place);
  }
  if (statements.size === 0) return [];
  const runs = new Map<string, number[]>();
  for (let place = 0; place < forest.spans.length; place += 1) {
    const span = forest.spans[place];
    if (span === undefined || span.start > end || !buckets.has(Math.floor(span.start / BUCKET_MS))) continue;
    const key = `${span.service}\n${span.operation}`;
    if (!statements.has(key)) continue;
    const list = runs.get(key);
    if (list === undefined) runs.set(key, [place]);
    else list.push(place);
  }
  const changes: PatternChange[] = [];
  for (const [key, row] of statements) {
    const places = runs.get(key) ?? [];
    if (places.length < 6) continue;
    yield;
    // Which statements each span logged; a set that was seen while all was well is another branch of the code.
    const sets = new Map<number, string>();
    for (const [id, { spans }] of row) for (const place of spans) sets.set(place, `${sets.get(place) ?? ""},${id}`);
    const seen = new Map<string, number>();
    const usual = new Set<number>();
    let healthyRuns = 0;
    for (const place of places) {
      if ((forest.spans[place]?.start ?? Infinity) >= suspect.from) continue;
      healthyRuns += 1;
      seen.set(sets.get(place) ?? "", (seen.get(sets.get(place) ?? "") ?? 0) + 1);
    }
    const known = new Set([...seen].flatMap(([set, count]) => (isBranch(count, healthyRuns) ? [set] : [])));
    for (const [id, { spans, index }] of row) {
      const line = logs[index];
      let early = false;
      for (const place of spans) early ||= (forest.spans[place]?.start ?? Infinity) < suspect.from;
      if (early || (line !== undefined && isTrouble(line.severity, line.message))) usual.add(id);
    }
    // A run that logs something else instead took another way; one that only lacks statements, or reports trouble, ended early.
    const elsewhere = new Set<number>();
    for (const [id, { spans }] of row) if (!usual.has(id)) for (const place of spans) elsewhere.add(place);
    for (const [id, { spans, index }] of row) {
      if (spans.size < 3 || spans.size < 0.2 * places.length) continue;
      const samples = {
        at: places.map((place) => forest.spans[place]?.start ?? 0),
        value: places.map((place) =>
          spans.has(place) || known.has(sets.get(place) ?? "") || (healthyRuns > 0 && elsewhere.has(place)) ? 0 : 1,
        ),
      };
      const step = binaryStep(samples, suspect, earlier);
      const line = logs[index];
      // An error line that is gone is good news.
      if (step === null || step.before > 0.2 || line === undefined || isTrouble(line.severity, line.message)) continue;
      changes.push({
        kind: "missing-statement",
        service: line.service,
        instance: line.instance,
        template: template(id).slice(0, 300),
        severity: line.severity,
        before: 1 - step.before,
        now: 1 - step.now,
        count: Math.round((step.now - step.before) * step.countNow),
        onset: step.onset,
        sure: healthyRuns >= MIN_POINTS ? 1 : NO_HISTORY,
        quote: extract(line.message),
        evidence: line.evidence,
      });
    }
  }
  return changes;
}
