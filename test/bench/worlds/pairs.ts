import type { ChangeEvent, Telemetry } from "../../../src/incident/telemetry.ts";
import { triageWindows } from "../../../src/investigation/triage.ts";
import { type Chance, chanceOf } from "./chance.ts";
import { type Fault, makeFault, type Times, type WorldKind } from "./faults.ts";
import { simulate } from "./simulate.ts";
import { pickStyle } from "./styles.ts";
import { makeSystem, type System } from "./system.ts";
import { changesOf, logsOf, monitorsOf, MOST_POINTS, nameIn, pageOf, readOf, spansOf, unseenParts } from "./world.ts";

/** A page of a made-up system, and what a triage of it would read. */
export interface PairPage {
  readonly service: string;
  readonly title: string;
  readonly details: string;
  readonly at: number;
  readonly telemetry: Telemetry;
}

/** Two pages of one system within minutes, and whether they have one cause. */
export interface Pair {
  readonly seed: number;
  /** How the two come together. */
  readonly kind: PairKind;
  readonly fault: WorldKind;
  readonly other: WorldKind | null;
  readonly style: string;
  readonly parts: number;
  readonly isSame: boolean;
  /** Services any of which is right to name for the first fault, and for the other. */
  readonly roots: readonly [readonly string[], readonly string[]];
  readonly first: PairPage;
  readonly second: PairPage;
}

/** One cause; a second fault elsewhere; the same alert of another resource; a page of a part that is well. */
export const PAIR_KINDS = ["same-cause", "same-cause", "same-cause", "coincident", "coincident", "other-resource", "quiet"] as const;
export type PairKind = (typeof PAIR_KINDS)[number];

/** Faults that several services show; the last is shared by services that do not call each other. */
const WIDE: readonly WorldKind[] = [
  "bad-deploy-errors", "bad-deploy-latency", "bad-config", "cpu", "memory-leak", "network", "vendor-outage", "lock", "pool", "disk", "shared-layer",
]; // prettier-ignore
const minute = 60_000;
/** Pages of one outage come within minutes. */
const LATEST_MS = 4 * minute;
/** A monitor looks back over some minutes. */
const LOOKS_BACK_MS = 2 * minute;

/** The pair of a seed. Kinds take turns. */
export function makePair(seed: number): Pair {
  const chance = chanceOf(seed);
  const kind = PAIR_KINDS[seed % PAIR_KINDS.length] ?? "same-cause";
  const at = Date.parse("2026-03-04T00:00:00Z") + Math.round(chance.between(0, 20 * 86_400)) * 1000;
  const secondAt = at + Math.round(chance.between(0, LATEST_MS / 1000)) * 1000;
  const to = secondAt + chance.whole(5, 40) * 1000;
  const { baseline } = triageWindows(at, to);
  const times = { page: at, recordFrom: baseline.from, to };
  const style = pickStyle(chance);
  for (let tries = 0; tries < 200; tries += 1) {
    const system = makeSystem(chance);
    const faultKind = chance.pick(WIDE);
    const fault = makeFault(faultKind, system, times, chance);
    if (fault === null) continue;
    const otherKind = kind === "coincident" ? chance.pick(WIDE.filter((one) => one !== "shared-layer")) : null;
    const second = otherKind === null ? null : makeFault(otherKind, system, times, chance);
    if ((otherKind !== null && second === null) || second?.roots.some((root) => fault.roots.includes(root)) === true) continue;
    const stepMs = Math.max(chance.pick(style.steps) * 1000, Math.ceil((to - baseline.from) / MOST_POINTS / 1000) * 1000);
    const reach = reachOf(system, fault, times, stepMs, seed + tries);
    const other = second === null ? null : reachOf(system, second, times, stepMs, seed + tries);
    const paged = pagedOf(kind, reach, other, chance);
    if (paged === null) continue;
    const whole: Fault =
      second === null ? fault : { ...fault, effects: [...fault.effects, ...second.effects], events: [...fault.events, ...second.events] };
    const run = simulate(system, whole.effects, times, stepMs, chance);
    const changes = allChanges(system, fault, second, times, chance);
    const unseen = new Set([...unseenParts(system, whole, faultKind, chance)].filter((part) => !paged.includes(part)));
    const logs = chance.maybe(0.75) ? logsOf(system, whole, run, unseen, chance) : [];
    const spans = style.traces && chance.maybe(0.8) ? spansOf(system, whole, run, unseen, times, chance) : [];
    const read = readOf({ system, fault: whole, run, style, unseen, times, stepMs, logs, spans, changes }, chance);
    const asPage = (part: number, paging: number, titled: { title: string; details: string } | null): PairPage => {
      const page = { ...pageOf(system, { ...whole, paged: part }, run, paging, chance), ...titled };
      const asOf = Math.min(to, paging + chance.whole(2, 20) * 1000);
      const monitors = monitorsOf(system, { ...whole, paged: part }, paging, chance);
      return { ...page, at: paging, telemetry: cut({ ...read, monitors, page: { ...page, at: paging } }, paging, asOf) };
    };
    const [one, two] = paged;
    const titles = kind === "other-resource" ? resourceTitles(system, two, chance) : [null, null];
    return {
      ...{ seed, kind, fault: faultKind, other: otherKind, style: style.name, parts: system.parts.length, isSame: kind === "same-cause" },
      roots: [fault.roots.map((root) => nameIn(system, root)), (second?.roots ?? []).map((root) => nameIn(system, root))],
      first: asPage(one, at, titles[0] ?? null),
      second: asPage(two, secondAt, titles[1] ?? null),
    };
  }
  throw new Error(`no system for the pair of seed ${seed}`);
}

interface Reach {
  /** Parts that a monitor would page for: they fail or take long. */
  readonly showing: ReadonlySet<number>;
  /** Parts in which nothing of it can be seen. */
  readonly untouched: ReadonlySet<number>;
}

/** What a fault does, by itself, held against the same time without it. */
function reachOf(system: System, fault: Fault, times: Times, stepMs: number, seed: number): Reach {
  const withFault = simulate(system, fault.effects, times, stepMs, chanceOf(seed));
  const without = simulate(system, [], times, stepMs, chanceOf(seed));
  const { instants } = without;
  const mean = (row: Float64Array | undefined): number => {
    const values = instants.flatMap((at, step) => (at >= times.page - LOOKS_BACK_MS && at < times.page ? [row?.[step] ?? 0] : []));
    return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  };
  const ofKind = (test: (failing: number, slower: number) => boolean) =>
    new Set(
      system.parts.flatMap(({ kind }, part) => {
        const failing = mean(withFault.rows.failed[part]) - mean(without.rows.failed[part]);
        const slower = (["p50", "p99"] as const).map((row) => mean(withFault.rows[row][part]) / mean(without.rows[row][part]));
        return kind !== "vendor" && test(failing, Math.max(...slower)) ? [part] : [];
      }),
    );
  return {
    showing: ofKind((failing, slower) => failing > 0.02 || slower > 1.5),
    untouched: ofKind((failing, slower) => failing < 0.003 && slower < 1.1),
  };
}

/** Which two parts are paged; null: the system has no such two. */
function pagedOf(kind: PairKind, { showing, untouched }: Reach, other: Reach | null, chance: Chance): [number, number] | null {
  const firsts = [...showing].filter((part) => other?.untouched.has(part) !== false);
  if (firsts.length === 0) return null;
  const first = chance.pick(firsts);
  // The same alert is about the same service, or about one that is well.
  if (kind === "other-resource" && chance.maybe(0.5)) return [first, first];
  const seconds = kind === "same-cause" ? [...showing] : [...untouched].filter((part) => other === null || other.showing.has(part));
  const others = seconds.filter((part) => part !== first);
  return others.length === 0 ? null : [first, chance.pick(others)];
}

/** Titles and details of one monitor for two resources, in the ways in which monitors write them. */
function resourceTitles(system: System, part: number, chance: Chance): { title: string; details: string }[] {
  const stem = chance.pick(["db", "orders", "kafka-broker", "ip-10-2", "events", "eu-redis", "worker"]);
  const numbers = chance.shuffled(Array.from({ length: 20 }, (_, index) => index + 1)).slice(0, 2);
  const names = numbers.map((number) => `${stem}${chance.maybe(0.5) ? "-" : ""}${number}`);
  const key = chance.pick(["host", "dbinstanceidentifier", "queue", "topic", "pod_name", "kafka.topic", "db.instance"]);
  const alert = chance.pick([
    "Disk usage is high",
    "Consumer lag above 10000",
    "Speicher fast voll",
    "Connexions saturées",
    "Replica lag",
    "CPU > 90 %",
  ]);
  const service = nameIn(system, part);
  const form = chance.whole(0, 2);
  return names.map((name) =>
    form === 0
      ? { title: `${alert} on ${name}`, details: "" }
      : form === 1
        ? { title: `${alert} on ${name}`, details: `${key}: ${name}\nservice: ${service}` }
        : { title: alert, details: `tags: env:prod,${key.replace(".", "_")}:${name},team:core` },
  );
}

function allChanges(system: System, fault: Fault, second: Fault | null, times: Times, chance: Chance): ChangeEvent[] {
  const { changes } = changesOf(system, fault, times, chance);
  if (second?.change == null) return changes;
  const own = changesOf(system, second, times, chance);
  const guilty = own.changes.filter(({ evidence }) => evidence === own.guilty).map((change) => ({ ...change, evidence: 1500 }));
  return [...changes, ...guilty].toSorted((a, b) => a.at - b.at);
}

/** What a triage at `asOf` reads. */
function cut(whole: Omit<Telemetry, "window" | "baseline">, pageAt: number, asOf: number): Telemetry {
  return {
    ...whole,
    ...triageWindows(pageAt, asOf),
    series: whole.series.map((one) => ({ ...one, points: one.points.filter(({ at }) => at < asOf) })),
    logs: whole.logs.filter(({ at }) => at < asOf),
    spans: whole.spans.filter(({ start, durationMs }) => start + durationMs < asOf),
    changes: whole.changes.filter(({ at }) => at < asOf),
    events: whole.events.filter(({ at }) => at < asOf),
  };
}
