import type { FaultClass } from "../incident/finding.ts";
import type { LogLine, TimeWindow } from "../incident/telemetry.ts";
import { MIN_POINTS, within } from "./baseline.ts";
import type { CallGraph } from "./call-graph.ts";
import { type Clue, saturating } from "./clue.ts";
import { createPatternMiner } from "./log-pattern.ts";
import type { SpanForest } from "./span-forest.ts";
import { findStep } from "./step.ts";
import type { Steps } from "./turns.ts";
import { clock, extract, figure, shorten } from "./words.ts";

/** What changed in a service's logs. */
export interface PatternChange {
  readonly kind: "new" | "surged" | "broken-pair" | "missing-statement";
  readonly service: string;
  readonly instance: string | null;
  /** The pattern; of a broken pair, the one that no longer follows. */
  readonly template: string;
  readonly severity: string | null;
  /** Lines a minute, healthy and now; for broken pairs and missing statements the share that is followed or logged, 0..1. */
  readonly before: number;
  readonly now: number;
  readonly count: number;
  readonly onset: number;
  /** How sure it is that this is new and not merely rare, 0..1. */
  readonly sure: number;
  readonly quote: string;
  readonly evidence: number;
}

/** How often one service logged one pattern, whether that changed or not. Rates are lines a minute. */
export interface PatternRate {
  readonly service: string;
  readonly template: string;
  readonly severity: string | null;
  readonly isTrouble: boolean;
  readonly before: number;
  readonly now: number;
  /** Lines since the suspect time began; of sampled logs what they stand for. */
  readonly count: number;
  readonly first: number;
  readonly last: number;
  /** One line of it, verbatim. */
  readonly sample: string;
  readonly evidence: number;
}

/** What the logs say: what changed, and how often each pattern came at all. */
export interface LogReading {
  readonly changes: readonly PatternChange[];
  readonly rates: readonly PatternRate[];
}

interface Tally {
  readonly service: string;
  readonly id: number;
  healthy: number;
  late: number;
  firstLate: number;
  lastLate: number;
  sample: LogLine;
  troubled: boolean;
}

/** Lines read between two turns: a few milliseconds. */
const SLICE = 2048;
const BUCKET_MS = 10_000;
/** Lines of one request come within seconds; what began just before the recording ends has no end yet. */
const CENSOR_MS = 5_000;
/** What at least this share of healthy runs did is a branch of the code; rarer may be a line that was lost. */
const BRANCH_SHARE = 0.05;
/** Whether so many of the healthy runs make a branch; a single one never does. */
const isBranch = (count: number, runs: number): boolean => count >= 2 && count >= BRANCH_SHARE * runs;
/** What a break is worth where no healthy run shows which branches there are. */
const NO_HISTORY = 0.35;
const TROUBLE =
  /\b(error|exception|fail(ed|ure|ing|s)?|fatal|panic|refused|denied|timed? ?out|timeout|unable|cannot|can't|could not|not found|enotfound|econn\w*|unreachable|oom|oomkilled|out of memory|expired|invalid|does not exist|reset by peer|too many|exhausted|unavailable|crash\w*|abort\w*|no such)\b|exception/i;
const TROUBLED_SEVERITY = new Set(["ERROR", "ERR", "FATAL", "CRITICAL", "EMERGENCY", "ALERT", "SEVERE"]);

/** The one who called gave up: the trouble is his, or further down, and not here. */
export const ENDED_BY_CALLER =
  /cancel\w* by (the )?(client|caller|peer)|client (closed|disconnected|cancel\w*|went away)|context cancel\w*|broken pipe|\b499\b/i;

const FAULT_WORDS: readonly (readonly [RegExp, FaultClass])[] = [
  [/no such host|enotfound|name resolution|getaddrinfo|\bdns\b|servfail|lookup \S+.*(misbehaving|timeout|no such)/i, "dependency"],
  [/certificate|x509|\btls\b|\bssl\b/i, "config"],
  [/out of memory|\boom\b|oomkill|heap space|cannot allocate memory/i, "memory"],
  [/too many (clients|connections)|pool (is )?exhausted|connection slots|no space left|quota|rate limit|throttl/i, "overload"],
  [/connection refused|econnrefused|no route to host|host unreachable|no instances available/i, "dependency"],
];

/** What kind of fault a line speaks of; trouble without a name of its own is the code's. */
export const faultOfLine = (text: string): FaultClass => FAULT_WORDS.find(([words]) => words.test(text.slice(0, 500)))?.[1] ?? "code";

/** Whether a line tells of trouble, by its severity or its words. */
export const isTrouble = (severity: string | null, text: string): boolean =>
  (severity !== null && TROUBLED_SEVERITY.has(severity)) || TROUBLE.test(text.slice(0, 500));

/**
 * Compares the logs of the suspect time with the healthy ones: per service and pattern against the healthy rate of the same pattern; statements
 * that used to be followed by another in the same span and no longer are; statements that an operation's spans always logged and no longer do.
 */
export function* compareLogs(
  logs: readonly LogLine[],
  forest: SpanForest,
  suspect: TimeWindow,
  earlier: readonly TimeWindow[],
): Steps<LogReading> {
  if (logs.length === 0) return { changes: [], rates: [] };
  const ordered = inOrder(logs);
  const miner = createPatternMiner();
  const ids = new Int32Array(ordered.length);
  for (let index = 0; index < ordered.length; index += 1) {
    ids[index] = miner.add(ordered[index]?.message ?? "");
    if (index % SLICE === SLICE - 1) yield;
  }
  for (let index = 0; index < ordered.length; index += 1) ids[index] = miner.resolve(ids[index] ?? 0);
  // Sources keep logs for part of the time only: rates are held against the time in which anything at all was logged.
  const buckets = new Set<number>();
  for (const line of ordered) buckets.add(Math.floor(line.at / BUCKET_MS));
  const lateBuckets = [...buckets]
    .filter((bucket) => bucket * BUCKET_MS + BUCKET_MS > suspect.from && bucket * BUCKET_MS < suspect.to)
    .sort((a, b) => a - b);
  const minutes = (count: number): number => (count * BUCKET_MS) / 60_000;
  const healthyMinutes = minutes(
    [...buckets].filter((bucket) => bucket * BUCKET_MS + BUCKET_MS <= suspect.from && !within(bucket * BUCKET_MS, earlier)).length,
  );
  const lateMinutes = minutes(lateBuckets.length);
  /** Covered minutes of the suspect time before an instant. */
  const calmMinutes = (at: number): number => {
    let count = 0;
    for (const bucket of lateBuckets) if ((bucket + 1) * BUCKET_MS <= at) count += 1;
    return minutes(count);
  };
  const tallies = new Map<string, Map<number, Tally>>();
  for (let index = 0; index < ordered.length; index += 1) {
    const line = ordered[index];
    const id = ids[index] ?? 0;
    if (index % SLICE === SLICE - 1) yield;
    if (line === undefined || line.at >= suspect.to) continue;
    let row = tallies.get(line.service);
    if (row === undefined) tallies.set(line.service, (row = new Map()));
    let tally = row.get(id);
    if (tally === undefined)
      row.set(
        id,
        (tally = {
          service: line.service,
          id,
          healthy: 0,
          late: 0,
          firstLate: Infinity,
          lastLate: -Infinity,
          sample: line,
          troubled: false,
        }),
      );
    if (line.at >= suspect.from) {
      if (tally.late === 0) {
        tally.firstLate = line.at;
        tally.sample = line;
        tally.troubled = isTrouble(line.severity, line.message);
      }
      tally.late += line.weight;
      tally.lastLate = line.at;
    } else if (!within(line.at, earlier)) tally.healthy += line.weight;
  }
  const changes: PatternChange[] = [];
  const rates: PatternRate[] = [];
  for (const row of tallies.values()) {
    for (const tally of row.values()) {
      rates.push({
        service: tally.service,
        template: miner.template(tally.id).slice(0, 300),
        severity: tally.sample.severity,
        isTrouble: isTrouble(tally.sample.severity, tally.sample.message),
        before: healthyMinutes > 0 ? tally.healthy / healthyMinutes : 0,
        now: lateMinutes > 0 ? tally.late / lateMinutes : 0,
        count: tally.late,
        first: tally.firstLate,
        last: tally.lastLate,
        sample: extract(tally.sample.message),
        evidence: tally.sample.evidence,
      });
      if (tally.late === 0) continue;
      const base = {
        service: tally.service,
        instance: tally.sample.instance,
        template: miner.template(tally.id).slice(0, 300),
        severity: tally.sample.severity,
        count: tally.late,
        onset: tally.firstLate,
        quote: extract(tally.sample.message),
        evidence: tally.sample.evidence,
      };
      const calm = calmMinutes(tally.firstLate);
      const since = Math.max(1 / 6, lateMinutes - calm);
      const rate = tally.late / since;
      const before = healthyMinutes > 0 ? tally.healthy / healthyMinutes : 0;
      if (tally.healthy === 0) {
        // Had it always been there at this rate, so long a silence would have this chance (Poisson).
        const silent = 1 - Math.exp((-rate * (healthyMinutes + calm)) / 3);
        // What has fallen silent again for longer than its rate allows is over.
        const goesOn = Math.exp(-Math.max(0, rate * Math.max(0, lateMinutes - calmMinutes(tally.lastLate) - 1 / 6) - 1) / 2);
        const seenToBegin = 0.35 + 0.65 * (1 - Math.exp(-rate * calm));
        if (healthyMinutes + calm === 0 && !tally.troubled) continue;
        changes.push({
          ...base,
          kind: "new",
          before: 0,
          now: rate,
          sure: (healthyMinutes + calm === 0 ? 0.5 : silent * seenToBegin) * goesOn,
        });
        continue;
      }
      const expected = before * lateMinutes;
      if (tally.late > expected + 5 * Math.sqrt(expected + 1) && tally.late > 2 * expected) {
        changes.push({ ...base, kind: "surged", before, now: tally.late / Math.max(1 / 6, lateMinutes), sure: 0.7 });
      }
    }
  }
  const end = Math.min(suspect.to, ordered.at(-1)?.at ?? suspect.to) - CENSOR_MS;
  yield;
  // Of sampled logs a span's lines are never whole, so what is missing in them says nothing.
  const sampled = ordered.reduce((sum, line) => sum + line.weight, 0) > 1.01 * ordered.length;
  if (sampled) return { changes, rates };
  changes.push(...(yield* brokenPairs(ordered, ids, miner.template, suspect, end, earlier)));
  yield;
  changes.push(...(yield* missingStatements(ordered, ids, miner.template, forest, buckets, suspect, end, earlier)));
  return { changes, rates };
}

/**
 * Statements that no longer follow another in the same span: for each span and service the statements in order; for each statement the one that
 * mostly comes next is its follower, and each occurrence says whether it came. A step in that share is a broken pair.
 */
function* brokenPairs(
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
  /** The work stops at a statement: nothing follows it where something used to, or the next line tells of trouble. */
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

/** A step up in a share that is worth telling: 15 of a hundred at least, three cases at least, and no chance. */
function binaryStep(row: { readonly at: number[]; readonly value: number[] }, suspect: TimeWindow, earlier: readonly TimeWindow[]) {
  const order = row.at.map((_, index) => index).sort((a, b) => (row.at[a] ?? 0) - (row.at[b] ?? 0));
  const sorted = { at: order.map((index) => row.at[index] ?? 0), value: order.map((index) => row.value[index] ?? 0) };
  const step = findStep(sorted, suspect.from, suspect.to, 0.1, 2, earlier);
  if (step === null || step.t < 4.5 || step.now - step.before < 0.15 || step.before > 0.5) return null;
  return (step.now - step.before) * step.countNow >= 2 ? step : null;
}

/** Statements that nearly every span of an operation logged, and which spans of it no longer log although they still run. */
function* missingStatements(
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
    // A run that logs something else instead took another way; one that only lacks statements, or tells of trouble, ended early.
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

function inOrder(logs: readonly LogLine[]): readonly LogLine[] {
  let last = -Infinity;
  for (const line of logs) {
    if (!(line.at >= last)) {
      return logs
        .filter((one) => Number.isFinite(one.at))
        .sort(
          (a, b) =>
            a.at - b.at ||
            (a.service < b.service ? -1 : a.service > b.service ? 1 : a.message < b.message ? -1 : a.message > b.message ? 1 : 0),
        );
    }
    last = line.at;
  }
  return logs;
}

/** Turns pattern changes into clues; a line logged only because a callee fails weighs less, which the ranking sees by the call graph. */
export function logClues(changes: readonly PatternChange[], graph: CallGraph, services: readonly string[]): Clue[] {
  const clues: Clue[] = [];
  for (const change of changes) {
    const service = graph.canonical(change.service);
    const shown = shorten(change.template, 120).replaceAll("`", "'");
    if (change.kind === "broken-pair" || change.kind === "missing-statement") {
      clues.push({
        service,
        instance: change.instance,
        fault: "code",
        family: "shape",
        weight: saturating(change.before - change.now, 0.2, 6) * (change.count / (change.count + 3)) * change.sure,
        onset: change.onset,
        text: `in ${service} the code ${change.kind === "broken-pair" ? "stops before" : "passes over"} \`${shown}\`: reached in ${figure(change.before * 100)} % → ${figure(change.now * 100)} % of runs since ${clock(change.onset)}`,
        evidence: [change.evidence],
        // Of a missing statement there is only a line from when all was well.
        quote: change.kind === "broken-pair" ? change.quote : null,
      });
      continue;
    }
    const bad = isTrouble(change.severity, change.quote);
    const amount = (change.count / (change.count + 4)) * change.sure;
    const named = bad ? namedService(change.quote, change.service, services) : null;
    const blames = ENDED_BY_CALLER.test(change.quote) ? 0.3 : named !== null ? 0.6 : 1;
    if (named !== null) {
      clues.push({
        service: graph.canonical(named),
        instance: null,
        fault: "dependency",
        family: "monitor",
        weight: 1.2 * amount,
        onset: change.onset,
        text: `errors of ${service} name ${named} from ${clock(change.onset)}, ${figure(change.now)}/min`,
        evidence: [change.evidence],
        quote: change.quote,
      });
    }
    clues.push({
      service,
      instance: change.instance,
      fault: faultOfLine(change.quote),
      family: "log",
      weight: (bad ? 4 : 0.6) * amount * blames,
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

/** Another known service that an error line names, so that what the line tells is that service's trouble. */
function namedService(text: string, own: string, services: readonly string[]): string | null {
  const lower = text.slice(0, 500).toLowerCase();
  for (const service of services) {
    if (service === own || service.length < 5) continue;
    const at = lower.indexOf(service.toLowerCase());
    if (at < 0) continue;
    const before = lower[at - 1] ?? " ";
    const after = lower[at + service.length] ?? " ";
    if (!/[a-z0-9-]/.test(before) && !/[a-z0-9-]/.test(after)) return service;
  }
  return null;
}
