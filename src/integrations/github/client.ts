import { branchRuleCalls } from "./branch-rules.ts";
import { checkCalls } from "./checks.ts";
import { type GithubSettings, connect } from "./connection.ts";
import { contentCalls } from "./contents.ts";
import { credentialCalls } from "./credential.ts";
import { gitCalls } from "./git-data.ts";
import { historyCalls } from "./history.ts";
import { jobLogCalls } from "./job-log.ts";
import { productionChangeCalls } from "./production-changes.ts";
import { pullRequestCalls } from "./pull-requests.ts";

/**
 * GitHub over octokit (loaded at the first call). Every call takes `(args, signal)`; reads answer an `Answer`, git's own objects plain data.
 * All of them throw the errors of `guard/errors.ts`: ForbiddenError names the missing permission, RateLimitedError the wait,
 * IntegrationError with status 404 what was not found.
 */
export function createGithubClient(settings: GithubSettings) {
  const connection = connect(settings);
  const history = historyCalls(connection);
  return {
    warm: () => connection.warm(),
    ...history,
    ...contentCalls(connection),
    ...branchRuleCalls(connection),
    ...checkCalls(connection),
    ...jobLogCalls(connection),
    ...credentialCalls(connection),
    ...productionChangeCalls(connection, history),
    /** What a draft fix is made from. */
    git: gitCalls(connection),
    pullRequests: pullRequestCalls(connection),
  };
}

export type GithubClient = ReturnType<typeof createGithubClient>;
