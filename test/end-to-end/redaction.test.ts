import { NO_LIMITS } from "../../src/slack/pace.ts";
import { readFileSync, existsSync } from "node:fs";
import { expect, test } from "vitest";
import { parseConfig, secretSettings, type SettingName } from "../../src/config.ts";
import type { Fetch } from "../../src/guard/outgoing.ts";
import { formsOf } from "../../src/guard/own-values.ts";
import { incidentIdOf } from "../../src/incident/page.ts";
import { viewOf } from "../../src/incident/view.ts";
import { reveal } from "../../src/store/hidden-values.ts";
import { loadCatalog } from "../../src/node/environment.ts";
import { startNode } from "../../src/node/node.ts";
import { redactionOf } from "../../src/redaction.ts";
import { signPagerduty } from "../../src/replay/pagerduty/webhook.ts";
import { type Replay, startReplay } from "../../src/replay/server.ts";
import { startScriptedModel } from "../../src/replay/anthropic/server.ts";
import { says, calls } from "./agent.ts";
import { freshDatabase, ORDERS_TIMEOUT, untilFinished, webhookOf } from "../support/bot.ts";
import { unpacked } from "../support/unpacked.ts";

const MODEL_KEY = "sk-ant-canary-51c0aa97d2";
const CUSTOMER = "mia.canary-customer@acme.example";
/** Not ours: what a customer's logs may hold. */
const FOREIGN = [["ghp", "canaryQ7Zm2XkP9vLr4TbN8wYd1HsG6cFj3Rt"].join("_"), "canary-hunter22!"];

test("no credential of ours, of others, and no address gets out of one incident: Slack, ledger, log, database, PR, model", async () => {
  await using replay: Replay = await startReplay({
    folder: ORDERS_TIMEOUT,
    // The pager's own title holds them too.
    fetch: (input, init) => {
      if (typeof init?.body !== "string") return fetch(input, init);
      const body = init.body.replaceAll(/"title":"/g, () => `"title":"${poison()} `);
      const headers = new Headers(init.headers);
      headers.set("x-pagerduty-signature", signPagerduty([replay.settings.PAGERDUTY_WEBHOOK_SECRET], body));
      return fetch(input, { ...init, headers, body });
    },
  });
  await using model = await startScriptedModel({
    apiKey: MODEL_KEY,
    // Looks at what was poisoned, then says nothing more.
    script: (_request, turn) =>
      turn === 0
        ? says(
            calls("datadog_logs", {}),
            calls("datadog_log_lines", { query: "*" }),
            calls("sentry_issues", {}),
            calls("pagerduty_incident", {}),
          )
        : says({ text: "Nothing more." }),
  });
  const extra = {
    SENTRY_DSN: "https://canarykey0123456789abcdef0123456@127.0.0.1:9/42",
    REDACTION_KEY: "canary-reveal-key-0123456789abcdef0123",
    OIDC_CLIENT_SECRET: "canary-client-secret-77aa01",
    SESSION_SECRET: "canary-session-secret-new-0123456789abcdef,canary-session-secret-old-0123456789abcdef",
  };
  const settings = { ...replay.settings, ...extra, ANTHROPIC_API_KEY: MODEL_KEY, ANTHROPIC_BASE_URL: model.url };
  const database = freshDatabase();
  const config = parseConfig({ ...settings, PORT: "0", DATABASE_PATH: database });
  const held = secretSettings.flatMap((name: SettingName) =>
    name === "DATABASES" || name === "MCP_TOKENS" ? [] : ((config[name] ?? []) as string | string[]),
  );
  // One for each setting that this incident has; a setting more that is a secret makes the list longer.
  expect(held.length).toBeGreaterThanOrEqual(12);
  const canaries = [...new Set([...held.flatMap(formsOf), ...FOREIGN, CUSTOMER])];
  // A password has no shape: it is known by the name before it, and then wherever else the same answer has it.
  const bare = canaries.filter((value) => value !== FOREIGN[1]);
  let turn = 0;
  /** All of them in turn, within JSON. */
  const poison = () => {
    const values = [0, 1, 2, 3].map(() => bare[turn++ % bare.length] ?? "");
    return JSON.stringify(`${values.join(" ")} password=${FOREIGN[1]} to ${CUSTOMER}`).slice(1, -1);
  };
  let poisoned = 0;
  let refused = 0;
  const poisoning: Fetch = async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const answer = await fetch(input, init);
    if (url.origin === new URL(model.url).origin) return answer;
    // One vendor refuses, with the request in its words.
    if (/\/organizations\/.*issues/.test(url.pathname) && refused++ === 0) return new Response(`{"detail":"${poison()}"}`, { status: 403 });
    if (!/json/.test(answer.headers.get("content-type") ?? "") || /access_tokens|git\/|contents|pulls|chat\./.test(url.pathname))
      return answer;
    const text = await answer.text();
    const filled = text.replaceAll(
      /"(message|title|description|summary|body|culprit)":\s?"(?!")/g,
      (whole) => (poisoned++, whole + poison() + " "),
    );
    return new Response(filled, {
      status: answer.status,
      headers: [...answer.headers].filter(([name]) => !/^content-(?:length|encoding)/.test(name)),
    });
  };
  const lines: string[] = [];
  const bot = await startNode({
    config,
    catalog: loadCatalog(config),
    log: (line) => void lines.push(line),
    fetch: poisoning,
    instead: { slackLimits: NO_LIMITS },
  });
  const incident = incidentIdOf(replay.pagerduty.incidentIds[0] ?? "", "pd");
  let said = "";
  let ledger = "";
  try {
    expect((await replay.page(webhookOf(bot.url))).map(({ status }) => status)).toEqual([202]);
    const log = await untilFinished(bot, incident);
    for (const { number } of (await bot.store.query(incident, "evidenceIndex", null)) ?? [])
      ledger += (await bot.store.query(incident, "evidence", number))?.raw ?? "";
    said = JSON.stringify({
      messages: replay.messages(),
      pulls: await replay.pullRequests(),
      lines,
      log,
      list: await bot.store.list({}),
      model: model.requests.map(({ body }) => body),
      page: await (await fetch(`${bot.url}/incidents/${incident}`)).text(),
      json: await (await fetch(`${bot.url}/incidents/${incident}.json`)).text(),
    });
    // The poison was drunk: its labels stand where it stood.
    expect(poisoned).toBeGreaterThan(100);
    expect(model.requests.length).toBeGreaterThan(1);
    const label = /<email:[bcdfghjkmnpqrstvwxyz]{8}>/.exec(ledger)?.[0] ?? "";
    expect(label).not.toBe("");
    expect(said).toContain("<own-secret>");
    expect(JSON.stringify(viewOf(log).page)).toContain(label);

    const { unseal } = redactionOf(config);
    expect(await reveal(bot.store, unseal, { incidentId: incident, pseudonym: label, by: "ana" })).toBe(CUSTOMER);
    expect((await bot.store.read(incident)).at(-1)?.event).toEqual({ type: "value-revealed", pseudonym: label, by: "ana" });
    const { unseal: otherKey } = redactionOf({ ...config, REDACTION_KEY: "another-reveal-key-0123456789abcdef01" });
    expect(await reveal(bot.store, otherKey, { incidentId: incident, pseudonym: label, by: "bo" })).toBeNull();
    expect(await reveal(bot.store, unseal, { incidentId: incident, pseudonym: "<password>", by: "bo" })).toBeNull();
    expect((await bot.store.read(incident)).at(-1)?.event).toMatchObject({ by: "ana" });
  } finally {
    await bot.close();
  }
  const bytes = [database, `${database}-wal`].filter((path) => existsSync(path)).map((path) => readFileSync(path));
  const stored = bytes.map((part) => part.toString("latin1") + part.toString("utf8")).join("");
  for (const [where, text] of Object.entries({ said, ledger, stored, unpacked: unpacked(Buffer.concat(bytes)) }))
    expect({ where, found: canaries.filter((canary) => text.includes(canary)) }).toEqual({ where, found: [] });
}, 90_000);
