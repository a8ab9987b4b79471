import type { ChangedFile, ChangeEvent, ChangeKind } from "../incident/telemetry.ts";
import { filesOfCommit, filesOfRow } from "./change-files.ts";
import type { RecordedChange, RecordedCommit, Recording } from "./recording.ts";

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
export function changeTitle(change: RecordedChange, commit: RecordedCommit | RecordedChange | null): string {
  const about = subject(commit?.message ?? change.message ?? "");
  const [service, kind] = [change.service ?? "unknown service", kinds[change.kind] ?? "other"];
  if (kind === "commit") return about === "" ? `commit ${change.sha?.slice(0, 7) ?? ""}`.trim() : about;
  if (kind === "flag") return `flag ${change.flag ?? "(unnamed)"} on ${service}${change.change === null ? "" : `: ${change.change}`}`;
  const release = change.version ?? change.sha?.slice(0, 7) ?? null;
  const what = kind === "other" ? change.kind : change.change === "config" && kind === "deploy" ? "config deploy" : kind;
  return `${what} of ${service}${release === null ? "" : ` ${release}`}${about === "" ? "" : `: ${about}`}`;
}

/**
 * The recording's changes as midwatch knows them, in recording time, evidence 0. A deploy carries the files of the commit that it put live,
 * from the repository or from the commit's own row; what was live before is the previous deploy of that service, else the commit's parent.
 */
export function recordedChanges(recording: Pick<Recording, "changes" | "commits">): ChangeEvent[] {
  const commits = new Map(recording.commits.map((commit) => [commit.sha, commit]));
  const rows = new Map(recording.changes.flatMap((row) => (row.kind === "commit" && row.sha !== null ? [[row.sha, row]] : [])));
  const live = new Map<string, string>();
  return recording.changes.map((change) => {
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
      // A recording does not say what its repository is called; whoever serves it gives it a name.
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
