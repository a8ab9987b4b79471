import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";

/** What to put into a made-up recording: plain values by path below the folder. Paths ending in `.gz` are packed. */
export type RecordingFiles = Readonly<Record<string, unknown>>;

export interface RecordingFolder extends AsyncDisposable {
  readonly path: string;
}

function bytesOf(path: string, content: unknown): string | Buffer {
  const lines = (rows: unknown[], one: (row: unknown) => string) => rows.map(one).join("\n") + (rows.length === 0 ? "" : "\n");
  const text =
    typeof content === "string"
      ? content
      : path.endsWith(".jsonl.gz") && Array.isArray(content)
        ? lines(content, (row) => JSON.stringify(row))
        : path.endsWith(".csv.gz") && Array.isArray(content)
          ? lines(content, (row) => (row as unknown[]).map(csvField).join(","))
          : JSON.stringify(content);
  return path.endsWith(".gz") ? gzipSync(text) : text;
}

const csvField = (value: unknown): string => {
  const text = String(value ?? "");
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/** Writes `files` into a new folder (below `parent` when given); the folder goes with `await using`. */
export async function recordingFolder(files: RecordingFiles): Promise<RecordingFolder> {
  const path = await mkdtemp(join(tmpdir(), "midwatch-recording-"));
  for (const [name, content] of Object.entries(files)) {
    const file = join(path, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, bytesOf(name, content));
  }
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** An incident.json that names nothing but what it must; 12:00 to 12:30 UTC, paged at 12:28. */
export const incidentJson = (more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> => ({
  id: "made-up",
  title: "errors on shop",
  entry_service: "shop",
  detected_at: "2026-01-02T12:28:00Z",
  window: { start: "2026-01-02T12:00:00Z", end: "2026-01-02T12:30:00Z" },
  ...more,
});

/** Epoch seconds of a time on the made-up incident's day, as the files of a recording have it. */
export const secondsAt = (time: string): number => Date.parse(`2026-01-02T${time}Z`) / 1000;

export const changedFile = (path: string, before: string | null, after: string | null) => ({ path, before, after });

/** A row of a made-up recording's `repository/commits.json`; without `more` the first of its history. */
export const commitRow = (sha: string, files: readonly ReturnType<typeof changedFile>[], more: object = {}) => ({
  sha,
  parents: [],
  time: secondsAt("10:00:00"),
  author: { name: "Mara Linde", email: "mara@example.com" },
  message: "Start",
  pr: null,
  files,
  ...more,
});
