import { type Check, guarded, ok, warning } from "../doctor-check.ts";
import type { BranchRules } from "./branch-rules.ts";
import type { Repository } from "./checks.ts";
import type { GithubClient } from "./client.ts";
import { beyondNeed, rolesBeyondNeed, scopesBeyondNeed } from "./permissions.ts";

type App = Awaited<ReturnType<GithubClient["app"]>>;
type Credential = { readonly kind: "app"; readonly app: NonNullable<App> } | { readonly kind: "classic" | "fine-grained" };

const BETTER = "Make a GitHub App (better) or a fine-grained token for the catalog's repositories";

const READS = /: read$|^read:|^user:email$|^notifications$/;
/** What can change something is a problem. */
const beyond = (more: readonly string[], name: string, detail: string): Check => ({
  name,
  state: more.every((one) => READS.test(one)) ? "warning" : "problem",
  detail,
});

/** What the credential is, and what it could do beyond what midwatch does. */
function credentialCheck(app: App, scopes: readonly string[]): Check {
  const name = "GitHub";
  if (app !== null) {
    const more = beyondNeed(app.permissions);
    return more.length === 0
      ? ok(name, `app “${app.name}”, without a permission that midwatch does not use`)
      : beyond(
          more,
          name,
          `app “${app.name}” has permissions that midwatch never uses: ${more.join(", ")}. Remove them on the app's page, under Permissions & events`,
        );
  }
  if (scopes.length === 0)
    return ok(name, "a token; GitHub does not report what a fine-grained one may do: compare it with docs/setup.md#github");
  const more = scopesBeyondNeed(scopes);
  return more.length === 0
    ? warning(name, `a classic token: its scope lets it write to every repository of its account. ${BETTER}`)
    : beyond(more, name, `a classic token with scopes that midwatch never needs: ${more.join(", ")}. ${BETTER}`);
}

/** Whether the credential could write to the repository at all; where GitHub does not say, it could. */
const couldWrite = (credential: Credential, { permissions }: Repository): boolean =>
  credential.kind === "app" ? credential.app.permissions["contents"] === "write" : permissions.length === 0 || permissions.includes("push");

/** How the credential could merge into a branch that rulesets guard, or null. Classic protection, which GitHub does not report, may prevent that. */
function weakRules(rules: BranchRules | null, branch: string): string | null {
  if (rules === null || rules.count === 0 || rules.reviewed.some(({ bypass }) => !bypass)) return null;
  const names = rules.reviewed.map((one) => `“${one.name}”`).join(", ");
  return names === ""
    ? `no ruleset asks for an approved pull request on the default branch ${branch}: unless its classic protection does, this credential could merge into it`
    : `this credential may bypass what asks for an approved pull request on the default branch ${branch} (${names}), so it could merge into it: take it off that bypass list`;
}

/** What the credential could do in one repository that midwatch never does. */
async function excessChecks(
  github: GithubClient,
  repository: string,
  read: Repository,
  credential: Credential,
  signal: AbortSignal,
): Promise<Check[]> {
  const name = `GitHub ${repository}`;
  const [role] = credential.kind === "app" ? [] : rolesBeyondNeed(read.permissions);
  const checks: Check[] = [];
  const branch = read.defaultBranch;
  if (role !== undefined)
    checks.push(
      warning(
        name,
        `the token's account has the role ${role} here, which midwatch never needs: use a GitHub App, or a token of an account with the role write`,
      ),
    );
  if (couldWrite(credential, read)) {
    const { protected: guardedBranch } = await github.branchProtection({ repository, branch }, signal);
    const weak = guardedBranch === false ? null : weakRules(await github.branchRules({ repository, branch }, signal), branch);
    if (guardedBranch === false)
      checks.push(
        warning(
          name,
          `the default branch ${branch} is not protected, so this credential could push to it or merge into it: protect it by a rule that asks for a reviewed pull request`,
        ),
      );
    else if (weak !== null) checks.push(warning(name, weak));
  }
  return checks;
}

/** Reads that the proof of a fix needs and GitHub refuses. */
async function proofChecks(
  github: GithubClient,
  repository: string,
  branch: string,
  credential: Credential,
  signal: AbortSignal,
): Promise<Check[]> {
  const missing = await github.missingForProof({ repository, branch }, signal);
  return missing.map(({ permission, lost, instead }) => {
    const ungiven = credential.kind === "fine-grained" && permission === "checks: read";
    const todo = ungiven
      ? `GitHub has no such permission for fine-grained tokens: ${instead === null ? "give this one “actions: read”, which shows CI of GitHub Actions, or use a GitHub App" : "use a GitHub App if such apps test your code"}`
      : `Give it to the ${credential.kind === "app" ? "app, and accept it for its installation" : "token"}`;
    const so = instead === null ? ", so" : `: CI of GitHub Actions is read by “${instead}” instead, but`;
    return warning(`GitHub ${repository}`, `“${permission}” is missing${so} midwatch does not see ${lost}. ${todo}`);
  });
}

/**
 * Whether each repository of the catalog can be read, whether the credential could do more than midwatch ever does, and what of a
 * repository's CI it may not read. Nothing is written to find out.
 */
export async function checkGithub(github: GithubClient, repositories: readonly string[], signal: AbortSignal): Promise<Check[]> {
  const app = await github.app();
  const read = new Map<string, Repository>();
  const unread = await Promise.all(
    repositories.map((repository) =>
      guarded(`GitHub ${repository}`, async () => {
        read.set(repository, (await github.repository({ repository }, signal)).value);
        return [];
      }),
    ),
  );
  const scopes = [...read.values()].find((one) => one.scopes !== null)?.scopes ?? [];
  const credential: Credential = app === null ? { kind: scopes.length === 0 ? "fine-grained" : "classic" } : { kind: "app", app };
  // A permission is the same in all repositories of an owner, so the catalog's first one of each is tried, whichever answered first.
  const readable = repositories.filter((repository) => read.has(repository));
  const tried = new Map(readable.toReversed().map((repository) => [repository.split("/", 1)[0]?.toLowerCase(), repository]));
  const probed = new Set(tried.values());
  const checks = await Promise.all(
    repositories.map((repository, index) =>
      guarded(`GitHub ${repository}`, async () => {
        const known = read.get(repository);
        if (known === undefined) return unread[index] ?? [];
        const { defaultBranch } = known;
        return [
          ok(`GitHub ${repository}`, `readable, default branch ${defaultBranch}`),
          ...(await excessChecks(github, repository, known, credential, signal)),
          ...(probed.has(repository) ? await proofChecks(github, repository, defaultBranch, credential, signal) : []),
        ];
      }),
    ),
  );
  return [...(app === null && read.size === 0 ? [] : [credentialCheck(app, scopes)]), ...checks.flat()];
}
