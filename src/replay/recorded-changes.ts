import type { ChangedFile, ChangeEvent, ChangeKind } from "../incident/telemetry.ts";
import { filesOfCommit, filesOfRow } from "./change-files.ts";
import type { RecordedChange, RecordedCommit, RecordedEvent, Recording } from "./recorded.ts";

const kinds: Readonly<Record<string, ChangeKind>> = {
  commit: "commit",
  deploy: "deploy",
  deployment: "deploy",
  rollback: "rollback",
  flag: "flag",
  feature_flag: "flag",
  config: "config",
  migration: "migration",
};

const subject = (message: string): string => message.split("\n", 1)[0]?.trim() ?? "";

/** What a person would call the change, in one line. */
function changeTitle(change: RecordedChange, commit: RecordedCommit | RecordedChange | null): string {
  const about = subject(commit?.message ?? change.message ?? "");
  const [service, kind] = [change.service ?? "unknown service", kinds[change.kind] ?? "other"];
  if (kind === "commit") return about === "" ? `commit ${change.sha?.slice(0, 7) ?? ""}`.trim() : about;
  if (kind === "flag") return `flag ${change.flag ?? "(unnamed)"} on ${service}${change.change === null ? "" : `: ${change.change}`}`;
  const release = change.version ?? change.sha?.slice(0, 7) ?? null;
  const what = kind === "other" ? change.kind : change.change === "config" && kind === "deploy" ? "config deploy" : kind;
  return `${what} of ${service}${release === null ? "" : ` ${release}`}${about === "" ? "" : `: ${about}`}`;
}

type ChangesOf = Pick<Recording, "changes" | "commits" | "incident">;

/** The rows up to the recording's end; some recordings go on with what had not happened yet when the page fired. */
const changesUntilEnd = ({ changes, incident }: ChangesOf): RecordedChange[] => changes.filter(({ at }) => at <= incident.window.to);

/**
 * The recording's changes as midwatch knows them, in recording time, evidence 0. A deploy carries the files of the commit that it put live,
 * from the repository or from the commit's own row; what was live before is the previous deploy of that service, else the commit's parent.
 */
export function recordedChanges(recording: ChangesOf): ChangeEvent[] {
  const commits = new Map(recording.commits.map((commit) => [commit.sha, commit]));
  const rows = new Map(recording.changes.flatMap((row) => (row.kind === "commit" && row.sha !== null ? [[row.sha, row]] : [])));
  const live = new Map<string, string>();
  return changesUntilEnd(recording).map((change) => {
    const commit = change.sha === null ? undefined : commits.get(change.sha);
    const row = change.sha === null ? undefined : rows.get(change.sha);
    const kind = kinds[change.kind] ?? "other";
    const putsLive = kind === "deploy" || kind === "rollback";
    const previous = putsLive && change.service !== null ? live.get(change.service) : undefined;
    if (putsLive && change.service !== null && change.sha !== null) live.set(change.service, change.sha);
    const files: ChangedFile[] | null = commit !== undefined ? filesOfCommit(commit) : row !== undefined ? filesOfRow(row) : null;
    return {
      kind,
      at: change.at,
      service: change.service,
      title: changeTitle(change, commit ?? (change === row ? null : (row ?? null))),
      sha: change.sha,
      previousSha: previous ?? commit?.parents[0] ?? null,
      version: change.version,
      // A recording does not say what its repository is called; the server gives it a name.
      repository: null,
      author: change.author ?? commit?.author.name ?? row?.author ?? null,
      // The address of a pull request is likewise the server's to give.
      pullRequest: commit?.pr == null ? null : { number: commit.pr.number, title: commit.pr.title, url: "" },
      files,
      link: null,
      evidence: 0,
    };
  });
}

/** Something that a monitoring tool has on its event stream: an event of the platform, or a change that a tool posted when it made it. */
export interface RecordedMoment {
  readonly at: number;
  /** Where it came from, most telling first: `deploy`, `feature_flag`, `config`, `kubernetes`, … */
  readonly sources: readonly string[];
  readonly title: string;
  readonly text: string;
  readonly service: string | null;
  readonly instance: string | null;
  readonly severity: RecordedEvent["severity"];
  readonly tags: readonly string[];
  /** Its change, where the recording has one; null for events (of which some may be changes by their words). */
  readonly change: ChangeEvent | null;
}

const sourceOfKind: Readonly<Partial<Record<ChangeKind, string>>> = {
  flag: "feature_flag",
  deploy: "deploy",
  rollback: "rollback",
  config: "config",
};

/** An event and a change of the same service so close together are one happening, recorded twice. */
const sameHappeningMs = 60_000;

const tells = (event: RecordedEvent, change: ChangeEvent): boolean =>
  /^(deploy|rollback|release|config|feature_flag|flag|migration|change)/.test(event.source) &&
  event.service === change.service &&
  Math.abs(event.at - change.at) <= sameHappeningMs;

/**
 * The event stream of a recording in recording time, oldest first: its events and its changes but for commits, which reach no event stream.
 * A recorded event about a recorded change is joined with it.
 * @param repositoryUrl web address of the repository that a service's code is in, or null
 */
export function recordedMoments(
  recording: ChangesOf & Pick<Recording, "events">,
  repositoryUrl: (service: string | null) => string | null = () => null,
): RecordedMoment[] {
  const tagsOf = (pairs: readonly (readonly [string, string | null])[]) =>
    pairs.flatMap(([key, value]) => (value === null ? [] : [`${key}:${value}`]));
  const rows = changesUntilEnd(recording);
  const events = recording.events.filter(({ at }) => at <= recording.incident.window.to);
  const changes = recordedChanges(recording)
    .map((change, index) => ({ change, row: rows[index] }))
    .filter(({ change }) => change.kind !== "commit");
  const told = new Map<RecordedEvent, (typeof changes)[number]>();
  for (const event of events) {
    const about = changes.find((one) => tells(event, one.change) && ![...told.values()].includes(one));
    if (about !== undefined) told.set(event, about);
  }
  const ofChange = ({ change, row }: (typeof changes)[number], event: RecordedEvent | null): RecordedMoment => {
    const source = sourceOfKind[change.kind] ?? row?.kind ?? "change";
    const sources = [...new Set([source, ...(event === null ? [] : [event.source])])];
    const codeTags = tagsOf([
      ["version", change.version],
      ["git.commit.sha", change.sha],
      ["git.repository_url", change.sha === null ? null : repositoryUrl(change.service)],
      ["env", row?.environment ?? null],
      ["flag", row?.flag ?? null],
      ["change", row?.change ?? null],
      ["author", change.author],
    ]);
    const by = change.author === null ? "" : ` by ${change.author}`;
    return {
      at: event?.at ?? change.at,
      sources,
      title: event?.title ?? change.title,
      text: event?.text ?? `${change.title}${by}.`,
      service: change.service,
      instance: event?.instance ?? null,
      severity: event?.severity ?? "info",
      tags: [
        ...new Set([
          ...sources.map((one) => `source:${one}`),
          ...tagsOf([["service", change.service]]),
          ...(event?.tags ?? []),
          ...codeTags,
        ]),
      ],
      change,
    };
  };
  const joined = new Set(told.values());
  const moments = [
    ...changes.filter((one) => !joined.has(one)).map((one) => ofChange(one, null)),
    ...events.map((event): RecordedMoment => {
      const about = told.get(event);
      if (about !== undefined) return ofChange(about, event);
      const { source, ...rest } = event;
      const own = tagsOf([
        ["source", source],
        ["service", event.service],
        ["pod_name", event.instance],
      ]);
      return { ...rest, sources: [source], tags: [...new Set([...own, ...event.tags])], change: null };
    }),
  ];
  return moments.sort((a, b) => a.at - b.at);
}
