import type { IncidentEvent } from "../../../src/incident/event.ts";
import { incidentEvents } from "../../../src/store/incident-store.ts";
import { DurableObject } from "cloudflare:workers";
import { defineObjects, durableStore, type ObjectBindings } from "../../../src/durable/durable-object-host.ts";
import { durableSqlite } from "../../../src/durable/durable-sqlite.ts";
import type { Sql } from "../../../src/durable/sql.ts";
import { contract } from "../contract.ts";
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

export const { IncidentObject, DirectoryObject } = defineObjects<Env, IncidentEvent, typeof queries>((env) => ({
  events: incidentEvents,
  plan: crashPlan(env.VENDOR, env.RUN),
  queries,
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
