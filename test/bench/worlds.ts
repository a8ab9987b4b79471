import { analyse } from "../../src/analysis/analyse.ts";
import { LIKELY } from "../../src/incident/confidence.ts";
import { makeWorld } from "./worlds/world.ts";
import { inHalves } from "./worlds/in-halves.ts";

/**
 * Runs the analysis over made-up incidents that nothing in it was set by, and prints what it says of them.
 *
 * npm run bench -- worlds [FIRST] [COUNT]     seeds below 100,000 are for development, the others for the report
 */

/** What the analysis said of one world, held against what is true. */
export interface Judged {
  readonly seed: number;
  readonly kind: string;
  readonly style: string;
  readonly parts: number;
  readonly verdict: string;
  readonly first: string | null;
  readonly rank: number | null;
  readonly probability: number;
  readonly isRight: boolean;
  readonly classRight: boolean;
  readonly guilty: boolean;
  readonly namesGuilty: boolean;
  readonly namesInnocent: boolean;
  readonly clearsGuilty: boolean;
  readonly tookMs: number;
}

function judge(seed: number): Judged {
  const { telemetry, truth, kind, style } = makeWorld(seed);
  const began = performance.now();
  const analysis = analyse(telemetry);
  const tookMs = performance.now() - began;
  const blamed = analysis.verdict === "nothing-wrong" ? [] : analysis.suspects;
  const [first] = blamed;
  const rank = blamed.findIndex(({ service }) => truth.services.includes(service));
  const named = first?.change?.evidence ?? null;
  return {
    seed,
    kind,
    style,
    parts: truth.parts,
    verdict: analysis.verdict,
    first: first?.service ?? null,
    rank: rank < 0 ? null : rank + 1,
    probability: first?.probability ?? 0,
    isRight: rank === 0,
    classRight: rank === 0 && first?.fault != null && truth.classes.includes(first.fault),
    guilty: truth.change !== null,
    namesGuilty: truth.change !== null && named === truth.change,
    namesInnocent: named !== null && named !== truth.change,
    clearsGuilty: truth.change !== null && analysis.ruledOut.some(({ evidence }) => evidence.includes(truth.change ?? -1)),
    tookMs,
  };
}

function report(all: readonly Judged[]): void {
  const share = (part: number, whole: number) => (whole === 0 ? "   -" : (part / whole).toFixed(3));
  console.log("kind                  n  incident open nothing  over   AC@1  AC@3  class  likely+wrong  C@1   cleared  innocent change");
  const kinds = [...new Set(all.map(({ kind }) => kind))];
  const line = (name: string, rows: readonly Judged[]) => {
    const count = (test: (one: Judged) => boolean) => rows.filter(test).length;
    const withGuilty = rows.filter(({ guilty }) => guilty);
    console.log(
      `${name.padEnd(20)} ${String(rows.length).padStart(4)}  ${share(
        count(({ verdict }) => verdict === "incident"),
        rows.length,
      )}   ${share(
        count(({ verdict }) => verdict === "inconclusive"),
        rows.length,
      )} ${share(
        count(({ verdict }) => verdict === "nothing-wrong"),
        rows.length,
      )} ${share(
        count(({ verdict }) => verdict === "recovered"),
        rows.length,
      )}   ` +
        `${share(
          count(({ rank }) => rank === 1),
          rows.length,
        )} ${share(
          count(({ rank }) => rank !== null && rank <= 3),
          rows.length,
        )} ${share(
          count(({ classRight }) => classRight),
          rows.length,
        )}  ${share(
          count(({ isRight, probability, verdict }) => verdict === "incident" && !isRight && probability >= LIKELY),
          rows.length,
        )}         ` +
        `${share(withGuilty.filter(({ namesGuilty }) => namesGuilty).length, withGuilty.length)} ${String(withGuilty.filter(({ clearsGuilty }) => clearsGuilty).length).padStart(5)}   ${count(({ namesInnocent }) => namesInnocent)}`,
    );
  };
  for (const kind of kinds.toSorted())
    line(
      kind,
      all.filter((one) => one.kind === kind),
    );
  const quiet = new Set(["nothing", "harmless-events", "recovered", "unrelated", "shared-layer"]);
  const real = all.filter(({ kind }) => !quiet.has(kind));
  line("ALL WITH A CAUSE", real);
  const stated = all.filter(({ verdict, first }) => verdict === "incident" && first !== null);
  let off = 0;
  for (let bin = 0; bin < 10; bin += 1) {
    const inside = stated.filter(({ probability }) => Math.min(9, Math.floor(probability * 10)) === bin);
    if (inside.length === 0) continue;
    const mean = inside.reduce((sum, { probability }) => sum + probability, 0) / inside.length;
    const right = inside.filter(({ isRight }) => isRight).length / inside.length;
    off += (Math.abs(mean - right) * inside.length) / stated.length;
    console.log(`stated ${mean.toFixed(2)}: right ${right.toFixed(2)} (${inside.length})`);
  }
  const sure = stated.filter(({ probability }) => probability >= 0.9);
  console.log(
    `expected calibration error ${off.toFixed(3)}; "very likely" right ${share(sure.filter(({ isRight }) => isRight).length, sure.length)} of ${sure.length}`,
  );
  const times = all.map(({ tookMs }) => tookMs).toSorted((a, b) => a - b);
  console.log(`analysis: median ${(times[Math.floor(times.length / 2)] ?? 0).toFixed(0)} ms, slowest ${(times.at(-1) ?? 0).toFixed(0)} ms`);
}

await inHalves({ file: import.meta.url, first: 1, count: 190, name: "worlds", list: "WORLDS_LIST", judge, report });
