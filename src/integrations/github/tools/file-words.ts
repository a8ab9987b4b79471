import type { ChangedFile } from "../../../incident/telemetry.ts";
import { counted, outsideLine } from "../../../report/tool-view.ts";

/** How changed files are shown. */

// What tools write and nobody reads: lock files, what a generator or bundler made, other people's code.
const noise: readonly (readonly [RegExp, string])[] = [
  [
    /(?:^|\/)(?:package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lockb?|deno\.lock|cargo\.lock|go\.sum|poetry\.lock|uv\.lock|pdm\.lock|pipfile\.lock|gemfile\.lock|composer\.lock|mix\.lock|podfile\.lock|packages\.lock\.json|gradle\.lockfile|\.terraform\.lock\.hcl|flake\.lock)$/i,
    "lock file",
  ],
  [/(?:^|\/)(?:vendor|node_modules|third_party|bower_components)\//i, "vendored"],
  [
    /(?:\.min\.(?:js|css)|\.(?:js|css)\.map|\.snap|\.pb\.go|_pb2(?:_grpc)?\.pyi?|\.g\.dart|\.designer\.cs|[._-]generated\.\w+|\.svg)$|(?:^|\/)(?:__generated__|generated|dist)\//i,
    "generated",
  ],
];

/** Why a file's diff is not worth reading, or null. */
export const noiseOf = (path: string): string | null => noise.find(([pattern]) => pattern.test(path))?.[1] ?? null;

const aside = /(?:^|\/)(?:tests?|__tests__|spec|docs?|examples?)\/|\.(?:md|rst|txt)$|[._-](?:test|spec)\.\w+$|Test\.(?:java|kt)$/;

/** Code first, then tests and documents, then what is not worth reading; within each of them those that changed most. */
export const byWorth = <T extends Pick<ChangedFile, "path" | "additions" | "deletions">>(files: readonly T[]): T[] =>
  files.toSorted((a, b) => worthOf(a.path) - worthOf(b.path) || b.additions + b.deletions - a.additions - a.deletions);
const worthOf = (path: string) => (noiseOf(path) !== null ? 2 : aside.test(path) ? 1 : 0);

export const countsOf = (files: readonly Pick<ChangedFile, "additions" | "deletions">[]): string =>
  `+${files.reduce((sum, file) => sum + file.additions, 0)} -${files.reduce((sum, file) => sum + file.deletions, 0)}`;

export const filesWord = (count: number): string => counted(count, "file");

/** `modified src/a.ts +3 -1`, on one line. */
export function fileLine({ path, status, additions, deletions }: Pick<ChangedFile, "path" | "status" | "additions" | "deletions">): string {
  const why = noiseOf(path);
  return `${status} ${outsideLine(path, 200)} +${additions} -${deletions}${why === null ? "" : ` (${why})`}`;
}
