import { Hono } from "hono";
import { expect, test } from "vitest";
import { z } from "zod";
import { incidentIdOf } from "../../src/incident/page.ts";
import { startScriptedModel } from "../../src/replay/anthropic/server.ts";
import { startReplay } from "../../src/replay/server.ts";
import { calls, says, undecided } from "../end-to-end/agent.ts";
import { ORDERS_TIMEOUT, startBot, untilFinished, webhookOf } from "../support/bot.ts";
import { serving } from "../support/serving.ts";

const value = z.union([z.strictObject({ stringValue: z.string() }), z.strictObject({ intValue: z.string().regex(/^\d+$/) })]);
const attributes = z.array(z.strictObject({ key: z.string(), value }));
const nanoseconds = z.string().regex(/^\d{19}$/);
/** The request of the protocol, as far as midwatch uses it. Source: opentelemetry-proto 1.x, JSON encoding. */
const exported = z.strictObject({
  resourceSpans: z.array(
    z.strictObject({
      resource: z.strictObject({ attributes }),
      scopeSpans: z.array(
        z.strictObject({
          scope: z.strictObject({ name: z.string() }),
          spans: z.array(
            z.strictObject({
              traceId: z.string().regex(/^[0-9a-f]{32}$/),
              spanId: z.string().regex(/^[0-9a-f]{16}$/),
              parentSpanId: z
                .string()
                .regex(/^[0-9a-f]{16}$/)
                .optional(),
              name: z.string().min(1),
              kind: z.int().min(1).max(5),
              startTimeUnixNano: nanoseconds,
              endTimeUnixNano: nanoseconds,
              attributes,
              status: z.strictObject({ code: z.literal(2).optional() }),
            }),
          ),
        }),
      ),
    }),
  ),
});

test("an incident is one trace: its steps, its calls below them and the model's turns, without a word of it", async () => {
  const bodies: string[] = [];
  const keys = new Set<string | undefined>();
  const receiver = new Hono().post("/v1/traces", async (c) => {
    keys.add(c.req.header("x-key"));
    bodies.push(await c.req.text());
    return c.json({ partialSuccess: {} });
  });
  await using collector = await serving(receiver);
  await using replay = await startReplay({ folder: ORDERS_TIMEOUT });
  await using model = await startScriptedModel({ script: () => says(calls("submit_finding", undecided)) });
  // The pager and the model are enough: reading more would show no more of this.
  const {
    DD_API_KEY: _api,
    DD_APP_KEY: _app,
    GITHUB_TOKEN: _code,
    SENTRY_AUTH_TOKEN: _token,
    SENTRY_ORG: _org,
    ...settings
  } = replay.settings;
  const bot = await startBot({
    ...settings,
    ...{ ANTHROPIC_API_KEY: model.apiKey, ANTHROPIC_BASE_URL: model.url },
    ...{ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_EXPORTER_OTLP_HEADERS: "x-key=canary%20of-the-collector" },
  });
  await replay.page(webhookOf(bot.url));
  await untilFinished(bot, incidentIdOf(replay.pagerduty.incidentIds[0] ?? "", "pd"));
  await bot.close();

  const spans = bodies.flatMap((body) =>
    exported.parse(JSON.parse(body)).resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)),
  );
  const of = (span: (typeof spans)[number]) =>
    Object.fromEntries(span.attributes.map(({ key, value: one }) => [key, "stringValue" in one ? one.stringValue : Number(one.intValue)]));
  expect([...keys]).toEqual(["canary of-the-collector"]);
  const steps = spans.filter((span) => of(span)["midwatch.step"] !== undefined);
  const [trace] = new Set(steps.map(({ traceId }) => traceId));
  const inTrace = spans.filter(({ traceId }) => traceId === trace);
  expect(steps.map((span) => of(span)["midwatch.step"])).toEqual(expect.arrayContaining(["triage", "brief"]));
  const byStep = inTrace.filter((span) => steps.some(({ spanId }) => spanId === span.parentSpanId));
  expect(new Set(byStep.flatMap((span) => of(span)["midwatch.vendor"] ?? []))).toEqual(new Set(["pagerduty", "slack", "anthropic"]));
  const turn = spans.find((span) => of(span)["gen_ai.operation.name"] === "chat");
  expect(of(turn!)).toMatchObject({ "gen_ai.provider.name": "anthropic", "gen_ai.request.model": expect.stringContaining("claude") });
  expect(of(turn!)["gen_ai.usage.output_tokens"]).toBeGreaterThan(0);
  const { title } = replay.recording.pages[0] ?? { title: "" };
  const all = bodies.join("\n");
  for (const text of [title, "two causes are left", model.apiKey, replay.settings.SLACK_BOT_TOKEN, "canary"])
    expect(text === "" || all.includes(text)).toBe(false);
});
