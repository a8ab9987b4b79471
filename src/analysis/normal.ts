import type { FaultClass, RuledOut } from "../incident/finding.ts";
import { clockTime } from "../report/words.ts";
import { sameHourWords } from "./same-hour.ts";
import { silentSince } from "./stale.ts";
import { type Resource, resourcesIn } from "./signal-kind.ts";
import { type Signal, valueWords } from "./signal.ts";
import { metricWords, times } from "./words.ts";

/** What people ask about first, in that order. */
const ASKED: readonly (Resource | "traffic" | "latency" | "errors")[] = [
  "cpu",
  "memory",
  "connections",
  "restarts",
  "replicas",
  "disk",
  "queue",
  "traffic",
  "errors",
  "latency",
];
const PER_SERVICE = 5;

const subjectOf = (signal: Signal): (typeof ASKED)[number] | null => {
  const { kind, resource } = signal.meaning;
  if (resource !== null && ASKED.includes(resource)) return resource;
  return kind === "traffic" || kind === "latency" || kind === "errors" ? kind : null;
};

/** What the cause is about, so that no level of it is reported as innocent. */
export interface Suspicion {
  readonly service: string;
  readonly fault: FaultClass | null;
  /** What its reasons are about, and their quotes. */
  readonly texts: readonly string[];
}

type Subject = (typeof ASKED)[number];

const OF_FAULT: Readonly<Partial<Record<FaultClass, readonly Subject[]>>> = {
  cpu: ["cpu"],
  memory: ["memory", "restarts"],
  latency: ["latency"],
  network: ["latency"],
  error: ["errors"],
  code: ["errors"],
};
/** The whole request shows these, whichever service they are measured at. */
const SHARED: readonly Subject[] = ["latency", "errors"];

/** Whether a subject of a service is what the cause is about. */
function isSuspected(service: string, subject: Subject, about: Suspicion | null): boolean {
  if (about === null) return false;
  const named = about.fault === null ? [] : (OF_FAULT[about.fault] ?? []);
  if (SHARED.includes(subject)) return named.includes(subject);
  return (
    service === about.service &&
    (named.includes(subject) || about.texts.some((text) => (resourcesIn(text) as ReadonlySet<string>).has(subject)))
  );
}

/** Of a level that strays so many times over there is no usual, or what is taken for usual holds the fault. */
const STRAYS = 3;
const DAY_MS = 20 * 60 * 60_000;

/**
 * What was looked at and is as usual, for the services that matter: one line a subject, with the level, where it usually lies, and since when that
 * is known. A subject of which any series moved is left out, and so is what the cause is about.
 * @param held the series of the bound that the page names, which is passed: usual or not, it is what was paged
 * @param until end of the time that is compared with
 * @param now end of what was read: a series that is silent since before is not as usual
 */
export function looksNormal(
  signals: readonly Signal[],
  services: readonly string[],
  bounded: ReadonlySet<string>,
  about: Suspicion | null,
  held: Signal | null,
  until: number,
  now: number,
): RuledOut[] {
  const found: RuledOut[] = [];
  for (const service of new Set(services)) {
    const mine = signals.filter(
      (signal) => signal.service === service && signal.edge === null && !signal.meaning.isNode && !signal.meaning.isLimit,
    );
    const moved = new Set(
      mine
        .filter((signal) => signal === held || signal.shift !== null || bounded.has(`${service}\n${signal.series.metric}`))
        .map(subjectOf),
    );
    let shown = 0;
    for (const subject of ASKED) {
      if (shown >= PER_SERVICE || moved.has(subject) || isSuspected(service, subject, about)) continue;
      const signal = mine
        .filter((one) => subjectOf(one) === subject && silentSince(one.series.points, now) === null)
        .toSorted((a, b) => Number(b.meaning.isShare) - Number(a.meaning.isShare))[0];
      // A series that is nought all the time is most likely not measured.
      if (
        signal === undefined ||
        (signal.baseline.high === 0 && signal.baseline.low === 0 && signal.latest === 0 && subject !== "restarts" && subject !== "errors")
      )
        continue;
      const { metric, tags, points } = signal.series;
      const { low, high, median } = signal.baseline;
      if (signal.sameHour !== undefined) {
        const { now: level, evidence } = signal.sameHour;
        const why = `${valueWords(signal, level)}, ${sameHourWords(signal, signal.sameHour)}`;
        found.push({ what: `${metricWords(metric, tags)} of ${service}`, why, evidence: [signal.series.evidence, evidence] });
        shown += 1;
        continue;
      }
      if (signal.latest < low - 0.02 * Math.abs(low) || signal.latest > high + 0.02 * Math.abs(high)) continue;
      if (subject !== "errors" && high > 0 && high > STRAYS * Math.max(low, 0)) continue;
      const show = (value: number): string => valueWords(signal, value);
      const ratio = median > 0 ? signal.latest / median : 1;
      const first = points[0]?.at ?? until;
      const since = `since ${until - first > DAY_MS ? `${new Date(first).toISOString().slice(0, 10)} ` : ""}${clockTime(first).slice(0, 5)}`;
      const inside = signal.latest >= low && signal.latest <= high;
      found.push({
        what: `${metricWords(metric, tags)} of ${service}`,
        why:
          (low === high
            ? `${show(signal.latest)}, unchanged ${since}`
            : `${show(signal.latest)}, ${inside ? `usually between ${show(low)} and ${show(high)}` : `usually about ${show(signal.latest < low ? low : high)}`} ${since}`) +
          (subject === "traffic" && median > 0 && signal.baseline.count >= 20 ? `, ${times(ratio)} of usual` : ""),
        evidence: [signal.series.evidence],
      });
      shown += 1;
    }
  }
  return found;
}
