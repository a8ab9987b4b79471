import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openOidcGate } from "../../src/access/policy.ts";
import { openGate } from "../../src/guard/policy.ts";
import { policiesOf } from "../../src/cli/policy.ts";
import { startScriptedModel } from "../../src/replay/anthropic/server.ts";
import { people } from "../../src/replay/people.ts";
import { startReplay } from "../../src/replay/server.ts";
import { incidentExportSchema } from "../../src/web/export.ts";
import { startProvider } from "../support/sign-in-provider.ts";
import { startWorkerd } from "../support/workerd.ts";
import { shown, ORDERS_TIMEOUT, webhookOf } from "../support/bot.ts";
import { investigator, TURNS } from "./investigator.ts";

const PUBLIC_URL = "https://midwatch.example";
const CLIENT = { id: "midwatch", secret: "client-secret-of-the-provider" };

/** Signs in through the provider, as a browser that knows the Worker as PUBLIC_URL. @returns the session's cookie */
async function signIn(worker: string): Promise<string> {
  const at = (url: string) => worker + url.slice(PUBLIC_URL.length);
  const ask = (url: string, cookie = "") => fetch(url, { redirect: "manual", headers: { accept: "text/html", cookie } });
  const cookieOf = (response: Response) => response.headers.getSetCookie()[0]?.split(";")[0] ?? "";
  const refused = await ask(`${worker}/incidents`);
  const started = await ask(at(refused.headers.get("location") ?? ""));
  const back = await ask(started.headers.get("location") ?? "");
  const done = await ask(at(back.headers.get("location") ?? ""), cookieOf(started));
  expect([refused, started, back, done].map(({ status }) => status)).toEqual([302, 302, 302, 303]);
  return cookieOf(done);
}

const CONFIG = join(import.meta.dirname, "../../wrangler.toml");

test("the same job runs on Durable Objects: sign-in, page, first words, brief, a model's finding with each turn asked once, draft PR, pages", async () => {
  await using replay = await startReplay({ folder: ORDERS_TIMEOUT });
  await using provider = await startProvider({ ...CLIENT, redirectUri: () => `${PUBLIC_URL}/sign-in/callback` });
  await using model = await startScriptedModel({ script: investigator });
  provider.signIn({ sub: "1", email: "ana@acme.example", email_verified: true });
  const { CATALOG_PATH: catalogPath, ...vendors } = replay.settings;
  const settings = { ...vendors, ANTHROPIC_BASE_URL: model.url, ANTHROPIC_API_KEY: model.apiKey };
  const folder = mkdtempSync(join(tmpdir(), "midwatch-workerd-"));
  const outgoing = join(folder, "outgoing");
  const vars = {
    ...settings,
    CATALOG: readFileSync(catalogPath, "utf8"),
    PUBLIC_URL,
    OIDC_ISSUER: provider.issuer,
    OIDC_CLIENT_ID: CLIENT.id,
    OIDC_CLIENT_SECRET: CLIENT.secret,
    SESSION_SECRET: "session-secret-of-more-than-32-characters",
    ROLE_VIEWER: "@acme.example",
    PAGERDUTY_NOTES_FROM: people[0].email,
  };
  await using worker = await startWorkerd(CONFIG, folder, vars, outgoing);
  expect((await fetch(`${worker.url}/healthz`)).status).toBe(200);
  const nothing = { waiting: 0, oldestSeconds: 0, running: 0 };
  expect(await (await fetch(`${worker.url}/readyz`)).json()).toEqual({ ready: true, store: { answers: true }, backlog: nothing });
  const sent = await replay.page(webhookOf(worker.url));
  expect({ status: sent[0]?.status, output: sent[0]?.status === 202 ? "" : worker.output() }).toEqual({ status: 202, output: "" });

  const incident = `${worker.url}/incidents/pd-${replay.pagerduty.incidentIds[0]}`;
  expect((await fetch(`${incident}/events`)).status).toBe(401);
  const headers = { cookie: await signIn(worker.url) };
  const stream = await fetch(`${incident}/events`, { headers, signal: AbortSignal.timeout(100_000) });
  expect(stream.headers.get("content-type")).toContain("text/event-stream");
  let told = "";
  const decoder = new TextDecoder();
  for await (const chunk of stream.body ?? []) {
    told += decoder.decode(chunk, { stream: true });
    if (/done in [\d.]+ (?:s|min)/.test(told)) break;
  }
  const page = await (await fetch(incident, { headers })).text();
  expect(page).toContain("orders");
  expect(model.requests.map(({ problem }) => problem)).toEqual(Array.from({ length: TURNS }, () => null));
  const [status, finding] = shown(replay);
  expect(status?.text).toContain("orders");
  expect(finding?.text).toMatch(/^\*Why\*/);
  expect(status?.text).toContain("orders gives payments no time to answer");
  expect(page).toContain(`${TURNS} turns`);
  expect(await replay.pullRequests()).toMatchObject([{ draft: true }]);
  const note = { by: people[0].realName, content: expect.stringContaining(`${PUBLIC_URL}/incidents/pd-`) as string };
  await expect.poll(() => replay.pagerduty.notes()).toMatchObject([note]);
  expect((await fetch(`${incident}/evidence/1`, { headers })).status).toBe(200);

  // Nothing left the Worker or its objects but calls of the policies, and the object's audit has them, by the steps that made them.
  const left = readFileSync(outgoing, "utf8").trim().split("\n");
  const signInGate = openOidcGate(provider.issuer);
  signInGate.name("POST", `${provider.issuer}/token`);
  signInGate.name("GET", `${provider.issuer}/keys`);
  const gates = [
    signInGate.gate,
    ...policiesOf().map((policy) => openGate(policy, settings[policy.setting as keyof typeof settings] ?? "")),
  ];
  const allowed = (line: string) => {
    const [method = "", url = ""] = line.split(" ");
    // Bodies are judged where they leave; here it is about places.
    return gates.some((gate) => {
      const ruling = gate({ method, url: new URL(url), body: null });
      return "allowed" in ruling || ruling.refused === "its body cannot be looked at";
    });
  };
  expect(left.filter((line) => !allowed(line))).toEqual([]);
  expect(left.length).toBeGreaterThan(50);
  const { audit } = incidentExportSchema.parse(await (await fetch(`${incident}.json`, { headers })).json());
  const outputs = audit?.entries.filter(({ outcome }) => outcome === "answered") ?? [];
  expect(outputs.map(({ vendor }) => vendor)).toEqual(expect.arrayContaining(["slack", "github"]));
  expect(outputs.every(({ step }) => step !== null)).toBe(true);
  expect(audit?.reads.map(({ vendor }) => vendor)).toEqual(expect.arrayContaining(["datadog", "github", "pagerduty", "slack"]));
  expect(audit?.head?.hash).toMatch(/^[0-9a-f]{64}$/);
});
