import { NO_LIMITS } from "../../src/slack/pace.ts";
import { copyFileSync, existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseConfig } from "../../src/config.ts";
import type { Fetch } from "../../src/guard/outgoing.ts";
import type { LoggedEvent } from "../../src/incident/event.ts";
import { loadCatalog } from "../../src/node/environment.ts";
import { type Running, startNode } from "../../src/node/node.ts";
import type { Replay } from "../../src/replay/server.ts";

export const TRAIN_TICKET = fileURLToPath(new URL("../scenarios/train-ticket-early-return", import.meta.url));
/** A guilty deploy too, in a recording that takes a third of the time to read. */
export const ORDERS_TIMEOUT = fileURLToPath(new URL("../scenarios/orders-bad-timeout", import.meta.url));
/** A made-up outage with many pages, which goes on after the first. */
export const SHOP_STORM = fileURLToPath(new URL("../scenarios/shop-storm", import.meta.url));

/** The bot on this machine, pointed at a replay by its settings and by nothing else. */
export async function startBot(
  settings: Readonly<Record<string, string>>,
  databasePath = freshDatabase(),
  fetch: Fetch = globalThis.fetch,
): Promise<Running & AsyncDisposable> {
  const config = parseConfig({ ...settings, PORT: "0", DATABASE_PATH: databasePath });
  const running = await startNode({
    config,
    catalog: loadCatalog(config),
    log: () => undefined,
    fetch,
    instead: { slackLimits: NO_LIMITS },
  });
  return { ...running, [Symbol.asyncDispose]: () => running.close() };
}

export const freshDatabase = (): string => join(mkdtempSync(join(tmpdir(), "midwatch-test-")), "midwatch.db");

/** A copy of a store as a process that was killed leaves it. */
export function copyOf(database: string): string {
  const copy = freshDatabase();
  for (const file of ["", "-wal"]) if (existsSync(database + file)) copyFileSync(database + file, copy + file);
  return copy;
}

export const webhookOf = (url: string): string => `${url}/webhooks/pagerduty`;

/** The incident's log once its investigation has ended. */
export async function untilFinished(running: Running, incidentId: string, withinMs = 150_000): Promise<LoggedEvent[]> {
  const log: LoggedEvent[] = [];
  for await (const logged of running.store.follow(incidentId, 0, AbortSignal.timeout(withinMs))) {
    log.push(logged);
    if (logged.event.type === "investigation-finished") return log;
  }
  throw new Error(`no end within ${withinMs} ms; the last was ${log.at(-1)?.event.type ?? "nothing"}`);
}

/** What the incident's channel shows now, without threads' edits. */
export const shown = (replay: Replay): { ts: string; threadTs: string | null; text: string; versions: number }[] =>
  replay
    .messages()
    .filter(({ byBot, deleted, versions }) => byBot && !deleted && versions.at(-1)?.files === undefined)
    .map(({ ts, threadTs, versions }) => ({ ts, threadTs, text: versions.at(-1)?.text ?? "", versions: versions.length }));

/** Pictures in its threads: of each the thread and what is to be seen, in words. */
export const pictures = (replay: Replay): { threadTs: string | null; alt: string }[] =>
  replay
    .messages()
    .flatMap(({ byBot, threadTs, versions }) =>
      byBot ? (versions.at(-1)?.files ?? []).map(({ alt_txt: alt }) => ({ threadTs, alt: String(alt) })) : [],
    );

export const eventsOf = <T extends LoggedEvent["event"]["type"]>(log: readonly LoggedEvent[], type: T) =>
  log.flatMap(({ event }) => (event.type === type ? [event as Extract<LoggedEvent["event"], { type: T }>] : []));
