/**
 * How much of its rate limit a vendor says is left, as a share of the limit, 0 to 1; null where an answer does not say.
 * Vendors name the pair alike: `…ratelimit…-remaining` beside the same with `-limit` (Datadog, GitHub, PagerDuty, Sentry, Anthropic). Of several
 * pairs the lowest counts.
 */
export function limitLeft(headers: Headers): number | null {
  let lowest: number | null = null;
  for (const [name, value] of headers) {
    if (!/rate-?limit/.test(name) || !name.endsWith("-remaining")) continue;
    const [left, limit] = [Number(value), Number(headers.get(name.replace(/-remaining$/, "-limit")) ?? "")];
    if (value === "" || !(left >= 0) || !(limit > 0)) continue;
    lowest = Math.min(lowest ?? 1, left / limit);
  }
  return lowest;
}
