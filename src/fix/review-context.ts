import { minuteTime } from "../report/words.ts";
import { coverageWords, unreadSources } from "../report/coverage-words.ts";
import { starterName } from "../incident/trigger.ts";
import { IntegrationError } from "../guard/errors.ts";
import { isEnded } from "../incident/fix.ts";
import type { Proof } from "../incident/proof.ts";
import type { IncidentView } from "../incident/view.ts";
import { readOwners } from "./codeowners.ts";
import type { About, FixerDeps } from "./fixer-deps.ts";
import { isChartOf } from "./pr-body-chart.ts";
import type { ProofPart, ReviewContext } from "./pr-body.ts";

const notChecked = ({ coverage }: IncidentView): string[] =>
  unreadSources(coverage).map(({ source, status }) => `${source} (${coverageWords[status]})`);

/** Before CI was asked at all. */
export const noProofYet = (commits: Proof["commits"]): Proof => ({
  verdict: "running",
  commits,
  base: null,
  before: null,
  after: null,
  newlyFailed: [],
  improvements: 0,
});

/** Of a pull request that is still open: what people merged or closed is not left to anybody. */
export function noteOf({ view: { status, fixChange, withdrawn } }: Pick<About, "view">): string | null {
  if (isEnded(fixChange?.what ?? null)) return null;
  if (withdrawn !== null)
    return `The change that this was opened for was rolled back at ${minuteTime(withdrawn.since)} UTC, with no clear improvement: midwatch no longer considers it the cause. Close this if you agree.`;
  return status === "resolved" ? "The incident was resolved before this was merged. It remains for people who look into the cause." : null;
}

/** What a reviewer sees beside the change itself. */
export async function reviewContext(
  { github, placeOf, timelineUrl, evidenceUrl, own }: FixerDeps,
  about: About & {
    readonly repository: string;
    readonly ref: string;
    readonly paths: readonly string[];
    readonly service: string;
    /** What is known of its proof, but for the repository. */
    readonly proof: (of: { readonly web: string; readonly isPrivate: boolean }) => ProofPart;
    readonly pullRequest: number | null;
  },
  signal: AbortSignal,
): Promise<ReviewContext & { readonly proof: ProofPart }> {
  const { incidentId, view, title, repository, ref, paths, service, proof, pullRequest } = about;
  const [{ value: described }, owners] = await Promise.all([
    github.repository({ repository }, signal),
    readOwners(github, { repository, ref, paths }, signal).catch((error: unknown) => {
      // Whom to mention is good to know, not needed.
      if (error instanceof IntegrationError) return [];
      throw error;
    }),
  ]);
  const symptom = view.analysis?.symptoms[0] ?? null;
  const charts = view.triage?.charts ?? [];
  return {
    publicRepository: !described.private,
    incident: {
      id: incidentId,
      startedBy: starterName(view.trigger),
      number: view.page?.number ?? null,
      title,
      link: view.page?.link ?? null,
    },
    symptom,
    chart: charts.find((one) => symptom === null || isChartOf(one, symptom)) ?? null,
    timelineUrl: timelineUrl(incidentId),
    evidenceUrl: (evidence) => evidenceUrl?.(incidentId, evidence) ?? null,
    notChecked: notChecked(view),
    owners: owners.length > 0 ? owners : (placeOf(service)?.owners ?? []),
    proof: proof({ web: described.link, isPrivate: described.private }),
    pullRequest,
    own,
    orderSigns: view.orderSigns,
    trusted: view.trusted,
  };
}
