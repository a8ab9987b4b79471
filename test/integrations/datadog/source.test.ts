import { expect, test } from "vitest";
import type { Fact, Question } from "../../../src/incident/source.ts";
import { datadogSources } from "../../../src/integrations/datadog/source.ts";
import { createDatadogReplay } from "../../../src/replay/datadog/datadog-replay.ts";
import { secondsAt } from "../../support/recording-folder.ts";
import { madeUp, replayedAt, serving } from "../../support/serving.ts";
import { connect, never } from "./setup.ts";

const hour = 3_600_000;
const page = { from: replayedAt - 10 * 60_000, to: replayedAt };
const query = "avg:CpuUsageRate{*} by {service,pod_name}";
const question = {
  trigger: { title: "High CPU on shop" },
  window: page,
  baseline: { from: page.from - 4 * hour, to: page.from },
  signals: [{ query }],
  kindOf: () => "saturation",
} as unknown as Question;

/** Points of one series every so many minutes, over so many hours before the recording's end. */
async function pointsRead(
  everyMinutes: number,
  hours: number,
  answered: readonly string[] = [],
): Promise<{ asked: number; points: number; parts: (string | undefined)[] }> {
  const rows: unknown[][] = [["time", "service", "instance", "metric", "value"]];
  for (let at = secondsAt("12:30:00") - hours * 3_600; at < secondsAt("12:30:00"); at += everyMinutes * 60)
    rows.push([at, "shop", "shop-1", "CpuUsageRate(%)", 20]);
  const { recording, clock } = await madeUp(
    { "metrics.csv.gz": rows },
    { services: ["shop"], window: { start: "2026-01-01T12:00:00Z", end: "2026-01-02T12:30:00Z" } },
  );
  await using server = await serving(createDatadogReplay(recording, clock, { now: () => replayedAt }));
  const metrics = datadogSources(connect(server.url, { now: () => replayedAt }).datadog).find(({ name }) => name === "Datadog metrics");
  const facts: Fact[] = [];
  await metrics?.ask({ ...question, answered: new Set(answered) }, (fact) => void facts.push(fact), never);
  const points = facts.flatMap((fact, index) => fact.telemetry(index + 1).series ?? []).flatMap((series) => series.points);
  return { asked: facts.length, points: new Set(points.map(({ at }) => at)).size, parts: facts.map(({ part }) => part) };
}

test("where points lie minutes apart, four hours are no history: a day of it is read", async () => {
  const sparse = await pointsRead(5, 24);
  expect(sparse.asked).toBe(2);
  expect(sparse.points).toBeGreaterThan(270);
});

test("what an earlier look has read of metrics is not asked again, and what it lacked is", async () => {
  expect((await pointsRead(5, 24, ["recent"])).parts).toEqual(["history"]);
});

test("points of each minute make a history of their own in four hours, and no more is asked for", async () => {
  const dense = await pointsRead(1, 8);
  expect(dense.asked).toBe(1);
  expect(dense.points).toBeGreaterThan(240);
  expect(dense.points).toBeLessThan(260);
});

test("each kind of data is of the source that reads it, so that what is unread is known by kind", () => {
  const sources = datadogSources(connect("http://127.0.0.1:1", { now: () => replayedAt }).datadog);
  expect(sources.flatMap(({ name, brings = [] }) => brings.map((kind) => `${name}: ${kind}`))).toEqual([
    "Datadog metrics: metrics",
    "Datadog logs: logs",
    "Datadog traces: traces",
    "Datadog events: changes",
  ]);
});

test("requests, failures, latency and how full things are at the same hours a day and a week before are asked for side by side, and are of no kind that can be unread", async () => {
  const rows: unknown[][] = [["time", "service", "instance", "metric", "value"]];
  const end = secondsAt("12:30:00");
  for (const back of [0, 24, 7 * 24])
    for (let at = end - (back + 2) * 3_600; at < end - back * 3_600; at += 60) rows.push([at, "shop", "shop-1", "Requests", back]);
  const { recording, clock } = await madeUp(
    { "metrics.csv.gz": rows },
    { services: ["shop"], window: { start: "2025-12-20T12:00:00Z", end: "2026-01-02T12:30:00Z" } },
  );
  await using server = await serving(createDatadogReplay(recording, clock, { now: () => replayedAt }));
  const sources = datadogSources(connect(server.url, { now: () => replayedAt }).datadog);
  const earlier = sources.find(({ name }) => name === "Datadog metrics of earlier days");
  const asked = (kind: string) => ({ ...question, signals: [{ query: "avg:Requests{*} by {service,pod_name}" }], kindOf: () => kind }) as unknown as Question; // prettier-ignore
  const read = async (kind: string) => {
    const facts: Fact[] = [];
    await earlier?.ask(asked(kind), (fact) => void facts.push(fact), never);
    return facts.map((fact) => fact.telemetry(1).history?.flatMap(({ points }) => points) ?? []);
  };
  const found = await read("traffic");
  expect(earlier?.brings).toBeUndefined();
  expect(found.map((points) => new Set(points.map(({ value }) => value)))).toEqual([new Set([24]), new Set([7 * 24])]);
  // The hour before the page up to now, in steps of a minute.
  for (const points of found) expect(points.length).toBeGreaterThanOrEqual(58);
  expect(await read("saturation")).toHaveLength(2);
  expect(await read("other")).toEqual([]);
});
