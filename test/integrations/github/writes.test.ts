import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "../../../src");
const sources = readdirSync(root, { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".ts") && !path.startsWith("replay/"))
  .map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));

/** Routes of octokit's form that change something, with the file that names them; `POST /incidents/…` are routes of midwatch's own pages. */
const writes = sources.flatMap(({ path, text }) =>
  [...text.matchAll(/["'`](POST|PUT|PATCH|DELETE) (\/[^"'`\s]+)["'`]/g)].flatMap(([, method, route]) =>
    route?.startsWith("/incidents/") === true ? [] : [`${path} ${method} ${route}`],
  ),
);

// docs/security.md says that there is no call beyond these; whoever adds one has to say it there.
test("the source names seven calls that write to GitHub and one that asks for a token: none merges, deletes, re-runs or dispatches", () => {
  expect(writes.toSorted()).toEqual([
    "integrations/github/auth.ts POST /app/installations/{installation_id}/access_tokens",
    "integrations/github/git-data.ts PATCH /repos/{owner}/{repo}/git/refs/{ref}",
    "integrations/github/git-data.ts POST /repos/{owner}/{repo}/git/commits",
    "integrations/github/git-data.ts POST /repos/{owner}/{repo}/git/refs",
    "integrations/github/git-data.ts POST /repos/{owner}/{repo}/git/trees",
    "integrations/github/pull-requests.ts PATCH /repos/{owner}/{repo}/pulls/{pull_number}",
    "integrations/github/pull-requests.ts POST /repos/{owner}/{repo}/issues/{issue_number}/labels",
    "integrations/github/pull-requests.ts POST /repos/{owner}/{repo}/pulls",
  ]);
});

test("nothing goes to GitHub past the client's own routes: no GraphQL, no octokit method, and `force` stands in one place, off", () => {
  const github = sources.filter(({ path }) => path.startsWith("integrations/github/") || path.startsWith("fix/"));
  expect(github.length).toBeGreaterThan(40);
  // "Ready for review" is a mutation of GraphQL alone.
  expect(sources.filter(({ text }) => /graphql\s*\(|\/graphql["'`]|markPullRequestReadyForReview|\.rest\.\w+\./.test(text))).toEqual([]);
  const forces = github.flatMap(({ path, text }) => [...text.matchAll(/\bforce\s*:\s*[^,}\s]+/g)].map(([found]) => `${path} ${found}`));
  // The client sends it, and the policy lets nothing else out.
  expect(forces).toEqual(["integrations/github/git-data.ts force: false", "integrations/github/policy.ts force: false"]);
});
