import { expect, test } from "vitest";
import type { IncidentEvent, LoggedEvent } from "../../src/incident/event.ts";
import { APPROVE, buttonValue, REFUSE } from "../../src/incident/approval.ts";
import { createSlackClient } from "../../src/integrations/slack/client.ts";
import { createSlackReplay } from "../../src/replay/slack/app.ts";
import { type CanvasDependencies, nextCanvasStep } from "../../src/slack/canvas-steps.ts";
import type { IncidentThread } from "../../src/slack/thread.ts";
import type { StepContext } from "../../src/store/incident-store.ts";
import { at, exampleLog, logOf, story } from "../support/example-log.ts";
import { serving } from "../support/serving.ts";

const ANA = { user: "Ana", userId: "U0ANA" };
const asked: IncidentEvent = { type: "postmortem-asked", by: ANA, canvas: true };
const press = (action: string, value: string): IncidentEvent => ({
  ...{ type: "slack-action-received", action, value, user: "Ana", userId: "U0ANA", channel: "C1" },
});

/** An incident whose log goes on by what its canvas steps give. */
async function desk() {
  await using stack = new AsyncDisposableStack();
  const slack = await createSlackReplay({ botToken: "xoxb-of-this-test-alone" });
  stack.defer(() => slack.close());
  const server = stack.use(await serving(slack.app));
  let text = "# Postmortem";
  const said: string[] = [];
  const thread = {
    post: async (_context: unknown, _view: unknown, _key: string, message: { text: string }) => {
      said.push(message.text);
      return { ts: "1.1" };
    },
  } as unknown as IncidentThread;
  const deps: CanvasDependencies = {
    slack: createSlackClient({
      baseUrl: `${server.url}/api`,
      token: "xoxb-of-this-test-alone",
      fetch: (input, init) => fetch(input, init),
    }),
    draft: () => ({ title: "Postmortem draft: checkout", markdown: text }),
    pageOf: (id) => `https://midwatch.test/incidents/${id}`,
  };
  const log: LoggedEvent[] = logOf(
    story.map(([when, event]) => [when, event.type === "status-posted" ? { ...event, channel: slack.channelId } : event]),
  );
  const add = (event: IncidentEvent) => void log.push({ seq: log.length + 1, at: at("03:40:00"), event });
  const effects = {
    deliver: async (_key: string, _kind: string, payload: unknown, calls: { act(kept: unknown): unknown }) => calls.act(payload),
  };
  const context = {
    log,
    incidentId: "P1",
    now: () => at("03:40:00"),
    effects,
    signal: new AbortController().signal,
  } as unknown as StepContext;
  /** Runs what is due, until nothing is. @returns the ids of what ran */
  const run = async () => {
    const ran: string[] = [];
    for (let step = nextCanvasStep(deps, thread, log); step !== null; step = nextCanvasStep(deps, thread, log)) {
      ran.push(step.id);
      for (const event of await step.run(context)) add(event);
    }
    return ran;
  };
  const kept = stack.move();
  return {
    ...{ log, add, run, said, slack },
    write: (words: string) => void (text = words),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

const requestIn = (log: readonly LoggedEvent[]) => {
  const found = log.findLast(({ event }) => event.type === "approval-requested")?.event;
  if (found?.type !== "approval-requested") throw new Error("nothing was asked");
  return found.request;
};

test("a canvas is written only after a yes, with exactly the text that was shown", async () => {
  await using scene = await desk();
  scene.add(asked);
  expect(await scene.run()).toEqual(["ask-canvas:16", "offer-canvas:a1"]);
  expect(scene.said[0]).toContain("https://midwatch.test/incidents/P1/approvals/a1");
  expect(scene.slack.canvases.size).toBe(0);
  const request = requestIn(scene.log);
  scene.write("# Something else by now");
  // Of another text, or with a forged mark, a yes counts for nothing.
  scene.add(press(APPROVE, `a1:${"0".repeat(64)}`));
  expect(await scene.run()).toEqual([]);
  scene.add(press(APPROVE, buttonValue(request)));
  expect(await scene.run()).toEqual(["create-canvas:a1"]);
  expect([...scene.slack.canvases.values()]).toMatchObject([
    { title: "Postmortem draft: checkout", channel: scene.slack.channelId, markdown: "# Postmortem" },
  ]);
  expect(scene.said[1]).toMatch(/in a canvas: <https?:\/\/[^|]+\/docs\/T\w+\/F\w+\|Postmortem draft: checkout>/);
  // A second press writes no second one.
  scene.add(press(APPROVE, buttonValue(request)));
  expect(await scene.run()).toEqual([]);
});

test("a no, and a draft that was asked for without a canvas, write none", async () => {
  await using scene = await desk();
  scene.add({ ...asked, canvas: false });
  expect(await scene.run()).toEqual([]);
  scene.add(asked);
  await scene.run();
  scene.add(press(REFUSE, buttonValue(requestIn(scene.log))));
  expect(await scene.run()).toEqual([]);
  expect(scene.slack.canvases.size).toBe(0);
  expect(exampleLog()).toHaveLength(15);
});
