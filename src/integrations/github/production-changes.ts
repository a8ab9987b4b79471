import { IntegrationError } from "../../guard/errors.ts";
import { type Answer, answerOf, type Unnumbered } from "../../incident/answer.ts";
import type { ChangeEvent, ChangedFile, TimeWindow } from "../../incident/telemetry.ts";
import { shortSha } from "../../report/words.ts";
import type { Connection } from "./connection.ts";
import {
  type Deployment,
  MOST_STATUSES,
  type RequestedDeployment,
  deploymentOutcome,
  newestDeployments,
  possiblySince,
  requestedDeployments,
} from "./deployments.ts";
import type { Commit, Comparison, PullRequest, historyCalls } from "./history.ts";

/** A service that lives in a repository, or in a folder of it. */
export interface ServiceInRepository {
  readonly name: string;
  /** Other names a deployment may use for it. */
  readonly aliases?: readonly string[];
  /** Folder of the repository, "" for all of it. */
  readonly path?: string;
}

export interface ProductionChangesQuestion {
  readonly repository: string;
  readonly services: readonly ServiceInRepository[];
  /** Environment that counts as production; without it, those that GitHub or their name says are. */
  readonly environment?: string | null;
  readonly window: TimeWindow;
  /** How long before the window a deployment may have been asked for. Default: hours. */
  readonly rolloutMs?: number;
  /** What still rolls out is left out, and so is what had no news in the window. Default: it is not. */
  readonly live?: true;
}

/** `deployments`: whether they could be read; else what reached production is not known. */
export type ProductionChanges = Answer<readonly Unnumbered<ChangeEvent>[]> & { readonly deployments: boolean };

/** Deploys of which the diff and pull requests are read. Each costs two to four calls. */
const MOST_DEPLOYS_READ = 8;
/** How far back the deployment before is looked for, one call each. */
const MOST_PREVIOUS_TRIED = 3;
const MOST_COMMITS = 30;
/** Diff text kept in one change event; all of it is in the raw answer. */
const MOST_PATCH_CHARS = 60_000;

/** Whether `path` lies in `folder` ("" holds everything). */
export function isInside(path: string, folder: string): boolean {
  const root = folder.replace(/^\.?\/+|\/+$/g, "");
  return root === "" || root === "." || path === root || path.startsWith(`${root}/`);
}

/** Deployments to production: of the environment named so exactly, else of those that GitHub or their name calls production. */
function toProduction(deployments: readonly RequestedDeployment[], environment: string | null): readonly RequestedDeployment[] {
  const named = deployments.filter((deployment) => deployment.environment.toLowerCase() === environment?.toLowerCase());
  if (named.length > 0) return named;
  return deployments.filter((deployment) => {
    const name = deployment.environment.toLowerCase().replace(/(non|pre)[-_ ]?prod\w*/g, "");
    return deployment.production === true || /(^|[^a-z])(prod|production|live)([^a-z]|$)/.test(name);
  });
}

/** Keeps whole patches while they fit. */
function withinPatchBudget(files: Comparison["files"]): { files: ChangedFile[]; dropped: number } {
  let left = MOST_PATCH_CHARS;
  let dropped = 0;
  const kept = files.map(({ path, status, additions, deletions, patch }): ChangedFile => {
    const fits = patch !== null && patch.length <= left;
    if (patch !== null && !fits) dropped++;
    if (fits) left -= patch.length;
    return { path, status, additions, deletions, patch: fits ? patch : null };
  });
  return { files: kept, dropped };
}

/** Collects raw answers and what had to be left out, while calls go on side by side. */
class Notes {
  readonly raws: string[] = [];
  readonly cuts: string[] = [];

  /** The answer's value, or null (and a note) when GitHub refused. What is not GitHub's refusal is thrown on. */
  async take<T>(asked: Promise<{ readonly value: T; readonly raw: string; readonly cut?: string | null }>): Promise<T | null> {
    try {
      const { value, raw, cut } = await asked;
      this.raws.push(raw);
      if (cut !== null && cut !== undefined) this.cuts.push(cut);
      return value;
    } catch (error) {
      if (!(error instanceof IntegrationError)) throw error;
      this.cuts.push(error.message);
      return null;
    }
  }
}

interface Deployed {
  readonly deployment: Deployment;
  readonly previous: string | null;
  readonly comparison: Comparison | null;
  readonly pullRequest: PullRequest | null;
  readonly head: Commit | null;
}

const sameLane = (a: RequestedDeployment, b: RequestedDeployment) =>
  a.environment === b.environment && (a.service ?? "").toLowerCase() === (b.service ?? "").toLowerCase();

/** What is live or coming up: a deployment that failed changed nothing for good. */
const reached = (deployment: Deployment) => deployment.state !== "failed";

type History = Pick<ReturnType<typeof historyCalls>, "compare" | "pullRequestsOfCommit" | "getCommit">;

/** The same calls, each question asked once: what was asked ahead is there when it is needed. */
function askedOnce({ compare, pullRequestsOfCommit, getCommit }: History): History {
  const once = <Q extends object, A>(ask: (question: Q, signal: AbortSignal) => Promise<A>) => {
    const asked = new Map<string, Promise<A>>();
    return (question: Q, signal: AbortSignal): Promise<A> => {
      const key = JSON.stringify(question);
      const before = asked.get(key);
      if (before !== undefined) return before;
      const answer = ask(question, signal);
      asked.set(key, answer);
      // What was asked ahead may turn out not to be needed, and then nobody hears how it failed.
      answer.catch(() => undefined);
      return answer;
    };
  };
  return { compare: once(compare), pullRequestsOfCommit: once(pullRequestsOfCommit), getCommit: once(getCommit) };
}

/**
 * Asks what is needed where each deployment succeeded, along with how they ended: most did. Where one failed, another comparison follows.
 * @param all newest first
 */
function askAhead(
  history: History,
  repository: string,
  { candidates, all, newest }: { candidates: readonly RequestedDeployment[]; all: readonly RequestedDeployment[]; newest: string | null },
  signal: AbortSignal,
): void {
  for (const deployment of candidates.slice(0, MOST_DEPLOYS_READ)) {
    const { sha } = deployment;
    const before = all.slice(all.indexOf(deployment) + 1).find((other) => sameLane(other, deployment));
    void history.pullRequestsOfCommit({ repository, sha }, signal);
    if (before === undefined) void history.getCommit({ repository, sha }, signal);
    else void history.compare({ repository, base: before.sha, head: sha }, signal);
  }
  const live = all[0]?.sha;
  if (live !== undefined && newest !== null && newest !== live) void history.compare({ repository, base: live, head: newest }, signal);
}

async function readDeployed(
  history: History,
  repository: string,
  deployment: Deployment,
  previous: string | null,
  notes: Notes,
  signal: AbortSignal,
): Promise<Deployed> {
  const [compared, pulls, alone] = await Promise.all([
    previous === null ? null : notes.take(history.compare({ repository, base: previous, head: deployment.sha }, signal)),
    notes.take(history.pullRequestsOfCommit({ repository, sha: deployment.sha }, signal)),
    previous === null ? notes.take(history.getCommit({ repository, sha: deployment.sha }, signal)) : null,
  ]);
  const head = compared?.commits.find((commit) => commit.sha === deployment.sha) ?? null;
  const pullRequest = pulls?.find((pull) => pull.merged) ?? pulls?.[0] ?? null;
  if (previous !== null) return { deployment, previous, comparison: compared, pullRequest, head };
  const comparison: Comparison | null =
    alone === null ? null : { status: "ahead", commits: [alone], totalCommits: 1, files: alone.files, link: alone.link };
  return { deployment, previous, comparison, pullRequest, head: alone };
}

/** The deployment that this one replaced. */
async function deploymentBefore(
  repository: string,
  deployment: RequestedDeployment,
  all: readonly RequestedDeployment[],
  outcomes: Map<number, Promise<Deployment | null>>,
  outcome: (deployment: RequestedDeployment) => Promise<Deployment | null>,
): Promise<string | null> {
  const older = all.slice(all.indexOf(deployment) + 1).filter((other) => sameLane(other, deployment));
  for (const candidate of older.slice(0, MOST_PREVIOUS_TRIED)) {
    const read = outcomes.get(candidate.id) ?? outcome(candidate);
    outcomes.set(candidate.id, read);
    const settled = await read;
    if (settled !== null && reached(settled)) return settled.sha;
  }
  return null;
}

function servicesOf(deployed: Deployed, services: readonly ServiceInRepository[]): (string | null)[] {
  const told = deployed.deployment.service?.toLowerCase();
  if (told !== undefined) {
    const known = services.find((service) => [service.name, ...(service.aliases ?? [])].some((name) => name.toLowerCase() === told));
    return [known?.name ?? deployed.deployment.service];
  }
  if (services.length <= 1) return [services[0]?.name ?? null];
  // Several services share the repository and the deployment names none: those whose folder it changes.
  const files = deployed.comparison?.files ?? [];
  const touched = services.filter(({ path = "" }) => path !== "" && files.some((file) => isInside(file.path, path)));
  return touched.length > 0 ? touched.map((service) => service.name) : [null];
}

function toEvents(
  web: string,
  repository: string,
  deployed: Deployed,
  services: readonly ServiceInRepository[],
  notes: Notes,
): Unnumbered<ChangeEvent>[] {
  const { deployment, previous, comparison, pullRequest, head } = deployed;
  const isRollback = previous !== null && comparison?.status === "behind";
  const isRepeat = previous === deployment.sha;
  const subject = pullRequest?.title ?? head?.title ?? deployment.description ?? deployment.ref;
  const others = (comparison?.totalCommits ?? 1) - 1;
  const more = others > 0 ? ` (and ${others} more commit${others === 1 ? "" : "s"})` : "";
  const what = isRollback
    ? `rolled back to ${shortSha(deployment.sha)}`
    : isRepeat
      ? `${shortSha(deployment.sha)} deployed again`
      : `${subject}${more}`;
  const state = {
    succeeded: "",
    failed: ` (deploy to ${deployment.environment} failed)`,
    "in-progress": " (rollout in progress)",
    unknown: " (no outcome reported)",
  }[deployment.state];
  return servicesOf(deployed, services).map((service) => {
    const folder = services.find((known) => known.name === service)?.path ?? "";
    const inside = comparison?.files.filter((file) => isInside(file.path, folder)) ?? [];
    // What lies elsewhere was merged in the same time but is not what this service runs; if nothing is inside, all of it is reported.
    // A rollback's comparison shows nothing: what it took away is in the deploys before it.
    const ordered = isRollback || comparison === null ? null : inside.length > 0 ? inside : comparison.files;
    const budgeted = ordered === null ? null : withinPatchBudget(ordered);
    if (budgeted !== null && budgeted.dropped > 0) {
      notes.cuts.push(
        `diffs of ${budgeted.dropped} of ${budgeted.files.length} files of ${shortSha(deployment.sha)} are only in the raw answer`,
      );
    }
    const elsewhere = ordered !== null && ordered.length > 0 && inside.length === 0;
    return {
      kind: deployment.state === "failed" ? "other" : isRollback ? "rollback" : "deploy",
      at: deployment.at,
      service,
      title: `${what}${elsewhere ? ` (nothing under ${folder})` : ""}${state}`,
      sha: deployment.sha,
      previousSha: previous,
      version:
        /^(refs\/tags\/|v?\d)/.test(deployment.ref) && deployment.ref !== deployment.sha ? deployment.ref.replace("refs/tags/", "") : null,
      repository,
      author: head?.author ?? pullRequest?.author ?? deployment.creator,
      pullRequest: pullRequest === null ? null : { number: pullRequest.number, title: pullRequest.title, url: pullRequest.url },
      files: budgeted?.files ?? null,
      link: comparison?.link ?? pullRequest?.url ?? `${web}/${repository}/commit/${deployment.sha}`,
    } satisfies Unnumbered<ChangeEvent>;
  });
}

const toCommitEvent = (repository: string, commit: Commit, service: string | null): Unnumbered<ChangeEvent> => ({
  kind: "commit",
  at: commit.at,
  service,
  title: commit.title,
  sha: commit.sha,
  previousSha: null,
  version: null,
  repository,
  author: commit.author,
  pullRequest: null,
  files: null,
  link: commit.link,
});

/** What of the commits production does not hold. In doubt (no deployment on record, comparison refused) all of them are returned. */
async function notYetDeployed(
  history: History,
  repository: string,
  commits: readonly Commit[],
  live: string | null,
  notes: Notes,
  signal: AbortSignal,
): Promise<readonly Commit[]> {
  const newest = commits[0];
  if (newest === undefined || live === null) return commits;
  if (newest.sha === live) return [];
  const ahead = await notes.take(history.compare({ repository, base: live, head: newest.sha }, signal));
  if (ahead === null) return commits;
  const shas = new Set(ahead.commits.map((commit) => commit.sha));
  return commits.filter((commit) => shas.has(commit.sha));
}

/**
 * What reached production in a window, and what was merged in it without reaching production.
 *
 * Deployments are joined with the deployment before (same environment, same service), the comparison of both and the pull request. Where no
 * deployment before is on record `previousSha` is null and the files are those of the commit itself. Without any deployments on record,
 * merges are all that is known, and the answer says so. A commit that was only merged is of kind "commit": it cannot be to blame.
 */
export function productionChangeCalls(connection: Connection, calls: ReturnType<typeof historyCalls>) {
  return {
    /** When deployments of these services to production were asked for or had news since an instant, in one call. */
    async deployedAt(
      { repository, services, environment = null, window }: Omit<ProductionChangesQuestion, "rolloutMs" | "live">,
      signal: AbortSignal,
    ): Promise<readonly number[]> {
      const names = new Set(services.flatMap(({ name, aliases = [] }) => [name, ...aliases]).map((name) => name.toLowerCase()));
      const deployments = await newestDeployments(connection, repository, signal);
      const isOurs = ({ service }: RequestedDeployment) => service === null || names.has(service.toLowerCase());
      return toProduction(deployments, environment)
        .filter(isOurs)
        .flatMap(({ createdAt, updatedAt }) => [createdAt, updatedAt])
        .filter((at) => at >= window.from);
    },

    /** @returns events newest first. `cut` names everything that was not followed or not readable. */
    async productionChanges(question: ProductionChangesQuestion, signal: AbortSignal): Promise<ProductionChanges> {
      const { repository, services, window } = question;
      const environment = question.environment ?? null;
      connection.repository(repository);
      const notes = new Notes();
      const history = askedOnce(calls);
      const only = services.length === 1 ? services[0] : undefined;
      const path = only?.path ?? "";
      let refusal: IntegrationError | null = null;
      const [requests, commits] = await Promise.all([
        requestedDeployments(connection, { repository, since: window.from }, signal).catch((error: unknown) => {
          if (!(error instanceof IntegrationError)) throw error;
          refusal = error;
          return null;
        }),
        notes.take(calls.listCommits({ repository, since: window.from, until: window.to, path, most: MOST_COMMITS }, signal)),
      ]);
      if (requests === null && commits === null)
        throw refusal ?? new IntegrationError("github", `github: nothing of ${repository} can be read`);
      if (requests === null) notes.cuts.push((refusal as IntegrationError | null)?.message ?? "the deployments cannot be read");
      else {
        notes.raws.unshift(requests.raw);
        if (requests.incomplete) notes.cuts.push(`newest ${requests.value.length} deployments`);
      }

      const everywhere = requests?.value ?? [];
      const production = toProduction(everywhere, environment);
      const all = production.length > 0 ? production : everywhere;
      if (production.length === 0 && everywhere.length > 0) {
        const seen = [...new Set(everywhere.map((deployment) => deployment.environment))].slice(0, 5);
        notes.cuts.push(`no environment is known as production; all are shown (${seen.join(", ")})`);
      }
      const isNews = ({ createdAt, updatedAt }: RequestedDeployment) =>
        createdAt < window.to && (question.live !== true || updatedAt >= window.from);
      const candidates = possiblySince(all, window.from, question.rolloutMs).filter(isNews);
      if (candidates.length > MOST_STATUSES) notes.cuts.push(`newest ${MOST_STATUSES} of ${candidates.length} deployments`);

      askAhead(history, repository, { candidates, all, newest: commits?.[0]?.sha ?? null }, signal);
      const outcomes = new Map<number, Promise<Deployment | null>>();
      const outcome = (deployment: RequestedDeployment) => {
        const read = outcomes.get(deployment.id) ?? notes.take(deploymentOutcome(connection, repository, deployment, signal));
        outcomes.set(deployment.id, read);
        return read;
      };
      // What was live before the oldest of each lane is asked along with them, not after them.
      for (const before of precedents(candidates, all)) void outcome(before).catch(() => undefined);
      const settled = await Promise.all(
        candidates.slice(0, MOST_STATUSES).map(async (deployment): Promise<[RequestedDeployment, Deployment]> => [
          deployment,
          // Statuses that cannot be read leave what is known: it was asked for then.
          (await outcome(deployment)) ?? { ...deployment, state: "unknown", at: deployment.createdAt },
        ]),
      );
      const inWindow = settled.filter(
        ([, { at, state }]) => at >= window.from && at < window.to && !(question.live === true && state === "in-progress"),
      );
      if (inWindow.length > MOST_DEPLOYS_READ) {
        notes.cuts.push(`diffs of the newest ${MOST_DEPLOYS_READ} of ${inWindow.length} deploys`);
      }
      const reading = Promise.all(
        inWindow.map(async ([requested, deployment], index): Promise<Deployed> => {
          if (index >= MOST_DEPLOYS_READ) return { deployment, previous: null, comparison: null, pullRequest: null, head: null };
          const previous = await deploymentBefore(repository, requested, all, outcomes, outcome);
          if (previous === null) {
            notes.cuts.push(`no deployment before ${shortSha(deployment.sha)} is on record; its files are those of the commit alone`);
          }
          return readDeployed(history, repository, deployment, previous, notes, signal);
        }),
      );
      const live = all.length === 0 ? null : await newestReached(settled, all, outcome);
      const [deployed, undeployed] = await Promise.all([reading, notYetDeployed(history, repository, commits ?? [], live, notes, signal)]);
      const events = deployed.flatMap((one) => toEvents(connection.web, repository, one, services, notes));

      if (everywhere.length === 0 && requests !== null && (commits ?? []).length > 0) {
        notes.cuts.push("no deployments are on record in GitHub, so what of the merged commits reached production is unknown");
      }
      const answer = answerOf("GitHub", {
        query: `changes of ${repository}${path === "" ? "" : ` under ${path}`} to production`,
        window,
        link: `${connection.web}/${repository}/deployments`,
        value: [...events, ...undeployed.map((commit) => toCommitEvent(repository, commit, only?.name ?? null))].toSorted(
          (a, b) => b.at - a.at,
        ),
        raw: notes.raws.join("\n"),
        cut: notes.cuts.length === 0 ? null : [...new Set(notes.cuts)].join("; "),
      });
      return { ...answer, deployments: requests !== null };
    },
  };
}

/** Of each lane the newest deployment that is older than all of these. */
function precedents(candidates: readonly RequestedDeployment[], all: readonly RequestedDeployment[]): readonly RequestedDeployment[] {
  const found: RequestedDeployment[] = [];
  for (const deployment of all.filter((one) => !candidates.includes(one)))
    if (candidates.some((one) => sameLane(one, deployment)) && !found.some((one) => sameLane(one, deployment))) found.push(deployment);
  return found;
}

/** Commit of the newest deployment that reached production. */
async function newestReached(
  settled: readonly (readonly [RequestedDeployment, Deployment])[],
  all: readonly RequestedDeployment[],
  outcome: (deployment: RequestedDeployment) => Promise<Deployment | null>,
): Promise<string | null> {
  const known = settled.map(([, deployment]) => deployment).find(reached);
  if (known !== undefined) return known.sha;
  const seen = new Set(settled.map(([{ id }]) => id));
  for (const candidate of all.filter(({ id }) => !seen.has(id)).slice(0, MOST_PREVIOUS_TRIED)) {
    const read = await outcome(candidate);
    if (read !== null && reached(read)) return read.sha;
  }
  return null;
}
