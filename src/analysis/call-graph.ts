import type { Call } from "../incident/telemetry.ts";

/** Who calls whom, by the names that suspects are given. */
export interface CallGraph {
  /** The name a service is known by here; several names may be one service (a load balancer's host, the client's view of it). */
  readonly canonical: (service: string) => string;
  readonly callees: ReadonlyMap<string, ReadonlySet<string>>;
  readonly callers: ReadonlyMap<string, ReadonlySet<string>>;
  /** Steps from a service down to each one it reaches, itself 0. */
  readonly distances: (from: string) => ReadonlyMap<string, number>;
  /** All from which calls lead to a service, itself included. */
  readonly reaching: (to: string) => ReadonlySet<string>;
  readonly edges: number;
}

/** Whether nothing that is known leads from one service to another: no call of either, and nothing that both end up calling. */
export function haveNoWay(graph: CallGraph, one: string, other: string): boolean {
  const [a, b] = [graph.canonical(one), graph.canonical(other)];
  const isKnown = (service: string) => graph.callees.has(service) || graph.callers.has(service);
  if (!isKnown(a) || !isKnown(b)) return false;
  const reached = graph.distances(b);
  return ![...graph.distances(a).keys()].some((service) => reached.has(service));
}

const none: ReadonlySet<string> = new Set();

/**
 * Builds the graph from the catalog's calls and from those seen in spans.
 *
 * Names that are only another's view of a service are merged into it: `X_client` (the caller's side of X) and host names of load balancers
 * of which one label is part of exactly one service's name (`check-outse.eu-1.elb.example.com_remote` is CheckoutService). Loops are allowed.
 * @param calls from the catalog
 * @param seen found in spans
 */
export function buildCallGraph(services: readonly string[], calls: readonly Call[], seen: readonly Call[] = []): CallGraph {
  const names = new Set(services);
  for (const call of [...calls, ...seen]) names.add(call.from).add(call.to);
  const aliases = findAliases([...names], calls);
  const canonical = (service: string): string => aliases.get(service) ?? service;
  const callees = new Map<string, Set<string>>();
  const callers = new Map<string, Set<string>>();
  let edges = 0;
  for (const call of [...calls, ...seen]) {
    const from = canonical(call.from);
    const to = canonical(call.to);
    if (from === to) continue;
    const down = callees.get(from) ?? new Set();
    if (!down.has(to)) edges += 1;
    callees.set(from, down.add(to));
    callers.set(to, (callers.get(to) ?? new Set()).add(from));
  }
  const distances = (from: string): ReadonlyMap<string, number> => {
    const found = new Map([[canonical(from), 0]]);
    const queue = [canonical(from)];
    for (const service of queue) {
      for (const next of callees.get(service) ?? none) {
        if (found.has(next)) continue;
        found.set(next, (found.get(service) ?? 0) + 1);
        queue.push(next);
      }
    }
    return found;
  };
  const reaching = (to: string): ReadonlySet<string> => {
    const found = new Set([canonical(to)]);
    for (const service of found) for (const caller of callers.get(service) ?? none) found.add(caller);
    return found;
  };
  return { canonical, callees, callers, distances, reaching, edges };
}

const letters = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, "");

function findAliases(names: readonly string[], calls: readonly Call[]): Map<string, string> {
  const aliases = new Map<string, string>();
  const views = names.filter((name) => /_(remote|client)$/.test(name));
  if (views.length === 0) return aliases;
  const real = names.filter((name) => !/_(remote|client)$/.test(name));
  // The platform's suffixes after "::" or "_AWS" say what a thing is, not what it is called.
  const short = new Map(real.map((name) => [name, letters(name.split(/_[A-Z]+::|::/)[0] ?? name)]));
  const byShort = new Map<string, string>();
  for (const [name, stem] of short) if (!byShort.has(stem)) byShort.set(stem, name);
  const calledBy = Map.groupBy(calls, (call) => call.from);
  const partOf = partFinder([...short].filter(([name]) => !/database|queue|table/i.test(name)));
  for (const view of views) {
    const bare = view.replace(/_(remote|client)$/, "");
    if (view.endsWith("_client")) {
      const stem = letters(bare);
      const target = calledBy.get(view)?.find((call) => short.get(call.to) === stem)?.to ?? byShort.get(stem);
      if (target !== undefined) aliases.set(view, target);
      continue;
    }
    if (!/\belb\b|loadbalancer|\.svc\b|ingress/i.test(bare)) continue;
    const label = bare.split(".")[0] ?? "";
    // Balancers cut the names they are made from: at least five letters in a row must agree, and with one service only.
    const parts = label
      .split("-")
      .map(letters)
      .filter((part) => part.length >= 5);
    for (const part of parts.reverse()) {
      const name = partOf(part);
      if (name !== null) {
        aliases.set(view, name);
        break;
      }
    }
  }
  return aliases;
}

/** Finds the one name that holds some letters; null where none or several do. */
function partFinder(names: readonly (readonly [name: string, short: string])[]): (part: string) => string | null {
  const text = `\n${names.map(([, short]) => short).join("\n")}\n`;
  const starts: number[] = [];
  for (let at = 1; starts.length < names.length; at += (names[starts.length - 1]?.[1].length ?? 0) + 1) starts.push(at);
  const known = new Map<string, string | null>();
  const find = (part: string): string | null => {
    const at = text.indexOf(part);
    if (at < 0 || text.indexOf(part, text.indexOf("\n", at)) >= 0) return null;
    return names[starts.findLastIndex((start) => start <= at)]?.[0] ?? null;
  };
  return (part) => {
    let name = known.get(part);
    if (name === undefined) known.set(part, (name = find(part)));
    return name;
  };
}
