import { failedRequests } from "../analysis/failed-requests.ts";
import type { ErrorImpact, MeasuredImpact } from "../incident/impact.ts";
import type { Telemetry } from "../incident/telemetry.ts";

function errorsOf({ issues, page }: Telemetry, onset: number): ErrorImpact | null {
  const seen = issues.filter(({ service, lastSeen }) => service === page.service && lastSeen >= onset);
  if (seen.length === 0) return null;
  const fresh = seen.filter(({ firstSeen }) => firstSeen >= onset);
  // Users of an older issue may have met it before the incident began.
  const users = fresh.flatMap((issue) => (issue.users === undefined ? [] : [issue.users]));
  return {
    ...{ issues: seen.length, fresh: fresh.length },
    users: users.length === 0 ? null : Math.max(...users),
    evidence: [...new Set(seen.map(({ evidence }) => evidence))],
  };
}

/**
 * Counts whom the incident has hurt from its onset on.
 * @param onset null: not known, so nothing is counted
 * @param until when it was over; null: it is not
 */
export function measureImpact(telemetry: Telemetry, onset: number | null, until: number | null): MeasuredImpact {
  const to = until ?? telemetry.window.to;
  if (onset === null || to <= onset) return {};
  const requests = failedRequests(telemetry, telemetry.page.service, { from: onset, to });
  const errors = errorsOf(telemetry, onset);
  return { ...(requests === null ? {} : { requests }), ...(errors === null ? {} : { errors }) };
}
