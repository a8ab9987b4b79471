import { NO_LIMITS } from "../../../src/slack/pace.ts";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parseCatalog } from "../../../src/catalog.ts";
import { doctor } from "../../../src/cli/doctor.ts";
import { policiesOf } from "../../../src/cli/policy.ts";
import { parseConfig } from "../../../src/config.ts";
import { incidentIdOf } from "../../../src/incident/page.ts";
import { viewOf } from "../../../src/incident/view.ts";
import { vendors as allVendors } from "../../../src/integrations/vendors.ts";
import { createMidwatch } from "../../../src/midwatch.ts";
import { redactionOf } from "../../../src/redaction.ts";
import { openNetwork } from "../../../src/node/network.ts";
import { loadCatalog } from "../../../src/node/environment.ts";
import { startNode } from "../../../src/node/node.ts";
import { startScriptedModel } from "../../../src/replay/anthropic/server.ts";
import { startReplay } from "../../../src/replay/server.ts";
import { says, turnsOf } from "../../end-to-end/agent.ts";
import { freshDatabase, ORDERS_TIMEOUT, untilFinished, webhookOf } from "../../support/bot.ts";
import { leastSettings } from "../../support/command.ts";
import { exampleQuestion } from "../../support/example-question.ts";
import { json, listen, type Loopback } from "../../support/loopback.ts";
import { flags } from "./vendor.ts";

// The one line that a vendor costs.
const vendors = [...allVendors, flags];
const TOKEN = "canary-flags-token-8c1f";
const catalogText = "version: 1\nservices:\n  - { name: checkout, flags: { project: shop-checkout } }\n";

let server: Loopback;
let settings: Record<string, string>;
beforeAll(async () => {
  server = await listen(({ url, headers }, response) =>
    url === "/flips" && headers.authorization === `Bearer ${TOKEN}`
      ? json(response, 200, [{ flag: "new-cart", project: "shop-checkout", at: 60_000, by: "ana@acme.example" }])
      : json(response, 401, {}),
  );
  settings = { ...leastSettings(), SLACK_API_URL: `${server.url}/slack`, FLAGS_TOKEN: TOKEN, FLAGS_URL: server.url };
});
afterAll(() => server[Symbol.asyncDispose]());

const configOf = (more: Record<string, string> = {}) => parseConfig({ ...settings, ...more }, undefined, vendors);
const midwatchOf = (config = configOf()) =>
  createMidwatch({
    config,
    catalog: parseCatalog(catalogText, "catalog.yaml", vendors),
    vendors,
    library: () => ({ skills: [], runbooks: [] }),
    fetch,
    yieldNow: () => Promise.resolve(),
    publicUrl: null,
  });

test("its settings are checked with all others, its secret is hidden, and its record in the catalog names the service", () => {
  expect(() => configOf({ FLAGS_URL: "ftp://flags" })).toThrow(
    "FLAGS_URL is wrong: must be an http(s) URL (default https://flags.example).",
  );
  expect(() => configOf({ FLAGS_TOKEN: "" })).toThrow("FLAGS_TOKEN is missing (token of the made-up vendor); FLAGS_URL is set.");
  expect(redactionOf(configOf(), null, vendors).plain(`it is ${TOKEN}`)).not.toContain(TOKEN);
  const catalog = parseCatalog(catalogText, "catalog.yaml", vendors);
  expect(catalog.find("shop-checkout")).toMatchObject({ name: "checkout", names: { flags: { name: "shop-checkout" } } });
  expect(() => parseCatalog(catalogText)).toThrow("flags");
});

test("triage asks it in the catalog's names with redacted answers, and the coverage says what is missing without its settings", async () => {
  const { parts } = midwatchOf();
  const source = parts.sourcesFor?.("pd-P1").find(({ name }) => name === "Flags");
  const told: unknown[] = [];
  const question = parts.question(exampleQuestion.trigger, { window: { from: 0, to: 1 }, baseline: { from: 0, to: 1 }, changesFrom: 0 });
  await source?.ask(question, ({ telemetry }) => void told.push(telemetry(7)), AbortSignal.timeout(120_000));
  expect(told).toMatchObject([{ events: [{ service: "checkout", title: "new-cart was flipped", evidence: 7 }] }]);
  expect(JSON.stringify(told)).not.toContain("ana@acme.example");
  const without = midwatchOf(configOf({ FLAGS_TOKEN: "", FLAGS_URL: "" })).parts;
  expect(without.unconfigured).toContainEqual({ name: "Flags", missing: "set FLAGS_TOKEN" });
});

test("a running midwatch names it in the coverage and offers its tool to the model", async () => {
  await using replay = await startReplay({ folder: ORDERS_TIMEOUT });
  const model = await startScriptedModel({ script: () => says() });
  const values = {
    ...replay.settings,
    ANTHROPIC_BASE_URL: model.url,
    ANTHROPIC_API_KEY: model.apiKey,
    FLAGS_TOKEN: TOKEN,
    FLAGS_URL: server.url,
  };
  const config = parseConfig({ ...values, PORT: "0", DATABASE_PATH: freshDatabase() }, undefined, vendors);
  const running = await startNode({
    config,
    catalog: loadCatalog(config, vendors),
    vendors,
    log: () => undefined,
    fetch,
    instead: { slackLimits: NO_LIMITS },
  });
  try {
    await replay.page(webhookOf(running.url));
    const view = viewOf(await untilFinished(running, incidentIdOf(replay.pagerduty.incidentIds[0] ?? "", "pd")));
    expect(view.coverage).toContainEqual(expect.objectContaining({ source: "Flags", status: "read" }));
    expect(turnsOf(model)[0]?.body.tools?.map(({ name }) => name)).toContain("flags_flips");
  } finally {
    await running.close();
    await model.close();
  }
});

test("the policy lists its calls, and the network lets its address out", () => {
  expect(policiesOf(vendors)).toEqual(expect.arrayContaining(flags.policies as never[]));
  const reached = (list: typeof vendors | typeof allVendors) => {
    const told: unknown[] = [];
    openNetwork({
      config: configOf({ FLAGS_URL: "http://flags.internal" }),
      vendors: list,
      resolve: (_host, _options, done) => done(null, [{ address: "10.0.0.1", family: 4 }]),
    }).lookup("flags.internal", { all: true }, (error) => void told.push(error?.message ?? null));
    return told;
  };
  expect(reached(vendors)).toEqual([null]);
  expect(reached(allVendors)).toEqual([expect.stringContaining("not public")]);
});

test("doctor checks it, and says what to set where it is not configured", async () => {
  const catalog = join(settings["CATALOG_PATH"] ?? "", "../flags.yaml");
  writeFileSync(catalog, catalogText);
  const linesOf = async (more: Record<string, string>) => {
    const lines: string[] = [];
    await doctor(
      { json: true },
      { vendors, values: { ...settings, CATALOG_PATH: catalog, ...more }, say: (line) => void lines.push(line) },
    );
    return (JSON.parse(lines.join("")) as { checks: { name: string; state: string; detail: string }[] }).checks;
  };
  expect(await linesOf({})).toContainEqual({ name: "Flags", state: "ok", detail: "1 flips can be read" });
  expect(await linesOf({ FLAGS_TOKEN: "of-another-place" })).toContainEqual({
    ...{ name: "Flags", state: "problem" },
    detail: "flags: 401 for flips. Check FLAGS_TOKEN and FLAGS_URL.",
  });
  expect(await linesOf({ FLAGS_TOKEN: "", FLAGS_URL: "" })).toContainEqual({
    ...{ name: "Flags", state: "warning" },
    detail: "not configured: set FLAGS_TOKEN, or go without",
  });
});
