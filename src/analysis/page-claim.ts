import type { Telemetry } from "../incident/telemetry.ts";
import type { CallGraph } from "./call-graph.ts";
import { readMonitorQuery, tagsIn } from "./monitor-query.ts";

/** What the page and the monitors behind it speak of. */
export interface PageClaim {
  /** The longest time that the page's words name, ms; null where they name none that matters. */
  readonly spanMs: number | null;
  /** The longest time that a monitor in alarm looks back over, ms. */
  readonly windowMs: number | null;
  /** Which part of the data is meant: `code` is `503`, `version` is `2.9.1`. */
  readonly tags: ReadonlyMap<string, string>;
}

/** Shorter times are those between two looks of a monitor. */
const SHORTEST_MS = 15 * 60_000;
const LONGEST_TEXT = 4000;
const UNITS = { minute: 60_000, hour: 3_600_000, day: 86_400_000, week: 604_800_000 } as const;
/** Languages in which monitors are titled; the names of units come from the runtime (CLDR). */
const LANGUAGES = ["en", "de", "fr", "es", "it", "pt", "nl", "sv", "da", "nb", "fi", "pl", "cs", "tr", "ru", "uk", "ja", "zh", "ko"];

let known: ReadonlyMap<string, number> | null = null;

/** Names of units of time, lower case, in milliseconds. */
function unitNames(): ReadonlyMap<string, number> {
  if (known !== null) return known;
  const names = new Map<string, number>([["min", 60_000], ["mins", 60_000], ["hr", 3_600_000], ["hrs", 3_600_000]]); // prettier-ignore
  for (const [unit, ms] of Object.entries(UNITS))
    for (const language of LANGUAGES)
      for (const unitDisplay of ["long", "short", "narrow"] as const) {
        const format = new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay });
        for (const { type, value } of [1, 2, 5, 24].flatMap((amount) => format.formatToParts(amount))) {
          const name = value.trim().replace(/\.$/, "").toLowerCase();
          if (type === "unit" && name !== "" && !names.has(name)) names.set(name, ms);
        }
      }
  return (known = names);
}

/** The longest time that a text names ("24 hours", "24h", "24 Stunden", "24時間", "PT24H"), ms; null where it names none. */
export function spanIn(text: string): number | null {
  const names = unitNames();
  let longest = 0;
  const short = text.slice(0, LONGEST_TEXT);
  for (const [, days = "0", hours = "0", minutes = "0"] of short.matchAll(/\bP(?:(\d{1,4})D)?(?:T(?:(\d{1,4})H)?(?:(\d{1,4})M)?)?\b/g))
    longest = Math.max(longest, Number(days) * UNITS.day + Number(hours) * UNITS.hour + Number(minutes) * UNITS.minute);
  for (const [, number = "", word = ""] of short.matchAll(
    /(?<![\d.,:\p{Script=Latin}\p{Script=Cyrillic}_-])(\d{1,5}(?:[.,]\d{1,3})?)[\s\u00a0-]{0,2}(\p{L}{1,12})/gu,
  )) {
    const name = word.toLowerCase();
    // Where words are not set apart, the unit is how the run of letters begins.
    const isRun = /\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Hangul}/u.test(word);
    const unit = isRun
      ? Array.from({ length: name.length }, (_, cut) => names.get(name.slice(0, name.length - cut))).find((ms) => ms !== undefined)
      : names.get(name);
    if (unit !== undefined) longest = Math.max(longest, Number(number.replace(",", ".")) * unit);
  }
  return longest > 0 ? longest : null;
}

/** Reads what is claimed: monitors in alarm of the paged service by their queries, the page's words by the times and tags in them. */
export function readClaim({ page, monitors }: Telemetry, graph: CallGraph, paged: string): PageClaim {
  const tags = new Map<string, string>();
  let windowMs: number | null = null;
  for (const { service, state, query } of monitors) {
    if ((state !== "Alert" && state !== "Warn") || service === null || graph.canonical(service) !== paged) continue;
    const read = readMonitorQuery(query);
    if (read === null) continue;
    for (const [key, value] of read.tags) tags.set(key, value);
    windowMs = Math.max(windowMs ?? 0, read.windowMs ?? 0) || null;
  }
  const text = `${page.title} ${page.details}`.slice(0, LONGEST_TEXT);
  for (const [key, value] of tagsIn(text)) tags.set(key, value);
  const spanMs = Math.max(spanIn(page.title) ?? 0, windowMs ?? 0);
  return { spanMs: spanMs >= SHORTEST_MS ? spanMs : null, windowMs, tags };
}
