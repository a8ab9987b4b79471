import { analyseInTurns } from "../../src/analysis/analyse.ts";
import { type Joining, judgeJoining, type JoinPage } from "../../src/incident/joining.ts";
import { makePair, type Pair, type PairPage } from "./worlds/pairs.ts";
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
}

const asJoinPage = (page: PairPage, incidentId: string): JoinPage => ({
  ...{ incidentId, pagerId: incidentId, service: page.service, names: [page.service], title: page.title, details: page.details },
  ...{ priority: null, urgency: "high", createdAt: page.at },
});

async function judge(seed: number): Promise<Judged> {
  const { first, second, ...about } = makePair(seed);
  const footprintOf = async ({ telemetry }: PairPage) => (await analyseInTurns(telemetry, async () => undefined)).footprint;
  const lead = {
    ...asJoinPage(first, "first"),
    joined: [],
    triageDueAt: null,
    endedAt: null,
    environment: null,
    footprint: await footprintOf(first),
  };
  const page = asJoinPage(second, "second");
  const atOnce = judgeJoining(lead, page, second.at);
  const isOpen = atOnce.how === "apart" && !atOnce.isFinal;
  const later = isOpen ? judgeJoining(lead, { ...page, footprint: await footprintOf(second) }, second.at) : atOnce;
  return { ...about, atOnce, later, services: [first.service, second.service] };
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
  const why = Map.groupBy(
    same.filter(({ later }) => later.how !== "joins"),
    ({ later }) => (later.how === "apart" ? later.because.code : later.how),
  );
  for (const [code, rows] of why) console.log(`   missed, ${code}: ${rows.length}`);
}

await inHalves({ file: import.meta.url, first: 40_001, count: 200, name: "pairs", list: "JOINS_LIST", judge, report });
