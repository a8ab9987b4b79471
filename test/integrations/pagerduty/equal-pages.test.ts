import { Hono } from "hono";
import { expect, test } from "vitest";
import type { Fact } from "../../../src/incident/source.ts";
import { createPagerdutyClient } from "../../../src/integrations/pagerduty/client.ts";
import { pagerdutySource } from "../../../src/integrations/pagerduty/source.ts";
import { serving } from "../../support/serving.ts";
import { triageQuestion } from "./triage-question.ts";

const at = Date.parse("2026-05-04T03:14:00Z");
const hour = 3_600_000;

interface Paged {
  readonly id: string;
  readonly key: string | null;
  readonly at: number;
  readonly service?: string;
}

/** When equal pages came, by what the source reads of an account with these pages; all have the same title. */
async function equalTo(own: string, pages: readonly Paged[]): Promise<readonly number[] | undefined> {
  const incident = ({ id, at: created, service = "PSHOP" }: Paged) => ({
    ...{ id, incident_number: 1, title: "Monitor in alarm", status: "triggered", created_at: new Date(created).toISOString() },
    service: { id: service, type: "service_reference", summary: service },
  });
  const app = new Hono();
  app.get("/incidents", (c) => {
    const key = c.req.query("incident_key");
    const [since, until] = [Date.parse(c.req.query("since") ?? ""), Date.parse(c.req.query("until") ?? "")];
    const found = pages.filter((page) => (key === undefined || page.key === key) && page.at >= since && page.at < until);
    return c.json({ incidents: found.map(incident), more: false });
  });
  app.get("/incidents/:id/alerts", (c) =>
    c.json({ alerts: pages.filter(({ id }) => id === c.req.param("id")).map(({ key }) => ({ id: "A1", alert_key: key })), more: false }),
  );
  app.get("/incidents/:id", (c) => c.json({ incident: pages.filter(({ id }) => id === c.req.param("id")).map(incident)[0] }));
  app.get("/change_events", (c) => c.json({ change_events: [], more: false }));
  await using server = await serving(app);
  const client = createPagerdutyClient({ baseUrl: server.url, token: "token", fetch: (input, init) => fetch(input, init) });
  const question = triageQuestion(own, at);
  const facts: Fact[] = [];
  await pagerdutySource(client).ask(question, (fact) => void facts.push(fact), new AbortController().signal);
  return facts.flatMap((fact) => fact.telemetry(1).equalPages ?? []).toSorted();
}

const own = { id: "QOWN", key: "monitor-77", at };

test("pages of the same alert key on the same service are equal", async () => {
  const times = [at - 64 * 60_000, at - 20 * 60_000];
  const before = times.map((time, index): Paged => ({ id: `Q${index}`, key: "monitor-77", at: time }));
  expect(await equalTo("QOWN", [own, ...before])).toEqual(times);
});

test.each<[string, Paged]>([
  ["another key under the same title", { id: "Q1", key: "monitor-78", at: at - hour }],
  ["another service", { id: "Q1", key: "monitor-77", at: at - hour, service: "PCART" }],
  ["a later page", { id: "Q1", key: "monitor-77", at: at + 10_000 }],
  ["two days ago", { id: "Q1", key: "monitor-77", at: at - 48 * hour }],
])("%s is none", async (_, page) => {
  expect(await equalTo("QOWN", [own, page])).toEqual([]);
});

test("of alerts without a key nothing is equal", async () => {
  expect(
    await equalTo("QOWN", [
      { ...own, key: null },
      { id: "Q1", key: null, at: at - hour },
    ]),
  ).toEqual([]);
});
