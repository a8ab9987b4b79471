import { Document } from "yaml";
import { isDeploy } from "./deploys.ts";
import { serviceId } from "./pagerduty/account.ts";
import type { Recording } from "./recorded.ts";
import { projectSlug } from "./sentry/issues.ts";

export interface CatalogFileOptions {
  /** `owner/name` under which the replay serves the system's code. */
  readonly repository: string;
  /** Without `#`. */
  readonly slackChannel: string;
  /** The recorded database and the service that it belongs to; null or left out: none. */
  readonly database?: { readonly database: string; readonly service: string } | null;
}

/** Every service that the recording names anywhere, the paged one first. */
function servicesOf(recording: Recording): string[] {
  const { incident } = recording;
  const named = [
    incident.entryService,
    ...recording.pages.map(({ service }) => service),
    ...incident.services,
    ...incident.dependencies.flatMap(({ from, to }) => [from, to]),
    ...recording.changes.flatMap(({ service }) => service ?? []),
  ];
  // The catalog's names are one whatever their letter case.
  const byKey = new Map<string, string>();
  for (const name of named.map((one) => one.trim())) if (name !== "" && !byKey.has(name.toLowerCase())) byKey.set(name.toLowerCase(), name);
  return [...byKey.values()];
}

/** The folder of a service in the repository: the shortest path of which the last part is the service's name; "" when there is none. */
function folderOf(service: string, paths: readonly string[]): string {
  const wanted = service.toLowerCase();
  const folders = paths.flatMap((path) => {
    const parts = path.split("/").slice(0, -1);
    const at = parts.findIndex((part) => part.toLowerCase() === wanted);
    return at < 0 ? [] : [parts.slice(0, at + 1).join("/")];
  });
  return folders.toSorted((a, b) => a.length - b.length || a.localeCompare(b))[0] ?? "";
}

/** One Datadog query for each metric of the recording, for all services at once, split by every tag that its series have. */
function signalsOf(recording: Recording): { query: string; unit?: string }[] {
  const metrics = new Map<string, { tags: Set<string>; unit: string | null }>();
  for (const { metric, instance, tags, unit } of [recording.series, ...recording.baselines.map(({ series }) => series)].flat()) {
    let known = metrics.get(metric);
    if (known === undefined) metrics.set(metric, (known = { tags: new Set(["service"]), unit }));
    if (instance !== null) known.tags.add("pod_name");
    for (const tag of Object.keys(tags)) known.tags.add(tag);
  }
  return [...metrics]
    .toSorted(([a], [b]) => a.localeCompare(b))
    .map(([metric, { tags, unit }]) => ({
      query: `avg:${metric}{*} by {${[...tags].join(",")}}`,
      ...(unit === null ? {} : { unit }),
    }));
}

/** The environment that deploys of the recording went to; "production" where they don't say. */
function environmentOf(recording: Recording): string {
  const named = recording.changes.filter(isDeploy).flatMap(({ environment }) => environment ?? []);
  return named.includes("production") ? "production" : (named[0] ?? "production");
}

/** The text of the catalog.yaml that the platform team of the recorded system would write, with the names under which the replay knows things. */
export function catalogText(recording: Recording, { repository, slackChannel, database = null }: CatalogFileOptions): string {
  const services = servicesOf(recording);
  const byKey = new Map(services.map((name) => [name.toLowerCase(), name]));
  const paths = [
    ...recording.commits.flatMap(({ files }) => files.map(({ path }) => path)),
    ...recording.changes.flatMap((row) => row.paths),
  ];
  const calls = (service: string) =>
    new Set(
      recording.incident.dependencies
        .filter(({ from, to }) => from.trim().toLowerCase() === service.toLowerCase() && to !== from)
        .flatMap(({ to }) => byKey.get(to.trim().toLowerCase()) ?? []),
    );
  const document = new Document({
    version: 1,
    defaults: { slack_channel: slackChannel, environment: environmentOf(recording) },
    services: services.map((name) => {
      const folder = folderOf(name, paths);
      const callees = [...calls(name)];
      return {
        name,
        pagerduty: [serviceId(name)],
        datadog: { service: name },
        sentry: { project: projectSlug(name) },
        github: { repository, ...(folder === "" ? {} : { path: folder }) },
        ...(callees.length === 0 ? {} : { calls: callees }),
        ...(database !== null && database.service.trim().toLowerCase() === name.toLowerCase() ? { database: database.database } : {}),
      };
    }),
    signals: signalsOf(recording),
  });
  document.commentBefore = ` Services and signals of ${recording.incident.system ?? recording.incident.id}, as this replay serves them.`;
  return document.toString({ lineWidth: 0 });
}
