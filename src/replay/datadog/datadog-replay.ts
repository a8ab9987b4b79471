import { type Context, Hono } from "hono";
import { withBaselines } from "../baseline.ts";
import type { ReplayClock } from "../clock.ts";
import { recordedMoments } from "../recorded-changes.ts";
import type { Recording } from "../recorded.ts";
import { catalogRoutes } from "./catalog.ts";
import type { DatadogContext } from "./context.ts";
import { BadRequestError } from "./errors.ts";
import { eventRoutes } from "./events.ts";
import { logRoutes } from "./logs.ts";
import { metricRoutes } from "./metrics.ts";
import { metricStore } from "./metric-store.ts";
import { monitorRoutes } from "./monitors.ts";
import { spanRoutes } from "./spans.ts";
import { serviceTags } from "./tags.ts";

export interface DatadogReplayOptions {
  /** The real clock: what "now" in a query means. Default: Date.now. */
  readonly now?: () => number;
  /** The only API key that is accepted; none given: any. */
  readonly apiKey?: string;
  /** The only application key that is accepted; none given: any. */
  readonly appKey?: string;
  /** Web address of the repository a service's code is in, for the tags of deploy events; null where there is none. */
  readonly repositoryUrl?: (service: string | null) => string | null;
}

/** The part of access.json that a path falls under. */
const parts: readonly (readonly [RegExp, string])[] = [
  [/^\/api\/(v1\/query|v2\/query|v1\/metrics)/, "datadog.metrics"],
  [/^\/api\/v2\/logs/, "datadog.logs"],
  [/^\/api\/v2\/spans/, "datadog.spans"],
  [/^\/api\/v2\/events/, "datadog.events"],
  [/^\/api\/v1\/monitor/, "datadog.monitors"],
];

/** An error in the vendor's shape: a list of sentences, but for the two span searches, which word theirs as JSON:API. */
function refused(c: Context, status: number, message: string): Response {
  const errors = c.req.path.startsWith("/api/v2/spans/events")
    ? [{ title: "Generic Error", detail: message, status: String(status) }]
    : [message];
  return new Response(JSON.stringify({ errors }), { status, headers: { "content-type": "application/json" } });
}

/**
 * Datadog as a recording has it, in the vendor's shapes, for what its official client sends: metrics, logs, spans, events, monitors, software
 * catalog, key validation. All times are served on the clock; nothing after the recording's end exists. A query outside of what is served is a
 * 400 with the reason, never an empty answer. `access.json` is kept to. Everything is indexed when this is called.
 */
export function createDatadogReplay(recording: Recording, clock: ReplayClock, options: DatadogReplayOptions = {}): Hono {
  const { incident, access } = recording;
  const context: DatadogContext = { clock, now: options.now ?? Date.now };
  const isEmpty = (part: string) => access[part]?.kind === "empty";
  const whole = withBaselines(recording);
  const further = serviceTags(recording.monitors);
  const createdAt = incident.window.from - 30 * 86_400_000;
  const app = new Hono();

  app.use("/api/*", async (c, next) => {
    const [apiKey, applicationKey] = [c.req.header("dd-api-key") ?? "", c.req.header("dd-application-key") ?? ""];
    const onlyApiKey = c.req.path === "/api/v1/validate";
    if (onlyApiKey && apiKey === "") return refused(c, 403, "API key required");
    if (apiKey === "" || (applicationKey === "" && !onlyApiKey)) {
      // Only this one path answers 401 by the contract; the others word a missing key as a forbidden one.
      return c.req.path.startsWith("/api/v2/query/") ? refused(c, 401, "Unauthorized") : refused(c, 403, "Forbidden");
    }
    const wrongKey = options.apiKey !== undefined && apiKey !== options.apiKey;
    const wrongAppKey = options.appKey !== undefined && applicationKey !== options.appKey && !onlyApiKey;
    if (wrongKey || wrongAppKey) return refused(c, 403, "Forbidden");
    const part = parts.find(([pattern]) => pattern.test(c.req.path))?.[1];
    const refusal = (part === undefined ? undefined : access[part]) ?? access["datadog"];
    if (refusal?.kind === "forbidden") return refused(c, 403, "Forbidden");
    if (refusal?.kind === "error") return refused(c, refusal.status, "Error");
    return next();
  });

  // The key has the scopes of docs/setup.md and not `user_app_keys`, without which none are listed.
  app.get("/api/v2/current_user/application_keys", (c) => refused(c, 403, "Forbidden"));
  app.get("/api/v1/validate", (c) => c.json({ valid: true }));
  metricRoutes(app, metricStore(isEmpty("datadog.metrics") ? [] : whole.series, further), context);
  logRoutes(app, isEmpty("datadog.logs") ? [] : whole.logs, further, context);
  spanRoutes(app, isEmpty("datadog.spans") ? [] : whole.spans, further, context);
  eventRoutes(app, isEmpty("datadog.events") ? [] : recordedMoments(recording, options.repositoryUrl), context);
  monitorRoutes(app, isEmpty("datadog.monitors") ? [] : recording.monitors, createdAt, context);
  catalogRoutes(app, incident.services, incident.dependencies, createdAt, context);

  app.notFound((c) => refused(c, 404, `Not found: ${c.req.method} ${c.req.path} is not served by this replay`));
  app.onError((error, c) => {
    if (error instanceof BadRequestError) return refused(c, error.status, error.message);
    throw error;
  });
  return app;
}
