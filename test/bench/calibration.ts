import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { analyse } from "../../src/analysis/analyse.ts";
import { caseFolders } from "../../src/cli/eval-incidents.ts";
import { LIKELY } from "../../src/incident/confidence.ts";
import type { Analysis } from "../../src/incident/finding.ts";
import { recordedTelemetry } from "../../src/replay/recorded-telemetry.ts";
import { loadRecording } from "../../src/replay/recording.ts";
import { makeWorld } from "./worlds/world.ts";

/**
 * Whether stated probabilities are right as often as they say, and the first suspect is right, by system: each recorded set, and made-up worlds.
 *
 * npm run bench -- calibration [FIRST] [COUNT]     seeds of the worlds; below 100,000 for development
 *
 * One constant (`GIVEN_AN_INCIDENT`) was set with these figures. For each set the bench prints what all others would set it to, and the error of the
 * set with that: the set is left out.
 */

const truthSchema = z.object({ root_cause: z.object({ service: z.string() }) });
const aboutSchema = z.object({ dataset: z.string() });
const SHIFT = 0.8;
const VERY_LIKELY = 0.9;

/** First suspect of one incident. */
interface Stated {
  readonly set: string;
  readonly isIncident: boolean;
  /** Its cause is a service, so that somebody can be right. */
  readonly isRanked: boolean;
  readonly probability: number;
  readonly isRight: boolean;
}

function stated(set: string, { verdict, suspects }: Analysis, services: readonly string[], isRanked = true): Stated {
  const [first] = verdict === "nothing-wrong" ? [] : suspects;
  return {
    ...{ set, isRanked, probability: first?.probability ?? 0 },
    isIncident: verdict === "incident" && first !== undefined,
    isRight: first !== undefined && services.includes(first.service),
  };
}

const all: Stated[] = [];
for (const path of caseFolders([fileURLToPath(new URL("../../../shared/incidents", import.meta.url))])) {
  if (!existsSync(join(path, "truth.json"))) continue;
  const read = (name: string): unknown => JSON.parse(readFileSync(join(path, name), "utf8")) as unknown;
  const { service } = truthSchema.parse(read("truth.json")).root_cause;
  const analysis = analyse(recordedTelemetry(await loadRecording(path)));
  all.push(stated(aboutSchema.parse(read("incident.json")).dataset, analysis, [service]));
}
const WITHOUT_A_CAUSE = new Set(["nothing", "harmless-events", "recovered", "unrelated", "shared-layer"]);
const [seed = 1, count = 114] = process.argv.slice(2).map(Number);
for (let index = 0; index < count; index += 1) {
  const { telemetry, truth, kind } = makeWorld(seed + index);
  all.push(stated("worlds", analyse(telemetry), truth.services, !WITHOUT_A_CAUSE.has(kind)));
}

const mean = (values: readonly number[]) =>
  values.length === 0 ? Number.NaN : values.reduce((sum, value) => sum + value, 0) / values.length;
const share = (rows: readonly Stated[]) => mean(rows.map(({ isRight }) => (isRight ? 1 : 0)));
const moved = (probability: number, by: number) => {
  const odds = (probability / Math.max(0.01, 1 - probability)) * Math.exp(by);
  return Math.min(0.99, odds / (1 + odds));
};

/** Bins of a tenth: how far the mean that was stated is from the share right. */
function calibrationError(rows: readonly Stated[], print = false): number {
  let off = 0;
  for (let bin = 0; bin < 10; bin += 1) {
    const inside = rows.filter(({ probability }) => Math.min(9, Math.floor(probability * 10)) === bin);
    if (inside.length === 0) continue;
    const said = mean(inside.map(({ probability }) => probability));
    off += (Math.abs(said - share(inside)) * inside.length) / rows.length;
    if (print) console.log(`  stated ${said.toFixed(2)}: right ${share(inside).toFixed(2)} (${inside.length})`);
  }
  return off;
}

/** What would make the mean that is said the share right; between no shift and odds 20 times as high. */
function shiftOf(rows: readonly Stated[]): number {
  let [low, high] = [0, 3];
  for (let step = 0; step < 30; step += 1) {
    const middle = (low + high) / 2;
    if (mean(rows.map(({ probability }) => moved(probability, middle - SHIFT))) < share(rows)) low = middle;
    else high = middle;
  }
  return low;
}

const incidents = all.filter(({ isIncident }) => isIncident);
console.log(`set        AC@1 (goal, worst: 0.90)  calibration error  left out (others would shift by)  wrong at "likely"`);
const worst: number[] = [];
const leftOut: Stated[] = [];
for (const set of new Set(all.map((one) => one.set))) {
  const own = incidents.filter((one) => one.set === set);
  const right = share(all.filter((one) => one.set === set && one.isRanked));
  worst.push(right);
  // A cap has its own reason, whatever the others show.
  const by = shiftOf(incidents.filter((one) => one.set !== set && one.probability > 0.6)) - SHIFT;
  const held = own.map((one) => (one.probability > 0.6 ? { ...one, probability: moved(one.probability, by) } : one));
  leftOut.push(...held);
  const wrong = own.filter(({ probability, isRight }) => !isRight && probability >= LIKELY).length;
  console.log(
    `${set.padEnd(10)} ${right.toFixed(3).padEnd(25)} ${calibrationError(own).toFixed(3).padEnd(18)} ${calibrationError(held).toFixed(3)} (${(by + SHIFT).toFixed(2)})${" ".repeat(20)} ${wrong} of ${own.length}`,
  );
}
console.log("all sets and worlds");
const error = calibrationError(incidents, true);
const sure = incidents.filter(({ probability }) => probability >= VERY_LIKELY);
console.log(`worst AC@1 ${Math.min(...worst).toFixed(3)} (goal 0.90)`);
console.log(`expected calibration error ${error.toFixed(3)}; each set left out ${calibrationError(leftOut).toFixed(3)} (goal 0.07)`);
console.log(`"very likely" right ${share(sure).toFixed(3)} of ${sure.length} (goal 0.95)`);
