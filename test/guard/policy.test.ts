import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Gate, openGate, type Policy } from "../../src/guard/policy.ts";
import { githubLogPolicy, githubPolicy } from "../../src/integrations/github/policy.ts";
import { errorReportPolicy } from "../../src/integrations/sentry/policy.ts";
import { slackFilePolicy, slackPolicy } from "../../src/integrations/slack/policy.ts";
import { policiesOf } from "../../src/cli/policy.ts";

const API = "https://api.github.com";
const REPO = "/repos/acme/shop";
const github = openGate(githubPolicy, API, { repositories: ["acme/shop"] });

const ask = (gate: Gate, method: string, url: string, body: unknown = null): string => {
  const ruling = gate({ method, url: new URL(url), body: body === null ? null : typeof body === "string" ? body : JSON.stringify(body) });
  return "allowed" in ruling ? ruling.allowed.effect : `refused: ${ruling.refused}`;
};
const refused = (because: string) => `refused: ${because}`;
const NO_RULE = refused("method and path are not in its policy");
const NO_HOST = refused("the host is not in its policy");
const NO_PATH = refused("the path is not in its policy");

describe("default deny", () => {
  test.each([
    ["POST", `${API}${REPO}/issues/1/comments`, NO_RULE],
    ["PUT", `${API}${REPO}/pulls/1/merge`, NO_RULE],
    ["DELETE", `${API}${REPO}/git/refs/heads/midwatch/x`, NO_RULE],
    ["POST", `${API}${REPO}/actions/workflows/1/dispatches`, NO_RULE],
    ["POST", `${API}${REPO}/actions/runs/1/rerun`, NO_RULE],
    ["POST", `${API}/graphql`, NO_RULE],
    ["PUT", `${API}${REPO}/contents/README.md`, NO_RULE],
    ["HEAD", `${API}${REPO}`, NO_RULE],
    ["GET", `${API}/user`, NO_RULE],
    ["GET", `${API}${REPO}/`, NO_RULE],
    ["GET", `http://api.github.com${REPO}`, NO_HOST],
    ["GET", `https://api.github.com:444${REPO}`, NO_HOST],
    ["GET", `https://api.github.com.evil.example${REPO}`, NO_HOST],
    ["GET", `https://evil.example${REPO}`, NO_HOST],
    ["GET", `http://169.254.169.254/latest/meta-data`, NO_HOST],
  ])("%s %s", (method, url, because) => expect(ask(github, method, url, {})).toBe(because));

  test("a base URL that is none of HTTP's lets nothing out", () => {
    for (const base of ["none", "postgres://db:5432", "file:///"])
      for (const url of [API + REPO, "postgres://other:5432/", "file:///etc/passwd"])
        expect(ask(openGate(githubPolicy, base), "GET", url)).toBe(NO_HOST);
  });
});

describe("a code search", () => {
  const search = (q: string) => ask(github, "GET", `${API}/search/code?${new URLSearchParams({ q }).toString()}`);
  test.each([
    "timeout repo:acme/shop",
    '"repo:acme/other" repo:acme/shop',
    '"this OR -repo:that" repo:acme/shop',
    "REPO:Acme/Shop cache path:src",
  ])("%s", (q) => expect(search(q)).toBe("read"));

  const NOT_ONE = refused("its search is not of one repository");
  test.each([
    ["timeout", NOT_ONE],
    ["repo:acme/other", refused("the repository is not in the catalog")],
    ["repo:acme/shop repo:acme/other", NOT_ONE],
    ["repo:acme/shop org:acme", NOT_ONE],
    ["repo:acme/shop -user:x", NOT_ONE],
    ["timeout -repo:acme/shop", NOT_ONE],
    ["timeout NOT repo:acme/shop", NOT_ONE],
    ["repo:acme/shop OR timeout", NOT_ONE],
    ["(repo:acme/shop OR repo:acme/other)", NOT_ONE],
    ['"repo:acme/shop"', NOT_ONE],
    ['repo:"acme/shop"', NOT_ONE],
    ['repo:acme/shop "x" org:acme "', NOT_ONE],
  ])("%s", (q, because) => expect(search(q)).toBe(because));

  test("asked twice at once", () =>
    expect(ask(github, "GET", `${API}/search/code?q=repo:acme/shop&q=repo:acme/other`)).toBe(refused("it searches twice")));
});

describe("paths", () => {
  test("below a base URL with a path of its own, and nowhere else", () => {
    const enterprise = openGate(githubPolicy, "https://git.acme.dev/api/v3/");
    expect(ask(enterprise, "GET", `https://git.acme.dev/api/v3${REPO}`)).toBe("read");
    expect(ask(enterprise, "GET", `https://git.acme.dev${REPO}`)).toBe(NO_PATH);
    expect(ask(enterprise, "GET", `https://git.acme.dev/api/v3x${REPO}`)).toBe(NO_RULE);
  });

  test("the base URL itself is the path that the setting writes, to the letter", () => {
    const policy: Policy = { ...githubPolicy, rules: [{ method: "POST", path: "", effect: "read", purpose: "a test" }] };
    for (const path of ["/mcp", "/mcp/", "/", "/a;b"]) {
      const gate = openGate(policy, `https://tools.acme.dev${path}`);
      expect(ask(gate, "POST", `https://tools.acme.dev${path}`)).toBe("read");
      for (const other of ["/mcp/x", "/mcp//", "/%6dcp", "/a", "/a;c"])
        expect(ask(gate, "POST", `https://tools.acme.dev${other}`)).toMatch(/^refused: /);
      expect(ask(gate, "POST", `https://tools.acme.dev:8443${path}`)).toBe(NO_HOST);
    }
  });

  test("an encoded slash is a slash: names with slashes fit where they may stand, and lead nowhere else", () => {
    expect(ask(github, "GET", `${API}${REPO}/git/ref/heads%2Fmidwatch%2Fx`)).toBe("read");
    expect(ask(github, "GET", `${API}${REPO}/commits/feature%2Fa/check-runs`)).toBe("read");
    expect(ask(github, "GET", `${API}${REPO}/git/blobs/a%2F..%2F..%2Fpulls`)).toBe(NO_PATH);
  });

  test.each(["%2e%2e%2fuser", "a%5c..%5cb", "..;/user", "a%00b", "%2E%2E%2Fa"])("what climbs or hides is refused: %s", (part) => {
    expect(ask(github, "GET", `${API}${REPO}/contents/x/${part}/y`)).toMatch(/^refused: /);
  });

  test("an empty segment is no name", () => expect(ask(github, "GET", `${API}/repos//shop`)).toBe(NO_RULE));
});

describe("outputs", () => {
  const out = (method: string, path: string, body: unknown) => ask(github, method, `${API}${path}`, body);
  const pull = { head: "midwatch/x", base: "main", title: "t", body: "b", draft: true };

  test("what midwatch sends passes", () => {
    expect(out("POST", `${REPO}/git/trees`, { base_tree: "a", tree: [] })).toBe("output");
    expect(out("POST", `${REPO}/git/refs`, { ref: "refs/heads/midwatch/x", sha: "a" })).toBe("output");
    expect(out("PATCH", `${REPO}/git/refs/heads%2Fmidwatch%2Fx`, { sha: "a", force: false })).toBe("output");
    expect(out("POST", `${REPO}/pulls`, pull)).toBe("output");
    expect(out("PATCH", `${REPO}/pulls/7`, { title: "t", body: "b" })).toBe("output");
  });

  test("the same calls with another body do not", () => {
    expect(out("POST", `${REPO}/pulls`, { ...pull, draft: false })).toBe(refused("its draft is not true"));
    expect(out("POST", `${REPO}/pulls`, { ...pull, draft: "true" })).toBe(refused("its draft is not true"));
    expect(out("POST", `${REPO}/pulls`, { ...pull, head: "main" })).toBe(refused("its head does not begin with midwatch/"));
    expect(out("PATCH", `${REPO}/pulls/7`, { state: "closed" })).toBe(refused('its body has a field "state"'));
    expect(out("PATCH", `${REPO}/pulls/7`, { base: "main" })).toBe(refused('its body has a field "base"'));
    expect(out("PATCH", `${REPO}/git/refs/heads/midwatch/x`, { sha: "a", force: true })).toBe(refused("its force is not false"));
    expect(out("PATCH", `${REPO}/git/refs/heads/main`, { sha: "a", force: false })).toBe(NO_RULE);
    expect(out("PATCH", `${REPO}/git/refs/heads%2Fmain`, { sha: "a", force: false })).toBe(NO_RULE);
    expect(out("POST", `${REPO}/git/refs`, { ref: "refs/tags/v1", sha: "a" })).toBe(
      refused("its ref does not begin with refs/heads/midwatch/"),
    );
    const { head: _, ...headless } = pull;
    expect(out("POST", `${REPO}/pulls`, headless)).toBe(refused("its head does not begin with midwatch/"));
    expect(out("POST", `${REPO}/pulls`, { ...pull, head: ["midwatch/x"] })).toBe(refused("its head does not begin with midwatch/"));
    expect(out("POST", `${REPO}/pulls`, null)).toBe(refused("its body cannot be looked at"));
    expect(out("POST", `${REPO}/pulls`, "{broken")).toBe(refused("its body cannot be looked at"));
  });

  test("nor with fields or a method in the query string, or a branch that climbs out", () => {
    expect(out("PATCH", `${REPO}/pulls/7?state=closed`, { title: "t" })).toBe(refused("an output has no query string"));
    expect(out("POST", `${REPO}/git/refs?_method=DELETE`, { ref: "refs/heads/midwatch/x", sha: "a" })).toBe(
      refused("an output has no query string"),
    );
    expect(out("POST", `${REPO}/git/refs`, { ref: "refs/heads/midwatch/../main", sha: "a" })).toBe(refused("its ref climbs"));
    expect(out("POST", `${REPO}/pulls`, { ...pull, head: "midwatch/../main" })).toBe(refused("its head climbs"));
    expect(ask(github, "GET", `${API}${REPO}/contents/..%252f..%252fuser`)).toBe(NO_PATH);
  });

  test("in no other repository than the catalog's", () => {
    const elsewhere = refused("the repository is not in the catalog");
    expect(ask(github, "POST", `${API}/repos/acme/secrets/pulls`, pull)).toBe(elsewhere);
    expect(ask(github, "GET", `${API}/repos/acme/secrets`)).toBe(elsewhere);
    expect(ask(github, "GET", `${API}/repos/Acme/Shop`)).toBe("read");
  });

  test("a Slack message fetches no page, mentions nobody by name and has no other's face", () => {
    const slack = openGate(slackPolicy, "https://slack.com/api");
    const usual = { channel: "C1", text: "x", unfurl_links: "false", unfurl_media: "false", parse: "none", link_names: "false" };
    const send = (body: string) => ask(slack, "POST", "https://slack.com/api/chat.postMessage", body);
    const post = (more: Record<string, string>) => send(new URLSearchParams({ ...usual, ...more }).toString());
    expect(post({})).toBe("output");
    // Which of two values Slack takes is not known.
    expect(send(`unfurl_links=true&${new URLSearchParams(usual).toString()}`)).toBe(refused("its body cannot be looked at"));
    expect(post({ unfurl_links: "true" })).toBe(refused("its unfurl_links is not false"));
    expect(post({ username: "ceo" })).toBe(refused('its body has a field "username"'));
    const section = { type: "section", text: { type: "mrkdwn", text: '{"image_url":"a word like any other' } };
    expect(post({ blocks: JSON.stringify([section]) })).toBe("output");
    const image = { type: "image", image_url: "https://evil.example/x.png", alt_text: "x" };
    for (const blocks of [[image], [{ ...section, accessory: image }], [{ type: "context", elements: [image] }]])
      expect(post({ blocks: JSON.stringify(blocks) })).toBe(refused('its blocks holds "image_url"'));
    expect(post({ blocks: "[{" })).toBe(refused("its blocks cannot be looked at"));
    expect(post({ text: '{"image_url":"a log line"}' })).toBe("output");
    for (const method of ["chat.delete", "chat.meMessage", "files.upload", "conversations.kick", "conversations.archive", "reactions.add"])
      expect(ask(slack, "POST", `https://slack.com/api/${method}`, "channel=C1")).toBe(NO_RULE);
  });
});

test("a chart's bytes go to Slack alone, by POST, to where files are taken", () => {
  const files = openGate(slackFilePolicy, "https://slack.com");
  expect(ask(files, "POST", "https://files.slack.com/upload/v1/CwABAAAA", {})).toBe("output");
  for (const url of [
    "https://files.slack.com.evil.dev/upload/v1/C",
    "http://files.slack.com/upload/v1/C",
    "https://files.slack.com:8443/upload/v1/C",
  ])
    expect(ask(files, "POST", url, {})).toBe(NO_HOST);
  for (const path of ["files-pri/T1-F1/x.png", "api/chat.postMessage", "upload/v1"])
    expect(ask(files, "POST", `https://files.slack.com/${path}`, {})).toBe(NO_RULE);
  expect(ask(files, "GET", "https://files.slack.com/upload/v1/CwABAAAA")).toBe(NO_RULE);
  const slack = openGate(slackPolicy, "https://slack.com/api");
  const share = (more: Record<string, string>) =>
    ask(
      slack,
      "POST",
      "https://slack.com/api/files.completeUploadExternal",
      new URLSearchParams({ files: "[]", channel_id: "C1", ...more }).toString(),
    );
  expect(share({ thread_ts: "1.1" })).toBe("output");
  expect(share({ channels: "C1,C2" })).toBe(refused('its body has a field "channels"'));
});

test("a signed log is fetched from GitHub's storage over TLS on its usual port, by GET", () => {
  const logs = openGate(githubLogPolicy, API);
  expect(ask(logs, "GET", "https://productionresults.blob.core.windows.net/a/b?sig=x")).toBe("read");
  expect(ask(logs, "POST", "https://productionresults.blob.core.windows.net/a/b", {})).toBe(NO_RULE);
  for (const host of ["http://x.blob.core.windows.net", "https://x.blob.core.windows.net:8443", "https://blob.core.windows.net.evil.dev"])
    expect(ask(logs, "GET", `${host}/a`)).toBe(NO_HOST);
});

describe("the list of all policies", () => {
  const policies = policiesOf();

  test("holds the policies that the integrations declare", () => {
    const src = join(import.meta.dirname, "../../src");
    const folders = readdirSync(join(src, "integrations")).filter((name) => !name.endsWith(".ts"));
    const places = [
      ["oidc", "access/policy.ts"],
      ["otel", "node/operations/otel-policy.ts"],
      ...folders.map((vendor) => [vendor, `integrations/${vendor}/policy.ts`]),
    ];
    const declared = places.flatMap(([vendor = "", file = ""]) => {
      return [...readFileSync(join(src, file), "utf8").matchAll(/^export const (\w+): Policy = \{\s+vendor: "(\w+)"/gm)].map(([, , of]) => {
        expect(of).toBe(vendor);
        return of;
      });
    });
    expect(policies.map(({ vendor }) => vendor).toSorted()).toEqual(declared.toSorted());
  });

  test("has no output beyond Slack's messages, charts and the incident's channel, the draft on GitHub, notes on pages, and midwatch's own errors and traces", () => {
    const outputs = policies.flatMap(({ vendor, setting, rules }) =>
      rules.filter(({ effect }) => effect === "output").map(({ method, path }) => `${setting} ${vendor} ${method} ${path}`),
    );
    expect(outputs).toEqual([
      "SENTRY_DSN sentry POST /api/{project}/envelope/",
      "GITHUB_API_URL github POST /repos/{owner}/{repo}/git/trees",
      "GITHUB_API_URL github POST /repos/{owner}/{repo}/git/commits",
      "GITHUB_API_URL github POST /repos/{owner}/{repo}/git/refs",
      "GITHUB_API_URL github PATCH /repos/{owner}/{repo}/git/refs/heads/midwatch/{branch...}",
      "GITHUB_API_URL github POST /repos/{owner}/{repo}/pulls",
      "GITHUB_API_URL github PATCH /repos/{owner}/{repo}/pulls/{number}",
      "GITHUB_API_URL github POST /repos/{owner}/{repo}/issues/{number}/labels",
      "PAGERDUTY_API_URL pagerduty POST /incidents/{id}/notes",
      "SLACK_API_URL slack POST /chat.postMessage",
      "SLACK_API_URL slack POST /conversations.join",
      "SLACK_API_URL slack POST /conversations.create",
      "SLACK_API_URL slack POST /conversations.setTopic",
      "SLACK_API_URL slack POST /conversations.invite",
      "SLACK_API_URL slack POST /bookmarks.add",
      "SLACK_API_URL slack POST /chat.update",
      "SLACK_API_URL slack POST /chat.postEphemeral",
      "SLACK_API_URL slack POST /views.publish",
      "SLACK_API_URL slack POST /views.open",
      "SLACK_API_URL slack POST /canvases.create",
      "SLACK_API_URL slack POST /files.getUploadURLExternal",
      "SLACK_API_URL slack POST /files.completeUploadExternal",
      "SLACK_API_URL slack POST /upload/v1/{key...}",
      "OTEL_EXPORTER_OTLP_ENDPOINT otel POST /v1/traces",
    ]);
  });

  test("outputs say what their body may hold, but for a report to Sentry and a picture, which are no objects", () => {
    const open = policies.flatMap(({ rules }) => rules.filter(({ effect, body }) => effect === "output" && body === undefined));
    expect(open.map(({ path }) => path)).toEqual(["/api/{project}/envelope/", "/upload/v1/{key...}"]);
  });

  test("GitHub's has a rule for each route that the source names, and none besides", () => {
    const root = join(import.meta.dirname, "../../src");
    const named = readdirSync(root, { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith(".ts") && !path.startsWith("replay/"))
      .flatMap((path) => [
        ...readFileSync(join(root, path), "utf8").matchAll(/"((?:GET|POST|PUT|PATCH|DELETE) \/(?:repos|app|search)[^"]*)"/g),
      ])
      .map(([, route = ""]) => plain(route));
    const ruled = (policy: Policy) => policy.rules.map(({ method, path }) => plain(`${method} ${path}`));
    // The top folder is the path of no segment.
    const wanted = [...named, "GET /repos/{}/{}/contents"];
    expect([...new Set(ruled(githubPolicy))].toSorted()).toEqual([...new Set(wanted)].toSorted());
  });
});

/** Without the names that stand for a segment. */
const plain = (route: string) => route.replace("refs/heads/midwatch/{branch...}", "refs/{ref}").replaceAll(/\{[^}]*\}/g, "{}");

test("an error report names the project's public key in its query string, and nothing else", () => {
  const gate = openGate(errorReportPolicy, "https://o1.ingest.sentry.io");
  const send = (query: string) =>
    gate({ method: "POST", url: new URL(`https://o1.ingest.sentry.io/api/42/envelope/${query}`), body: null });
  expect(send("?sentry_version=7&sentry_key=public&sentry_client=x")).toMatchObject({ allowed: { effect: "output" } });
  expect(send("?sentry_key=public&_method=DELETE")).toEqual({ refused: "an output has no query string" });
});
