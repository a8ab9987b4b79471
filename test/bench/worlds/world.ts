import { classifySignal } from "../../../src/analysis/signal-kind.ts";
import type { FaultClass } from "../../../src/incident/finding.ts";
import type {
  ChangeEvent,
  LogLine,
  MonitorState,
  PlatformEvent,
  Series,
  Span,
  Telemetry,
  TimeWindow,
} from "../../../src/incident/telemetry.ts";
import { triageWindows } from "../../../src/investigation/triage.ts";
import { type Chance, chanceOf } from "./chance.ts";
import { type DiffKind, makeDiff } from "./diffs.ts";
import { type Effect, type Fault, makeFault, type Times, WORLD_KINDS, type WorldKind } from "./faults.ts";
import { type Run, simulate } from "./simulate.ts";
import { type Measure, type Metric, pickStyle, type Style } from "./styles.ts";
import { makeSystem, type Part, type System } from "./system.ts";

/** A made-up incident with what is true of it. The analysis never reads this; nothing of it was set by these. */
export interface World {
  readonly seed: number;
  readonly kind: WorldKind;
  readonly style: string;
  readonly telemetry: Telemetry;
  readonly truth: {
    /** Names any of which is right; empty where nothing among the parts is to blame. */
    readonly services: readonly string[];
    readonly classes: readonly FaultClass[];
    /** Evidence number of the guilty change, or null. */
    readonly change: number | null;
    readonly onset: number;
    readonly parts: number;
    /** Requests of the paged part in a time, by what was simulated. */
    readonly requestsIn: (window: TimeWindow) => { readonly failed: number; readonly all: number };
  };
}

const minute = 60_000;
export const MOST_POINTS = 500;

/** The world of a seed. Kinds take turns, so that a run over seeds has as many of each. */
export function makeWorld(seed: number): World {
  const chance = chanceOf(seed);
  const kind = WORLD_KINDS[seed % WORLD_KINDS.length] ?? "nothing";
  const page = Date.parse("2026-03-04T00:00:00Z") + Math.round(chance.between(0, 20 * 86_400)) * 1000;
  const to = page + chance.whole(20, 90) * 1000;
  const { window, baseline } = triageWindows(page, to);
  const times = { page, recordFrom: baseline.from, to };
  const style = pickStyle(chance);
  for (let tries = 0; tries < 50; tries += 1) {
    const system = makeSystem(chance);
    const fault = makeFault(kind, system, times, chance);
    if (fault === null) continue;
    const stepMs = Math.max(chance.pick(style.steps) * 1000, Math.ceil((to - baseline.from) / MOST_POINTS / 1000) * 1000);
    const run = simulate(system, fault.effects, times, stepMs, chance);
    const { changes, guilty } = changesOf(system, fault, times, chance);
    const unseen = unseenParts(system, fault, kind, chance);
    const logs = chance.maybe(0.75) ? logsOf(system, fault, run, unseen, chance) : [];
    const spans = style.traces && chance.maybe(0.8) ? spansOf(system, fault, run, unseen, times, chance) : [];
    const telemetry: Telemetry = {
      page: pageOf(system, fault, run, page, chance),
      window,
      baseline,
      ...readOf({ system, fault, run, style, unseen, times, stepMs, logs, spans, changes }, chance),
      monitors: monitorsOf(system, fault, page, chance),
    };
    const truth = {
      services: fault.roots.map((root) => nameIn(system, root)),
      classes: fault.classes,
      change: guilty,
      onset: fault.onset,
      parts: system.parts.length,
      requestsIn: (within: TimeWindow) => requestsIn(run, fault.paged, within, stepMs),
    };
    return { seed, kind, style: style.name, telemetry, truth };
  }
  throw new Error(`no system for ${kind} with seed ${seed}`);
}

/** Requests of a part in a time, each step by its part in it. */
function requestsIn({ instants, rows }: Run, part: number, { from, to }: TimeWindow, stepMs: number): { failed: number; all: number } {
  let failed = 0;
  let all = 0;
  for (const [step, at] of instants.entries()) {
    const seconds = Math.max(0, Math.min(at + stepMs, to) - Math.max(at, from)) / 1000;
    const requests = (rows.rate[part]?.[step] ?? 0) * seconds;
    all += requests;
    failed += requests * (rows.failed[part]?.[step] ?? 0);
  }
  return { failed, all };
}

/** A world as it was simulated, with what differs from bench to bench. */
interface Simulated extends Pick<Telemetry, "logs" | "spans" | "changes"> {
  readonly system: System;
  readonly fault: Fault;
  readonly run: ReturnType<typeof simulate>;
  readonly style: ReturnType<typeof pickStyle>;
  readonly unseen: ReadonlySet<number>;
  readonly times: Times;
  readonly stepMs: number;
}

/** All that a triage reads of it beside the page and its monitors. */
export function readOf(
  { system, fault, run, style, unseen, times, stepMs, logs, spans, changes }: Simulated,
  chance: Chance,
): Omit<Telemetry, "page" | "window" | "baseline" | "monitors"> {
  return {
    services: system.parts.map(({ name }) => name),
    // A catalog may know the calls, or not.
    calls:
      chance.maybe(0.8) || spans.length === 0
        ? system.calls.map(({ from, to: callee }) => ({ from: nameIn(system, from), to: nameIn(system, callee) }))
        : [],
    series: seriesOf(system, run, style, unseen, stepMs, chance),
    ...{ logs, spans, changes },
    events: eventsOf(system, fault, times, chance),
    ...{ issues: [], statements: [], sessions: [], earlierIncidents: [] },
  };
}

export const nameIn = ({ parts }: System, at: number): string => parts[at]?.name ?? "";

/** Parts of which nothing is measured: vendors always, a few others by chance. What is paged for an unrelated fault may be unknown altogether. */
export function unseenParts(system: System, fault: Fault, kind: WorldKind, chance: Chance): ReadonlySet<number> {
  const unseen = new Set<number>();
  for (const [at, part] of system.parts.entries())
    if (part.kind === "vendor" || (chance.maybe(0.05) && !fault.roots.includes(at) && at !== fault.paged)) unseen.add(at);
  if (kind === "unrelated" && chance.maybe(0.5)) unseen.add(fault.paged);
  return unseen;
}

const WHAT: Readonly<Record<string, readonly string[]>> = {
  errors: ["High error rate on {name}", "{name}: 5xx above 2 %", "[P1] {name} is failing requests", "Error budget burn: {name}"],
  latency: ["p99 latency of {name} is high", "{name} is slow", "High latency on {name}", "SLO latency {name} violated"],
  other: ["{name} is unhealthy", "{name} needs attention", "Alert on {name}"],
};

export function pageOf(system: System, fault: Fault, run: Run, at: number, chance: Chance): Telemetry["page"] {
  const service = nameIn(system, fault.paged);
  const last = run.instants.findLastIndex((instant) => instant <= at);
  const failing = run.rows.failed[fault.paged]?.[last] ?? 0;
  const early = run.rows.p99[fault.paged]?.[5] ?? 1;
  const slow = (run.rows.p99[fault.paged]?.[last] ?? 0) / Math.max(1e-9, early);
  const kind = failing > 0.02 ? "errors" : slow > 1.5 ? "latency" : "other";
  const title = chance.pick(WHAT[kind] ?? []).replace("{name}", service);
  return { service, title, details: chance.maybe(0.5) ? "" : `Monitor: ${title}. Notify @oncall.`, at };
}

const WHERE: Readonly<Partial<Record<Measure, readonly Part["kind"][]>>> = {
  queue: ["queue"],
  connections: ["database", "service"],
  disk: ["database"],
  lag: ["database"],
  locks: ["database"],
};

export function seriesOf(system: System, run: Run, style: Style, unseen: ReadonlySet<number>, stepMs: number, chance: Chance): Series[] {
  const found: Series[] = [];
  const gaps = chance.maybe(0.3);
  for (const [measure, metric] of Object.entries(style.metrics) as [Measure, Metric][]) {
    if (chance.maybe(0.07)) continue;
    const kind = classifySignal(metric.name, metric.unit);
    for (const [at, part] of system.parts.entries()) {
      if (unseen.has(at) || WHERE[measure]?.includes(part.kind) === false) continue;
      const row = run.rows[measure][at];
      if (row === undefined) continue;
      const instances = style.perInstance && (measure === "cpu" || measure === "memory") && system.parts.length < 60 ? part.replicas : 1;
      for (let instance = 0; instance < instances; instance += 1) {
        const points: { at: number; value: number }[] = [];
        for (const [step, instant] of run.instants.entries()) {
          if (gaps && chance.maybe(0.02)) continue;
          const raw = row[step] ?? 0;
          const share = metric.unit === "fraction" || measure !== "failed" ? raw : raw * (run.rows.rate[at]?.[step] ?? 0);
          const value =
            share * metric.scale * (metric.counts === true ? stepMs / 1000 : 1) * (instances > 1 ? 1 + 0.03 * chance.normal() : 1);
          points.push({ at: instant, value: metric.counts === true ? Math.round(value) : Number(value.toPrecision(6)) });
        }
        found.push({
          service: part.name,
          instance: instances > 1 ? `${part.name}-${instance}` : null,
          metric: metric.name,
          kind,
          unit: metric.unit,
          tags: {},
          points,
          evidence: 10,
        });
      }
    }
  }
  return found;
}

export function changesOf(
  system: System,
  fault: Fault,
  times: { readonly page: number; readonly recordFrom: number },
  chance: Chance,
): { changes: ChangeEvent[]; guilty: number | null } {
  const changes: ChangeEvent[] = [];
  const add = (part: number, diff: DiffKind, at: number): number => {
    const evidence = 1000 + changes.length;
    const owner = system.parts[part];
    const { title, files } = makeDiff(diff, owner?.name ?? "", chance);
    const known = chance.maybe(0.85);
    changes.push({
      kind: "deploy",
      at: Math.round(at),
      service: owner?.name ?? null,
      title,
      sha: chance.hex(40),
      previousSha: chance.hex(40),
      version: null,
      repository: owner?.repository ?? null,
      author: chance.pick(["ana", "jonas", "mei", "sam"]),
      pullRequest: null,
      files: known ? files : null,
      link: null,
      evidence,
    });
    return evidence;
  };
  const guilty = fault.change === null ? null : add(fault.change.part, fault.change.diff, fault.change.at);
  const candidates = system.parts.flatMap(({ repository }, at) => (repository === null ? [] : [at]));
  if (candidates.length > 0) {
    for (let count = chance.whole(0, 6); count > 0; count -= 1)
      add(chance.pick(candidates), "harmless", chance.between(times.recordFrom, times.page));
    // Innocent, and near.
    if (chance.maybe(0.4))
      add(chance.maybe(0.3) ? fault.paged : chance.pick(candidates), "harmless", fault.onset - chance.between(0.2, 10) * minute);
  }
  return { changes: changes.sort((a, b) => a.at - b.at), guilty };
}

export function eventsOf(system: System, fault: Fault, times: { readonly page: number }, chance: Chance): PlatformEvent[] {
  const routine = Array.from({ length: chance.whole(0, 4) }, () => ({
    part: chance.whole(0, system.parts.length - 1),
    at: times.page - chance.between(0, 60) * minute,
    severity: "info" as const,
    title: "Pulled",
    text: "Container image already present on machine",
  }));
  return [...fault.events, ...routine].map(({ part, at, severity, title, text }) => ({
    at: Math.round(at),
    source: "kubernetes",
    service: nameIn(system, part),
    instance: null,
    severity,
    title,
    text,
    tags: [],
    evidence: 20,
  }));
}

export function monitorsOf(system: System, fault: Fault, page: number, chance: Chance): MonitorState[] {
  if (!chance.maybe(0.6)) return [];
  const name = nameIn(system, fault.paged);
  return [
    {
      id: 1,
      name: `${name} monitor`,
      query: `avg(last_5m):avg:requests{service:${name}} > 1`,
      message: "",
      service: name,
      state: "Alert",
      triggeredAt: page - 20_000,
      evidence: 21,
    },
  ];
}

const ROUTINE = [
  "handled request in {n} ms",
  "cache refreshed, {n} entries",
  "processed item {n}",
  "health check ok",
  "user {n} opened a session",
];

/** A sample of lines: of each part that is seen, spread over the record, and more in the last minutes. */
export function logsOf(system: System, fault: Fault, run: Run, unseen: ReadonlySet<number>, chance: Chance): LogLine[] {
  const lines: LogLine[] = [];
  const last = run.instants.length - 1;
  const recent = run.instants.findIndex((at) => at >= (run.instants[last] ?? 0) - 15 * minute);
  // Of the quiet time fewer lines are read, each of which stands for more.
  const rare = Math.max(1, Math.round(1 + (recent * 1) / Math.max(1, last - recent)));
  const perPart = Math.max(20, Math.min(120, Math.round(3000 / system.parts.length)));
  for (const [at, part] of system.parts.entries()) {
    if (unseen.has(at) || part.kind === "database" || part.kind === "cache" || part.kind === "queue") continue;
    const usual = chance.maybe(0.2) ? chance.pick(["WARN slow consumer", "failed to parse optional header", "retrying after 429"]) : null;
    const mine = chance.shuffled(ROUTINE).slice(0, 2);
    for (let count = 0; count < perPart; count += 1) {
      const step = count % 2 === 0 ? chance.whole(0, last) : chance.whole(recent, last);
      const instant = (run.instants[step] ?? 0) + chance.whole(0, 999);
      const push = (severity: string, message: string) =>
        lines.push({
          at: instant,
          service: part.name,
          instance: null,
          severity,
          message,
          traceId: null,
          spanId: null,
          weight: step < recent ? rare : 1,
          evidence: 30,
        });
      push("INFO", chance.pick(mine).replace("{n}", String(chance.whole(1, 9_999))));
      if (usual !== null && chance.maybe(0.05)) push("ERROR", usual);
      if (chance.maybe(run.ownFailing[at]?.[step] ?? 0)) {
        const line = lineAt(fault.effects, at, run.instants[step] ?? 0);
        push("ERROR", (line ?? "request failed: unexpected error").replace("{other}", nameIn(system, at)));
      }
      for (const call of system.calls) {
        if (call.from !== at || !chance.maybe(Math.min(1, call.share) * (run.rows.failed[call.to]?.[step] ?? 0))) continue;
        const said = fault.effects.find(
          (effect) => effect.part === call.to && effect.callerLine !== undefined && effect.strength(run.instants[step] ?? 0) > 0,
        )?.callerLine;
        push(
          "ERROR",
          (
            said ?? chance.pick(["call to {other} failed with status 500", "upstream {other} unavailable", "error from {other}: internal"])
          ).replace("{other}", nameIn(system, call.to)),
        );
      }
    }
  }
  return lines.sort((a, b) => a.at - b.at);
}

const lineAt = (effects: readonly Effect[], part: number, at: number) =>
  effects.find((effect) => effect.part === part && effect.line !== undefined && effect.strength(at) > 0)?.line;

/** Some whole requests of the quiet time and of the last minutes, from an entry downward. */
export function spansOf(
  system: System,
  fault: Fault,
  run: Run,
  unseen: ReadonlySet<number>,
  times: { readonly page: number },
  chance: Chance,
): Span[] {
  const spans: Span[] = [];
  const last = run.instants.length - 1;
  const suspect = run.instants.findIndex((at) => at >= times.page - 10 * minute);
  const entries = system.parts.flatMap(({ kind }, at) => (kind === "entry" || at === fault.paged ? [at] : []));
  let count = 0;
  const walk = (
    part: number,
    step: number,
    traceId: string,
    parentId: string | null,
    start: number,
    depth: number,
  ): { took: number; failed: boolean } => {
    count += 1;
    const spanId = `${traceId}-${count}`;
    const own = (run.ownMs[part]?.[step] ?? 1) * Math.exp(0.3 * chance.normal());
    const way = fault.effects.reduce(
      (sum, effect) => (effect.part === part ? sum + (effect.way ?? 0) * effect.strength(run.instants[step] ?? 0) : sum),
      0,
    );
    let took = own;
    let failed = chance.maybe(run.ownFailing[part]?.[step] ?? 0);
    if (depth < 6) {
      for (const { from, to, share } of system.calls) {
        if (from !== part || !chance.maybe(Math.min(1, share)) || count > 4000) continue;
        const inner = walk(to, step, traceId, spanId, start + took, depth + 1);
        took += inner.took;
        failed ||= inner.failed && chance.maybe(0.9);
      }
    }
    if (!unseen.has(part)) {
      const owner = system.parts[part];
      spans.push({
        traceId,
        spanId,
        parentId,
        service: owner?.name ?? "",
        instance: null,
        operation: owner?.kind === "database" ? "sql.query" : `POST /${owner?.name ?? ""}`,
        start: Math.round(start + way / 2),
        durationMs: Number(took.toFixed(3)),
        error: failed,
        errorMessage: failed ? (lineAt(fault.effects, part, run.instants[step] ?? 0) ?? "request failed") : null,
        statement: null,
        evidence: 40,
      });
    }
    return { took: took + way, failed };
  };
  for (let index = 0; index < 60; index += 1) {
    const step = index % 2 === 0 ? chance.whole(0, suspect - 1) : chance.whole(suspect, last);
    walk(chance.pick(entries), step, `t${index}`, null, (run.instants[step] ?? 0) + chance.whole(0, 900), 0);
  }
  return spans.sort((a, b) => a.start - b.start);
}
