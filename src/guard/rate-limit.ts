/** A vendor's rate limit, as an answer reports it. */
export interface RateLimit {
  /** Which of the vendor's limits it is; null where the answer does not say. */
  readonly name: string | null;
  /** Requests left in the current period. */
  readonly left: number;
  /** When the period ends, epoch milliseconds. */
  readonly until: number;
}

/**
 * No longer than this is a limit believed, ms: an hour is the longest period of requests that a vendor documents (GitHub, Datadog). After it one call
 * asks again. A header of a proxy, a broken clock or a stranger's server must not keep a vendor away for good.
 */
export const LONGEST_HELD_MS = 3_600_000;
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

/** Each limit that an answer names: how much is left, and its other headers by their ends. Vendors name them alike: `…ratelimit…-remaining`. */
function* limitsIn(headers: Headers) {
  for (const [header, value] of headers) {
    if (!/rate-?limit/.test(header) || !header.endsWith("-remaining")) continue;
    const left = Number(value);
    const beside = (end: string): string => headers.get(header.replace(/-remaining$/, `-${end}`)) ?? "";
    if (value !== "" && left >= 0) yield { header, left, beside };
  }
}

/**
 * The limit of requests that an answer names; of several the one with the least left; null where it names none. Vendors name the three headers
 * alike: `…ratelimit…-limit`, `-remaining` and `-reset` (Datadog, GitHub, PagerDuty, Sentry, Anthropic). Limits of tokens are no limits of requests.
 * @param nameHeader the vendor's header with the limit's name, where it has one
 */
export function rateLimitIn(headers: Headers, now: number, nameHeader?: string): RateLimit | null {
  const ahead = vendorClock(headers, now) - now;
  const name = nameHeader === undefined ? null : headers.get(nameHeader);
  let lowest: RateLimit | null = null;
  for (const { header, left, beside } of limitsIn(headers)) {
    const end = header.includes("token") ? null : untilOf(beside("reset"), now + ahead);
    if (end !== null && (lowest === null || left < lowest.left)) lowest = { name, left, until: end - ahead };
  }
  return lowest;
}

/**
 * How much of its rate limit a vendor says is left, as a share of the limit, 0 to 1; null where an answer does not say.
 * Vendors name the pair alike: `…ratelimit…-remaining` beside the same with `-limit` (Datadog, GitHub, PagerDuty, Sentry, Anthropic). Of several
 * pairs the lowest counts.
 */
export function limitLeft(headers: Headers): number | null {
  let lowest: number | null = null;
  for (const { left, beside } of limitsIn(headers)) {
    const limit = Number(beside("limit"));
    if (limit > 0) lowest = Math.min(lowest ?? 1, left / limit);
  }
  return lowest;
}

/** The wait that `retry-after` names, ms; null without one. @param now on the vendor's own clock */
export function retryAfterMs(headers: Headers, now: number): number | null {
  const header = headers.get("retry-after");
  if (header === null || header.trim() === "") return null;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const date = Date.parse(header);
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}
