import { exampleQuestion } from "../../../support/example-question.ts";
import type { Question } from "../../../../src/incident/source.ts";
import type { Tool, ToolResult } from "../../../../src/incident/tool.ts";
import { classifySignal } from "../../../../src/analysis/signal-kind.ts";
import { datadogTools } from "../../../../src/integrations/datadog/tools/index.ts";
import { createDatadogReplay } from "../../../../src/replay/datadog/datadog-replay.ts";
import { secondsAt, type RecordingFiles } from "../../../support/recording-folder.ts";
import { madeUp, replayedAt, serving } from "../../../support/serving.ts";
import { connect } from "../setup.ts";

/** Served time of a time of the made-up day. */
const served = (time: string): number => replayedAt + (secondsAt(time) - secondsAt("12:30:00")) * 1000;
/** The same as `HH:MM:SS`, as views show it. */
export const clockOf = (time: string): string => new Date(served(time)).toISOString().slice(11, 19);

/** Paged at 12:28 for `shop`; under suspicion from 12:18 on, quiet from 12:00. */
export const question = (more: Partial<Question> = {}): Question => ({
  trigger: { ...exampleQuestion.trigger, title: "errors on shop", at: served("12:28:00"), service: null },
  service: "shop",
  services: [
    { name: "shop", names: { datadog: { name: "shop-web" } } },
    { name: "cart", names: {} },
  ],
  nameOf: (name) => (name === "shop-web" ? "shop" : name),
  kindOf: classifySignal,
  environment: null,
  signals: [{ query: "avg:CpuUsageRate{*} by {service,pod_name}", kind: "saturation", unit: "percent" }],
  window: { from: served("12:18:00"), to: replayedAt },
  baseline: { from: served("12:00:00"), to: served("12:18:00") },
  changesFrom: served("12:00:00"),
  ...more,
});

export interface Asked {
  readonly result: ToolResult;
  readonly view: string;
}

/** Calls a tool as the agent's loop does: input through the schema, then the view with its numbers. */
export async function ask(tools: readonly Tool[], name: string, input: Record<string, unknown>, about: Question): Promise<Asked> {
  const tool = tools.find((one) => one.name === name);
  if (tool === undefined) throw new Error(`no tool ${name}`);
  const context = { question: about, signal: new AbortController().signal, now: () => replayedAt };
  const result = await tool.run(tool.input.parse(input) as never, context);
  return { result, view: result.view(result.answers.map((_, index) => index + 1)) };
}

/** A made-up recording behind a real client. */
export async function asking(files: RecordingFiles) {
  const { recording, clock } = await madeUp(files, { services: ["shop-web", "cart"] });
  const server = await serving(createDatadogReplay(recording, clock, { now: () => replayedAt }));
  const tools = datadogTools(connect(server.url, { now: () => replayedAt }).datadog);
  return {
    ask: (name: string, input: Record<string, unknown> = {}, about: Question = question()) => ask(tools, name, input, about),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** A line of a view that has these words. */
export const lineWith = (view: string, words: string): string | undefined => view.split("\n").find((line) => line.includes(words));

export const log = (time: string, more: Record<string, unknown> = {}) => ({
  time: secondsAt(time),
  service: "shop-web",
  instance: "shop-1",
  severity: "INFO",
  message: "cart loaded",
  trace_id: null,
  span_id: null,
  ...more,
});

export const span = (time: string, id: string, more: Record<string, unknown> = {}) => ({
  trace_id: "t1",
  span_id: id,
  parent_id: null,
  service: "shop-web",
  instance: "shop-1",
  operation: "GET /cart",
  start: secondsAt(time),
  duration_ms: 100,
  status: "ok",
  ...more,
});

/** `HH:MM:SS` of each minute from `from` on, so many. */
export const minutesFrom = (from: string, many: number): string[] =>
  Array.from({ length: many }, (_, i) => new Date((secondsAt(from) + i * 60) * 1000).toISOString().slice(11, 19));
