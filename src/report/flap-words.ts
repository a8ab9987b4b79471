import type { FlapPattern } from "../incident/flap.ts";
import { own, say, strong, time, type Words } from "./text.ts";
import { duration } from "./words.ts";

const MINUTE_MS = 60_000;
const SMALL = ["", "first", "second", "third"];

/** "third", "11th", "22nd". */
function ordinal(count: number): string {
  const small = SMALL[count];
  if (small !== undefined) return small;
  const isTeen = Math.floor(count / 10) % 10 === 1;
  return `${count}${isTeen ? "th" : (["th", "st", "nd", "rd"][count % 10] ?? "th")}`;
}

/** "2 to 4 min", "20 s to 4 min", "3 min". */
function rangeWords(shortestMs: number, longestMs: number): string {
  const words = (ms: number) => (ms < MINUTE_MS ? `${Math.max(1, Math.round(ms / 1_000))} s` : `${Math.round(ms / MINUTE_MS)} min`);
  const [from, to] = [words(shortestMs), words(longestMs)];
  if (from === to) return from;
  const [number, unit] = from.split(" ");
  return to.endsWith(` ${unit}`) ? `${number} to ${to}` : `${from} to ${to}`;
}

/** A service that flaps, in one line: "checkout-web: third time in 40 min that this alert has resolved by itself, each time after 2 to 4 min. First at 02:10 UTC.". */
export function flapWords(service: string, { count, since, until, shortestMs, longestMs }: FlapPattern): Words {
  const often = own(`${ordinal(count)} time in ${duration(Math.max(MINUTE_MS, until - since))}`);
  return say`${strong(`${service}:`)} ${often} that this alert has resolved by itself, each time after ${own(rangeWords(shortestMs, longestMs))}. First at ${time(since, "minute")} UTC.`;
}
