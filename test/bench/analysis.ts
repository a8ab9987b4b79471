import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { createPatternMiner } from "../../src/analysis/log-pattern.ts";
import { evalHealthy } from "../../src/cli/eval-healthy.ts";
import { caseFolders, rankCase, type Ranking, scoreTable } from "../../src/cli/eval-incidents.ts";

/**
 * The figures of docs/analysis.md, measured on recorded incidents and labelled logs, as ratios to what others publish for the same data.
 *
 * node test/bench/analysis.ts [INCIDENTS] [LOGS]     default: ../shared/incidents and ../shared/loghub-dev
 */

const shared = (path: string) => fileURLToPath(new URL(`../../../shared/${path}`, import.meta.url));
const [incidents = shared("incidents"), logs = shared("loghub-dev")] = process.argv.slice(2);
if (!existsSync(incidents) || !existsSync(logs)) {
  console.error(`${incidents} or ${logs} is not there: give the folder of recorded incidents and that of labelled logs.`);
  process.exit(2);
}

/** What others reach on the same data: AC@1 and AC@3 of the best general method; milliseconds a case; where it is published. */
const PEERS: Readonly<Record<string, { readonly name: string; readonly first: number; readonly third: number }>> = {
  "nezha-ob": { name: "BARO", first: 0.5, third: 0.71 },
  "nezha-tt": { name: "Nezha, its constants fitted to this system", first: 0.85, third: 0.96 },
  petshop: { name: "the authors' traversal", first: 0.69, third: 0.77 },
};
/** Drain, tuned for each system, and Drain3 with its defaults (Python). */
const DRAIN = { ga: 0.881, fga: 0.805, linesPerSecond: 21_000 };

const ratio = (own: number, theirs: number) => `×${(own / theirs).toFixed(2)}`;

console.log("Suspects\n");
const rankings: { folder: string; ranking: Ranking }[] = [];
for (const folder of caseFolders([incidents])) rankings.push({ folder, ranking: (await rankCase(folder)).ranking });
const table = scoreTable(rankings);
for (const line of table) {
  const peer = PEERS[line.split(/\s+/)[0] ?? ""];
  const [, , first = "", third = ""] = line.split(/\s+/);
  console.log(
    peer === undefined
      ? line
      : `${line}   ${ratio(Number(first), peer.first)} and ${ratio(Number(third), peer.third)} of ${peer.name} (${peer.first}, ${peer.third})`,
  );
}

console.log("\nHealthy half hours\n");
await evalHealthy({ folder: incidents });

console.log("\nLog patterns\n");

/** One row of a CSV with quoted fields; line breaks inside of quotes belong to the field. */
function* csvRows(text: string): Generator<string[]> {
  let row: string[] = [];
  let field = "";
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at] ?? "";
    if (quoted) {
      if (char !== '"') field += char;
      else if (text[at + 1] === '"') {
        field += char;
        at += 1;
      } else quoted = false;
    } else if (char === '"') quoted = true;
    else if (char === ",") {
      row.push(field);
      field = "";
    } else if (char === "\n") {
      yield [...row, field.replace(/\r$/, "")];
      row = [];
      field = "";
    } else field += char;
  }
  if (field !== "" || row.length > 0) yield [...row, field];
}

/** Grouping accuracy by line, and its F1 by template, as logparser's evaluator computes them. */
function grouping(truth: readonly string[], found: readonly string[]): { ga: number; fga: number } {
  const group = (ids: readonly string[]) => {
    const groups = new Map<string, number[]>();
    for (const [index, id] of ids.entries()) groups.set(id, [...(groups.get(id) ?? []), index]);
    return groups;
  };
  const truths = group(truth);
  const clusters = group(found);
  let lines = 0;
  let right = 0;
  for (const members of clusters.values()) {
    const label = truth[members[0] ?? 0] ?? "";
    const same = members.length === (truths.get(label)?.length ?? 0) && members.every((index) => truth[index] === label);
    if (!same) continue;
    lines += members.length;
    right += 1;
  }
  const precision = right / clusters.size;
  const recall = right / truths.size;
  return { ga: lines / truth.length, fga: precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall) };
}

const scores: { ga: number; fga: number; linesPerSecond: number }[] = [];
for (const name of readdirSync(logs).filter((file) => file.endsWith(".csv.gz"))) {
  const [header = [], ...rows] = csvRows(gunzipSync(readFileSync(join(logs, name))).toString("utf8"));
  const [event, content] = [header.indexOf("EventId"), header.indexOf("Content")];
  const messages = rows.map((row) => (row[content] ?? "").replaceAll(/[\r\n]+/g, " "));
  const miner = createPatternMiner();
  const ids = messages.map((message) => miner.add(message));
  const { ga, fga } = grouping(
    rows.map((row) => row[event] ?? ""),
    ids.map((id) => String(miner.resolve(id))),
  );
  const fast = createPatternMiner();
  const began = performance.now();
  let read = 0;
  while (performance.now() - began < 500) {
    for (const message of messages) fast.add(message);
    read += messages.length;
  }
  const linesPerSecond = (read / (performance.now() - began)) * 1000;
  scores.push({ ga, fga, linesPerSecond });
  console.log(
    `${name.replace(".csv.gz", "").padEnd(12)} GA ${ga.toFixed(3)}  FGA ${fga.toFixed(3)}  ${Math.round(linesPerSecond).toLocaleString("en-US")} lines/s`,
  );
}
const mean = (of: (score: (typeof scores)[number]) => number) => scores.reduce((sum, score) => sum + of(score), 0) / scores.length;
const slowest = Math.min(...scores.map((score) => score.linesPerSecond));
console.log(
  `mean GA ${mean((one) => one.ga).toFixed(3)} (${ratio(
    mean((one) => one.ga),
    DRAIN.ga,
  )} of Drain tuned per system), FGA ${mean((one) => one.fga).toFixed(3)} (${ratio(
    mean((one) => one.fga),
    DRAIN.fga,
  )}), ` +
    `lowest GA ${Math.min(...scores.map((one) => one.ga)).toFixed(3)}, slowest ${Math.round(slowest).toLocaleString("en-US")} lines/s (${ratio(slowest, DRAIN.linesPerSecond)} of Drain3 in Python)`,
);
