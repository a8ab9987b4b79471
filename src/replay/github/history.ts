import { filesOfRow } from "../change-files.ts";
import type { ReplayClock } from "../clock.ts";
import type { RecordedChange, RecordedCommit, Recording } from "../recorded.ts";
import { type FileTexts, historyOfHunks } from "./hunks.ts";

/** A commit to be made in the emulated repository, on top of the one before it. */
export interface PlannedCommit {
  /** As recorded; null for a commit that the replay adds. */
  readonly sha: string | null;
  readonly message: string;
  readonly author: { readonly name: string; readonly email: string };
  /** Served time, epoch milliseconds. */
  readonly at: number;
  readonly files: FileTexts;
  readonly pr: RecordedCommit["pr"];
}

const DAY_MS = 86_400_000;
const replayAuthor = { name: "replay", email: "replay@acme.example" };

const readme = (name: string, how: string) => `# ${name}\n\nThis repository belongs to a replayed incident.\n\n${how}\n`;
const noFiles = "The recording has no repository of this system, so there is no code here and nothing was deployed from it.";
const onlyHunks = [
  "The recording has the commits of this system with their diffs, but not whole files. Each file holds the lines that some diff shows;",
  "`…` stands for what is not recorded. A commit's diff shows what was recorded of it.",
].join("\n");

/** GitHub's noreply address for an author of whom only the name is known. */
const emailOf = (name: string) => `${name.toLowerCase().replaceAll(/[^a-z0-9.-]+/g, "-")}@users.noreply.github.com`;

/** Whole files, as repository/commits.json has them. What was there before its first commit is one commit more. */
function ofWholeFiles(commits: readonly RecordedCommit[], clock: ReplayClock): PlannedCommit[] {
  const before = new Map<string, string>();
  const seen = new Set<string>();
  for (const { path, before: text } of commits.flatMap(({ files }) => files)) {
    if (seen.has(path)) continue;
    seen.add(path);
    if (text !== null) before.set(path, text);
  }
  const planned = commits.map((commit): PlannedCommit => ({
    sha: commit.sha,
    message: commit.message,
    author: commit.author,
    at: clock.toServed(commit.at),
    files: new Map(commit.files.map(({ path, after }) => [path, after])),
    pr: commit.pr,
  }));
  return before.size === 0 ? planned : [base(before, planned[0]?.at ?? 0), ...planned];
}

const base = (files: FileTexts, firstAt: number): PlannedCommit => ({
  sha: null,
  message: "Everything before the recording",
  author: replayAuthor,
  at: firstAt - 30 * DAY_MS,
  files,
  pr: null,
});

function ofRows(rows: readonly RecordedChange[], name: string, clock: ReplayClock): PlannedCommit[] {
  const { initial, after } = historyOfHunks(rows.map((row) => ({ mark: row.sha?.slice(0, 10) ?? "", changes: filesOfRow(row) })));
  const planned = rows.map((row, index): PlannedCommit => ({
    sha: row.sha,
    message: row.message ?? "",
    author: { name: row.author ?? "unknown", email: emailOf(row.author ?? "unknown") },
    at: clock.toServed(row.at),
    files: after[index] ?? new Map(),
    pr: null,
  }));
  return [base(new Map([...initial, ["README.md", readme(name, onlyHunks)]]), planned[0]?.at ?? 0), ...planned];
}

/**
 * The history to serve, oldest first and never empty: the repository's own commits, or what the commit rows of the changes allow, or, where
 * there is neither, a README that says so. Commits after the recording's end do not exist yet.
 * @param name of the repository
 * @param empty GitHub is to be there and know nothing
 */
export function planHistory(recording: Recording, clock: ReplayClock, name: string, empty: boolean): PlannedCommit[] {
  const { window } = recording.incident;
  const commits = recording.commits.filter(({ at }) => at <= window.to);
  if (!empty && commits.length > 0) return ofWholeFiles(commits, clock);
  const rows = recording.changes.filter(({ kind, at, sha }) => kind === "commit" && sha !== null && at <= window.to);
  if (!empty && rows.length > 0) return ofRows(rows, name, clock);
  return [base(new Map([["README.md", readme(name, noFiles)]]), clock.toServed(window.from))];
}
