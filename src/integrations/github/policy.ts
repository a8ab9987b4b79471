import type { Policy } from "../../guard/policy.ts";

const REPO = "/repos/{owner}/{repo}";
/** Everything that midwatch writes is on branches under this. */
const OWN = "midwatch/";

/** GitHub's REST API, in repositories of the catalog alone. Nothing merges, marks ready, closes, deletes, re-runs or dispatches. */
export const githubPolicy: Policy = {
  vendor: "github",
  setting: "GITHUB_API_URL",
  usual: "https://api.github.com",
  rules: [
    { method: "GET", path: REPO, effect: "read", purpose: "the repository: public or not, what the credential may do" },
    { method: "GET", path: `${REPO}/commits`, effect: "read", purpose: "commits of a window or file" },
    { method: "GET", path: `${REPO}/commits/{ref...}/check-runs`, effect: "read", purpose: "checks of a commit" },
    { method: "GET", path: `${REPO}/commits/{ref...}/status`, effect: "read", purpose: "statuses of a commit" },
    { method: "GET", path: `${REPO}/commits/{sha}/pulls`, effect: "read", purpose: "the pull request that a commit came with" },
    { method: "GET", path: `${REPO}/commits/{ref...}`, effect: "read", purpose: "one commit with its diff" },
    { method: "GET", path: `${REPO}/compare/{basehead...}`, effect: "read", purpose: "what was deployed between two commits" },
    { method: "GET", path: `${REPO}/contents`, effect: "read", purpose: "the top folder" },
    { method: "GET", path: `${REPO}/contents/{path...}`, effect: "read", purpose: "a file or folder" },
    { method: "GET", path: "/search/code", effect: "read", purpose: "code search in one repository", searches: "q" },
    { method: "GET", path: `${REPO}/branches/{branch...}`, effect: "read", purpose: "a branch's head" },
    { method: "GET", path: `${REPO}/rules/branches/{branch...}`, effect: "read", purpose: "what rulesets ask for before a branch moves" },
    { method: "GET", path: `${REPO}/rulesets/{id}`, effect: "read", purpose: "whether the credential may bypass a ruleset" },
    { method: "GET", path: `${REPO}/deployments`, effect: "read", purpose: "deployments" },
    { method: "GET", path: `${REPO}/deployments/{id}/statuses`, effect: "read", purpose: "how a deployment went" },
    { method: "GET", path: `${REPO}/git/ref/{ref...}`, effect: "read", purpose: "where a branch points" },
    { method: "GET", path: `${REPO}/git/commits/{sha}`, effect: "read", purpose: "a commit as git has it" },
    { method: "GET", path: `${REPO}/git/trees/{sha}`, effect: "read", purpose: "a folder as git has it" },
    { method: "GET", path: `${REPO}/git/blobs/{sha}`, effect: "read", purpose: "a file as git has it" },
    { method: "GET", path: `${REPO}/pulls`, effect: "read", purpose: "whether the draft pull request already exists" },
    { method: "GET", path: `${REPO}/pulls/{number}`, effect: "read", purpose: "a pull request" },
    { method: "GET", path: `${REPO}/pulls/{number}/files`, effect: "read", purpose: "files of a pull request" },
    { method: "GET", path: `${REPO}/issues/{number}/timeline`, effect: "read", purpose: "what people did with the draft pull request" },
    { method: "GET", path: `${REPO}/labels/{name...}`, effect: "read", purpose: "whether a label exists" },
    { method: "GET", path: `${REPO}/check-runs/{id}/annotations`, effect: "read", purpose: "why a check failed" },
    { method: "GET", path: `${REPO}/actions/runs`, effect: "read", purpose: "workflow runs of a commit" },
    { method: "GET", path: `${REPO}/actions/runs/{id}/jobs`, effect: "read", purpose: "jobs of a workflow run" },
    { method: "GET", path: `${REPO}/actions/jobs/{id}/logs`, effect: "read", purpose: "where a failed job's log is" },
    { method: "GET", path: "/app", effect: "auth", purpose: "the GitHub App itself" },
    { method: "GET", path: `${REPO}/installation`, effect: "auth", purpose: "the app's installation on a repository" },
    {
      method: "POST",
      path: "/app/installations/{id}/access_tokens",
      effect: "auth",
      purpose: "a token for one repository, to read or to write, an hour long",
      body: { only: ["repositories", "permissions"] },
    },
    {
      method: "POST",
      path: `${REPO}/git/trees`,
      effect: "output",
      purpose: "the draft's files",
      body: { only: ["base_tree", "tree"] },
    },
    {
      method: "POST",
      path: `${REPO}/git/commits`,
      effect: "output",
      purpose: "the draft's commits",
      body: { only: ["message", "tree", "parents"] },
    },
    {
      method: "POST",
      path: `${REPO}/git/refs`,
      effect: "output",
      purpose: "a new branch under midwatch/",
      body: { only: ["ref", "sha"], starts: { ref: `refs/heads/${OWN}` } },
    },
    {
      method: "PATCH",
      path: `${REPO}/git/refs/heads/midwatch/{branch...}`,
      effect: "output",
      purpose: "that branch moved on, never forced",
      body: { only: ["sha", "force"], must: { force: false } },
    },
    {
      method: "POST",
      path: `${REPO}/pulls`,
      effect: "output",
      purpose: "the draft pull request",
      body: { only: ["head", "base", "title", "body", "draft"], must: { draft: true }, starts: { head: OWN } },
    },
    {
      method: "PATCH",
      path: `${REPO}/pulls/{number}`,
      effect: "output",
      purpose: "title and text of midwatch's own pull request",
      body: { only: ["title", "body"] },
    },
    {
      method: "POST",
      path: `${REPO}/issues/{number}/labels`,
      effect: "output",
      purpose: "labels of midwatch's own pull request",
      body: { only: ["labels"] },
    },
  ],
};

/**
 * Logs of jobs, at an address that GitHub signed, without a credential of ours: its storage, or the API's own host (Enterprise Server).
 * Source: docs.github.com, "Communicating with GitHub" of self-hosted runners.
 */
export const githubLogPolicy: Policy = {
  vendor: "github",
  setting: "GITHUB_API_URL",
  usual: "https://api.github.com",
  suffixes: [".blob.core.windows.net", ".actions.githubusercontent.com"],
  rules: [{ method: "GET", path: "/{path...}", effect: "read", purpose: "a failed job's log" }],
};
