import type { Signal } from "./signal.ts";

/** Tags that say where an instance runs, by what people call that. Source: Datadog's Kubernetes tags, OpenTelemetry's resource conventions. */
const PLACES = {
  node: ["kube_node", "node", "node_name", "k8s.node.name", "kubernetes_node"],
  host: ["host", "host.name", "hostname"],
  zone: ["availability-zone", "availability_zone", "zone", "cloud.availability_zone", "topology.kubernetes.io/zone", "kube_zone"],
} as const;

/**
 * The one place on which all that moved of some services runs: "node ip-10-1-2-3". null where they moved on several, where no tag says, or where
 * nothing that was read runs anywhere else.
 * @param services that fail alike
 */
export function sharedPlace(services: readonly string[], signals: readonly Signal[]): string | null {
  for (const [word, keys] of Object.entries(PLACES)) {
    const placeOf = ({ series }: Signal): string | null => {
      const key = keys.find((one) => series.tags[one] !== undefined && series.tags[one] !== "");
      return key === undefined ? null : (series.tags[key] ?? null);
    };
    const found = onlyPlace(services, signals, placeOf);
    if (found !== null) return `${word} ${found}`;
  }
  // An instance that several services have in common is the machine that they run on.
  const machine = onlyPlace(services, signals, ({ series }) => series.instance);
  return machine === null ? null : `host ${machine}`;
}

function onlyPlace(services: readonly string[], signals: readonly Signal[], placeOf: (signal: Signal) => string | null): string | null {
  const moved = new Set<string>();
  for (const service of services) {
    const places = signals.flatMap((signal) => (signal.service === service && signal.shift !== null ? (placeOf(signal) ?? []) : []));
    if (places.length === 0) return null;
    for (const place of places) moved.add(place);
  }
  const [only] = moved;
  if (only === undefined || moved.size > 1) return null;
  return signals.some((signal) => (placeOf(signal) ?? only) !== only) ? only : null;
}
