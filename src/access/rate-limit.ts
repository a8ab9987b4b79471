/** Whether somebody may go on. */
export type RateLimit = (who: string) => boolean;

const MOST_KNOWN = 10_000;

/**
 * So many times a minute for each address. What is remembered is bounded: with very many addresses at once the count starts again.
 * @param now epoch milliseconds
 */
export function createRateLimit(mostPerMinute: number, now: () => number): RateLimit {
  let minute = 0;
  const counts = new Map<string, number>();
  return (who) => {
    const current = Math.floor(now() / 60_000);
    if (current !== minute || counts.size >= MOST_KNOWN) counts.clear();
    minute = current;
    const count = (counts.get(who) ?? 0) + 1;
    counts.set(who, count);
    return count <= mostPerMinute;
  };
}
