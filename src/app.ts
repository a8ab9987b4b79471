import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { Access } from "./access/access.ts";
import type { Delivery } from "./store/incident-store.ts";
import { StoreNotWritableError } from "./durable/sql.ts";
import { pageHeaders } from "./web/headers.ts";
import { type Intake, WrongShapeError } from "./intake/intake.ts";

/** What the store did with a delivery. */
export type Stored = "stored" | "repeated";

export interface AppDependencies {
  /** Pagers that deliver here. */
  readonly intakes: readonly Intake[];
  /** All settings; an intake reads its own. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Stores a delivery durably. @throws StoreNotWritableError */
  readonly receive: (delivery: Delivery) => Promise<Stored>;
  /** Answers Slack's events, buttons and commands; null when Slack comes by Socket Mode. */
  readonly slack: ((request: Request) => Promise<Response>) | null;
  /** Pages under /incidents. */
  readonly web: Hono;
  /** Who may see them. */
  readonly access: Access;
  /**
   * Names by which the pages may be asked for; null: any. Pages without a login on loopback must not be readable through another site's name
   * that was made to point there.
   */
  readonly pageHosts: readonly string[] | null;
  /** Problems that a load balancer should know of; empty when well. */
  readonly health: () => readonly string[];
  readonly reportError: (error: unknown, where: string) => void;
}

// PagerDuty drops deliveries above 256 KB before it sends them; four times that is generous, and bounds what a stranger can make us read.
const WEBHOOK_BYTES = 1_048_576;
const SLACK_BYTES = 1_048_576;
const FORM_BYTES = 65_536;

async function receive(c: Context, intake: Intake, deps: AppDependencies): Promise<Response> {
  // Pagers give up after seconds (PagerDuty after 5) and hold back later events, so store, answer, then work.
  const raw = await c.req.text();
  const { headers } = c.req.raw;
  const refusal = intake.verify(raw, headers, deps.settings);
  if (refusal !== null) return c.json({ error: refusal }, 401);
  try {
    const delivery = intake.parse(raw, headers);
    // What midwatch wrote comes back as an event. To act on it would be to talk to itself.
    if (delivery === null) return c.json({ status: "ignored", because: "midwatch wrote this itself" }, 202);
    return c.json({ status: await deps.receive(delivery) }, 202);
  } catch (error) {
    if (error instanceof WrongShapeError) return c.json({ error: error.message }, 400);
    if (!(error instanceof StoreNotWritableError)) throw error;
    deps.reportError(error, "webhook");
    c.header("retry-after", "5");
    return c.json({ error: "the store cannot be written now; please send this again" }, 503);
  }
}

/** The routes. Importing this does nothing; building the app does nothing but routing. */
export function createApp(deps: AppDependencies): Hono {
  const app = new Hono();
  const tooLarge = (bytes: number) =>
    bodyLimit({ maxSize: bytes, onError: (c) => c.json({ error: `the body is larger than ${bytes} bytes` }, 413) });

  app.get("/healthz", (c) => {
    const problems = deps.health();
    return c.json({ ok: problems.length === 0, problems }, problems.length === 0 ? 200 : 503);
  });

  for (const intake of deps.intakes) app.post(intake.path, tooLarge(WEBHOOK_BYTES), (c) => receive(c, intake, deps));

  app.post("/slack/events", tooLarge(SLACK_BYTES), async (c): Promise<Response> => {
    if (deps.slack === null) return c.json({ error: "Slack events come by Socket Mode here" }, 404);
    return deps.slack(c.req.raw);
  });

  const { pageHosts } = deps;
  if (pageHosts !== null) {
    const known = new Set(pageHosts.map((host) => host.toLowerCase()));
    app.use("*", async (c, next) => {
      const asked = new URL(c.req.url).hostname.toLowerCase().replace(/^\[|\]$/g, "");
      return known.has(asked)
        ? next()
        : c.text(`midwatch does not answer as ${asked} here. Set PUBLIC_URL to the address people use.`, 421);
    });
  }
  // No form of these pages is long.
  app.use("*", pageHeaders, tooLarge(FORM_BYTES));
  app.route("/", deps.access.routes);
  // Our own two files hold nothing; everything else is behind the guard, also what is not there.
  app.use("*", (c, next) => (c.req.path.startsWith("/assets/") ? next() : deps.access.guard(c, next)));
  app.route("/", deps.web);
  app.get("/", (c) => c.redirect("/incidents"));
  app.notFound((c) => c.json({ error: "not found" }, 404));
  app.onError((error, c) => {
    // A sender of half a body who hangs up gets no answer, and is no mistake of ours: a stranger must not be able to fill log and error reports.
    if (c.req.raw.signal.aborted) return c.json({ error: "the body broke off" }, 400);
    deps.reportError(error, `${c.req.method} ${c.req.path}`);
    return c.json({ error: "internal error; it was reported" }, 500);
  });
  return app;
}
