import { analyseInTurns } from "../../../src/analysis/analyse.ts";
import { type Joining, judgeJoining, type JoinPage } from "../../../src/incident/joining.ts";
import type { PairPage } from "./pairs.ts";

const asJoinPage = (page: PairPage, incidentId: string): JoinPage => ({
  ...{ incidentId, pagerId: incidentId, service: page.service, names: [page.service], title: page.title, details: page.details },
  ...{ priority: null, urgency: "high", createdAt: page.at },
});

const footprintOf = async ({ telemetry }: PairPage) => (await analyseInTurns(telemetry, async () => undefined)).footprint;

/** What the rule says of two pages: by the first one's triage alone, and once the second has had its own where it is asked for. */
export async function judgePair(first: PairPage, second: PairPage): Promise<{ readonly atOnce: Joining; readonly later: Joining }> {
  const lead = {
    ...asJoinPage(first, "first"),
    ...{ joined: [], triageDueAt: null, endedAt: null, environment: null },
    footprint: await footprintOf(first),
  };
  const page = asJoinPage(second, "second");
  const atOnce = judgeJoining(lead, page, second.at);
  const isOpen = atOnce.how === "apart" && !atOnce.isFinal;
  const later = isOpen ? judgeJoining(lead, { ...page, footprint: await footprintOf(second) }, second.at) : atOnce;
  return { atOnce, later };
}
