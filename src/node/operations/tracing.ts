import type { Config } from "../../config.ts";
import { acting } from "../../durable/acting.ts";
import { type Fetch, type OnCall, outgoingFetch } from "../../guard/outgoing.ts";
import { openGate } from "../../guard/policy.ts";
import type { IncidentEvent } from "../../incident/event.ts";
import { headersIn } from "../../integrations/setting.ts";
import type { Plan, Step } from "../../store/incident-store.ts";
import { otelPolicy } from "./otel-policy.ts";
import { callSpan, incidentSpan, type Span, stepSpan, toOtlp, turnSpan } from "./spans.ts";

export interface TracingOptions {
  readonly config: Pick<Config, "OTEL_EXPORTER_OTLP_ENDPOINT" | "OTEL_EXPORTER_OTLP_HEADERS">;
  readonly fetch: Fetch;
  readonly now: () => number;
  /** Hears of the exports themselves. */
  readonly onCall: OnCall;
  readonly onProblem: (error: unknown) => void;
}

const EVERY_MS = 5_000;
const MOST_AT_ONCE = 512;
/** What waits while the collector does not answer; older spans are lost, for the work must not wait. */
const MOST_WAITING = 4_096;

/** Sends spans of midwatch's work to an OTLP collector over HTTP, as JSON, where the settings name one; null: they do not. */
export function openTracing({ config, fetch, now, onCall, onProblem }: TracingOptions) {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_EXPORTER_OTLP_HEADERS: given } = config;
  if (endpoint === undefined) return null;
  const send = outgoingFetch({ vendor: "otel", fetch, onCall, gate: openGate(otelPolicy, endpoint) });
  const headers = [...(headersIn(given ?? "") ?? []), ["content-type", "application/json"] as [string, string]];
  const waiting: Span[] = [];
  let timer: NodeJS.Timeout | null = null;
  let last: Promise<void> = Promise.resolve();

  async function flush(): Promise<void> {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    while (waiting.length > 0) {
      const spans = waiting.splice(0, MOST_AT_ONCE);
      try {
        const answer = await send(`${endpoint}/v1/traces`, { method: "POST", headers, body: toOtlp(spans) });
        // Nothing in it is of use, and what is not read keeps its room.
        await answer.body?.cancel();
        const { status } = answer;
        if (status >= 300) throw new Error(`the collector at OTEL_EXPORTER_OTLP_ENDPOINT answered ${status}`);
      } catch (error) {
        return onProblem(error);
      }
    }
  }
  const add = (span: Span | null) => {
    if (span === null) return;
    if (waiting.length >= MOST_WAITING) waiting.shift();
    waiting.push(span);
    timer ??= setTimeout(() => void (last = flush()), EVERY_MS).unref();
  };

  const traced = (step: Step): Step => ({
    ...step,
    async run(context) {
      const { incidentId, attempt } = context;
      const worker = { incidentId, step: step.id };
      const startedAt = now();
      const happened = (event: IncidentEvent) => {
        add(turnSpan(event, worker, now()));
        if (event.type === "investigation-finished") add(incidentSpan(incidentId, context.log[0]?.at ?? startedAt, now()));
      };
      const ended = (failed: boolean) => add(stepSpan(worker, { startedAt, endedAt: now(), failed, attempt }));
      try {
        const events = await step.run({
          ...context,
          append(event, sourceKey) {
            happened(event);
            return context.append(event, sourceKey);
          },
        });
        events.forEach(happened);
        ended(false);
        return events;
      } catch (error) {
        ended(true);
        throw error;
      }
    },
  });
  return {
    /** The same plan, whose steps leave spans. */
    plan:
      (plan: Plan): Plan =>
      (log, at) => {
        const next = plan(log, at);
        if (next === null) return null;
        if ("run" in next) return traced(next);
        return next.steps === undefined ? next : { ...next, steps: next.steps.map(traced) };
      },
    called: (call: Parameters<OnCall>[0]) => {
      if (call.outcome !== "begun" && call.outcome !== "refused" && call.vendor !== otelPolicy.vendor)
        add(callSpan(call, acting.getStore() ?? null, now()));
    },
    /** What waits is sent. */
    async close(): Promise<void> {
      await last;
      await flush();
    },
  };
}

export type Tracing = NonNullable<ReturnType<typeof openTracing>>;
