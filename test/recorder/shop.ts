import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { measured } from "./measured-database.ts";
import { randomOf } from "./random.ts";
import { type CommitRow, treeAt, writeFiles } from "./repository.ts";
import type { Instance, Tracer } from "./tracer.ts";

/** The services of acme/shop, imported from the trees of the commits that were deployed. What they export is what they exported then. */

export interface Call {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

export type ServiceName = "web" | "orders" | "payments";
type Handler = (call: Call) => Promise<Answer>;
type Log = (level: string, message: string, error?: unknown) => void;

interface OrdersRelease {
  readonly createApp: (options: Record<string, unknown>) => Handler;
  readonly readConfig: (environment: string) => unknown;
  readonly storeOf: (database: unknown) => unknown;
  readonly migrate: (database: DatabaseSync) => string[];
}

/** Two instances of a service, one after the other on a new release. */
interface Running {
  readonly instances: readonly [Instance, Instance];
  readonly handlers: [Handler, Handler];
}

export interface ShopOptions {
  readonly commits: readonly CommitRow[];
  /** An empty folder. */
  readonly folder: string;
  readonly database: DatabaseSync;
  readonly tracer: Tracer;
  readonly seed: string;
  /** What the time of a statement is multiplied by. */
  readonly statementFactor: number;
}

const instancesOf = (service: ServiceName): readonly [Instance, Instance] => [
  { service, name: `${service}-0`, busyUntil: 0 },
  { service, name: `${service}-1`, busyUntil: 0 },
];

/** A path without its ids, as tracers name operations. */
const routeOf = (path: string): string => path.replaceAll(/\/(?:o|c|none)-[^/]+/g, "/{id}");

/** The provider gives up on its own banks then. */
const PROVIDER_LIMIT_MS = 1_500;
const median = { networkMs: 2.4, providerMs: 145 };

export function createShop({ commits, folder, database, tracer, seed, statementFactor }: ShopOptions) {
  const services = {} as Record<ServiceName, Running>;
  let calls = 0;
  let orders = 400_000;

  const load = async <T>(sha: string, path: string): Promise<T> => {
    const place = join(folder, sha.slice(0, 12));
    writeFiles(treeAt(commits, sha), place);
    return (await import(pathToFileURL(join(place, path)).href)) as T;
  };

  /** One call over the network to a service, to either of its two instances. */
  const call = (name: ServiceName, asked: Call): Promise<Answer> => {
    const turn = calls++;
    const random = randomOf(seed, "network", turn);
    const side = random.chance(0.5) ? 0 : 1;
    const { instances, handlers } = services[name];
    const instance = instances[side];
    const networkMs = random.logNormal(median.networkMs, 0.3);
    return tracer.call(
      instance,
      `${asked.method} ${routeOf(asked.path)}`,
      networkMs,
      () => handlers[side](asked),
      ({ status }, span) => {
        span.attributes = { "http.status_code": `${status}` };
        if (status >= 500) span.status = "error";
      },
    );
  };

  /** The card provider. The same key is charged once, so that a second try is quick to find the first. */
  async function provider({ key }: { key: string; amountCents: number }) {
    const random = randomOf(seed, "provider", key);
    await tracer.sleep(Math.min(random.logNormal(median.providerMs, 0.45), PROVIDER_LIMIT_MS));
    return { ok: !random.chance(0.015), id: `pay-${random.hex(8)}`, reason: "card_declined" };
  }

  async function handlerOf(name: ServiceName, sha: string, instance: Instance): Promise<Handler> {
    const log: Log = (level, message, error) => tracer.log(instance, level, message, error);
    const clock = { now: () => tracer.now(), sleep: (ms: number) => tracer.sleep(ms) };
    if (name === "payments") {
      const { createApp } = await load<{ createApp: (options: Record<string, unknown>) => Handler }>(sha, "payments/src/app.ts");
      return createApp({ provider, log });
    }
    if (name === "web") {
      const { createApp } = await load<{ createApp: (options: Record<string, unknown>) => Handler }>(sha, "web/src/app.ts");
      return createApp({ orders: (asked: Call) => call("orders", asked), log });
    }
    const { createApp } = await load<OrdersRelease>(sha, "orders/src/app.ts");
    const { readConfig } = await load<OrdersRelease>(sha, "orders/src/config.ts");
    const { storeOf } = await load<OrdersRelease>(sha, "orders/src/store.ts");
    const { migrate } = await load<OrdersRelease>(sha, "orders/src/migrate.ts");
    for (const migration of migrate(database)) log("info", `migration ${migration} is applied`);
    const timed = measured(database, (text, tookMs) => tracer.statement(text, tookMs * statementFactor));
    return createApp({
      store: storeOf(timed),
      config: readConfig("production"),
      payments: (asked: Call) => call("payments", asked),
      clock,
      log,
      newId: () => `o-${orders++}`,
    });
  }

  return {
    call,
    /** Puts a release live on one of the two instances, or on both. */
    async release(name: ServiceName, sha: string, only?: 0 | 1): Promise<void> {
      const known = services[name];
      const instances = known?.instances ?? instancesOf(name);
      const [first, second] = [await handlerOf(name, sha, instances[0]), await handlerOf(name, sha, instances[1])];
      if (known === undefined) services[name] = { instances, handlers: [first, second] };
      else if (only !== undefined) known.handlers[only] = only === 0 ? first : second;
      else known.handlers.splice(0, 2, first, second);
    },
  };
}

export type Shop = ReturnType<typeof createShop>;
