import { Hono } from "hono";
import { expect, test } from "vitest";
import type { Fact } from "../../../src/incident/source.ts";
import { createPagerdutyClient } from "../../../src/integrations/pagerduty/client.ts";
import { pagerdutySource } from "../../../src/integrations/pagerduty/source.ts";
import { serving } from "../../support/serving.ts";
import { triageQuestion } from "./triage-question.ts";

const at = Date.parse("2026-05-04T03:14:00Z");

/** What the source reads of an account whose related pages are answered like this, and the error that it ends with. */
async function readWith(related: () => Response | Promise<Response>) {
  const app = new Hono();
  const created = new Date(at).toISOString();
  app.get("/incidents", (c) => c.json({ incidents: [], more: false }));
  app.get("/incidents/QOWN/alerts", (c) => c.json({ alerts: [], more: false }));
  app.get("/incidents/QOWN/related_incidents", related);
  app.get("/incidents/QOWN", (c) => c.json({ incident: { id: "QOWN", title: "Down", status: "triggered", created_at: created } }));
  app.get("/change_events", (c) => c.json({ change_events: [], more: false }));
  await using server = await serving(app);
  const client = createPagerdutyClient({ baseUrl: server.url, token: "token", fetch: (input, init) => fetch(input, init) });
  const question = triageQuestion("QOWN", at);
  const facts: Fact[] = [];
  let error: unknown = null;
  try {
    await pagerdutySource(client).ask(question, (fact) => void facts.push(fact), new AbortController().signal);
  } catch (cause) {
    error = cause;
  }
  return { error, parts: facts.map(({ part }) => part).toSorted(), related: facts.flatMap((fact) => fact.telemetry(7).relatedPages ?? []) };
}

/** The example of PagerDuty's reference. */
const answered = {
  related_incidents: [
    {
      incident: {
        id: "PR2P3RW",
        created_at: "2020-11-18T13:08:14Z",
        self: "https://api.pagerduty.com/incidents/PR2P3RW",
        title: "The server is on fire.",
      },
      relationships: [{ type: "machine_learning_inferred" }, { type: "service_dependency" }],
    },
  ],
};

test("pages that PagerDuty relates are read with the page, with why", async () => {
  // The rest takes a call after another one; this is one.
  const { related, error } = await readWith(() => Response.json(answered));
  expect(error).toBeNull();
  expect(related).toEqual([
    {
      ...{ id: "PR2P3RW", at: Date.parse("2020-11-18T13:08:14Z"), title: "The server is on fire.", evidence: 7 },
      because: ["machine learning inferred", "service dependency"],
    },
  ]);
});

test.each([402, 403, 404])(
  "an account whose plan has no related pages (%d) is read without them, and nothing is said to be missing",
  async (status) => {
    const { related, error, parts } = await readWith(() => Response.json({ error: { message: "no" } }, { status }));
    expect(error).toBeNull();
    expect(related).toEqual([]);
    expect(parts).toEqual(["changes", "earlier", "page"]);
  },
);

test("related pages that do not answer are not waited for", async () => {
  const gate = Promise.withResolvers<Response>();
  const { error, parts } = await readWith(() => gate.promise);
  gate.resolve(Response.json(answered));
  expect(error).toBeNull();
  expect(parts).toEqual(["changes", "earlier", "page"]);
});
