import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { analyse } from "../../src/analysis/analyse.ts";
import { readTelemetry } from "../../src/analysis/reading.ts";
import type { CallGraph } from "../../src/analysis/call-graph.ts";
import type { Clue, ClueFamily } from "../../src/analysis/clue.ts";
import { rankCandidates, toSuspects } from "../../src/analysis/suspect.ts";
import { finish } from "../../src/analysis/turns.ts";
import { caseFolders } from "../../src/cli/eval-incidents.ts";
import type { LogLine, Telemetry } from "../../src/incident/telemetry.ts";
import { recordedTelemetry } from "../../src/replay/recorded-telemetry.ts";
import { loadRecording } from "../../src/replay/recording.ts";

/**
 * How far the ranking rests on its weights and on whole data: leave one data set out, how often stated probabilities come true, and AC@1 with less
 * to go by. The figures of docs/analysis.md.
 *
 * node test/bench/robustness.ts [INCIDENTS]     default: ../shared/incidents; a minute or two
 */

const [folder = fileURLToPath(new URL("../../../shared/incidents", import.meta.url))] = process.argv.slice(2);
if (!existsSync(folder)) {
  console.error(`${folder} is not there: give the folder of recorded incidents.`);
  process.exit(2);
}

/** Random vectors of weights. With more of them more are best on the others by chance: 1,000 lose up to three hundredths more. */
const VECTORS = 150;

const aboutSchema = z.object({ dataset: z.string() });
const truthSchema = z.object({ root_cause: z.object({ service: z.string() }) });
const readJson = (path: string): unknown => JSON.parse(readFileSync(path, "utf8"));

/** A hash of a text between 0 and 1: chance that is the same on every run. */
function chance(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x7feb352d);
  return ((hash ^ (hash >>> 15)) >>> 0) / 2 ** 32;
}

const tracesOf = (telemetry: Telemetry, share: number): Telemetry => ({
  ...telemetry,
  spans: telemetry.spans.filter(({ traceId }) => chance(traceId) < share),
  logs: telemetry.logs.filter(({ traceId }) => traceId === null || chance(traceId) < share),
});

function sampled(lines: readonly LogLine[], most: number): LogLine[] {
  if (lines.length <= most) return [...lines];
  const weight = lines.length / most;
  return lines
    .map((line, index) => ({ line, order: chance(`${line.at} ${index}`) }))
    .toSorted((a, b) => a.order - b.order)
    .slice(0, most)
    .map(({ line }) => ({ ...line, weight }))
    .toSorted((a, b) => a.at - b.at);
}

const WORSE: Readonly<Record<string, (telemetry: Telemetry) => Telemetry>> = {
  nothing: (telemetry) => telemetry,
  "known earlier incidents": (telemetry) => ({ ...telemetry, earlierIncidents: [] }),
  "the last minute": (telemetry) => {
    const to = telemetry.window.to - 60_000;
    return {
      ...telemetry,
      window: { ...telemetry.window, to },
      series: telemetry.series.map((one) => ({ ...one, points: one.points.filter(({ at }) => at < to) })),
      logs: telemetry.logs.filter(({ at }) => at < to),
      spans: telemetry.spans.filter(({ start }) => start < to),
    };
  },
  "half of the traces with their logs": (telemetry) => tracesOf(telemetry, 0.5),
  "four of five traces with their logs": (telemetry) => tracesOf(telemetry, 0.2),
  "three of ten points of every series, at random": (telemetry) => ({
    ...telemetry,
    series: telemetry.series.map((one, index) => ({ ...one, points: one.points.filter(({ at }) => chance(`${index} ${at}`) >= 0.3) })),
  }),
  "all but 1,000 log lines before and 1,000 since (sampled, weighted)": (telemetry) => ({
    ...telemetry,
    logs: [
      ...sampled(
        telemetry.logs.filter(({ at }) => at < telemetry.window.from),
        1_000,
      ),
      ...sampled(
        telemetry.logs.filter(({ at }) => at >= telemetry.window.from),
        1_000,
      ),
    ],
  }),
  "the call graph of the catalog": (telemetry) => ({ ...telemetry, calls: [] }),
  "all spans": (telemetry) => ({ ...telemetry, spans: [] }),
  "all logs": (telemetry) => ({ ...telemetry, logs: [] }),
  "all metrics": (telemetry) => ({ ...telemetry, series: [] }),
};

/** What one case says, to be weighed anew. */
interface Read {
  readonly dataset: string;
  readonly service: string;
  readonly clues: readonly Clue[];
  readonly graph: CallGraph;
  readonly paged: string;
}

const reads: Read[] = [];
/** Right answers by what was taken away and data set. */
const right = new Map<string, Map<string, { hits: number; cases: number }>>();
for (const path of caseFolders([folder])) {
  if (!existsSync(join(path, "truth.json"))) continue;
  const { service } = truthSchema.parse(readJson(join(path, "truth.json"))).root_cause;
  const { dataset } = aboutSchema.parse(readJson(join(path, "incident.json")));
  const telemetry = recordedTelemetry(await loadRecording(path));
  const { clues, graph, paged } = finish(readTelemetry(telemetry));
  reads.push({ dataset, service, clues, graph, paged });
  for (const [what, without] of Object.entries(WORSE)) {
    const row = right.get(what) ?? new Map<string, { hits: number; cases: number }>();
    right.set(what, row);
    const cell = row.get(dataset) ?? { hits: 0, cases: 0 };
    row.set(dataset, cell);
    cell.cases += 1;
    if (analyse(without(telemetry)).suspects[0]?.service === service) cell.hits += 1;
  }
}
const datasets = [...new Set(reads.map(({ dataset }) => dataset))].toSorted();
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const middle = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
const shown = (value: number) => value.toFixed(2);

const families = [...new Set(reads.flatMap(({ clues }) => clues.map(({ family }) => family)))].toSorted();
const vectors = Array.from(
  { length: VECTORS },
  (_, vector) => new Map<ClueFamily, number>(families.map((family) => [family, 2 ** (2 * chance(`${vector} ${family}`) - 1)])),
);
const stated: { probability: number; isRight: boolean }[] = [];
/** AC@1 of each vector on each data set. */
const scores = vectors.map((vector) => {
  const hits = new Map<string, number[]>();
  for (const { dataset, service, clues, graph, paged } of reads) {
    const scaled = clues.map((clue) => ({ ...clue, weight: clue.weight * (vector.get(clue.family) ?? 1) }));
    const [first] = toSuspects(rankCandidates(scaled, graph, paged), null, 0);
    const isRight = first?.service === service;
    if (first !== undefined) stated.push({ probability: first.probability, isRight });
    hits.set(dataset, [...(hits.get(dataset) ?? []), isRight ? 1 : 0]);
  }
  return new Map([...hits].map(([dataset, values]) => [dataset, mean(values)]));
});
const plain = new Map(
  datasets.map((dataset) => [
    dataset,
    mean(
      reads
        .filter((read) => read.dataset === dataset)
        .map(({ service, clues, graph, paged }) => (rankCandidates(clues, graph, paged)[0]?.service === service ? 1 : 0)),
    ),
  ]),
);

console.log(
  `Leave one out: ${VECTORS} vectors scale each of ${families.length} families by 0.5 to 2; those best on the others, on this one\n`,
);
console.log("data set       as it is  mean  loss  worst of them  any vector, median");
for (const dataset of datasets) {
  const others = (score: ReadonlyMap<string, number>) => mean(datasets.filter((one) => one !== dataset).map((one) => score.get(one) ?? 0));
  const best = Math.max(...scores.map(others));
  const held = scores.filter((score) => others(score) >= best - 1e-9).map((score) => score.get(dataset) ?? 0);
  const own = plain.get(dataset) ?? 0;
  console.log(
    `${dataset.padEnd(14)} ${shown(own).padStart(8)}  ${shown(mean(held))}  ${shown(own - mean(held))}  ${shown(Math.min(...held)).padStart(13)}  ${shown(middle(scores.map((score) => score.get(dataset) ?? 0)))} (${held.length} vectors)`,
  );
}

console.log("\nProbability of the first suspect over the same vectors\n");
for (const [from, to] of [
  [0, 0.45],
  [0.45, 0.65],
  [0.65, 0.9],
  [0.9, 1],
] as const) {
  const inside = stated.filter(({ probability }) => probability >= from && probability < to);
  console.log(
    `${shown(from)} to ${shown(to)}: mean stated ${shown(mean(inside.map((one) => one.probability)))}, right ${shown(mean(inside.map((one) => (one.isRight ? 1 : 0))))} (${inside.length})`,
  );
}

console.log(`\nWorse data: AC@1 (${datasets.join(", ")}) without\n`);
for (const [what, row] of right) {
  const cells = datasets.map((dataset) => shown((row.get(dataset)?.hits ?? 0) / (row.get(dataset)?.cases ?? 1)));
  console.log(`${what.padEnd(68)} ${cells.join(", ")}`);
}
