import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { performance } from "node:perf_hooks";
import { z } from "zod";
import { analyse } from "../analysis/analyse.ts";
import type { Analysis } from "../incident/finding.ts";
import { loadRecording } from "../replay/recording.ts";
import { recordedTelemetry } from "../replay/recorded-telemetry.ts";

/** Arguments of `eval incidents`. */
export interface EvalIncidents {
  /** Folders of single cases, or folders that hold such (directly or under `cases/`). */
  readonly folders: readonly string[];
  /** Where the rankings go, one JSON line a case; null: nowhere. */
  readonly out: string | null;
  /** Reads each case's `truth.json` after all rankings are made, and prints the table. */
  readonly truth: boolean;
  readonly print?: (line: string) => void;
}

/** One line of the rankings file. */
export interface Ranking {
  readonly case: string;
  readonly ranking: readonly string[];
  readonly fault: string | null;
  /** Full sha of the guilty commit, or "none" where no change is guilty. */
  readonly commit: string;
  readonly runtime_s: number;
  readonly probability: number;
  readonly verdict: Analysis["verdict"];
}

/** Folders of single cases under the given ones, in order. */
export function caseFolders(folders: readonly string[]): string[] {
  const found: string[] = [];
  for (const folder of folders.map((path) => resolve(path))) {
    if (existsSync(join(folder, "incident.json"))) {
      found.push(folder);
      continue;
    }
    const inside = existsSync(join(folder, "cases")) ? join(folder, "cases") : folder;
    if (!existsSync(inside)) continue;
    for (const name of readdirSync(inside).toSorted()) {
      const path = join(inside, name);
      if (statSync(path).isDirectory() && existsSync(join(path, "incident.json"))) found.push(path);
    }
  }
  return found;
}

const truthSchema = z.object({
  root_cause: z.object({ service: z.string(), fault_type: z.string().nullish(), commit: z.string().nullish() }),
  decoy_deploy_commits: z.array(z.string()).default([]),
});
const datasetSchema = z.object({ id: z.string().optional(), dataset: z.string().optional() });

/** Classes of the injected faults, as the data sets' scorer groups them. */
export const FAULT_CLASS: Readonly<Record<string, string>> = {
  cpu_contention: "cpu",
  cpu_consumed: "cpu",
  cpu_hog: "cpu",
  memory_leak: "memory",
  network_delay: "network",
  return: "code",
  exception: "code",
  delay: "latency",
  error: "error",
  request_overload: "overload",
  oom: "memory",
  config_change: "config",
};

/** Ranks one case; the time is that of the analysis of parsed data alone. */
export async function rankCase(folder: string): Promise<{ ranking: Ranking; analysis: Analysis }> {
  const recording = await loadRecording(folder);
  const telemetry = recordedTelemetry(recording);
  const began = performance.now();
  const analysis = analyse(telemetry);
  const runtime = (performance.now() - began) / 1000;
  const [first] = analysis.suspects;
  return {
    analysis,
    ranking: {
      case: recording.incident.id,
      ranking: analysis.suspects.map((suspect) => suspect.service),
      fault: first?.fault ?? null,
      commit: first?.change?.sha ?? "none",
      runtime_s: Number(runtime.toFixed(4)),
      probability: Number((first?.probability ?? 0).toFixed(3)),
      verdict: analysis.verdict,
    },
  };
}

/** `eval incidents`: ranks every case by the analysis alone. @returns the exit code */
export async function evalIncidents({ folders, out, truth, print = console.log }: EvalIncidents): Promise<number> {
  const cases = caseFolders(folders);
  if (cases.length === 0) {
    print(`No recorded incident under ${folders.join(", ") || "(no folder given)"}: a case is a folder that holds incident.json.`);
    return 2;
  }
  const rankings: { folder: string; ranking: Ranking }[] = [];
  for (const folder of cases) rankings.push({ folder, ranking: (await rankCase(folder)).ranking });
  if (out !== null) writeFileSync(out, rankings.map(({ ranking }) => `${JSON.stringify(ranking)}\n`).join(""));
  if (truth) for (const line of scoreTable(rankings)) print(line);
  else print(`${rankings.length} cases ranked${out === null ? "" : `, written to ${out}`}.`);
  return 0;
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, "utf8")) as unknown;
}

/** AC@k, SF@1 and C@1 by data set, as aligned text. */
export function scoreTable(rankings: readonly { readonly folder: string; readonly ranking: Ranking }[]): string[] {
  interface Row {
    n: number;
    hits: [number, number, number];
    fault: number;
    faults: number;
    commit: number;
    commits: number;
    decoys: number;
    times: number[];
  }
  const rows = new Map<string, Row>();
  for (const { folder, ranking } of rankings) {
    const path = join(folder, "truth.json");
    if (!existsSync(path)) continue;
    const parsed = truthSchema.safeParse(readJson(path));
    if (!parsed.success) continue;
    const { root_cause: cause, decoy_deploy_commits: decoys } = parsed.data;
    const about = datasetSchema.parse(readJson(join(folder, "incident.json")));
    const name = about.dataset ?? basename(join(folder, ".."));
    const row: Row = rows.get(name) ?? { n: 0, hits: [0, 0, 0], fault: 0, faults: 0, commit: 0, commits: 0, decoys: 0, times: [] };
    rows.set(name, row);
    row.n += 1;
    const rank = ranking.ranking.indexOf(cause.service);
    if (rank === 0) row.hits[0] += 1;
    if (rank >= 0 && rank < 3) row.hits[1] += 1;
    if (rank >= 0 && rank < 5) row.hits[2] += 1;
    const wanted = FAULT_CLASS[cause.fault_type ?? ""];
    if (wanted !== undefined) {
      row.faults += 1;
      if (rank === 0 && ranking.fault === wanted) row.fault += 1;
    }
    if (cause.commit != null) {
      row.commits += 1;
      if (ranking.commit.startsWith(cause.commit.slice(0, 7))) row.commit += 1;
      if (decoys.includes(ranking.commit)) row.decoys += 1;
    }
    row.times.push(ranking.runtime_s);
  }
  const share = (part: number, whole: number): string => (whole === 0 ? "    -" : (part / whole).toFixed(3));
  const lines = ["data set        n   AC@1  AC@3  AC@5  SF@1   C@1  decoys blamed  median time"];
  for (const [name, row] of [...rows].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const middle = row.times.toSorted((a, b) => a - b)[Math.floor(row.times.length / 2)] ?? 0;
    lines.push(
      `${name.padEnd(13)} ${String(row.n).padStart(3)}  ${share(row.hits[0], row.n)} ${share(row.hits[1], row.n)} ${share(row.hits[2], row.n)} ` +
        `${share(row.fault, row.faults)} ${share(row.commit, row.commits)}  ${row.commits === 0 ? "-" : row.decoys}`.padEnd(22) +
        `${(middle * 1000).toFixed(0)} ms`.padStart(12),
    );
  }
  return lines;
}
