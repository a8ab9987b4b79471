import { IntegrationError, RateLimitedError, TimedOutError } from "../guard/errors.ts";
import type { IncidentEvent } from "../incident/event.ts";
import type { Suspect } from "../incident/finding.ts";
import type { Effects } from "../incident/outbox.ts";
import type { IncidentView } from "../incident/view.ts";
import { shortSha } from "../incident/words.ts";
import type { GithubClient } from "../integrations/github/client.ts";
import { proposeRevert } from "./pr-body.ts";
import { type ProposedFix, type RevertPlan, findRevert, openRevert, planRevert, revertBranch } from "./revert.ts";

export interface FixerOptions {
  /** null: GitHub is not configured, so every fix is declined with that reason. */
  readonly github: GithubClient | null;
  /** Folder of a service in its repository, from the catalog; "" for all of it. */
  readonly pathOf: (service: string) => string;
  /** The incident's page, or null where people cannot reach one. */
  readonly timelineUrl: (incidentId: string) => string | null;
  readonly evidenceUrl?: (incidentId: string, evidence: number) => string | null;
}

export type FixDeclined = Extract<IncidentEvent, { type: "fix-declined" }>;

const EFFECT_KEY = "fix-pr";
const EFFECT_KIND = "draft-pull-request";
/** What brought code or configuration into production. */
const revertible: ReadonlySet<string> = new Set(["deploy", "config", "migration"]);

const declined = (because: string): FixDeclined => ({ type: "fix-declined", because });

/** What GitHub will refuse again however often it is asked: a missing permission, no drafts in the plan, a branch somebody else made. */
const isFinal = (error: unknown): error is IntegrationError =>
  error instanceof IntegrationError &&
  !error.retryable &&
  !(error instanceof RateLimitedError) &&
  !(error instanceof TimedOutError) &&
  (error.status === null || (error.status >= 400 && error.status < 500));

function notChecked(view: IncidentView): string[] {
  const words = { failed: "failed", "timed-out": "did not answer in time", "not-configured": "is not configured" } as const;
  return view.coverage.flatMap(({ source, status }) =>
    status === "failed" || status === "timed-out" || status === "not-configured" ? [`${source} ${words[status]}`] : [],
  );
}

/** Opens the one draft pull request of an incident, or says why there is none. */
export function createFixer(options: FixerOptions) {
  const { github, pathOf, timelineUrl, evidenceUrl } = options;

  async function revert(
    about: { readonly incidentId: string; readonly view: IncidentView; readonly suspect: Suspect; readonly title: string },
    effects: Effects,
    signal: AbortSignal,
  ): Promise<ProposedFix | FixDeclined> {
    const { incidentId, view, suspect, title } = about;
    const { change } = suspect;
    if (change === null || change.sha === null || change.repository === null) return declined("No deployed commit is under suspicion.");
    const { sha, repository, previousSha } = change;
    if (change.kind === "rollback") return declined(`The deploy of ${shortSha(sha)} was itself a rollback: it took changes away.`);
    if (!revertible.has(change.kind))
      return declined(`${shortSha(sha)} did not reach production by a deploy, so a revert of it changes nothing there.`);
    if (github === null) return declined("GitHub is not configured (GITHUB_TOKEN, or GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY).");
    try {
      const plan = await planRevert({ github, repository, sha, previousSha, path: pathOf(suspect.service) }, signal);
      if (plan.status === "declined") {
        return (await openedBefore(github, { incidentId, repository, sha }, effects, signal)) ?? declined(plan.because);
      }
      const { value: described } = await github.repository({ repository }, signal);
      const proposal = proposeRevert(plan, {
        publicRepository: !described.private,
        incident: { id: incidentId, number: view.page?.number ?? null, title, link: view.page?.link ?? null },
        suspect,
        symptom: view.analysis?.symptoms[0] ?? null,
        timelineUrl: timelineUrl(incidentId),
        evidenceUrl: (evidence) => evidenceUrl?.(incidentId, evidence) ?? null,
        notChecked: notChecked(view),
      });
      return await effects.deliver(EFFECT_KEY, EFFECT_KIND, proposal, {
        find: (kept) => findRevert(github, kept, signal),
        act: (kept) => openRevert(github, kept, signal),
      });
    } catch (error) {
      if (isFinal(error)) return declined(`No draft PR was opened. ${error.message}`);
      throw error;
    }
  }

  return { revert };
}

/**
 * The pull request of a run that was cut off after opening it. Once people merged it there is nothing left to plan, and it must not be said
 * that there is none. The outbox still has the proposal of then, and uses it instead of the empty one given here.
 */
async function openedBefore(
  github: GithubClient,
  { incidentId, repository, sha }: { readonly incidentId: string; readonly repository: string; readonly sha: string },
  effects: Effects,
  signal: AbortSignal,
): Promise<ProposedFix | null> {
  const plan: RevertPlan = {
    status: "planned",
    repository,
    sha,
    previousSha: sha,
    previousAssumed: true,
    base: { branch: "", sha, tree: sha },
    files: [],
    skipped: [],
    conflicts: [],
    clean: true,
    lines: 0,
    already: [],
    migrations: [],
    commits: [],
    moreCommits: 0,
  };
  const empty = { incidentId, plan, title: "", body: "", message: "" };
  if ((await github.pullRequests.findPullRequest({ repository, branch: revertBranch(empty) }, signal)) === null) return null;
  const find = (kept: typeof empty) => findRevert(github, kept, signal);
  return effects.deliver(EFFECT_KEY, EFFECT_KIND, empty, {
    find,
    act: async (kept) => {
      const found = await find(kept);
      if (found === null) throw new IntegrationError("github", "github showed a pull request, and then none", { retryable: true });
      return found;
    },
  });
}
