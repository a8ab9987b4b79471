import { type Context, Hono, type MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { Access } from "./access/access.ts";
import { createBodyBudget, FREE_BYTES } from "./intake/body-budget.ts";
import { createLateRefusal } from "./intake/late-refusal.ts";
import type { Delivery } from "./store/incident-store.ts";
import { StoreNotWritableError } from "./durable/sql.ts";
import { pageHeaders } from "./web/headers.ts";
import { type Intake, WrongShapeError } from "./intake/intake.ts";

/** What the store did with a delivery. */
export type Stored = "stored" | "repeated";

/** What became of something that was delivered. Refused: for its signature, its form, its size, or because the store takes nothing. */
export type Heard = Stored | "ignored" | "refused: signature" | "refused: form" | "refused: size" | "refused: flood" | "refused: store";

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
  readonly health: () => readonly string[] | Promise<readonly string[]>;
  readonly reportError: (error: unknown, where: string) => void;
  /** Whose request it is; null where the connection does not tell. Missing: all are one. */
  readonly clientAddress?: (c: Context) => string | null;
  readonly now?: () => number;
  /** So long who sends too many large bodies waits for the refusal, ms. Default: `late-refusal.ts`. */
  readonly refusedAfterMs?: number;
  /** Hears of each delivery. @param from id of the pager, or "slack" */
  readonly heard?: (from: string, what: Heard) => void;
  /** Routes for the operator's own tools, which let nobody in by themselves. */
  readonly operations?: Hono;
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
  const heard = (what: Heard) => deps.heard?.(intake.name, what);
  if (refusal !== null) {
    heard("refused: signature");
    return c.json({ error: refusal }, 401);
  }
  try {
    const delivery = intake.parse(raw, headers);
    // What midwatch wrote comes back as an event. To act on it would be to talk to itself.
    if (delivery === null) {
      heard("ignored");
      return c.json({ status: "ignored", because: "midwatch wrote this itself" }, 202);
    }
    const status = await deps.receive(delivery);
    heard(status);
    return c.json({ status }, 202);
  } catch (error) {
    if (error instanceof WrongShapeError) {
      heard("refused: form");
      return c.json({ error: error.message }, 400);
    }
    if (!(error instanceof StoreNotWritableError)) throw error;
    heard("refused: store");
    deps.reportError(error, "webhook");
    c.header("retry-after", "5");
    return c.json({ error: "the store cannot be written now; please send this again" }, 503);
  }
}

/** Nothing more is read of this connection: on one that goes on, Node reads the rest of a refused body. */
const leaveUnread = (c: Context): void => c.header("connection", "close");

/** What is wrong with a delivery whose headers hold no signature, whatever its body. */
const unsigned = (intake: Intake, headers: Headers, settings: AppDependencies["settings"]): string | null =>
  intake.isSigned?.(headers) === false ? intake.verify("", headers, settings) : null;

const unsignedBySlack = (headers: Headers): string | null =>
  /^v0=[0-9a-f]{64}$/i.test(headers.get("x-slack-signature") ?? "")
    ? null
    : "not signed by Slack with SLACK_SIGNING_SECRET within the last five minutes";

/** The routes. Importing this does nothing; building the app does nothing but routing. */
export function createApp(deps: AppDependencies): Hono {
  const app = new Hono();
  const tooLarge = (bytes: number, from: string | null = null) =>
    bodyLimit({
      maxSize: bytes,
      onError: (c) => {
        if (from !== null) deps.heard?.(from, "refused: size");
        leaveUnread(c);
        return c.json({ error: `the body is larger than ${bytes} bytes` }, 413);
      },
    });

  const budget = createBodyBudget(deps.now ?? Date.now);
  const late = createLateRefusal(deps.refusedAfterMs);
  /** Before a body is read: what the headers alone show, and what its sender may still make us read. */
  const unread =
    (from: string, refusalOf: (headers: Headers) => string | null): MiddlewareHandler =>
    async (c, next) => {
      const length = c.req.header("content-length");
      const bytes = length === undefined ? WEBHOOK_BYTES : Number(length);
      // Refused for its size, unread, in any case.
      if (bytes > WEBHOOK_BYTES) return next();
      const refusal = refusalOf(c.req.raw.headers);
      if (refusal !== null) {
        deps.heard?.(from, "refused: signature");
        if (bytes > FREE_BYTES) leaveUnread(c);
        return c.json({ error: refusal }, 401);
      }
      const address = deps.clientAddress?.(c) ?? "unknown";
      if (!budget.take(address, bytes)) {
        deps.heard?.(from, "refused: flood");
        await late(c.req.raw.signal);
        leaveUnread(c);
        c.header("retry-after", "10");
        return c.json({ error: "too many large bodies whose signature did not fit; please send this again later" }, 429);
      }
      await next();
      // A body that grew too long or broke off showed no signature, whatever it cost to read.
      if (c.res.status !== 401 && c.res.status !== 413 && !c.req.raw.signal.aborted) budget.giveBack(address, bytes);
    };

  app.get("/healthz", async (c) => {
    const problems = await deps.health();
    return c.json({ ok: problems.length === 0, problems }, problems.length === 0 ? 200 : 503);
  });

  for (const intake of deps.intakes)
    app.post(
      intake.path,
      unread(intake.name, (headers) => unsigned(intake, headers, deps.settings)),
      tooLarge(WEBHOOK_BYTES, intake.name),
      (c) => receive(c, intake, deps),
    );

  app.post(
    "/slack/events",
    unread("slack", deps.slack === null ? () => null : unsignedBySlack),
    tooLarge(SLACK_BYTES, "slack"),
    async (c): Promise<Response> => {
      if (deps.slack === null) return c.json({ error: "Slack events come by Socket Mode here" }, 404);
      const answer = await deps.slack(c.req.raw);
      if (answer.status === 401) deps.heard?.("slack", "refused: signature");
      return answer;
    },
  );
  if (deps.operations !== undefined) app.route("/", deps.operations);

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
