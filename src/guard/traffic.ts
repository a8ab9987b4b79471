import { Allowance } from "./allowance.ts";
import { Circuit, type Outage } from "./circuit.ts";
import { type IntegrationError, type IntegrationName, NotAnsweringError, RateLimitedError } from "./errors.ts";
import type { OutgoingCall } from "./outgoing.ts";
import { RetryBudget } from "./retry-budget.ts";
import { urgency } from "./urgency.ts";

/** How a try ended, as far as the vendor's traffic cares. */
export type Try = Pick<OutgoingCall, "vendor" | "method" | "url" | "outcome" | "status" | "tookMs" | "attempt" | "seen">;

/** Why a try may not leave yet. */
export interface Held {
  readonly waitMs: number;
  /** `outage`: the vendor is left alone; `limit`: it refused, or midwatch's share of its limit is used up. */
  readonly because: "outage" | "limit";
  readonly error: IntegrationError;
}

/** The calls of one kind to one vendor. */
export interface Lane {
  readonly name: string;
  /** null: a try may leave now, and counts as gone. */
  enter(attempt: number): Held | null;
  /** Whether a call may be sent again; true: it counts as sent. */
  mayRetry(): boolean;
  heard(one: Try): void;
}

export interface TrafficOptions {
  /** Of what a vendor's limit has left, the share that midwatch takes at most, from above 0 to 1. Default 0.5. */
  readonly share?: number | undefined;
  readonly now?: (() => number) | undefined;
  /** From 0 to below 1. */
  readonly random?: (() => number) | undefined;
}

/** The most urgent pages (P1, P2, and what is for no page) may use all of the share, others so much of it. */
const URGENT_RANK = 1;
const SHARE_OF_OTHERS = 0.8;

interface Place {
  readonly vendor: IntegrationName;
  readonly circuit: Circuit;
  readonly budget: RetryBudget;
  readonly allowances: Map<string, Allowance>;
  /** The vendor's own name of the limit that a lane counts to, once known. */
  readonly limits: Map<string, string>;
}

/**
 * What all incidents of a process together ask of each vendor: one circuit, one budget of retries and one share of its rate limits, for all callers.
 * A place is a vendor at one origin: MCP servers and databases are many.
 */
export class Traffic {
  readonly #share: number;
  readonly #now: () => number;
  readonly #random: () => number;
  readonly #places = new Map<string, Place>();

  constructor({ share = 0.5, now = Date.now, random = Math.random }: TrafficOptions = {}) {
    this.#share = share;
    this.#now = now;
    this.#random = random;
  }

  /**
   * @param name of the lane: the method and path of the policy's rule
   * @param who what people call the server. Default: the vendor
   */
  lane(vendor: IntegrationName, origin: string, name: string, who: string = vendor): Lane {
    const place = this.#placeOf(vendor, origin);
    return {
      name,
      enter: (attempt) => this.#enter(place, name, attempt, who),
      mayRetry: () => place.budget.take(this.#now()),
      heard: (one) => this.#heard(place, one),
    };
  }

  /** A try that another thread made: it counts as one of this one's own. */
  heard(one: Try): void {
    const { vendor, method, outcome, attempt, seen } = one;
    // Of a connection the call has host and port alone.
    const url = method === "CONNECT" ? `http://${one.url}` : one.url;
    if (outcome === "begun" || seen === undefined || !URL.canParse(url)) return;
    const place = this.#placeOf(vendor, new URL(url).origin);
    if (attempt === 1) place.budget.called();
    else place.budget.take(this.#now());
    allowanceOf(place, limitOf(place, seen.lane)).take(this.#now());
    this.#heard(place, one);
  }

  /** Requests that may leave now, by midwatch's share; null: unknown. */
  left(vendor: IntegrationName, origin: string, lane: string): number | null {
    const place = this.#placeOf(vendor, origin);
    return allowanceOf(place, limitOf(place, lane)).left(this.#shareNow(), this.#now());
  }

  /** Every vendor that has been called, and its outage or null. */
  outages(): ReadonlyMap<IntegrationName, Outage | null> {
    const all = new Map<IntegrationName, Outage | null>();
    for (const { vendor, circuit } of this.#places.values()) all.set(vendor, circuit.outage() ?? all.get(vendor) ?? null);
    return all;
  }

  #placeOf(vendor: IntegrationName, origin: string): Place {
    const key = `${vendor} ${origin}`;
    const known = this.#places.get(key);
    if (known !== undefined) return known;
    const fresh = { vendor, circuit: new Circuit(this.#random), budget: new RetryBudget(), allowances: new Map(), limits: new Map() };
    this.#places.set(key, fresh);
    return fresh;
  }

  #shareNow(): number {
    const { rank } = urgency.getStore() ?? { rank: 0 };
    return rank <= URGENT_RANK ? this.#share : this.#share * SHARE_OF_OTHERS;
  }

  #enter(place: Place, lane: string, attempt: number, who: string): Held | null {
    const now = this.#now();
    const { vendor, circuit, budget } = place;
    const allowance = allowanceOf(place, limitOf(place, lane));
    const held = allowance.heldUntil(this.#shareNow(), now);
    if (held !== null) {
      const waitMs = Math.max(1, held.until - now);
      return {
        waitMs,
        because: "limit",
        error: new RateLimitedError(vendor, waitMs, held.by === "share" ? this.#shareWords() : undefined),
      };
    }
    const waitMs = circuit.waitMs(now);
    const outage = circuit.outage();
    if (waitMs > 0 && outage !== null) return { waitMs, because: "outage", error: new NotAnsweringError(vendor, outage, who) };
    if (attempt === 1) budget.called();
    allowance.take(now);
    return null;
  }

  #shareWords = (): string => `midwatch leaves ${Math.round((1 - this.#shareNow()) * 100)} % of its rate limit to others`;

  #heard(place: Place, { outcome, status, tookMs, seen }: Try): void {
    if (outcome === "begun") return;
    const now = this.#now();
    const { circuit } = place;
    if (seen !== undefined) {
      const { lane, limit, refusedForMs } = seen;
      if (limit?.name != null) moveLane(place, lane, limit.name);
      const allowance = allowanceOf(place, limitOf(place, lane));
      allowance.ended();
      if (limit !== undefined) allowance.heard(limit, now);
      if (refusedForMs !== undefined) allowance.refused(now + refusedForMs, now);
    }
    if (outcome === "cut off") circuit.cutOff();
    else if (seen?.alive === true) circuit.answered();
    else if (outcome === "failed" || (status !== null && status >= 500 && status !== 501)) circuit.failed(now - tookMs, now, status);
    else if (outcome === "answered") circuit.answered();
  }
}

const limitOf = ({ limits }: Place, lane: string): string => limits.get(lane) ?? lane;

function allowanceOf({ allowances }: Place, name: string): Allowance {
  const known = allowances.get(name);
  if (known !== undefined) return known;
  const fresh = new Allowance();
  allowances.set(name, fresh);
  return fresh;
}

/** From here on a lane counts to a limit by the vendor's name of it; what it took before does too where that limit is new. */
function moveLane({ limits, allowances }: Place, lane: string, name: string): void {
  if (limits.get(lane) === name) return;
  const before = allowances.get(limits.get(lane) ?? lane);
  limits.set(lane, name);
  if (before !== undefined && !allowances.has(name)) allowances.set(name, before);
}
