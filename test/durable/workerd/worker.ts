import type { IncidentEvent } from "../../../src/incident/event.ts";
import { incidentEvents } from "../../../src/store/incident-store.ts";
import { DurableObject, waitUntil } from "cloudflare:workers";
import { defineObjects } from "../../../src/durable/durable-object-host.ts";
import { durableStore, upkeepOf } from "../../../src/durable/durable-object-store.ts";
import type { ObjectBindings } from "../../../src/durable/object-calls.ts";
import { durableSqlite } from "../../../src/durable/durable-sqlite.ts";
import type { Sql } from "../../../src/durable/sql.ts";
import type { Keeping } from "../../../src/durable/keeping.ts";
import { createMeter } from "../../../src/operations/meter.ts";
import { openMetrics } from "../../../src/worker/metrics.ts";
import { keepingOf } from "../../../src/store/retention.ts";
import { storeTables } from "../../../src/store/tables.ts";
import { contract } from "../contract.ts";
import { KEEP_ALL } from "../keeping-cases.ts";
import { crashPlan } from "../crash-plan.ts";
import { delivery, reply } from "../pages.ts";

interface Env extends ObjectBindings<IncidentEvent> {
  readonly VENDOR: string;
  readonly RUN: string;
  /** How often the schedule rings, ms. */
  readonly TICK_MS: string;
  readonly CONTRACT: { getByName(name: string): { run(name: string): Promise<string | null> } };
}

const queries = {
  count: (sql: Sql, incidentId: string, type: string) =>
    sql.all<{ n: number }>("select count(*) n from event where incident = ? and body ->> 'type' = ?", incidentId, type)[0]?.n ?? 0,
};

/** As the settings would: the test changes them while the objects live, which are all of one isolate here. */
let keeping: Keeping = keepingOf(KEEP_ALL);
const keepingNow: Keeping = {
  get rule() {
    return keeping.rule;
  },
  get wholeMs() {
    return keeping.wholeMs;
  },
  dueAt: (...about) => keeping.dueAt(...about),
  retain: (...about) => keeping.retain(...about),
  deleteLog: (...about) => keeping.deleteLog(...about),
  forget: (...about) => keeping.forget(...about),
  forgetOldBoard: (...about) => keeping.forgetOldBoard(...about),
};

const meter = createMeter({ isMeasuring: true, log: () => undefined });

export const { IncidentObject, DirectoryObject } = defineObjects<Env, IncidentEvent, typeof queries>((env) => ({
  events: incidentEvents,
  plan: crashPlan(env.VENDOR, env.RUN),
  queries,
  migrations: storeTables,
  keeping: keepingNow,
  measuring: meter.measuring,
  schedules: [
    {
      id: "tick",
      everyMs: Number(env.TICK_MS),
      due: (at) => [delivery(at, { deliveryId: `tick:${at}`, eventId: `tick:${at}`, incident: null })],
    },
  ],
  settleMs: 120,
  // Short, so that a follower has to ask again.
  followMs: 100,
  // oxlint-disable-next-line no-console -- the test reads it
  onError: (error) => console.error(`OBJECT ERROR ${String(error)}`),
}));

/** One empty storage for one case of the contract. */
export class ContractObject extends DurableObject<Env> {
  async run(name: string): Promise<string | null> {
    const run = contract[name];
    if (run === undefined) return "there is no such case";
    try {
      await run(durableSqlite(this.ctx.storage));
      return null;
    } catch (error) {
      return error instanceof Error ? (error.stack ?? error.message) : String(error);
    }
  }
}

/** Asks the store as routes would. */
export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const store = durableStore<IncidentEvent, typeof queries>(env);
    const url = new URL(request.url);
    const id = url.searchParams.get("id") ?? "";
    switch (url.pathname) {
      case "/contract":
        return Response.json(await env.CONTRACT.getByName(id).run(id));
      case "/receive":
        return Response.json(await store.receive(delivery(Number(id))));
      case "/tell":
        return Response.json(await store.tell(id, [reply("look at payments")], "Ev1"));
      case "/at":
        return Response.json(await store.incidentAt(id));
      case "/noted":
        return Response.json(await store.noted(200));
      case "/list":
        return Response.json(await store.list());
      case "/read":
        return Response.json(await store.read(id));
      case "/count":
        return Response.json(await store.query(id, "count", "brief-posted"));
      case "/keep":
        keeping = keepingOf({ ...KEEP_ALL, incidentDays: Number(id) });
        return Response.json(null);
      case "/metrics": {
        const reportError = (error: unknown) => {
          throw error;
        };
        return openMetrics({ token: "a-token", blindAfterHours: 0, meter, upkeep: upkeepOf(env), waitUntil, reportError }).routes.fetch(
          request,
        );
      }
      case "/delete":
        return Response.json(await upkeepOf(env).delete(id, "ana"));
      case "/chains":
        return Response.json(await upkeepOf(env).chains("", 100));
      case "/audit": {
        const chain = id === "" ? null : id;
        return Response.json([await upkeepOf(env).auditPage(chain, 0), await upkeepOf(env).auditCheck(chain, null)]);
      }
      case "/follow": {
        const gone = new AbortController();
        const events = store.follow(id, 0, gone.signal)[Symbol.asyncIterator]();
        const encoder = new TextEncoder();
        const body = new ReadableStream<Uint8Array>({
          async pull(controller) {
            const next = await events.next();
            if (next.done === true) controller.close();
            else controller.enqueue(encoder.encode(`${JSON.stringify(next.value)}\n`));
          },
          cancel: () => gone.abort(),
        });
        return new Response(body, { headers: { "content-type": "text/event-stream" } });
      }
      default:
        return new Response("not found", { status: 404 });
    }
  },
};
