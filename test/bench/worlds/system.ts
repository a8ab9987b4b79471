import type { Chance } from "./chance.ts";

/** What a part of a system is. Vendors are outside: nothing measures them but their callers. */
export type PartKind = "entry" | "service" | "worker" | "database" | "cache" | "queue" | "vendor";

export interface Part {
  readonly name: string;
  readonly kind: PartKind;
  readonly replicas: number;
  /** Index of the node that its first replica runs on. */
  readonly node: number;
  /** Requests a second at midday. */
  readonly rate: number;
  /** Own time of a request, milliseconds, in the middle and at the slow end. */
  readonly ownMs: number;
  readonly tail: number;
  /** Share of requests that fail on a good day. */
  readonly failing: number;
  /** Share of its limit, on a good day. */
  readonly cpu: number;
  readonly memory: number;
  readonly repository: string | null;
}

export interface CallLink {
  readonly from: number;
  readonly to: number;
  /** Calls of a request. */
  readonly share: number;
}

export interface System {
  readonly parts: readonly Part[];
  readonly calls: readonly CallLink[];
  readonly nodes: number;
}

const SUBJECTS = [
  "order", "cart", "price", "stock", "ship", "mail", "user", "auth", "search", "rate", "tax", "quote", "ledger", "invoice", "payout", "media", "photo", "feed",
  "chat", "notify", "audit", "report", "geo", "route", "seat", "menu", "coupon", "review", "profile", "token", "session", "image", "video", "batch", "sync", "export",
  "import", "billing", "claims", "policy", "patient", "lab", "sensor", "meter", "fleet", "driver", "trip", "booking", "hotel", "flight", "basket", "wallet", "risk", "fraud",
]; // prettier-ignore
const ENDINGS = ["", "-service", "-svc", "-api", "-core", "-gateway", "svc", "-manager", "-engine", "-store"];
const STORES = { database: ["-db", "-postgres", "-mysql", "db"], cache: ["-redis", "-cache"], queue: ["-queue", "-kafka", "-events"] };
const VENDORS = ["paygate", "mailsender", "geocoder", "smsbridge", "taxcloud", "idverify", "cardnet", "shiprates"];

/** A random system: layers of services that call downward, with their stores, queues and vendors. */
export function makeSystem(chance: Chance): System {
  const wanted = Math.round(chance.logBetween(5, 200));
  const ending = chance.pick(ENDINGS);
  const prefix = chance.maybe(0.25) ? `${chance.pick(["acme", "prod", "eu1", "shop", "core"])}-` : "";
  const used = new Set<string>();
  const nameOf = (tail: string): string => {
    for (let tries = 0; ; tries += 1) {
      const subject = chance.pick(SUBJECTS);
      const name = `${prefix}${subject}${tries > 3 ? `-${chance.pick(SUBJECTS)}` : ""}${tries > 8 ? tries : ""}${tail}`;
      if (used.has(name)) continue;
      used.add(name);
      return name;
    }
  };
  const nodes = Math.max(2, Math.ceil(wanted / 8));
  const parts: Part[] = [];
  const layers: number[] = [];
  const calls: CallLink[] = [];
  const depth = wanted < 10 ? 2 : wanted < 40 ? 4 : 5;
  const add = (kind: PartKind, name: string, layer: number): number => {
    const isStore = kind === "database" || kind === "cache" || kind === "queue";
    parts.push({
      name,
      kind,
      replicas: isStore || kind === "vendor" ? 1 : chance.whole(1, 4),
      node: chance.whole(0, nodes - 1),
      rate: 0,
      ownMs: chance.logBetween(isStore ? 0.5 : 2, isStore ? 8 : 60),
      tail: chance.between(2, 6),
      failing: chance.maybe(0.5) ? chance.logBetween(0.0001, 0.01) : 0,
      cpu: chance.between(0.05, 0.6),
      memory: chance.between(0.2, 0.75),
      repository: isStore || kind === "vendor" ? null : chance.maybe(0.3) ? "acme/monorepo" : `acme/${name}`,
    });
    layers.push(layer);
    return parts.length - 1;
  };
  const services = Math.max(3, Math.round(wanted * 0.72));
  const entries = Math.max(1, Math.round(services / 25));
  for (let i = 0; i < entries; i += 1) add("entry", nameOf(chance.pick(["-web", "-frontend", "-gateway", "-bff"])), 0);
  for (let i = entries; i < services; i += 1) add(chance.maybe(0.1) ? "worker" : "service", nameOf(ending), 1 + chance.whole(0, depth - 1));
  const link = (from: number, to: number) => {
    if (!calls.some((one) => one.from === from && one.to === to)) calls.push({ from, to, share: chance.between(0.3, 1.4) });
  };
  for (let i = entries; i < services; i += 1) {
    const above = parts.flatMap((_, at) => (at !== i && (layers[at] ?? 0) < (layers[i] ?? 0) ? [at] : []));
    const callers = chance.shuffled(above).slice(0, chance.maybe(0.7) ? 1 : 2);
    for (const caller of callers) link(caller, i);
  }
  const inside = parts.flatMap((part, at) => (part.kind === "vendor" ? [] : [at]));
  while (parts.length < wanted) {
    const kind = chance.pick(["database", "database", "cache", "queue", "vendor"] as const);
    const name =
      kind === "vendor" ? `${chance.pick(VENDORS)}${chance.maybe(0.5) ? "" : chance.whole(2, 99)}` : nameOf(chance.pick(STORES[kind]));
    if (kind === "vendor" && parts.some((part) => part.name === name)) continue;
    const store = add(kind, name, 9);
    for (const caller of chance
      .shuffled(inside.filter((at) => parts[at]?.kind !== "entry"))
      .slice(0, chance.whole(1, kind === "database" ? 3 : 2)))
      link(caller, store);
  }
  return { parts: withRates(parts, calls, chance), calls, nodes };
}

/** Rates follow from the entries' traffic and the calls. */
function withRates(parts: readonly Part[], calls: readonly CallLink[], chance: Chance): Part[] {
  const rates = parts.map((part) =>
    part.kind === "entry" ? chance.logBetween(2, 400) : part.kind === "worker" ? chance.logBetween(0.2, 20) : 0,
  );
  for (const at of downward({ parts, calls }))
    for (const call of calls) if (call.from === at) rates[call.to] = (rates[call.to] ?? 0) + (rates[at] ?? 0) * call.share;
  return parts.map((part, at) => ({ ...part, rate: Math.max(0.05, rates[at] ?? 0) }));
}

/** Places of the parts, each caller before what it calls. */
export function downward({ parts, calls }: Pick<System, "parts" | "calls">): number[] {
  const order: number[] = [];
  const state = new Uint8Array(parts.length);
  const visit = (at: number): void => {
    if (state[at] !== 0) return;
    state[at] = 1;
    for (const call of calls) if (call.from === at) visit(call.to);
    order.push(at);
  };
  for (let at = 0; at < parts.length; at += 1) visit(at);
  return order.reverse();
}

/** Places from which calls lead to a part, itself included. */
export function callersOf(system: System, part: number): Set<number> {
  const found = new Set([part]);
  for (let grown = true; grown;) {
    grown = false;
    for (const { from, to } of system.calls)
      if (found.has(to) && !found.has(from)) {
        found.add(from);
        grown = true;
      }
  }
  return found;
}
