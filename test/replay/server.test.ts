import { createServer } from "node:http";
import { existsSync, readFileSync } from "node:fs";
import { once } from "node:events";
import { WebClient } from "@slack/web-api";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseCatalog } from "../../src/catalog.ts";
import { parseConfig } from "../../src/config.ts";
import { RecordingError } from "../../src/replay/recording-files.ts";
import { type Replay, startReplay } from "../../src/replay/server.ts";
import { json, listen } from "../support/loopback.ts";
import { octokitOf } from "../support/github/quiet-octokit.ts";
import { changedFile, commitRow, incidentJson, recordingFolder, type RecordingFolder, secondsAt } from "../support/recording-folder.ts";

const sha = "c0ffee".padEnd(40, "1");
const files = {
  "incident.json": incidentJson({ system: "Shop", services: ["shop", "pay"] }),
  "metrics.csv.gz": [
    ["time", "service", "instance", "metric", "value"],
    ...[0, 1, 2, 3, 4].map((minute) => [secondsAt("12:25:00") + minute * 60, "shop", "shop-1", "cpu(%)", 10 * minute]),
  ],
  "logs.jsonl.gz": [
    { time: secondsAt("12:27:00"), service: "shop", instance: "shop-1", severity: "ERROR", message: "boom", trace_id: null, span_id: null },
  ],
  "repository/commits.json": [1, 2, 3].map((number) =>
    commitRow(
      number === 3 ? sha : String(number).repeat(40),
      [changedFile("a.txt", number === 1 ? null : `${number - 1}\n`, `${number}\n`)],
      {
        parents: number === 1 ? [] : [String(number - 1).repeat(40)],
        time: secondsAt("12:00:00") + number,
        message: `commit ${number}`,
      },
    ),
  ),
  "changes.jsonl.gz": [{ kind: "deploy", time: secondsAt("12:20:00"), service: "shop", sha }],
};
const quiet = { debug() {}, info() {}, warn() {}, error() {}, setLevel() {}, getLevel: () => "error" as never, setName() {} };
const repo = { owner: "acme", repo: "shop" };

let folder: RecordingFolder;
let replay: Replay;
/** Between these it was started. */
const startedAt = { from: 0, to: 0 };
beforeAll(async () => {
  folder = await recordingFolder(files);
  startedAt.from = Date.now();
  replay = await startReplay({ folder: folder.path });
  startedAt.to = Date.now();
});
afterAll(async () => {
  await replay.close();
  await folder[Symbol.asyncDispose]();
});

const pagerduty = async (path: string, of: Replay = replay) =>
  fetch(of.settings.PAGERDUTY_API_URL + path, { headers: { authorization: `Token token=${of.settings.PAGERDUTY_API_TOKEN}` } });

describe("a replay", () => {
  test("prints settings that midwatch takes as they are", () => {
    const config = parseConfig(replay.settings);
    expect(config.PAGERDUTY_WEBHOOK_SECRET).toEqual([replay.settings.PAGERDUTY_WEBHOOK_SECRET]);
    expect(Object.values(replay.settings).every((value) => value !== "")).toBe(true);
  });

  test("answers each vendor's own client under those settings", async () => {
    const { settings } = replay;
    const page = (await (await pagerduty(`/incidents/${replay.pagerduty.incidentIds[0]}`)).json()) as { incident: { title: string } };
    expect(page.incident.title).toBe("errors on shop");

    const issues = await fetch(`${settings.SENTRY_API_URL}/api/0/organizations/${settings.SENTRY_ORG}/issues/?query=is:unresolved`, {
      headers: { authorization: `Bearer ${settings.SENTRY_AUTH_TOKEN}` },
    });
    expect(await issues.json()).toMatchObject([{ title: "boom", count: "1" }]);

    const octokit = octokitOf(settings.GITHUB_API_URL, settings.GITHUB_TOKEN);
    expect(replay.repository).toBe("acme/shop");
    expect((await octokit.rest.repos.listDeployments(repo)).data.map((one) => one.sha)).toEqual([sha]);

    const slack = new WebClient(settings.SLACK_BOT_TOKEN, { slackApiUrl: settings.SLACK_API_URL, logger: quiet });
    await slack.chat.postMessage({ channel: replay.slack.channelName, text: "first words" });
    expect(replay.messages().map(({ versions }) => versions[0]?.text)).toEqual(["first words"]);

    const now = Math.floor(Date.now() / 1000);
    const query = new URLSearchParams({ from: String(now - 600), to: String(now), query: "avg:cpu{*} by {service,pod_name}" });
    const answer = await fetch(`${settings.DD_API_URL}/api/v1/query?${query}`, {
      headers: { "dd-api-key": settings.DD_API_KEY, "dd-application-key": settings.DD_APP_KEY },
    });
    expect(await answer.json()).toMatchObject({ series: [{ tag_set: ["service:shop", "pod_name:shop-1"] }] });
  });

  test("ends now: the page is two minutes old", async () => {
    const { incident } = (await (await pagerduty(`/incidents/${replay.pagerduty.incidentIds[0]}`)).json()) as {
      incident: { created_at: string };
    };
    const end = Date.parse(incident.created_at) + 120_000;
    expect(end).toBeGreaterThanOrEqual(startedAt.from - 1_000);
    expect(end).toBeLessThanOrEqual(startedAt.to + 1_000);
  });

  test("its catalog names the services and signals under which it serves them", () => {
    const catalog = parseCatalog(readFileSync(replay.settings.CATALOG_PATH, "utf8"));
    expect(catalog.find("shop")?.names["github"]?.["repository"]).toBe(replay.repository);
    expect(catalog.signals).toEqual([{ query: "avg:cpu{*} by {service,pod_name}", unit: "percent" }]);
    expect(catalog.slackChannel("shop")).toBe(replay.slack.channelName);
  });

  test("sends the page, signed, and again as a repeat", async () => {
    await using bot = await listen((_request, response) => json(response, 202, {}));
    expect(await replay.page(bot.url)).toMatchObject([{ eventType: "incident.triggered", status: 202 }]);
    await replay.page(bot.url);
    expect(bot.seen[1]?.body).toBe(bot.seen[0]?.body);
    const { event } = JSON.parse(bot.seen[0]?.body ?? "") as { event: { data: { id: string; html_url: string } } };
    expect((await fetch(event.data.html_url, { headers: { accept: "text/html" } })).status).toBe(200);
  });

  test("keeps a journal of every call", async () => {
    const before = replay.requests.length;
    await pagerduty("/incidents/NONE?x=1");
    expect(replay.requests.slice(before)).toMatchObject([{ vendor: "pagerduty", method: "GET", path: "/incidents/NONE?x=1", status: 404 }]);
  });
});

describe("what a person can ask of it", () => {
  const post = (path: string, body: unknown) =>
    fetch(replay.url + path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });

  test("send the page, acknowledge it, speak in the channel", async () => {
    await using bot = await listen((_request, response) => json(response, 202, {}));
    expect(await (await post("/_replay/page", { url: bot.url })).json()).toMatchObject([{ status: 202 }]);
    expect(await (await post("/_replay/page", { url: bot.url, event: "acknowledged" })).json()).toMatchObject([
      { eventType: "incident.acknowledged" },
    ]);
    expect(await (await post("/_replay/say", { text: "is it the cache?", user: "mei", url: bot.url })).json()).toMatchObject({
      delivered: 202,
    });
    const { event } = JSON.parse(bot.seen[2]?.body ?? "") as { event: Record<string, unknown> };
    expect(event).toMatchObject({
      type: "message",
      text: "is it the cache?",
      user: replay.slack.userIds.get("mei"),
      channel: replay.slack.channelId,
    });
    expect(replay.messages().at(-1)).toMatchObject({ byBot: false, versions: [{ text: "is it the cache?" }] });
  });
  test("mistakes are told", async () => {
    expect((await post("/_replay/page", {})).status).toBe(400);
    expect((await post("/_replay/page", { url: "http://127.0.0.1:1/", page: 7 })).status).toBe(400);
    expect((await post("/_replay/say", { text: "x", user: "nobody" })).status).toBe(400);
    expect(await (await fetch(`${replay.url}/`)).text()).toContain("POST /_replay/page");
  });
  test("read settings, messages, pull requests, calls", async () => {
    expect(await (await fetch(`${replay.url}/_replay/settings`)).text()).toContain(`GITHUB_API_URL=${replay.settings.GITHUB_API_URL}\n`);
    expect(await (await fetch(`${replay.url}/_replay/messages`)).json()).toEqual(JSON.parse(JSON.stringify(replay.messages())));
    expect(await (await fetch(`${replay.url}/_replay/pull-requests`)).json()).toEqual([]);
    expect(await (await fetch(`${replay.url}/_replay/requests`)).json()).toHaveLength(replay.requests.length);
  });
});

test("pages of a list stay on the proxy that a client talks to", async () => {
  const through: string[] = [];
  const proxy = createServer((request, response) => {
    through.push(request.url ?? "");
    const headers = { authorization: String(request.headers.authorization), "x-forwarded-host": String(request.headers.host) };
    const pass = async () => {
      const answer = await fetch(replay.settings.GITHUB_API_URL + request.url, { headers });
      response.writeHead(answer.status, { "content-type": "application/json", link: answer.headers.get("link") ?? "" });
      response.end(await answer.text());
    };
    void pass();
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  const address = proxy.address();
  const url = typeof address === "object" && address !== null ? `http://127.0.0.1:${address.port}` : "";
  const octokit = octokitOf(url, replay.settings.GITHUB_TOKEN);
  const commits = await octokit.paginate(octokit.rest.repos.listCommits, { ...repo, per_page: 1 });
  expect(commits.map(({ commit }) => commit.message)).toEqual(["commit 3", "commit 2", "commit 1"]);
  expect(through).toHaveLength(3);
  proxy.closeAllConnections();
  proxy.close();
});

test("conditions are those of each vendor: access of the recording, limits, faults", async () => {
  await using own = await recordingFolder({
    ...files,
    "access.json": { sentry: "forbidden", github: "empty", "datadog.logs": "forbidden" },
  });
  await using strict = await startReplay({
    folder: own.path,
    rateLimits: { pagerduty: 1 },
    faults: [{ vendor: "slack", kind: "status", status: 503, path: "/api/chat.postMessage", times: 1 }],
  });
  const { settings } = strict;
  const sentry = await fetch(`${settings.SENTRY_API_URL}/api/0/organizations/acme/issues/`, {
    headers: { authorization: `Bearer ${settings.SENTRY_AUTH_TOKEN}` },
  });
  expect(sentry.status).toBe(403);
  expect((await octokitOf(settings.GITHUB_API_URL, settings.GITHUB_TOKEN).rest.repos.listDeployments(repo)).data).toEqual([]);
  expect((await pagerduty("/incidents", strict)).status).toBe(200);
  expect((await pagerduty("/incidents", strict)).status).toBe(429);
  const datadog = await fetch(`${settings.DD_API_URL}/api/v2/logs/events/search`, {
    method: "POST",
    headers: { "dd-api-key": settings.DD_API_KEY, "dd-application-key": settings.DD_APP_KEY, "content-type": "application/json" },
    body: "{}",
  });
  expect(datadog.status).toBe(403);
  const post = () =>
    fetch(`${settings.SLACK_API_URL}/chat.postMessage`, {
      method: "POST",
      headers: { authorization: `Bearer ${settings.SLACK_BOT_TOKEN}` },
      body: new URLSearchParams({ channel: "incidents", text: "x" }),
    });
  expect((await post()).status).toBe(503);
  expect(await (await post()).json()).toMatchObject({ ok: true });
  expect(strict.requests.filter(({ vendor }) => vendor === "slack").map(({ status }) => status)).toEqual([503, 200]);
});

test("several pages are sent in their order", async () => {
  await using own = await recordingFolder({
    ...files,
    "pages.json": [
      { offset_s: -30, title: "pay is slow", service: "pay", urgency: "low", details: "" },
      { offset_s: 0, title: "errors on shop", service: "shop", urgency: "high", details: "" },
    ],
  });
  await using several = await startReplay({ folder: own.path });
  await using bot = await listen((_request, response) => json(response, 202, {}));
  await several.page(bot.url);
  const titles = bot.seen.map(({ body }) => (JSON.parse(body) as { event: { data: { title: string } } }).event.data.title);
  expect(titles).toEqual(["pay is slow", "errors on shop"]);
});

test("closing ends everything, a call that is never answered too", async () => {
  const own = await startReplay({ folder: folder.path, faults: [{ vendor: "pagerduty", kind: "timeout" }] });
  const waiting = pagerduty("/incidents", own).then(
    () => "answered",
    () => "ended",
  );
  while (own.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
  await own.close();
  expect(await waiting).toBe("ended");
  expect(own.requests[0]?.status).toBeNull();
  expect(existsSync(own.settings.CATALOG_PATH)).toBe(false);
  await expect(fetch(`${own.url}/_replay`)).rejects.toThrow("fetch failed");
});

test("ports in a row, from the first one given", async () => {
  // Below the ports that the system hands out by itself; another test run may still hold some of them.
  for (let first = 21_000 + (process.pid % 1000) * 6; ; first += 6) {
    const started = await startReplay({ folder: folder.path, port: first }).catch((error: unknown) => {
      if (error instanceof Error && "code" in error && error.code === "EADDRINUSE") return null;
      throw error;
    });
    if (started === null) continue;
    await using fixed = started;
    const { PAGERDUTY_API_URL, DD_API_URL, SENTRY_API_URL, GITHUB_API_URL, SLACK_API_URL } = fixed.settings;
    const urls = [fixed.url, PAGERDUTY_API_URL, DD_API_URL, SENTRY_API_URL, GITHUB_API_URL, SLACK_API_URL];
    expect(urls.map((url) => Number(new URL(url).port) - first)).toEqual([0, 1, 2, 3, 4, 5]);
    return;
  }
});

test("a folder that is no recording is refused, and nothing stays open", async () => {
  await using none = await recordingFolder({});
  await expect(startReplay({ folder: none.path })).rejects.toThrow(RecordingError);
});
