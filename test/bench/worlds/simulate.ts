import type { Chance } from "./chance.ts";
import type { Effect, Times } from "./faults.ts";
import type { Measure } from "./styles.ts";
import { downward, type System } from "./system.ts";

/** What each part does at each instant: `rows[measure][part][step]`. */
export interface Run {
  readonly instants: readonly number[];
  readonly rows: Readonly<Record<Measure, readonly Float64Array[]>>;
  /** Own failures, without those of what it calls. */
  readonly ownFailing: readonly Float64Array[];
  readonly ownMs: readonly Float64Array[];
}

export const MEASURES: readonly Measure[] = [
  "rate",
  "failed",
  "p50",
  "p99",
  "cpu",
  "memory",
  "queue",
  "connections",
  "disk",
  "lag",
  "locks",
  "restarts",
];
const DAY = 86_400_000;

/** Plays a system from `times.recordFrom` to `times.to`. */
export function simulate(system: System, effects: readonly Effect[], times: Times, stepMs: number, chance: Chance): Run {
  const { parts, calls } = system;
  const instants: number[] = [];
  for (let at = times.recordFrom; at < times.to; at += stepMs) instants.push(at);
  const table = () => parts.map(() => new Float64Array(instants.length));
  const rows = Object.fromEntries(MEASURES.map((measure) => [measure, table()])) as Record<Measure, Float64Array[]>;
  const ownFailing = table();
  const ownMs = table();
  const order = downward(system).reverse();
  const callees = parts.map((_, at) => calls.filter(({ from }) => from === at));
  const daily = chance.between(0, 0.4);
  const phase = chance.next() * 2 * Math.PI;
  const noise = chance.between(0.02, 0.15);
  // Slow wander of its own, and neighbours that are noisy now and then without harm.
  const wander = parts.map(() => ({ size: chance.between(0, 0.15), period: chance.between(20, 90) * 60_000, phase: chance.next() * 7 }));
  const neighbour = parts.map(() =>
    chance.maybe(0.15)
      ? {
          at: chance.between(times.recordFrom, times.page - 30 * 60_000),
          forMs: chance.between(2, 10) * 60_000,
          size: chance.between(0.1, 0.4),
        }
      : null,
  );
  const base = parts.map(() => ({
    queue: chance.between(0, 50),
    connections: chance.between(0.1, 0.5),
    disk: chance.between(0.2, 0.39),
    lag: chance.between(0, 1),
  }));
  let restarts = parts.map(() => 0);
  const fallen = parts.map(() => 0);
  for (const [step, at] of instants.entries()) {
    const load = 1 + daily * Math.sin((2 * Math.PI * at) / DAY + phase);
    for (const part of order) {
      const own = parts[part];
      const ground = base[part];
      if (own === undefined || ground === undefined) continue;
      const jitter = () => 1 + noise * chance.normal();
      const drift = wander[part];
      const slow = 1 + (drift === undefined ? 0 : drift.size * Math.sin((2 * Math.PI * at) / drift.period + drift.phase));
      const noisy = neighbour[part];
      const beside = noisy != null && at >= noisy.at && at < noisy.at + noisy.forMs ? noisy.size : 0;
      let slower = 1;
      let way = 0;
      let failing = own.failing * Math.max(0, 1 + 0.5 * chance.normal());
      let cpu = 0;
      let memory = 0;
      let queue = 0;
      let connections = 0;
      let disk = 0;
      let lag = 0;
      let locks = 0;
      let traffic = 1;
      for (const effect of effects) {
        if (effect.part !== part) continue;
        const strength = effect.strength(at);
        if (strength <= 0) continue;
        slower *= 1 + ((effect.slower ?? 1) - 1) * strength;
        way += (effect.way ?? 0) * strength;
        failing += (effect.failing ?? 0) * strength;
        cpu += (effect.cpu ?? 0) * strength;
        const grown = (effect.memory ?? 0) * strength - (fallen[part] ?? 0);
        memory += grown;
        if (effect.restarts === true && strength >= 1 && grown > 0 && chance.maybe(0.1)) {
          fallen[part] = (fallen[part] ?? 0) + grown * 0.8;
          restarts = restarts.map((count, index) => (index === part ? count + 1 : count));
        }
        queue += (effect.queue ?? 0) * strength;
        connections += (effect.connections ?? 0) * strength;
        disk += (effect.disk ?? 0) * strength;
        lag += (effect.lag ?? 0) * strength;
        locks += (effect.locks ?? 0) * strength;
        traffic *= 1 + ((effect.traffic ?? 1) - 1) * strength;
      }
      const mine = own.ownMs * slower * slow * (1 + beside) * jitter();
      let p50 = mine + way;
      let p99 = mine * own.tail + way * 1.2;
      let well = 1 - Math.min(1, Math.max(0, failing));
      for (const { to, share } of callees[part] ?? []) {
        const often = Math.min(1, share);
        p50 += share * (rows.p50[to]?.[step] ?? 0) * (often > 0.5 ? 1 : 0.3);
        p99 += often * (rows.p99[to]?.[step] ?? 0);
        // A caller copes with some of the failures.
        const rate = (rows.rate[to]?.[step] ?? 0) <= 0 ? 0 : (rows.failed[to]?.[step] ?? 0);
        well *= 1 - often * 0.9 * rate;
      }
      const set = (measure: Measure, value: number) => {
        const row = rows[measure][part];
        if (row !== undefined) row[step] = Math.max(0, value);
      };
      const ownRow = ownFailing[part];
      if (ownRow !== undefined) ownRow[step] = failing;
      const msRow = ownMs[part];
      if (msRow !== undefined) msRow[step] = mine;
      set("rate", own.rate * load * traffic * jitter());
      set("failed", Math.min(1, 1 - well));
      set("p50", p50);
      set("p99", Math.max(p50, p99) * (1 + 2 * noise * Math.abs(chance.normal())));
      set("cpu", Math.min(1, (own.cpu + cpu + beside * 0.5) * (cpu > 0.2 ? 1 : load) * jitter()));
      set("memory", Math.min(1, (own.memory + memory) * (1 + 0.01 * chance.normal())));
      set("queue", ground.queue * jitter() + queue);
      set("connections", Math.min(1, ground.connections * load * jitter() + connections));
      set("disk", Math.min(1, ground.disk + disk + ((at - times.recordFrom) / DAY) * 0.01));
      set("lag", ground.lag * jitter() + lag);
      set("locks", Math.max(0, locks + chance.normal()));
      set("restarts", restarts[part] ?? 0);
    }
  }
  return { instants, rows, ownFailing, ownMs };
}
