import { expect, test } from "vitest";
import { openNodeHost } from "../../src/durable/node-host.ts";
import { IntegrationError } from "../../src/guard/errors.ts";
import type { IncidentEvent, LoggedEvent } from "../../src/incident/event.ts";
import { impactOf } from "../../src/incident/impact.ts";
import type { DeclaredImpact, ImpactSource, UnconfiguredImpact } from "../../src/incident/impact-source.ts";
import { viewOf } from "../../src/incident/view.ts";
import { incidentTables } from "../../src/node/store-tables.ts";
import { impactStep } from "../../src/investigation/declared-impact.ts";
import { impactFigures, uncountedWords } from "../../src/report/impact-words.ts";
import { plain } from "../../src/report/text.ts";
import { incidentEvents } from "../../src/store/incident-store.ts";
import { freshStore } from "../approval/desk.ts";
import { logUntil } from "../support/example-log.ts";

const tenants = { database: "shop", sql: "select id from orders where at >= {since}", returns: "rows", unit: "shops" } as const;
const revenue = { query: "sum:revenue{*}.as_count()", unit: "EUR" } as const;
const answer = (raw: string) => ({ source: "S", query: "q", window: null, link: null, value: null, raw, cut: null });
const source = (kind: ImpactSource["kind"], count: ImpactSource["count"]): ImpactSource => ({ kind, count });
const shops = source("tenants", async () => ({ value: 47, isLeast: true, weekBefore: null, answers: [answer("47")] }));
const money = source("revenue", async () => ({
  value: 12_400.4,
  isLeast: false,
  weekBefore: 62_000,
  answers: [answer("now"), answer("then")],
}));
const broken = source("revenue", async () => {
  throw new IntegrationError("datadog", "datadog answered 403");
});

/** The words after the step has run on the example's log. */
async function figures(declared: DeclaredImpact, sources: readonly (ImpactSource | UnconfiguredImpact)[]) {
  const deps = { serviceOf: () => "checkout", declaredFor: () => declared, sourcesFor: () => sources };
  const story = logUntil("brief-posted");
  const events = story.map(({ event }) => event);
  const errors: unknown[] = [];
  const store = openNodeHost({
    ...{
      events: incidentEvents,
      path: freshStore(),
      settleMs: 0,
      migrations: incidentTables,
      onError: (error: unknown) => void errors.push(error),
    },
    plan: (log) => impactStep(deps)(log, viewOf(log)),
  });
  try {
    const [first, ...rest] = events as [Extract<IncidentEvent, { type: "page-received" }>, ...IncidentEvent[]];
    await store.receive({
      ...{ deliveryId: "d", eventId: "e", eventType: "incident.triggered", occurredAt: Date.now() },
      incident: { id: "pd-1", pagerId: "1", title: "t", event: first },
    });
    await store.tell("pd-1", rest, "k");
    const log: LoggedEvent[] = [];
    for await (const logged of store.follow("pd-1", 0, AbortSignal.timeout(120_000))) {
      log.push(logged);
      if (logged.event.type === "impact-counted") break;
    }
    expect(errors).toEqual([]);
    const known = impactOf(log);
    return {
      known,
      words: impactFigures({ ...known, requests: undefined, errors: undefined } as never).map(plain),
      next: impactStep(deps)(log, viewOf(log)),
    };
  } finally {
    await store.close();
  }
}

test("what the catalog declares is counted since the onset, each figure with its evidence, and once", async () => {
  const { known, words, next } = await figures({ tenants, revenue }, [shops, money]);
  const numbers = known.declared?.figures.flatMap((figure) => ("evidence" in figure ? figure.evidence : [])) ?? [];
  expect(numbers).toHaveLength(3);
  expect(new Set(numbers).size).toBe(3);
  expect(words).toEqual([
    expect.stringMatching(/^at least 47 shops from \d\d:\d\d to \d\d:\d\d UTC \(E\d+\)$/),
    expect.stringMatching(/^revenue 12,400 EUR from .* UTC; the same time a week before: 62,000 EUR \(−80 %\) \(E\d+, E\d+\)$/),
  ]);
  expect(uncountedWords(known)).toBe("");
  expect(next).toBeNull();
});

test("what failed, or nobody can answer, is not known and says why; what nobody declares is named as not counted", async () => {
  const { known, words } = await figures({ tenants, revenue }, [{ kind: "tenants", missing: "set SQL_DATABASES" }, broken]);
  expect(words).toEqual(["tenants: not known (set SQL_DATABASES)", "revenue: not known (datadog answered 403)"]);
  expect(uncountedWords(known)).toBe("");
  expect(uncountedWords((await figures({ revenue }, [money])).known)).toBe("customers: not counted");
});

test("a service without declarations, and one whose onset is not known, are not counted", () => {
  const log = logUntil("brief-posted");
  const deps = (declared: DeclaredImpact) => ({ serviceOf: () => "checkout", declaredFor: () => declared, sourcesFor: () => [money] });
  expect(impactStep(deps({}))(log, viewOf(log))).toBeNull();
  expect(impactStep(deps({ revenue }))(log, viewOf(log))).not.toBeNull();
  const unknown = log.map((one): LoggedEvent =>
    one.event.type === "triage-finished" ? { ...one, event: { ...one.event, analysis: { ...one.event.analysis, onset: null } } } : one,
  );
  expect(impactStep(deps({ revenue }))(unknown, viewOf(unknown))).toBeNull();
});
