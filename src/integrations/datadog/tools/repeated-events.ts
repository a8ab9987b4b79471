import { createPatternMiner } from "../../../analysis/log-pattern.ts";
import type { Unnumbered } from "../../../incident/answer.ts";
import type { PlatformEvent } from "../../../incident/telemetry.ts";

type VendorEvent = Unnumbered<PlatformEvent>;

/** Events of one kind of one service. */
export interface RepeatedEvent {
  readonly source: string;
  readonly service: string | null;
  readonly severity: PlatformEvent["severity"];
  readonly count: number;
  /** From the start of the time under suspicion on. */
  readonly since: number;
  readonly first: number;
  readonly last: number;
  readonly instances: readonly string[];
  /** The latest of them, and the earliest. */
  readonly sample: VendorEvent;
  readonly opening: VendorEvent;
}

const severities: readonly PlatformEvent["severity"][] = ["error", "warning", "info"];

/**
 * Joins events that differ only by their time, instance and figures. Those that came in the time under suspicion are first, errors before
 * warnings, rare before frequent: what comes all day long is no news.
 */
export function repeatedEvents(events: readonly VendorEvent[], suspectFrom: number): RepeatedEvent[] {
  const miner = createPatternMiner();
  const ids = events.map(({ title }) => miner.add(title));
  const groups = new Map<string, VendorEvent[]>();
  for (const [index, event] of events.entries()) {
    const key = JSON.stringify([miner.resolve(ids[index] ?? 0), event.source, event.service, event.severity]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [event]);
    else group.push(event);
  }
  return [...groups.values()]
    .flatMap((group): RepeatedEvent[] => {
      const ordered = group.toSorted((a, b) => a.at - b.at);
      const [first] = ordered;
      const last = ordered.at(-1);
      if (first === undefined || last === undefined) return [];
      return [
        {
          source: last.source,
          service: last.service,
          severity: last.severity,
          count: ordered.length,
          since: ordered.filter(({ at }) => at >= suspectFrom).length,
          first: first.at,
          last: last.at,
          instances: [...new Set(ordered.flatMap(({ instance }) => (instance === null ? [] : [instance])))],
          sample: last,
          opening: first,
        },
      ];
    })
    .toSorted(
      (a, b) =>
        Number(b.since > 0) - Number(a.since > 0) ||
        severities.indexOf(a.severity) - severities.indexOf(b.severity) ||
        a.count - a.since - (b.count - b.since) ||
        b.last - a.last,
    );
}
