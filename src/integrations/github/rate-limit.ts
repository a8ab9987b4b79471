// GitHub answers 403 as well as 429 when it limits us. A plain 403 ("you may not read this") carries neither of these headers' values.
export function isRateLimited(response: Response): boolean {
  if (response.status === 429) return true;
  if (response.status !== 403) return false;
  return response.headers.has("retry-after") || response.headers.get("x-ratelimit-remaining") === "0";
}

/** What GitHub asks for when a secondary limit names no time. Source: docs.github.com, "Best practices for using the REST API". */
export const SECONDARY_LIMIT_WAIT_MS = 60_000;

/** Wait that a rate-limited answer names, ms; null leaves `retry-after` to the caller. */
export function rateLimitWaitMs(response: Response, now: number): number | null {
  if (!isRateLimited(response) || response.headers.has("retry-after")) return null;
  const reset = Number(response.headers.get("x-ratelimit-reset") ?? Number.NaN);
  const used = response.headers.get("x-ratelimit-remaining") === "0";
  // One second more: the reset is in whole seconds, and asking a moment too early is counted against us.
  return used && Number.isFinite(reset) ? Math.max(0, reset * 1000 - now) + 1000 : SECONDARY_LIMIT_WAIT_MS;
}
