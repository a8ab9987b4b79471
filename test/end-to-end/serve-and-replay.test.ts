import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { z } from "zod";
import { parseCatalog } from "../../src/catalog.ts";
import { freshDatabase, ORDERS_TIMEOUT, webhookOf } from "../support/bot.ts";
import { command, runHere, type RunningCommand, startServe, untilExported } from "../support/command.ts";
import { strays } from "./closed-outputs.ts";
import { isMutating, startProxy } from "./proxy.ts";

const stackTrace = /^\s+at .+:\d+:\d+\)?$/m;

const demoSummary = z.object({
  verdict: z.string(),
  suspects: z.array(
    z.object({ service: z.string(), fault: z.string().nullable(), commit: z.string().nullable(), probability: z.number() }),
  ),
  pullRequest: z.object({ draft: z.boolean() }).nullable(),
  coverage: z.array(z.object({ source: z.string(), status: z.string() })),
  slackMessages: z.array(z.object({ threadTs: z.string().nullable(), text: z.string() })),
  report: z.object({ pr: z.object({ title: z.string(), files: z.array(z.object({ path: z.string() })) }).nullable() }),
});
const heldMessages = z.array(
  z.object({
    channel: z.string(),
    threadTs: z.string().nullable(),
    deleted: z.boolean(),
    versions: z.array(z.object({ text: z.string() })),
  }),
);
const openedPulls = z.array(z.object({ draft: z.boolean(), title: z.string(), files: z.array(z.object({ path: z.string() })) }));
const auditLine = z.looseObject({
  incident: z.string().nullable(),
  step: z.string().nullable(),
  record: z.looseObject({ kind: z.string(), vendor: z.string().optional(), outcome: z.string().optional() }),
});
const RECORDER = fileURLToPath(new URL("record-connections.mjs", import.meta.url));
const madeCalls = z.array(z.object({ vendor: z.string(), method: z.string(), path: z.string() }));

/** What is told in the first two lines, without figures and links' searches: ports, clock times, the line that is shown and how long it took differ between any two runs. */
const gist = (text: string) =>
  text
    .split("\n")
    .slice(0, 2)
    .map((line) =>
      line
        .replaceAll(/\?q=[^|>]+/g, "")
        .replaceAll(/\d+(\.\d+)?( (ms|s|min|h)\b)?/g, "#")
        .replaceAll(/#(?: #)+/g, "#"),
    );

/**
 * Suspects that count. The recording is mapped to the moment at which its replay starts, so Datadog's rollups cut it a little elsewhere in each
 * run: likelihoods agree, their last digits do not.
 */
const leading = (suspects: readonly { service: string; fault: string | null; commit: string | null; probability: number }[]) =>
  suspects.filter(({ probability }) => probability >= 0.1).map(({ service, fault, commit }) => ({ service, fault, commit }));

/** `replay DIR --json`, as another program would start it. */
async function startReplayCommand(folder: string) {
  const replay = command(["replay", folder, "--json"]);
  const [, control = ""] = await replay.said("stderr", / at (http:\/\/\S+);/);
  const settings = z.record(z.string(), z.string()).parse(JSON.parse(replay.stdout()));
  const ask = async <T>(path: string, schema: z.ZodType<T>, init?: RequestInit): Promise<T> =>
    schema.parse(await (await fetch(`${control}/_replay/${path}`, init)).json());
  return { ...replay, settings, control, ask };
}

/** Ctrl-C. */
async function interrupt(running: RunningCommand) {
  running.signal("SIGINT");
  expect(await running.ended).toEqual({ code: 0, signal: null });
  expect(running.stderr()).not.toMatch(stackTrace);
}

/** On a machine that is too busy a source may run out of its time, and less was read: such a run is no measure, and is made again. */
async function demoOf(folder: string, triesLeft = 3): Promise<z.output<typeof demoSummary>> {
  const { code, stdout } = await runHere(["demo", "--once", "--json", "--incident", folder]);
  expect(code).toBe(0);
  const summary = demoSummary.parse(JSON.parse(stdout));
  const cut = summary.coverage.some(({ status }) => status === "timed-out");
  return cut && triesLeft > 1 ? demoOf(folder, triesLeft - 1) : summary;
}

test("serve does by HTTP alone, through a recording proxy, what the demo does, and changes nothing else", async () => {
  const demo = await demoOf(ORDERS_TIMEOUT);
  await using replay = await startReplayCommand(ORDERS_TIMEOUT);
  await using proxy = await startProxy(replay.settings);
  const database = freshDatabase();
  const connections = `${database}.connections`;
  const recorder = { NODE_OPTIONS: `--import ${RECORDER}`, MIDWATCH_TEST_CONNECTIONS: connections };
  await using serve = await startServe({ ...proxy.settings, ...recorder }, database);

  const page = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ url: webhookOf(serve.url) }) };
  expect(await replay.ask("page", z.array(z.looseObject({ status: z.number().nullable() })), page)).toMatchObject([{ status: 202 }]);
  const incident = /\/incidents\/pd-\w+/.exec(await (await fetch(`${serve.url}/incidents`)).text())?.[0] ?? "";
  const exported = await untilExported(`${serve.url}${incident}.json`);

  expect(exported.finding?.verdict).toBe(demo.verdict);
  const suspects = exported.finding?.suspects.map(({ service, fault, change, probability }) => ({
    service,
    fault,
    commit: change?.sha ?? null,
    probability,
  }));
  expect(leading(suspects ?? [])).toEqual(leading(demo.suspects));
  expect(suspects?.[0]?.probability).toBeCloseTo(demo.suspects[0]?.probability ?? 0, 1);
  expect(exported.coverage.map(({ source, status }) => ({ source, status }))).toEqual(
    demo.coverage.map(({ source, status }) => ({ source, status })),
  );
  const all = await replay.ask("messages", heldMessages);
  const shown = all.filter(({ deleted }) => !deleted);
  const inThread = (threadTs: string | null) => threadTs !== null;
  expect(shown.map(({ threadTs, versions }) => [inThread(threadTs), gist(versions.at(-1)?.text ?? "")])).toEqual(
    demo.slackMessages.map(({ threadTs, text }) => [inThread(threadTs), gist(text)]),
  );
  const opened = await replay.ask("pull-requests", openedPulls);
  expect(opened.map(({ draft, title, files }) => ({ draft, title, paths: files.map(({ path }) => path) }))).toEqual([
    { draft: true, title: demo.report.pr?.title, paths: demo.report.pr?.files.map(({ path }) => path) },
  ]);

  const catalog = parseCatalog(readFileSync(replay.settings["CATALOG_PATH"] ?? "", "utf8"), "the catalog");
  const [repository = ""] = catalog.services.flatMap(({ names }) => names["github"]?.["repository"] ?? []);
  expect(strays(proxy.calls, { channel: all[0]?.channel ?? "", repository })).toEqual([]);
  const changing = proxy.calls.filter(isMutating);
  const pulls = changing.filter(({ vendor, path }) => vendor === "github" && path.endsWith("/pulls"));
  expect(pulls.map(({ body }) => (JSON.parse(body) as { draft?: unknown }).draft)).toEqual([true]);
  // Whatever reached the vendors came through the proxy: no client knows another way out.
  const ofVendor = (calls: readonly { vendor: string }[]) =>
    Object.fromEntries([...Map.groupBy(calls, ({ vendor }) => vendor)].map(([vendor, list]) => [vendor, list.length]));
  // It goes on reading the draft's checks, so the calls are counted once it has ended.
  await interrupt(serve);
  expect(ofVendor(await replay.ask("requests", madeCalls))).toEqual(ofVendor(proxy.calls));
  // No other connection was opened, by whatever library, in the process or its thread.
  const hosts = [...new Set(readFileSync(connections, "utf8").trim().split("\n"))];
  const vendors = Object.values(proxy.settings).flatMap((value) => (/^http:\/\/127\.0\.0\.1:/.test(value) ? [new URL(value).host] : []));
  expect(hosts.filter((host) => !vendors.includes(host))).toEqual([]);
  expect(hosts.length).toBeGreaterThan(3);
  // The audit has what its proxy saw, calls of the triage thread too, and says so to whoever asks for it.
  const verify = await runHere(["audit", "verify"], { DATABASE_PATH: database });
  expect(verify.code).toBe(0);
  expect(verify.stdout).toMatch(/^✓ \d+ entries, none changed or missing; the newest has hash [0-9a-f]{64}\n$/);
  const audit = await runHere(["audit", "export"], { DATABASE_PATH: database });
  expect(audit.code).toBe(0);
  const entries = audit.stdout
    .trim()
    .split("\n")
    .map((line) => auditLine.parse(JSON.parse(line)));
  const tries = entries.filter(({ record: { outcome } }) => outcome === "answered" || outcome === "failed" || outcome === "cut off");
  const passed = ofVendor(proxy.calls);
  const tried = ofVendor(tries.map(({ record }) => ({ vendor: record.vendor ?? "" })));
  const answered = ofVendor(tries.flatMap(({ record }) => (record.outcome === "answered" ? [{ vendor: record.vendor ?? "" }] : [])));
  for (const [vendor, calls] of Object.entries(passed)) {
    // A try that the end cut off may not have reached the proxy; none that did is missing.
    expect(answered[vendor]).toBeLessThanOrEqual(calls);
    expect(tried[vendor]).toBeGreaterThanOrEqual(calls);
  }
  const ofIncident = tries.filter(({ incident: of }) => of === incident.replace("/incidents/", ""));
  expect(ofIncident.filter(({ record }) => record.vendor === "datadog").length).toBeGreaterThan(10);
  expect(new Set(ofIncident.map(({ step }) => step)).size).toBeGreaterThan(2);
  // Its head was said at the end, and what the log said holds.
  const [, head = ""] = /newest has hash ([0-9a-f]{64})\n?$/.exec(serve.stderr().trim()) ?? [];
  expect((await runHere(["audit", "verify", "--head", head], { DATABASE_PATH: database })).code).toBe(0);
  for (const secret of Object.entries(replay.settings).flatMap(([name, value]) => (/KEY|TOKEN|SECRET/.test(name) ? [value] : [])))
    expect(audit.stdout).not.toContain(secret);
  await interrupt(replay);
});

test("wrong settings are named all at once, with what to do, and nothing is started", async () => {
  const { code, stderr: told } = await runHere(["serve"], {
    PORT: "eighty",
    DD_API_KEY: "canary-key-of-sixteen-and-more",
    SLACK_API_URL: "slack.com",
    GITHUB_APP_ID: "7",
  });
  expect(code).toBe(1);
  for (const name of ["PORT", "SLACK_API_URL", "PAGERDUTY_WEBHOOK_SECRET", "SLACK_BOT_TOKEN", "DD_APP_KEY", "GITHUB_APP_PRIVATE_KEY"]) {
    expect(told).toMatch(new RegExp(`^${name} is (wrong|missing)`, "m"));
  }
  expect(told).toContain("Nothing was started.");
  expect(told).not.toContain("canary-key");
  expect(told).not.toMatch(stackTrace);
});
