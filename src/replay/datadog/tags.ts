import type { RecordedMonitor } from "../recorded.ts";

/** Further tags of a service's telemetry, by service name: `{ key: value }`. */
export type ServiceTags = ReadonlyMap<string, Readonly<Record<string, string>>>;

/**
 * What else a service is called in tags. A monitor on a service that is tagged `kube_deployment:<that service>` or
 * `dbinstanceidentifier:<that service>` asks for its telemetry by that tag, so the telemetry has it too.
 */
export function serviceTags(monitors: readonly RecordedMonitor[]): ServiceTags {
  const tags = new Map<string, Record<string, string>>();
  for (const { service, tags: own, query } of monitors) {
    if (service === null) continue;
    const inQuery = [...query.matchAll(/([A-Za-z_][\w.-]*):([^\s,{}()]+)/g)].map(([pair]) => pair);
    for (const pair of [...own, ...inQuery]) {
      const colon = pair.indexOf(":");
      const key = pair.slice(0, colon);
      if (colon <= 0 || key === "service" || pair.slice(colon + 1) !== service) continue;
      const known = tags.get(service);
      if (known === undefined) tags.set(service, { [key]: service });
      else known[key] = service;
    }
  }
  return tags;
}
