/** A vendor's rate limit, as an answer reports it. */
export interface RateLimit {
  /** Which of the vendor's limits it is; null where the answer does not say. */
  readonly name: string | null;
  /** Requests left in the current period. */
  readonly left: number;
  /** When the period ends, epoch milliseconds. */
  readonly until: number;
}

/** Headers that name which limit an answer counts to (Datadog's, GitHub's). */
const NAMES = ["x-ratelimit-name", "x-ratelimit-resource"];
/** A larger number of seconds is a time since 1970, not a wait. */
const LONGEST_PERIOD_S = 1_000_000_000;

/** The time on the vendor's own clock when it answered: the times that it names are of that clock, which may differ from ours. */
export function vendorClock(headers: Headers, now: number): number {
  const date = Date.parse(headers.get("date") ?? "");
  return Number.isNaN(date) ? now : date;
}

/** When a period ends: in so many seconds, at so many seconds since 1970, or at a date. */
function untilOf(text: string, now: number): number | null {
  const seconds = Number(text);
  if (text.trim() !== "" && Number.isFinite(seconds)) return seconds > LONGEST_PERIOD_S ? seconds * 1_000 : now + seconds * 1_000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? null : date;
}

/**
 * The limit of requests that an answer names; of several the one with the least left; null where it names none. Vendors name the three headers
 * alike: `…ratelimit…-limit`, `-remaining` and `-reset` (Datadog, GitHub, PagerDuty, Sentry, Anthropic). Limits of tokens are no limits of requests.
 */
export function rateLimitIn(headers: Headers, now: number): RateLimit | null {
  const ahead = vendorClock(headers, now) - now;
  const name = NAMES.map((header) => headers.get(header)).find((value) => value !== null) ?? null;
  let lowest: RateLimit | null = null;
  for (const [header, value] of headers) {
    if (!/rate-?limit/.test(header) || !header.endsWith("-remaining") || header.includes("token")) continue;
    const end = untilOf(headers.get(header.replace(/-remaining$/, "-reset")) ?? "", now + ahead);
    const until = end === null ? null : end - ahead;
    const left = Number(value);
    if (value === "" || !(left >= 0) || until === null) continue;
    if (lowest === null || left < lowest.left) lowest = { name, left, until };
  }
  return lowest;
}

/**
 * What midwatch takes of one limit: never more than its share of what it finds. What it finds is what is left and what it took itself, so others'
 * use makes its share smaller. Known from the first answer of a period on.
 */
export class Allowance {
  #until = 0;
  #taken = 0;
  #answered = 0;
  /** Requests that midwatch has found in this period; null: no answer has said. */
  #found: number | null = null;
  /** Until when the vendor wants no calls. */
  #refusedUntil = 0;

  /** How many more may leave in this period; null: unknown. @param share from above 0 to 1 */
  left(share: number, now: number): number | null {
    this.#turn(now);
    // At least one: a limit of one request would never be used else.
    return this.#found === null ? null : Math.max(0, Math.max(1, Math.floor(this.#found * share)) - this.#taken);
  }

  /** Whether the vendor itself refused, or the share is used up, and until when; null: neither. */
  heldUntil(share: number, now: number): { readonly until: number; readonly by: "vendor" | "share" } | null {
    if (now < this.#refusedUntil) return { until: this.#refusedUntil, by: "vendor" };
    return this.left(share, now) === 0 ? { until: this.#until, by: "share" } : null;
  }

  /** A call leaves. */
  take(now: number): void {
    this.#turn(now);
    this.#taken++;
  }

  heard(limit: Pick<RateLimit, "left" | "until">, now: number): void {
    this.#turn(now);
    this.#answered++;
    this.#until = limit.until;
    this.#found = limit.left + this.#answered;
  }

  refused(until: number): void {
    this.#refusedUntil = Math.max(this.#refusedUntil, until);
  }

  /** A period that is over takes its figures with it. */
  #turn(now: number): void {
    if (this.#found === null || now < this.#until) return;
    this.#found = null;
    this.#taken = 0;
    this.#answered = 0;
  }
}
