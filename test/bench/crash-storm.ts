import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { openNodeSqlite, readNodeSqlite } from "../../src/durable/node-sqlite.ts";
import { listEffects } from "../../src/durable/outbox.ts";
import type { LoggedEvent } from "../../src/incident/event.ts";
import { SPLIT } from "../../src/incident/joining-state.ts";
import { incidentIdOf } from "../../src/incident/page.ts";
import { viewOf } from "../../src/incident/view.ts";
import { people } from "../../src/replay/people.ts";
import { serviceId } from "../../src/replay/pagerduty/account.ts";
import { deliverWebhook } from "../../src/replay/pagerduty/webhook.ts";
import { startReplay } from "../../src/replay/server.ts";
import { listEvidence } from "../../src/store/evidence.ts";
import { incidentLog } from "../../src/store/incident-store.ts";
import { freshDatabase, webhookOf } from "../support/bot.ts";
import { startServe } from "../support/command.ts";
import { createRandom } from "../support/random.ts";

/**
 * One outage with many pages in a `serve` that is killed at random moments: while pages join, a person splits one off, a P1 takes over, an open
 * incident is read again. Then nothing may be lost and nothing be there twice: pages, messages, notes, drafts, evidence.
 *
 * npm run bench -- crash-storm [SEED] [KILLS]     default: any seed, 30 kills; two to three minutes
 */
const [seed = String(Math.floor(Math.random() * 1e9)), kills = "30"] = process.argv.slice(2);
const STORM = fileURLToPath(new URL("../scenarios/shop-storm", import.meta.url));
const { next: random } = createRandom(Number(seed));
/** A start and what it does until it is at rest take about so long, ms. */
const RUN_MS = 2_500;
/** An incident is read again at once a minute after its triage at the earliest. */
const READ_AGAIN_MS = 66_000;

await using replay = await startReplay({ folder: STORM, startsAt: Date.parse("2026-11-25T14:06:00Z") });
const settings = { ...replay.settings, PAGERDUTY_NOTES_FROM: people[0].email };
const database = freshDatabase();
const idOf = (page: number) => incidentIdOf(replay.pagerduty.incidentIds[page] ?? "", "pd");

/** What the store has of a page, whoever owns it now. */
function logOf(page: number): LoggedEvent[] {
  const store = readNodeSqlite(database);
  try {
    return incidentLog(store.sql).read(idOf(page));
  } finally {
    store.close();
  }
}

/** A page of the recording with a priority, which recordings have none of. */
const pageWith =
  (page: number, priority: string) =>
  async (url: string): Promise<boolean> => {
    const { service, title, offsetMs = 0 } = replay.recording.pages[page] ?? {};
    const at = replay.clock.toServed(replay.recording.incident.detectedAt + offsetMs);
    const id = replay.pagerduty.incidentIds[page] ?? "";
    const data = {
      ...{ id, type: "incident", number: 100 + page, title, status: "triggered", urgency: "high", created_at: new Date(at).toISOString() },
      ...{ html_url: `https://acme.pagerduty.com/incidents/${id}`, priority: { id: `P${priority}`, summary: priority } },
      service: { id: serviceId(service ?? ""), type: "service_reference", summary: service },
    };
    const event = { id: `event-${page}`, event_type: "incident.triggered", resource_type: "incident", agent: null };
    const body = { event: { ...event, occurred_at: data.created_at, data } };
    const sent = await deliverWebhook(webhookOf(url), settings.PAGERDUTY_WEBHOOK_SECRET ?? "", { event_type: event.event_type, body });
    return sent.status === 202;
  };

/** A person takes a page out of the incident that it has joined; done once it is out. */
const split =
  (page: number) =>
  async (url: string): Promise<boolean> => {
    const lead = viewOf(logOf(page)).joining.lead?.incident ?? null;
    const list = replay.messages().find(({ byBot, versions }) => byBot && (versions.at(-1)?.text ?? "").startsWith("*Joined"));
    if (lead === null || list === undefined) return false;
    const click = { user: replay.slack.userIds.get(people[0].name) ?? "", channel: replay.slack.channelId, messageTs: list.ts };
    const pressed = await replay.slack.inbound.action(`${url}/slack/events`, {
      ...click,
      ...(list.threadTs === null ? {} : { threadTs: list.threadTs }),
      ...{ actionId: SPLIT, value: idOf(page) },
    });
    return pressed.status === 200;
  };

interface Act {
  readonly what: string;
  readonly share: number;
  readonly waitMs?: number;
  readonly run: (url: string) => Promise<boolean>;
}
/** In their order; `share` of the kills come while it is done and until what it set off is at rest. */
const ACTS: readonly Act[] = [
  { what: "first page", share: 0.15, run: pageWith(0, "P3") },
  { what: "joins", share: 0.15, run: pageWith(1, "P3") },
  { what: "joins", share: 0.1, run: pageWith(3, "P3") },
  { what: "split", share: 0.2, run: split(3) },
  { what: "P1 takes over", share: 0.2, run: pageWith(2, "P1") },
  { what: "joins, read again", share: 0.2, waitMs: READ_AGAIN_MS, run: pageWith(5, "P3") },
];
console.log(`seed ${seed}, ${kills} kills`);

const PAGES = [0, 1, 3, 2, 5];
/** Whether nothing is under way: each page is looked into or has joined another one, and nothing happened for a while. */
function isAtRest(known: readonly number[]): boolean {
  const logs = known.map(logOf);
  const isDone = logs.map(viewOf).every(({ finished, joining }) => finished || (joining.lead !== null && joining.untold === null));
  return isDone && Date.now() - Math.max(...logs.map((log) => log.at(-1)?.at ?? 0)) > 1_500;
}

let killed = 0;
type Served = Awaited<ReturnType<typeof startServe>>;
let serve: Served | null = null;
const started = performance.now();
const known: number[] = [];
for (const [index, act] of ACTS.entries()) {
  const toKill = index === ACTS.length - 1 ? Number(kills) - killed : Math.round(act.share * Number(kills));
  if (act.waitMs !== undefined) await sleep(act.waitMs);
  let done = false;
  for (let left = toKill; ;) {
    const running: Served = serve ?? (await startServe(settings, database));
    serve = running;
    const lifetimeMs = left > 0 ? random() * RUN_MS : Infinity;
    const endsAt = performance.now() + lifetimeMs;
    while (performance.now() < endsAt) {
      if (!done) {
        const acted = act.run(running.url).catch(() => false);
        done = await (lifetimeMs === Infinity ? acted : Promise.race([acted, sleep(endsAt - performance.now(), false)]));
        // A delivery that was cut off is sent again, and counts once.
        if (done && act.what !== "split") known.push(PAGES[known.length] ?? 0);
      } else if (left > 0) await sleep(Math.max(0, Math.min(50, endsAt - performance.now())));
      else if (isAtRest(known)) break;
      else await sleep(100);
      if (!done) await sleep(20);
    }
    if (performance.now() < endsAt && left <= 0) break;
    left -= 1;
    killed += 1;
    running.signal("SIGKILL");
    await running.ended;
    serve = null;
  }
  console.log(`${act.what}: ${toKill} kills, ${((performance.now() - started) / 1000).toFixed(0)} s`);
}
// What a reading found is said by now.
await sleep(3_000);
serve?.signal("SIGTERM");
await serve?.ended;

const wrong: string[] = [];
const expect = (isSo: boolean, what: string) => void (isSo || wrong.push(what));
const twice = (values: readonly string[]) => values.filter((value, index) => values.indexOf(value) !== index);
const { sql, close } = openNodeSqlite(database);
const logs = new Map(PAGES.map((page) => [idOf(page), incidentLog(sql).read(idOf(page))]));
const readings = new Map<string, number>();
for (const [id, log] of logs) {
  const { joining } = viewOf(log);
  const lead = joining.lead?.incident ?? null;
  if (lead !== null) {
    const { joining: of } = viewOf(logs.get(lead) ?? []);
    expect(of.lead === null, `${id} follows ${lead}, which does not lead`);
    expect(of.pages.filter(({ incident }) => incident === id).length === 1, `${lead} does not name ${id} once`);
  }
  const inOrder = log.flatMap(({ event }) =>
    event.type === "page-joined" || event.type === "page-left" ? [`${event.incident} ${event.type}`] : [],
  );
  const again = inOrder.filter(
    (what, index) =>
      what.endsWith("joined") && inOrder.slice(0, index).findLast((one) => one.startsWith(what.split(" ")[0] ?? "")) === what,
  );
  expect(again.length === 0, `${id}: joined twice: ${again.join(", ")}`);
  const failed = log.flatMap(({ event }) => (event.type === "step-failed" && event.final ? [event.step] : []));
  expect(failed.length === 0, `${id}: given up: ${failed.join(", ")}`);
  const numbers = listEvidence(sql, id).map(({ number }) => number);
  expect(
    numbers.every((number, index) => number === index + 1),
    `${id}: evidence ${numbers.join(" ")}`,
  );
  const said = log.flatMap(({ event }) => (event.type === "belief-said" ? [String(event.reading)] : []));
  expect(twice(said).length === 0, `${id}: a reading was said twice`);
  const open = listEffects(sql, id).filter(({ state }) => state !== "done");
  expect(open.length === 0, `${id}: meant and not done: ${open.map(({ key }) => key).join(", ")}`);
  readings.set(id, log.filter(({ event }) => event.type === "belief-read").length);
}
expect(viewOf(logs.get(idOf(3)) ?? []).joining.split !== null, "the split was lost");
expect(viewOf(logs.get(idOf(2)) ?? []).joining.lead === null, "the P1 does not lead");
for (const page of [0, 1, 5])
  expect(viewOf(logs.get(idOf(page)) ?? []).joining.lead?.incident === idOf(2), `page ${page} is not with the P1`);
expect((readings.get(idOf(2)) ?? 0) > 0, "the P1's incident was not read again");
const keys = replay.messages().flatMap(({ byBot, deleted, metadata }) => (byBot && !deleted ? [JSON.stringify(metadata)] : []));
expect(twice(keys).length === 0, `messages twice: ${twice(keys).join(", ")}`);
const notes = replay.pagerduty
  .notes()
  .map(({ incident, content }) => `${incident} ${content.includes(" joined to ") ? "joined" : "finding"}`);
expect(twice(notes).length === 0, `notes twice: ${twice(notes).join(", ")}`);
for (const page of [0, 1, 5])
  expect(notes.includes(`${replay.pagerduty.incidentIds[page]} joined`), `no note on page ${page} says where it went`);
const pulls = (await replay.pullRequests()).map(({ title }) => title.replace(/ \(.*/, ""));
expect(twice(pulls).length === 0, `drafts twice: ${twice(pulls).join(", ")}`);
close();
console.log(
  `${killed} kills, ${keys.length} messages, ${notes.length} notes, ${pulls.length} drafts, readings ${[...readings.values()].join(" ")}`,
);
console.log(wrong.length === 0 ? "lost or doubled: 0" : `lost or doubled: ${wrong.length}\n${wrong.join("\n")}`);
process.exitCode = wrong.length === 0 ? 0 : 1;
