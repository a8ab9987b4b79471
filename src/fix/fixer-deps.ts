import { IntegrationError, RateLimitedError, TimedOutError } from "../guard/errors.ts";
import type { EventOf } from "../incident/event.ts";
import type { IncidentView } from "../incident/view.ts";
import type { GithubClient } from "../integrations/github/client.ts";
import type { CodeParser } from "./code/code-tree.ts";
import type { ProposedFix } from "./own-commit.ts";

/** Where a service's code lies, by the catalog. */
export interface Place {
  /** `owner/name`, or null where the catalog names none. */
  readonly repository: string | null;
  /** Folder in it, "" for all of it. */
  readonly path: string;
  readonly owners: readonly string[];
}

export interface FixerOptions {
  /** null: GitHub is not configured, so every fix is declined with that reason. */
  readonly github: GithubClient | null;
  /** null: the catalog does not know the service. */
  readonly placeOf: (service: string) => Place | null;
  /** A repository as the catalog spells it; null: not in the catalog, so nothing is ever written there. */
  readonly repositoryOf: (named: string) => string | null;
  /** The incident's page, or null where people cannot reach one. */
  readonly timelineUrl: (incidentId: string) => string | null;
  readonly evidenceUrl?: (incidentId: string, evidence: number) => string | null;
  /** Credentials of this process, which must be nowhere in the proposal. */
  readonly own?: readonly string[];
  /** Hides in words, never in files, what must not leave; doing so twice changes nothing more. Default: nothing. */
  readonly redactedFor?: (incidentId: string) => (text: string) => string;
  readonly now?: () => number;
  /** Without it a patch may change no program. */
  readonly parseCode?: CodeParser;
}

/** The same, with GitHub configured and the rest filled in. */
export interface FixerDeps extends Omit<FixerOptions, "github"> {
  readonly github: GithubClient;
  readonly own: readonly string[];
  readonly redactedFor: (incidentId: string) => (text: string) => string;
  readonly now: () => number;
}

export type FixDeclined = EventOf<"fix-declined">;
export type ChangedByPeople = EventOf<"fix-changed-by-people">;

export interface About {
  readonly incidentId: string;
  readonly view: IncidentView;
  readonly title: string;
}

/** Of the effect that opens the pull request, in the outbox. */
export const EFFECT_KEY = "fix-pr";
export const EFFECT_KIND = "draft-pull-request";
/** Put on the pull request where the repository has them. */
const LABELS = ["midwatch", "incident"];

export const declined = (because: string): FixDeclined => ({ type: "fix-declined", because });
export const notInCatalog = (service: string) => `The repository of ${service} is not in the catalog, so no draft PR was opened there.`;
export const NOT_CONFIGURED = "GitHub is not configured (GITHUB_TOKEN, or GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY).";

/** What GitHub will refuse again however often it is asked: a missing permission, no drafts in the plan, a branch somebody else made. */
export const isFinal = (error: unknown): error is IntegrationError =>
  error instanceof IntegrationError &&
  !error.retryable &&
  !(error instanceof RateLimitedError) &&
  !(error instanceof TimedOutError) &&
  (error.status === null || (error.status >= 400 && error.status < 500));

export async function labelled({ github }: FixerDeps, fix: ProposedFix, signal: AbortSignal): Promise<ProposedFix> {
  const { repository, number } = fix;
  await github.pullRequests.labelPullRequest({ repository, number, labels: LABELS }, signal).catch((error: unknown) => {
    if (!(error instanceof IntegrationError)) throw error;
  });
  return fix;
}
