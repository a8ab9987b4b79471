import { expect, test } from "vitest";
import { incidentIdOf } from "../../src/incident/page.ts";
import { viewOf } from "../../src/incident/view.ts";
import { people } from "../../src/replay/people.ts";
import { startReplay } from "../../src/replay/server.ts";
import { eventsOf, ORDERS_TIMEOUT, pictures, shown, startBot, TRAIN_TICKET, untilFinished, webhookOf } from "../support/bot.ts";

test("a page comes in: first words, brief, finding, one draft revert PR of the guilty deploy, and evidence that shows what is cited", async () => {
  await using replay = await startReplay({ folder: TRAIN_TICKET });
  await using bot = await startBot(replay.settings);
  expect((await replay.page(webhookOf(bot.url))).map(({ status }) => status)).toEqual([202]);
  const incident = incidentIdOf(replay.pagerduty.incidentIds[0] ?? "", "pd");
  const log = await untilFinished(bot, incident);

  const guilty = replay.recording.commits.find((commit) => commit.pr?.number === 43)?.sha;
  const { analysis, fix } = viewOf(log);
  expect(analysis?.verdict).toBe("incident");
  expect(analysis?.suspects[0]).toMatchObject({ service: "ts-basic-service", fault: "code", change: { sha: guilty } });
  expect(fix).toMatchObject({ type: "fix-proposed", kind: "revert", draft: true, repository: replay.repository });

  const [status, ...thread] = shown(replay);
  expect(status?.threadTs).toBeNull();
  expect(status?.text).toContain("ts-basic-service");
  expect(status?.text).not.toContain("reading");
  expect(status?.text).toContain("*Do now:* roll back *ts-basic-service*");
  expect(thread.map(({ threadTs }) => threadTs)).toEqual([status?.ts]);
  expect(thread[0]?.text).toContain("*Why*");
  expect(pictures(replay)).toEqual([
    { threadTs: status?.ts, alt: expect.stringMatching(/^Line chart of ts-basic-service, .* UTC: .*onset \d\d:\d\d/) },
  ]);
  expect(status?.text).toContain(`#${fix?.type === "fix-proposed" ? fix.number : "none"}`);

  const [pull, ...more] = await replay.pullRequests();
  expect(more).toEqual([]);
  expect(pull).toMatchObject({ draft: true });
  expect(pull?.files.map(({ path }) => path)).toEqual(["ts-basic-service/src/main/java/fdse/microservice/service/BasicServiceImpl.java"]);
  expect(pull?.files[0]?.before).toContain("routeCache.isWarm()");
  expect(pull?.files[0]?.after).not.toContain("routeCache.isWarm()");

  // Every piece of evidence that a reason cites opens, and every quote stands in it word for word.
  const reasons = (analysis?.suspects ?? []).flatMap((suspect) => suspect.reasons);
  expect(reasons.length).toBeGreaterThan(0);
  for (const { evidence, quote } of reasons) {
    const raws = await Promise.all(evidence.map(async (number) => (await bot.store.query(incident, "evidence", number))?.raw ?? ""));
    expect(raws.every((raw) => raw.length > 0)).toBe(true);
    if (quote === null) continue;
    // The ledger holds vendors' JSON, in which a quote is escaped.
    const escaped = JSON.stringify(quote).slice(1, -1);
    expect({ quote, found: raws.some((raw) => raw.includes(quote) || raw.includes(escaped)) }).toEqual({ quote, found: true });
  }
  expect((await fetch(`${bot.url}/incidents/${incident}/evidence/1`)).status).toBe(200);
});

test("people are events: a reply in the thread and an acknowledgement reach the incident, and the status says so", async () => {
  await using replay = await startReplay({ folder: ORDERS_TIMEOUT });
  await using bot = await startBot(replay.settings);
  await replay.page(webhookOf(bot.url));
  const incident = incidentIdOf(replay.pagerduty.incidentIds[0] ?? "", "pd");
  await untilFinished(bot, incident);
  const status = shown(replay)[0];
  const [user] = replay.slack.userIds.values();
  const reply = {
    type: "message",
    channel: replay.slack.channelId,
    user: user ?? "",
    ts: "1.000001",
    thread_ts: status?.ts ?? "",
    text: "looks like the cache",
  };
  expect((await replay.slack.inbound.event(`${bot.url}/slack/events`, reply)).status).toBe(200);
  await replay.deliver(webhookOf(bot.url), { kind: "acknowledged", by: people[0] });
  for await (const { event } of bot.store.follow(incident, 0, AbortSignal.timeout(120_000))) {
    if (event.type === "status-edited" && event.text.includes("acknowledged")) break;
  }
  const log = await bot.store.read(incident);
  expect(eventsOf(log, "slack-message-received")).toMatchObject([{ text: "looks like the cache", userId: user }]);
  expect(shown(replay)[0]?.text).toContain("acknowledged");
  expect(shown(replay)).toHaveLength(2);
});
