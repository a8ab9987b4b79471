import type { Heard } from "../app.ts";
import type { Measuring } from "../durable/measuring.ts";
import type { OutgoingCall } from "../guard/outgoing.ts";
import type { IncidentEvent, LoggedEvent } from "../incident/event.ts";
import { incidentFacts } from "./incident-line.ts";
import { addCounted } from "./counted.ts";
import { createMetrics, isAcknowledged, type Metrics } from "./metrics.ts";

export interface MeterOptions {
  /** Whether somebody wants figures. */
  readonly isMeasuring: boolean;
  /** One line for the log. */
  readonly log: (line: string, about: { readonly incident: string; readonly facts: ReturnType<typeof incidentFacts> }) => void;
}

/** What one of many isolates counts until it reports, by the same figures as a process that is alone. */
export function createMeter({ isMeasuring, log: say }: MeterOptions) {
  let metrics: Metrics | null = null;
  const counting = (): Metrics | null => (isMeasuring ? (metrics ??= createMetrics()) : null);
  const measuring: Measuring<IncidentEvent> = {
    happened(incidentId, news, read) {
      let log: readonly LoggedEvent[] | null = null;
      const whole = () => (log ??= read());
      for (const stored of news) {
        counting()?.happened({
          stored,
          openedAt: () => whole()[0]?.at ?? null,
          isFirstAcknowledgement: () => whole().find(isAcknowledged)?.seq === stored.seq,
        });
        if (stored.event.type === "investigation-finished")
          say("incident finished", { incident: incidentId, facts: incidentFacts(whole()) });
      }
    },
    async take() {
      const full = metrics;
      // What happens from here on is counted in another one, also while this one is read.
      metrics = null;
      return full === null ? null : full.counted();
    },
    add: addCounted,
    wantsSizes: isMeasuring,
    evidenceBytes: (sql) => sql.all<{ bytes: number | null }>("select sum(length(gzip)) bytes from evidence_part")[0]?.bytes ?? 0,
  };
  return {
    measuring,
    heard: (from: string, what: Heard): void => counting()?.heard(from, what),
    called: (call: OutgoingCall): void => counting()?.called(call),
  };
}

export type Meter = ReturnType<typeof createMeter>;
