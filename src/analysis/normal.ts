import type { RuledOut } from "../incident/finding.ts";
import type { Resource } from "./signal-kind.ts";
import type { Signal } from "./signal.ts";
import { metricWords, quantity, times } from "./words.ts";

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

/**
 * What was looked at and is as usual, for the services that matter: one line a subject, with the level and where it usually lies. A subject of
 * which any series moved is left out.
 */
export function looksNormal(signals: readonly Signal[], services: readonly string[], told: ReadonlySet<string>): RuledOut[] {
  const found: RuledOut[] = [];
  for (const service of new Set(services)) {
    const mine = signals.filter(
      (signal) => signal.service === service && signal.edge === null && !signal.meaning.isNode && !signal.meaning.isLimit,
    );
    const moved = new Set(mine.filter((signal) => signal.shift !== null || told.has(`${service}\n${signal.series.metric}`)).map(subjectOf));
    let shown = 0;
    for (const subject of ASKED) {
      if (shown >= PER_SERVICE || moved.has(subject)) continue;
      const signal = mine
        .filter((one) => subjectOf(one) === subject)
        .toSorted((a, b) => Number(b.meaning.isShare) - Number(a.meaning.isShare))[0];
      // A series that is nought all the time is most likely not measured.
      if (
        signal === undefined ||
        (signal.baseline.high === 0 && signal.baseline.low === 0 && signal.latest === 0 && subject !== "restarts" && subject !== "errors")
      )
        continue;
      const { metric, unit, tags } = signal.series;
      const { low, high, median } = signal.baseline;
      if (signal.latest < low - 0.02 * Math.abs(low) || signal.latest > high + 0.02 * Math.abs(high)) continue;
      const show = (value: number): string => quantity(value, unit, metric);
      const ratio = median > 0 ? signal.latest / median : 1;
      found.push({
        what: `${metricWords(metric, tags)} of ${service}`,
        why:
          (low === high ? `${show(signal.latest)}, as ever` : `${show(signal.latest)}, between ${show(low)} and ${show(high)} before`) +
          (subject === "traffic" && median > 0 && signal.baseline.count >= 20 ? ` (${times(ratio)} of the usual)` : ""),
        evidence: [signal.series.evidence],
      });
      shown += 1;
    }
  }
  return found;
}
