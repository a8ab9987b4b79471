import { expect, test } from "vitest";
import { readAudit, verifyAudit } from "../../src/durable/audit.ts";
import { readNodeSqlite } from "../../src/durable/node-sqlite.ts";
import { startReplay } from "../../src/replay/server.ts";
import { createSlackInbound } from "../../src/replay/slack/inbound.ts";
import { freshDatabase, ORDERS_TIMEOUT, webhookOf } from "../support/bot.ts";
import { startServe } from "../support/command.ts";
import { startProxy } from "./proxy.ts";

const pathOf = (path: string) => path.replace(/\?.*$/, "");

test("Ctrl-C in the middle of an investigation ends serve quietly; the calls that it cuts off are in the audit as cut off", async () => {
  await using replay = await startReplay({ folder: ORDERS_TIMEOUT });
  const reached: string[] = [];
  const both = Promise.withResolvers<void>();
  await using proxy = await startProxy(replay.settings, async ({ vendor, path }, forward) => {
    const hangs = vendor === "datadog" || path.endsWith("/users.info");
    if (!hangs) return forward();
    reached.push(`${vendor} ${pathOf(path)}`);
    if (reached.some((call) => call.startsWith("datadog")) && reached.some((call) => call.startsWith("slack"))) both.resolve();
    return new Promise(() => undefined);
  });
  const database = freshDatabase();
  await using serve = await startServe(proxy.settings, database);
  const inbound = createSlackInbound({ signingSecret: proxy.settings["SLACK_SIGNING_SECRET"] ?? "" });
  // Answered when the bot is gone, so with nothing.
  const asked = inbound
    .command(`${serve.url}/slack/events`, {
      user: "U0ANA",
      userName: "ana",
      channel: "C1",
      channelName: "c",
      command: "/midwatch",
      text: "",
    })
    .catch(() => null);
  await replay.page(webhookOf(serve.url));
  await both.promise;
  serve.signal("SIGINT");
  // A person pressed Ctrl-C in the middle of an investigation: it ends without a word of alarm.
  expect(await serve.ended).toEqual({ code: 0, signal: null });
  expect(serve.stderr()).not.toMatch(/error|^\s+at .+:\d+:\d+\)?$/im);
  await asked;

  const { sql, close } = readNodeSqlite(database);
  const entries = [...readAudit(sql)];
  const check = verifyAudit(sql);
  close();
  const calls = entries.flatMap(({ incident, record }) => (record.kind === "call" ? [{ incident, record }] : []));
  // Nothing that reached a vendor is missing, and nothing is said to have been answered. (On a busy machine one had run out of its own time before.)
  const unanswered = calls
    .filter(({ record }) => record.status === null && record.outcome !== "begun")
    .map(({ record }) => `${record.vendor} ${new URL(record.url).pathname}`);
  for (const call of reached) expect(unanswered).toContain(call);
  const cut = calls.filter(({ record }) => record.outcome === "cut off");
  expect(cut.some(({ record }) => record.vendor === "datadog")).toBe(true);
  expect(cut.find(({ record }) => record.vendor === "slack")).toMatchObject({ incident: null, record: { status: null } });
  expect(cut.filter(({ record }) => record.vendor === "datadog").every(({ incident }) => incident?.startsWith("pd-"))).toBe(true);
  expect(entries.at(-1)?.record.kind).toBe("closed");
  expect(check).toMatchObject({ broken: null, cuts: [], lost: 0 });
});
