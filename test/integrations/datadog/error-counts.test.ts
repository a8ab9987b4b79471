import { expect, test } from "vitest";
import type { Fact, Question } from "../../../src/incident/source.ts";
import { datadogSources } from "../../../src/integrations/datadog/source.ts";
import { createDatadogReplay } from "../../../src/replay/datadog/datadog-replay.ts";
import { secondsAt } from "../../support/recording-folder.ts";
import { madeUp, replayedAt, serving } from "../../support/serving.ts";
import { connect, never } from "./setup.ts";

const minute = 60_000;
/** 12:30 of the recording is `replayedAt`. */
const servedAt = (clock: string) => replayedAt - (secondsAt("12:30:00") - secondsAt(clock)) * 1_000;

/** What the source says where an open incident of shop is read again at 12:30. */
async function countsOf(name: string) {
  const line = (clock: string, service: string, severity: string) => ({
    ...{ time: secondsAt(clock), service, instance: null, severity, message: "no stock", trace_id: null, span_id: null },
  });
  const span = (clock: string, service: string, status: string) => ({
    ...{
      start: secondsAt(clock),
      duration_ms: 5,
      service,
      operation: "GET /",
      status,
      trace_id: `t${clock}`,
      span_id: `s${clock}`,
      parent_id: null,
    },
  });
  const { recording, clock } = await madeUp(
    {
      "logs.jsonl.gz": [
        ...[line("12:10:05", "shop", "INFO"), line("12:20:01", "shop", "ERROR"), line("12:20:40", "shop", "CRITICAL")],
        ...[line("12:22:00", "shop", "WARN"), line("12:23:00", "cart", "ERROR"), line("12:29:30", "shop", "ERROR")],
      ],
      "spans.jsonl.gz": [span("12:20:00", "shop", "error"), span("12:20:10", "shop", "ok"), span("12:21:00", "cart", "error")],
    },
    { services: ["shop", "cart"] },
  );
  await using server = await serving(createDatadogReplay(recording, clock, { now: () => replayedAt }));
  const window = { from: servedAt("12:18:00"), to: replayedAt };
  const question = {
    ...{ again: true, service: "shop", services: [{ name: "shop", names: {} }], window },
    baseline: { from: servedAt("12:00:00"), to: window.from },
  } as unknown as Question;
  const source = datadogSources(connect(server.url, { now: () => replayedAt }).datadog).find((one) => one.name === name);
  const facts: Fact[] = [];
  await source?.ask(question, (fact) => void facts.push(fact), never);
  expect(source?.again).toBe(true);
  return facts.map((fact) => fact.telemetry(7));
}

test.each([
  ["Datadog logs", "log.error_lines", [["12:20:00", 2]]],
  ["Datadog traces", "trace.error_spans", [["12:20:00", 1]]],
] as const)(
  "%s of an open incident are counted in one call: errors of its services in each whole minute, none counted as none",
  async (name, metric, some) => {
    const [parts, ...rest] = await countsOf(name);
    expect(rest).toEqual([]);
    expect(parts?.logs ?? parts?.spans).toBeUndefined();
    const [counted, ...others] = parts?.counts ?? [];
    expect(others).toEqual([]);
    expect(counted).toMatchObject({ service: "shop", metric, kind: "errors", evidence: 7 });
    const points = counted?.points ?? [];
    // 12:00 up to 12:29, whose errors may not be indexed yet.
    expect(points.map(({ at }) => at)).toEqual(Array.from({ length: 29 }, (_, index) => servedAt("12:00:00") + index * minute));
    expect(points.filter(({ value }) => value > 0)).toEqual(some.map(([clock, value]) => ({ at: servedAt(clock), value })));
  },
);
