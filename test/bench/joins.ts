import { analyseInTurns } from "../../src/analysis/analyse.ts";
import { LIKELY } from "../../src/incident/confidence.ts";
import { type Analysis, culpritOf } from "../../src/incident/finding.ts";
import type { Joining } from "../../src/incident/joining.ts";
import { judgePair } from "./worlds/judge-pair.ts";
import { makePair, type Pair } from "./worlds/pairs.ts";
import { inHalves } from "./worlds/in-halves.ts";

/**
 * Pairs of pages of made-up systems: whether the rule joins those of one cause, and keeps the others apart.
 *
 * npm run bench -- joins [FIRST] [COUNT]     seeds below 100,000 are for development, the others for the report
 */

interface Judged extends Omit<Pair, "first" | "second"> {
  /** By the first page's triage alone, and once the second has had its own. */
  readonly atOnce: Joining;
  readonly later: Joining;
  readonly services: readonly [string, string];
  /** Whose fault a page of a second fault blames, likely, in an investigation of its own; null: no likely one. */
  readonly blames: "its own" | "the other's" | "neither's" | null;
}

async function judge(seed: number): Promise<Judged> {
  const { first, second, ...about } = makePair(seed);
  const { atOnce, later } = await judgePair(first, second);
  const analysis = async () => (await analyseInTurns(second.telemetry, async () => undefined)).analysis;
  const blames = about.kind === "coincident" && later.how !== "joins" ? blamed(await analysis(), about.roots) : null;
  return { ...about, blames, atOnce, later, services: [first.service, second.service] };
}

function blamed(analysis: Analysis, [others, own]: Pair["roots"]): Judged["blames"] {
  const culprit = culpritOf(analysis);
  if (culprit === null || culprit.probability < LIKELY || analysis.verdict === "nothing-wrong") return null;
  return own.includes(culprit.service) ? "its own" : others.includes(culprit.service) ? "the other's" : "neither's";
}

function report(all: readonly Judged[]): void {
  const percent = (part: number, whole: number) => (whole === 0 ? "   -" : `${((100 * part) / whole).toFixed(1)} %`).padStart(7);
  console.log("pairs                     n   joined  of these by the first triage   fault");
  const line = (name: string, rows: readonly Judged[]) => {
    const joined = rows.filter(({ later }) => later.how === "joins");
    const atOnce = joined.filter(({ atOnce: one }) => one.how === "joins");
    console.log(
      `${name.padEnd(36)} ${String(rows.length).padStart(4)}  ${percent(joined.length, rows.length)}  ${percent(atOnce.length, joined.length)}`,
    );
  };
  for (const kind of ["same-cause", "coincident", "other-resource", "quiet"]) {
    const rows = all.filter((one) => one.kind === kind);
    line(kind, rows);
    for (const fault of [...new Set(rows.map((one) => one.fault))].toSorted())
      line(
        `   ${fault}`,
        rows.filter((one) => one.fault === fault),
      );
  }
  const [same, others] = [all.filter(({ isSame }) => isSame), all.filter(({ isSame }) => !isSame)];
  const wrong = others.filter(({ later }) => later.how === "joins").length;
  const missed = same.filter(({ later }) => later.how !== "joins").length;
  const joined = all.length - others.length - missed + wrong;
  console.log(
    `wrong joins: ${wrong} of ${others.length} pairs with two causes (${percent(wrong, others.length).trim()}), of ${joined} joins (${percent(wrong, joined).trim()})`,
  );
  console.log(`missed joins: ${missed} of ${same.length} (${percent(missed, same.length).trim()})`);
  const apart = all.filter((one) => one.kind === "coincident" && one.later.how !== "joins");
  const count = (whom: Judged["blames"]) => apart.filter(({ blames }) => blames === whom).length;
  console.log(
    `a second fault's page, ${apart.length} by themselves: blames its own ${count("its own")}, the other's ${count("the other's")}, neither's ${count("neither's")}, nobody likely ${count(null)}`,
  );
  const why = Map.groupBy(
    same.filter(({ later }) => later.how !== "joins"),
    ({ later }) => (later.how === "apart" ? later.because.code : later.how),
  );
  for (const [code, rows] of why) console.log(`   missed, ${code}: ${rows.length}`);
}

await inHalves({ file: import.meta.url, first: 40_001, count: 200, name: "pairs", list: "JOINS_LIST", judge, report });
