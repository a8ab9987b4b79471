import type { FaultClass } from "../../../src/incident/finding.ts";
import type { Chance } from "./chance.ts";
import type { DiffKind } from "./diffs.ts";
import { callersOf, type Part, type PartKind, type System } from "./system.ts";

/** How strong something is at a time, 0 to 1. Times are epoch milliseconds. */
export type Strength = (at: number) => number;

/** What goes wrong at one part. Each figure is its value at full strength. */
export interface Effect {
  readonly part: number;
  readonly strength: Strength;
  /** Own time times this. */
  readonly slower?: number;
  /** Milliseconds added to each request, without the part's own doing: the way to it. */
  readonly way?: number;
  /** Share of requests that fail. */
  readonly failing?: number;
  readonly cpu?: number;
  readonly memory?: number;
  readonly queue?: number;
  readonly connections?: number;
  readonly disk?: number;
  readonly lag?: number;
  readonly locks?: number;
  readonly traffic?: number;
  /** Its memory falls to the start each time that it has reached the limit, and it restarts. */
  readonly restarts?: true;
  /** What it logs of a failing request; `{other}` is the part that it speaks of. */
  readonly line?: string;
  /** Callers fail with this line. */
  readonly callerLine?: string;
}

export const WORLD_KINDS = [
  "nothing", "harmless-events", "bad-deploy-errors", "bad-deploy-latency", "bad-config", "cpu", "memory-leak", "network", "vendor-outage", "lock", "pool", "queue",
  "shared-layer", "two-at-once", "unrelated", "old-as-record", "recovered", "disk", "traffic",
] as const; // prettier-ignore
export type WorldKind = (typeof WORLD_KINDS)[number];

export interface Fault {
  readonly effects: readonly Effect[];
  /** Parts any of which is right to name; empty where nothing is wrong, or what is wrong has no name among the parts. */
  readonly roots: readonly number[];
  readonly classes: readonly FaultClass[];
  /** The change that did it, and where; null where no change did. */
  readonly change: { readonly part: number; readonly diff: DiffKind; readonly at: number } | null;
  /** The part that people are paged for. */
  readonly paged: number;
  readonly onset: number;
  /** Platform events that belong to it. */
  readonly events: readonly {
    readonly part: number;
    readonly at: number;
    readonly severity: "info" | "warning" | "error";
    readonly title: string;
    readonly text: string;
  }[];
}

export interface Times {
  readonly page: number;
  readonly recordFrom: number;
  readonly to: number;
}

const minute = 60_000;

export const stepAt =
  (from: number, to = Infinity): Strength =>
  (at) =>
    at >= from && at < to ? 1 : 0;
const ramp =
  (from: number, full: number): Strength =>
  (at) =>
    at < from ? 0 : Math.min(1, (at - from) / (full - from));

const ofKind = ({ parts }: System, ...kinds: PartKind[]) => parts.flatMap((part, at) => (kinds.includes(part.kind) ? [at] : []));

/** Somebody up the calls who shows it, up to two calls away; the part itself where nobody calls it. */
function pagedFor(system: System, root: number, chance: Chance): number {
  let at = root;
  const mayBeItself = system.parts[root]?.kind === "service" || system.parts[root]?.kind === "entry";
  for (let hops = mayBeItself ? chance.whole(0, 2) : chance.whole(1, 2); hops > 0; hops -= 1) {
    const callers = system.calls.filter(({ to, share }) => to === at && share > 0.25).map(({ from }) => from);
    if (callers.length === 0) break;
    at = chance.pick(callers);
  }
  return at;
}

/** A part of these kinds that somebody calls often enough for the trouble to be seen. */
function busy(system: System, chance: Chance, ...kinds: PartKind[]): number | null {
  const all = ofKind(system, ...kinds).filter(
    (at) => (system.parts[at]?.rate ?? 0) > 0.2 && (kinds.includes("worker") || system.calls.some(({ to }) => to === at)),
  );
  return all.length === 0 ? null : chance.pick(all);
}

const nameOf = (system: System, part: number): Part => {
  const found = system.parts[part];
  if (found === undefined) throw new Error(`no part ${part}`);
  return found;
};

/** Makes the fault of a kind; null where the system has no part that it could befall. */
export function makeFault(kind: WorldKind, system: System, times: Times, chance: Chance): Fault | null {
  const onset = times.page - chance.between(1.5, 9) * minute;
  const none: Fault = { effects: [], roots: [], classes: [], change: null, paged: 0, onset, events: [] };
  const any = () => busy(system, chance, "service") ?? busy(system, chance, "entry", "worker");
  const at = (part: number, effect: Omit<Effect, "part" | "strength">, strength: Strength = stepAt(onset)): Effect => ({
    part,
    strength,
    ...effect,
  });
  const deploy = (part: number, diff: DiffKind, before = chance.between(0.2, 3)) => ({ part, diff, at: onset - before * minute });
  const service = any();
  switch (kind) {
    case "nothing":
    case "harmless-events": {
      const paged = service ?? 0;
      const name = nameOf(system, paged).name;
      const when = times.page - chance.between(2, 12) * minute;
      const events =
        kind === "nothing"
          ? []
          : chance.pick([
              [
                {
                  part: paged,
                  at: when,
                  severity: "warning" as const,
                  title: "BackOff",
                  text: `Back-off restarting failed container ${name} in pod ${name}-7f6d`,
                },
                { part: paged, at: when + 20_000, severity: "info" as const, title: "Started", text: `Started container ${name}` },
              ],
              [
                {
                  part: paged,
                  at: when,
                  severity: "info" as const,
                  title: "ScalingReplicaSet",
                  text: `Scaled down replica set ${name}-5d9c to 0`,
                },
                { part: paged, at: when + 5_000, severity: "info" as const, title: "Killing", text: `Stopping container ${name}` },
              ],
              [
                {
                  part: paged,
                  at: when,
                  severity: "warning" as const,
                  title: "FailedScheduling",
                  text: "0/9 nodes are available: 9 Insufficient cpu.",
                },
                {
                  part: paged,
                  at: when + 110_000,
                  severity: "info" as const,
                  title: "Scheduled",
                  text: `Successfully assigned ${name}-7f6d to node-3`,
                },
              ],
              [
                {
                  part: paged,
                  at: when,
                  severity: "warning" as const,
                  title: "Unhealthy",
                  text: `Readiness probe failed: HTTP probe failed with statuscode: 503`,
                },
                { part: paged, at: when + 15_000, severity: "info" as const, title: "Ready", text: `pod ${name}-7f6d is Ready` },
              ],
            ]);
      return { ...none, paged, events };
    }
    case "bad-deploy-errors": {
      if (service === null) return null;
      const failing = chance.logBetween(0.03, 0.9);
      return {
        ...none,
        effects: [
          at(service, {
            failing,
            line: chance.pick([
              "TypeError: cannot read properties of undefined (reading 'id')",
              "panic: runtime error: invalid memory address or nil pointer dereference",
              "KeyError: 'region_v2'",
              "java.lang.IllegalStateException: item missing",
            ]),
          }),
        ],
        roots: [service],
        classes: ["code", "error", "config"],
        change: deploy(service, "throws"),
        paged: pagedFor(system, service, chance),
      };
    }
    case "bad-deploy-latency": {
      if (service === null) return null;
      return {
        ...none,
        effects: [at(service, { slower: chance.logBetween(3, 20), cpu: chance.between(0, 0.2) })],
        roots: [service],
        classes: ["code", "latency", "dependency"],
        change: deploy(service, "query-per-row"),
        paged: pagedFor(system, service, chance),
      };
    }
    case "bad-config": {
      if (service === null) return null;
      return {
        ...none,
        effects: [
          at(service, {
            failing: chance.logBetween(0.1, 1),
            line: chance.pick([
              "dial tcp: lookup totals.new.internal: no such host",
              "Error: required setting is not set",
              "context deadline exceeded after 50ms",
              "connect ECONNREFUSED 10.2.3.4:8080",
            ]),
          }),
        ],
        roots: [service],
        classes: ["config", "code", "error", "dependency", "network"],
        change: deploy(service, "config"),
        paged: pagedFor(system, service, chance),
      };
    }
    case "cpu": {
      if (service === null) return null;
      return {
        ...none,
        effects: [at(service, { cpu: 0.96 - nameOf(system, service).cpu, slower: chance.logBetween(1.8, 8) })],
        roots: [service],
        classes: ["cpu", "overload"],
        paged: pagedFor(system, service, chance),
      };
    }
    case "memory-leak": {
      if (service === null) return null;
      const began = times.recordFrom + chance.between(0.05, 0.6) * (times.page - times.recordFrom);
      const full = times.page - chance.between(1, 6) * minute;
      const change = chance.maybe(0.7) ? { part: service, diff: "leak" as const, at: began - chance.between(0.2, 4) * minute } : null;
      const name = nameOf(system, service).name;
      return {
        ...none,
        onset: began,
        effects: [
          at(service, { memory: 0.99 - nameOf(system, service).memory, restarts: true }, ramp(began, full)),
          at(service, { slower: 3, failing: 0.25, line: "java.lang.OutOfMemoryError: Java heap space" }, stepAt(full)),
        ],
        roots: [service],
        classes: ["memory"],
        change,
        paged: pagedFor(system, service, chance),
        events: [
          {
            part: service,
            at: full + 15_000,
            severity: "warning",
            title: "OOMKilling",
            text: `Memory cgroup out of memory: Killed process 4711 (${name})`,
          },
        ],
      };
    }
    case "network": {
      if (service === null) return null;
      return {
        ...none,
        effects: [at(service, { way: chance.logBetween(80, 2000) })],
        roots: [service],
        classes: ["network", "latency"],
        paged: pagedFor(system, service, chance),
      };
    }
    case "vendor-outage": {
      const vendor = busy(system, chance, "vendor");
      if (vendor === null) return null;
      return {
        ...none,
        effects: [
          at(vendor, {
            failing: chance.between(0.2, 1),
            slower: chance.logBetween(1, 30),
            callerLine: "POST https://{other}/v1 failed: 503 Service Unavailable",
          }),
        ],
        roots: [vendor],
        classes: ["dependency", "error", "latency", "network"],
        paged: pagedFor(system, vendor, chance),
      };
    }
    case "lock": {
      const database = busy(system, chance, "database");
      if (database === null) return null;
      const caller = chance.pick(system.calls.filter(({ to }) => to === database)).from;
      const change = chance.maybe(0.5) ? deploy(caller, "migration") : null;
      return {
        ...none,
        effects: [
          at(database, {
            slower: chance.logBetween(20, 400),
            locks: chance.between(10, 60),
            connections: 0.5,
            failing: chance.between(0, 0.3),
            callerLine: "canceling statement due to lock timeout ({other})",
          }),
        ],
        roots: change === null ? [database] : [database, caller],
        classes: ["latency", "overload", "dependency", "code", "config"],
        change,
        paged: pagedFor(system, database, chance),
      };
    }
    case "pool": {
      if (service === null) return null;
      const change = chance.maybe(0.6) ? deploy(service, "small-pool") : null;
      return {
        ...none,
        effects: [
          at(service, {
            slower: chance.logBetween(5, 40),
            failing: chance.between(0.05, 0.5),
            connections: 1,
            line: "timeout: waited 30000 ms for a connection from the pool (size 4, in use 4)",
          }),
        ],
        roots: [service],
        classes: ["overload", "config", "latency", "error", "code"],
        change,
        paged: pagedFor(system, service, chance),
      };
    }
    case "queue": {
      const queue = busy(system, chance, "queue");
      if (queue === null) return null;
      const caller = chance.pick(system.calls.filter(({ to }) => to === queue)).from;
      const began = times.page - chance.between(10, 60) * minute;
      return {
        ...none,
        onset: began,
        effects: [at(queue, { queue: chance.logBetween(5_000, 500_000) }, ramp(began, times.page))],
        roots: [queue, caller],
        classes: ["overload", "latency"],
        paged: chance.maybe(0.5) ? queue : caller,
      };
    }
    case "disk": {
      const database = busy(system, chance, "database");
      if (database === null) return null;
      const began = times.recordFrom + chance.between(0.1, 0.5) * (times.page - times.recordFrom);
      const full = times.page - chance.between(1, 5) * minute;
      return {
        ...none,
        onset: began,
        effects: [
          at(database, { disk: 0.6 }, ramp(began, full)),
          at(database, { failing: 0.6, callerLine: "could not extend file: No space left on device ({other})" }, stepAt(full)),
        ],
        roots: [database],
        classes: ["overload", "error", "dependency"],
        paged: pagedFor(system, database, chance),
      };
    }
    case "traffic": {
      const entry = busy(system, chance, "entry") ?? ofKind(system, "entry")[0] ?? null;
      if (entry === null) return null;
      return {
        ...none,
        effects: [at(entry, { traffic: chance.logBetween(3, 10), cpu: 0.4, slower: 3 })],
        roots: [entry],
        classes: ["overload", "cpu", "latency"],
        paged: entry,
      };
    }
    case "shared-layer": {
      const layer = chance.pick(["dns", "node"] as const);
      const home = chance.whole(0, system.nodes - 1);
      const hit = ofKind(system, "service", "entry", "worker").filter((one) =>
        layer === "node" ? system.parts[one]?.node === home : chance.maybe(0.6),
      );
      if (hit.length < 3) return null;
      const line = layer === "dns" ? "getaddrinfo EAI_AGAIN {other}.internal" : "read tcp: i/o timeout";
      const failing = chance.between(0.2, 0.7);
      return {
        ...none,
        effects: hit.map((one) => at(one, { failing: failing * chance.between(0.8, 1.2), slower: layer === "node" ? 4 : 1, line })),
        roots: [],
        classes: ["network", "dependency"],
        paged: chance.pick(hit),
      };
    }
    case "two-at-once": {
      const first = makeFault(chance.pick(["bad-deploy-errors", "cpu", "bad-config", "network"]), system, times, chance);
      if (first === null) return null;
      const linked = system.calls.filter(({ from }) => from === first.paged).map(({ to }) => to);
      const other = linked.find((one) => !first.roots.includes(one) && system.parts[one]?.kind === "service");
      if (other === undefined) return null;
      return {
        ...first,
        effects: [...first.effects, at(other, { failing: 0.4, line: "ValueError: unexpected end of data" })],
        roots: [...first.roots, other],
        classes: [...first.classes, "code", "error"],
      };
    }
    case "unrelated": {
      const first = makeFault(chance.pick(["bad-deploy-errors", "cpu", "network", "bad-config"]), system, times, chance);
      if (first === null) return null;
      const root = first.roots[0] ?? 0;
      const showing = callersOf(system, root);
      const below = new Set([...ofKind(system, "service", "entry", "worker")].filter((one) => callersOf(system, one).has(root)));
      const apart = ofKind(system, "service", "entry").filter((one) => !showing.has(one) && !below.has(one));
      return apart.length === 0 ? null : { ...first, paged: chance.pick(apart), roots: [] };
    }
    case "old-as-record": {
      if (service === null) return null;
      return {
        ...none,
        onset: times.recordFrom - 60 * minute,
        effects: [
          at(
            service,
            {
              failing: chance.between(0.05, 0.4),
              line: chance.pick([
                "413 Request Entity Too Large",
                "permission denied for table claims",
                "x509: certificate has expired or is not yet valid",
              ]),
            },
            () => 1,
          ),
        ],
        roots: [service],
        classes: ["error", "code", "config", "dependency", "network"],
        paged: pagedFor(system, service, chance),
      };
    }
    case "recovered": {
      const first = makeFault(chance.pick(["bad-deploy-errors", "cpu", "vendor-outage", "network"]), system, times, chance);
      if (first === null) return null;
      const until = times.to - chance.between(4, 7) * minute;
      const began = until - chance.between(3, 8) * minute;
      return {
        ...first,
        onset: began,
        change: null,
        effects: first.effects.map((effect) => ({ ...effect, strength: stepAt(began, until) })),
      };
    }
  }
}
