import { NO_LIMITS } from "../../src/slack/pace.ts";
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseConfig } from "../../src/config.ts";
import { readAudit } from "../../src/durable/audit.ts";
import { incidentIdOf } from "../../src/incident/page.ts";
import { loadCatalog } from "../../src/node/environment.ts";
import { type NodeOptions, startNode } from "../../src/node/node.ts";
import { startScriptedModel } from "../../src/replay/anthropic/server.ts";
import { type Replay, startReplay } from "../../src/replay/server.ts";
import { listen } from "../support/loopback.ts";
import { catalogText } from "../integrations/postgres/sql-catalog.ts";
import { startSqlShop } from "../integrations/postgres/sql-database.ts";
import { calls, says } from "./agent.ts";
import { freshDatabase, ORDERS_TIMEOUT, untilFinished, webhookOf } from "../support/bot.ts";
import { unpacked } from "../support/unpacked.ts";

const MODEL_KEY = "sk-ant-canary-51c0aa97d2";

/** What customers write into columns that are not masked, put together here so that no scanner takes them for real. */
const CANARIES = {
  github: ["ghp", "canaryQ7Zm2XkP9vLr4TbN8wYd1HsG6cFj3Rt"].join("_"),
  stripe: ["sk", "live", "canary4eC39HqLyjWDarjtT1zdp7dc"].join("_"),
  url: "canary-database-pass",
  password: "canary-hunter22!",
  bearer: "canary0bearer1token2abcdefghij",
  mail: "mia.canary-customer@acme.example",
};

/** A bot at a replay, with errors of its own sent to a Sentry on this machine. */
async function openBot(replay: Replay, settings: Readonly<Record<string, string>>, instead: NodeOptions["instead"] = {}) {
  const sentry = await listen((_request, response) => void response.end("{}"));
  const database = freshDatabase();
  const given = { ...replay.settings, ...settings, SENTRY_DSN: `${sentry.url.replace("://", "://public@")}/42` };
  const config = parseConfig({ ...given, PORT: "0", DATABASE_PATH: database });
  const lines: string[] = [];
  const bot = await startNode({
    config,
    catalog: loadCatalog(config),
    log: (line) => void lines.push(line),
    fetch,
    instead: { slackLimits: NO_LIMITS, ...instead },
  });
  const incident = incidentIdOf(replay.pagerduty.incidentIds[0] ?? "", "pd");
  return {
    bot,
    incident,
    lines,
    sentry,
    /** Everything that the incident left behind, by where; closes the bot. */
    async leftBehind(): Promise<Record<string, string>> {
      let ledger = "";
      for (const { number } of (await bot.store.query(incident, "evidenceIndex", null)) ?? [])
        ledger += JSON.stringify(await bot.store.query(incident, "evidence", number));
      const events = JSON.stringify(await bot.store.read(incident));
      const audit = JSON.stringify([...readAudit(bot.store.sql)]);
      const pages = await (await fetch(`${bot.url}/incidents/${incident}`)).text();
      await bot.close();
      const bytes = [database, `${database}-wal`].filter((path) => existsSync(path)).map((path) => readFileSync(path));
      return {
        ...{ ledger, events, audit, pages },
        slack: JSON.stringify(replay.messages()),
        log: lines.join("\n"),
        file: bytes.map((part) => part.toString("latin1") + part.toString("utf8")).join("") + unpacked(Buffer.concat(bytes)),
        envelopes: sentry.seen.map(({ body }) => body).join("\n"),
      };
    },
    async [Symbol.asyncDispose]() {
      await bot.close();
      await sentry[Symbol.asyncDispose]();
    },
  };
}

const foundIn = (left: Readonly<Record<string, string>>) =>
  Object.entries(left).flatMap(([where, text]) =>
    Object.entries(CANARIES).flatMap(([name, canary]) => (text.includes(canary) ? [`${name} in ${where}`] : [])),
  );

test("secrets and addresses in rows that the model reads by SQL get nowhere, nor those in the server's errors", async () => {
  await using shop = await startSqlShop();
  const { github, stripe, url, password, bearer, mail } = CANARIES;
  await shop.root.query("update customers set note = $1 where id = 1", [`token ${github}, write to ${mail}`]);
  await shop.root.query("update customers set note = $1 where id = 2", [github]);
  await shop.root.query("update jobs set error = $1, payload = $2 where id = 1", [
    `cannot reach postgres://app:${url}@db.internal/app with password=${password}`,
    JSON.stringify({ headers: { Authorization: `Bearer ${bearer}` }, password, key: stripe }),
  ]);
  await using replay = await startReplay({ folder: ORDERS_TIMEOUT });
  const read: string[] = [];
  await using model = await startScriptedModel({
    apiKey: MODEL_KEY,
    script: (request, turn) => {
      if (turn === 0)
        return says(
          calls("sql_query", { database: "shop", sql: "select id, note from customers where note is not null order by id limit 5" }),
          calls("sql_query", { database: "shop", sql: "select id, error, payload from jobs where id = 1" }),
          // The server quotes what it could not read.
          calls("sql_query", { database: "shop", sql: "select note::integer from customers where id = 2" }),
          calls("sql_query", { database: "shop", sql: "select payload ->> 'password' as p from jobs where id = 1" }),
          calls("sql_query", {
            database: "shop",
            sql: "select payload -> 'headers' as h, payload ->> 'key' as k from jobs where id = 1",
          }),
        );
      read.push(JSON.stringify(request));
      return says({ text: `I read: ${JSON.stringify(request).slice(-4_000)}` });
    },
  });
  const catalog = join(mkdtempSync(join(tmpdir(), "midwatch-rows-")), "catalog.yaml");
  const databases = catalogText.slice(catalogText.indexOf("databases:"));
  writeFileSync(catalog, `${readFileSync(replay.settings.CATALOG_PATH, "utf8").trimEnd()}\n${databases}`);
  await using own = await openBot(replay, {
    CATALOG_PATH: catalog,
    SQL_DATABASES: `shop=${shop.url}`,
    ANTHROPIC_API_KEY: MODEL_KEY,
    ANTHROPIC_BASE_URL: model.url,
  });
  expect((await replay.page(webhookOf(own.bot.url))).map(({ status }) => status)).toEqual([202]);
  await untilFinished(own.bot, own.incident);
  const left = await own.leftBehind();
  // The rows were read: their labels stand where the values stood, and the server's error came through.
  const seen = read.join("\n");
  for (const label of ["<github-token>", "<email:", "<password>"]) expect(seen).toContain(label);
  expect(seen).toContain("invalid input syntax for type integer");
  expect(seen).toContain("names a secret, which is hidden by that name");
  expect(left["ledger"]).toContain("<github-token>");
  expect(foundIn({ ...left, model: model.requests.map(({ body }) => JSON.stringify(body)).join("\n") })).toEqual([]);
}, 90_000);

test("an error of midwatch's own that quotes a row is reported to Sentry, logged and kept without what the row held", async () => {
  const { github, stripe, url, password, bearer, mail } = CANARIES;
  await using replay = await startReplay({ folder: ORDERS_TIMEOUT });
  const row = `{"note":"${github} ${mail}","payload":{"password":"${password}","key":"${stripe}"}}`;
  const look = () =>
    Promise.reject(
      new TypeError(`cannot read the row ${row}`, {
        cause: new Error(`while connected to postgres://app:${url}@db.internal/app?x=1, Authorization: Bearer ${bearer}`),
      }),
    );
  await using own = await openBot(replay, {}, { look });
  await replay.page(webhookOf(own.bot.url));
  for await (const { event } of own.bot.store.follow(own.incident, 0, AbortSignal.timeout(120_000)))
    if (event.type === "step-failed") break;
  const left = await own.leftBehind();
  // It was told in all three places.
  expect(left["envelopes"]).toContain("cannot read the row");
  expect(left["envelopes"]).toContain("while connected to postgres://");
  expect(left["log"]).toContain("TypeError: cannot read the row");
  expect(left["events"]).toContain("cannot read the row");
  expect(foundIn(left)).toEqual([]);
}, 90_000);
