import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { z } from "zod";
import { analyse } from "../analysis/analyse.ts";
import type { Telemetry } from "../incident/telemetry.ts";
import { recordedTelemetry } from "../replay/recorded-telemetry.ts";
import type { Recording } from "../replay/recorded.ts";
import { loadRecording } from "../replay/recording.ts";
import { caseFolders } from "./eval-incidents.ts";

/** Arguments of `eval healthy`. */
export interface EvalHealthy {
  /** A folder with `baseline/` beside `cases/`, or one of baselines. */
  readonly folder: string;
  /** Which of a system's windows are judged. Default: all. */
  readonly take?: <T>(windows: readonly T[]) => readonly T[];
  readonly print?: (line: string) => void;
}

const HALF_HOUR_MS = 30 * 60_000;
const LEAD_MS = 10 * 60_000;

/** The healthy windows of one system: a page in the middle of nothing, at the end of every half hour but the first. */
function healthyWindows(telemetry: Telemetry, from: number, to: number): Telemetry[] {
  const windows: Telemetry[] = [];
  for (let end = from + 2 * HALF_HOUR_MS; end <= to + 60_000; end += HALF_HOUR_MS) {
    const window = { from: end - LEAD_MS, to: end };
    const inside = (at: number): boolean => at < end && at >= from;
    windows.push({
      ...telemetry,
      page: { ...telemetry.page, at: end - 120_000 },
      window,
      baseline: { from, to: window.from },
      series: telemetry.series.flatMap((series) => {
        const points = series.points.filter((point) => inside(point.at));
        return points.length === 0 ? [] : [{ ...series, points }];
      }),
      logs: telemetry.logs.filter((line) => inside(line.at)),
      spans: telemetry.spans.filter((span) => inside(span.start)),
      changes: [],
      events: [],
      monitors: [],
      issues: [],
      statements: [],
      sessions: [],
      earlierIncidents: [],
    });
  }
  return windows;
}

const namedSchema = z.object({ baselines: z.array(z.string()).default([]) });

/** `eval healthy`: how many healthy half hours are called an incident, and how many end without an answer, by system. @returns the exit code */
export async function evalHealthy({ folder, take = (windows) => windows, print = console.log }: EvalHealthy): Promise<number> {
  const root = resolve(folder);
  const baselines = join(root, "baseline");
  if (!existsSync(baselines)) {
    print(`${root} holds no folder baseline/ with healthy recordings.`);
    return 2;
  }
  const cases = caseFolders([root]);
  let alarms = 0;
  let left = 0;
  let total = 0;
  for (const name of readdirSync(baselines).toSorted()) {
    if (!statSync(join(baselines, name)).isDirectory()) continue;
    // A case of the same system knows its entry service and its calls.
    const of = cases.find((path) =>
      namedSchema.parse(JSON.parse(readFileSync(join(path, "incident.json"), "utf8"))).baselines.some((one) => one.endsWith(name)),
    );
    if (of === undefined) {
      print(`${name}: no case names it, so its entry service is unknown; passed over.`);
      continue;
    }
    const recording = await loadRecording(of);
    const healthy = onlyBaselines(recording);
    const telemetry = recordedTelemetry(healthy);
    const times = telemetry.series.flatMap((series) => series.points.map((point) => point.at));
    const from = times.reduce((least, at) => Math.min(least, at), Infinity);
    const to = times.reduce((most, at) => Math.max(most, at), -Infinity);
    const windows = take(healthyWindows(telemetry, from, to));
    let flagged = 0;
    let open = 0;
    for (const window of windows) {
      const found = analyse(window);
      if (found.verdict === "inconclusive") open += 1;
      if (found.verdict !== "incident") continue;
      flagged += 1;
      print(`  ${name} ${new Date(window.page.at).toISOString()}: ${found.because} (${found.suspects[0]?.reasons[0]?.text ?? ""})`);
    }
    alarms += flagged;
    left += open;
    total += windows.length;
    print(`${name}: ${flagged} of ${windows.length} healthy half hours called an incident, ${open} without a cause`);
  }
  const share = (count: number) => `${count} of ${total} (${total === 0 ? "-" : ((100 * count) / total).toFixed(1)} %)`;
  print(`all: ${share(alarms)} called an incident, ${share(left)} without a cause`);
  return 0;
}

/** The healthy hours of a recording alone. */
function onlyBaselines(recording: Recording): Recording {
  return { ...recording, series: [], logs: [], spans: [], changes: [], events: [], monitors: [], sentry: [], commits: [] };
}
