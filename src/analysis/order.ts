import type { ChangeEvent, ErrorIssue, MonitorState, PlatformEvent, Point, Series, Telemetry } from "../incident/telemetry.ts";

/** Points oldest first, without doubles and without values that are no number; the array itself where it is like that already. */
export function orderedPoints(points: readonly Point[]): readonly Point[] {
  let last = -Infinity;
  let fine = true;
  for (const point of points) {
    if (!(point.at > last) || !Number.isFinite(point.value)) {
      fine = false;
      break;
    }
    last = point.at;
  }
  if (fine) return points;
  const sorted = points
    .filter((point) => Number.isFinite(point.at) && Number.isFinite(point.value))
    .sort((a, b) => a.at - b.at || a.value - b.value);
  return sorted.filter((point, index) => index === 0 || point.at !== sorted[index - 1]?.at);
}

const seriesKey = (series: Series): string =>
  `${series.service}\n${series.instance ?? ""}\n${series.metric}\n${Object.entries(series.tags)
    .map(([key, value]) => `${key}=${value}`)
    .toSorted()
    .join(",")}`;

/** Series in a fixed order, those of one name joined into one. */
export function orderedSeries(all: readonly Series[]): Series[] {
  return [...Map.groupBy(all, seriesKey)]
    .toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .flatMap(([, parts]) => {
      const [series] = parts;
      if (series === undefined) return [];
      const points = orderedPoints(parts.length === 1 ? series.points : parts.flatMap((part) => part.points));
      return points === series.points ? [series] : [{ ...series, points }];
    });
}

const by =
  <T>(key: (item: T) => string, at: (item: T) => number) =>
  (a: T, b: T): number => {
    const apart = at(a) - at(b);
    if (apart !== 0 && Number.isFinite(apart)) return apart;
    const left = key(a);
    const right = key(b);
    return left < right ? -1 : left > right ? 1 : 0;
  };

/** The few-row kinds of telemetry in a fixed order, so that the order in which sources answer makes no difference. */
export function orderedRest(telemetry: Telemetry): {
  readonly changes: readonly ChangeEvent[];
  readonly events: readonly PlatformEvent[];
  readonly monitors: readonly MonitorState[];
  readonly issues: readonly ErrorIssue[];
} {
  return {
    changes: telemetry.changes.toSorted(
      by(
        (change) => `${change.kind} ${change.service ?? ""} ${change.sha ?? ""} ${change.title}`,
        (change) => change.at,
      ),
    ),
    events: telemetry.events.toSorted(
      by(
        (event) => `${event.source} ${event.service ?? ""} ${event.title} ${event.text}`,
        (event) => event.at,
      ),
    ),
    monitors: telemetry.monitors.toSorted(
      by(
        (monitor) => monitor.name,
        (monitor) => monitor.id,
      ),
    ),
    issues: telemetry.issues.toSorted(
      by(
        (issue) => issue.id,
        (issue) => issue.firstSeen,
      ),
    ),
  };
}
