import { analyse } from "../../src/analysis/analyse.ts";
import { failedRequests } from "../../src/analysis/failed-requests.ts";
import { makeWorld } from "./worlds/world.ts";

/**
 * Holds the counted impact against what made-up incidents truly had: requests that failed since the onset that the analysis found.
 *
 * npm run bench -- impact [FIRST] [COUNT]     seeds below 100,000 are for development, the others for the report
 */

const [first = 1, count = 200] = process.argv.slice(2).map(Number);
/** What counts as right: within a tenth, or within some requests where few failed. */
const WITHIN = 0.1;
const FEW = 5;
const tally = new Map<string, { right: number; wrong: number; unknown: number }>();
const errors: number[] = [];

for (let seed = first; seed < first + count; seed += 1) {
  const { telemetry, truth, style, kind } = makeWorld(seed);
  const { onset } = analyse(telemetry);
  if (onset === null) continue;
  const found = failedRequests(telemetry, telemetry.page.service, { from: onset, to: telemetry.window.to });
  const line = tally.get(style) ?? { right: 0, wrong: 0, unknown: 0 };
  tally.set(style, line);
  if (found === null || found.failed === null) {
    line.unknown += 1;
    if (process.env["IMPACT_LIST"] !== undefined) console.log(JSON.stringify({ seed, kind, style, found }));
    continue;
  }
  // What it says it counted: from where to where.
  const really = truth.requestsIn(found).failed;
  const isRight = Math.abs(found.failed - really) <= Math.max(FEW, WITHIN * really);
  line[isRight ? "right" : "wrong"] += 1;
  errors.push(Math.abs(found.failed - really) / Math.max(FEW, really));
  if (!isRight && process.env["IMPACT_LIST"] !== undefined)
    console.log(
      JSON.stringify({
        seed,
        kind,
        style,
        true: Math.round(really),
        ...found,
        span: found.to - found.from,
        all: telemetry.window.to - onset,
      }),
    );
}
console.log(`impact of seeds ${first} to ${first + count - 1}`);
for (const [style, { right, wrong, unknown }] of [...tally].toSorted())
  console.log(`${style.padEnd(16)} right ${right}  wrong ${wrong}  not known ${unknown}`);
errors.sort((a, b) => a - b);
console.log(
  `median error ${(errors[Math.floor(errors.length / 2)] ?? 0).toFixed(3)}, 95 % ${(errors[Math.floor(errors.length * 0.95)] ?? 0).toFixed(3)}`,
);
