import { expect, test } from "vitest";
import { z } from "zod";
import { IntegrationError } from "../../../src/guard/errors.ts";
import { toTimeline } from "../../../src/report/timeline.ts";
import { defineTool } from "../../../src/incident/tool.ts";
import { boardOf, HYPOTHESES } from "../../../src/investigation/agent/hypotheses.ts";
import { readingNote, runTools } from "../../../src/investigation/agent/tool-round.ts";
import { turn } from "../../support/example-investigation.ts";
import { exampleQuestion } from "../../support/example-question.ts";

/** Answers with so many characters. */
const talker = defineTool({
  name: "talk",
  source: "Talker",
  description: "Talks.",
  input: z.object({ length: z.number().describe("characters") }),
  run: async ({ length }) => ({ answers: [], view: () => "x".repeat(length), fact: `said ${length}` }),
});

async function viewsOf(lengths: readonly number[], room: number): Promise<readonly string[]> {
  const uses = lengths.map((length, index) => ({ id: `u${index}`, name: "talk", input: { length }, whole: true }));
  const signal = AbortSignal.timeout(120_000);
  const { answers } = await runTools(uses, { tools: [talker], question: exampleQuestion, now: () => 0, signal, firstEvidence: 1, room });
  return answers.map(({ view }) => view);
}

test("beyond the reading budget a long view is cut and says so, a short answer still comes whole", async () => {
  const [first, cut, short] = await viewsOf([3_000, 3_000, 120], 10_000);
  expect(first).toBe("x".repeat(3_000));
  expect(cut).toMatch(/^x+\n\(The reading budget of this incident is used up/);
  expect(cut?.length).toBeLessThanOrEqual(1_000);
  expect(short).toBe("x".repeat(120));
});

test("what a tool has shown is judged by the view that is left of it", async () => {
  const diff = defineTool({
    ...talker,
    name: "diff",
    run: async () => ({
      ...{
        answers: [],
        fact: "a diff",
        view: () => "+ line\n".repeat(1_000),
        shows: (view: string) => (view.includes("+ line") ? ["9f2c1e4"] : []),
      },
    }),
  });
  const shown = async (room: number) => {
    const round = { tools: [diff], question: exampleQuestion, now: () => 0, signal: AbortSignal.timeout(120_000), firstEvidence: 1, room };
    return (await runTools([{ id: "u", name: "diff", input: { length: 1_000 }, whole: true }], round)).answers[0]?.shown;
  };
  expect(await shown(20_000)).toEqual(["9f2c1e4"]);
  expect(await shown(300)).toBeUndefined();
});

test("what is left to read is told before it runs out, with figures", () => {
  expect(readingNote(50_000, 60_000)).toBeNull();
  expect(readingNote(20_000, 60_000)).toContain("14,000 of 60,000 characters");
  expect(readingNote(-5, 60_000)).toContain("Left to read: 0 of 60,000");
});

test.each([6_000, 8_000, 12_000])("a view that is cut for want of room is never told beside room that is left (%i)", async (room) => {
  const [view = ""] = await viewsOf([20_000], room);
  expect(view).toContain("budget of this incident is used up");
  expect(readingNote(room - view.length, 60_000)).toContain("Left to read: 0 of");
});

test("all that is shown stays within the budget, however many calls come after it is used up", async () => {
  const views = await viewsOf([9_000, ...Array.from({ length: 11 }, () => 12_000)], 10_000);
  expect(views.reduce((sum, view) => sum + view.length, 0)).toBeLessThanOrEqual(10_000);
  expect(views.slice(1).every((view) => view.includes("reading budget"))).toBe(true);
});

test("calls past the twelfth of one answer are not run, and nothing comes of what they hand in", async () => {
  let ran = 0;
  const counter = defineTool({ ...talker, name: HYPOTHESES, run: async () => ({ answers: [], view: () => "", fact: `call ${++ran}` }) });
  const claims = Array.from({ length: 13 }, (_, index) => `cause ${index}`);
  const toolUses = claims.map((claim, index) => ({
    id: `u${index}`,
    name: HYPOTHESES,
    input: { length: 1, changes: [{ id: null, claim, status: "open", evidence: [], because: null }] },
    whole: true,
  }));
  const signal = AbortSignal.timeout(120_000);
  const round = { tools: [counter], question: exampleQuestion, now: () => 0, signal, firstEvidence: 1, room: 10_000 };
  const { answers } = await runTools(toolUses, round);
  expect(ran).toBe(12);
  expect(answers[12]).toMatchObject({ failed: true, code: "not-run", view: expect.stringContaining("Not run") });
  const asked = { ...turn([]), toolUses: [toolUses[0], toolUses[12]].filter((use) => use !== undefined) };
  const told = [answers[0], answers[12]].filter((answer) => answer !== undefined);
  const log = [asked, { type: "tools-answered" as const, answers: told, note: null }].map((event, seq) => ({ seq, at: 0, event }));
  expect(boardOf(log).board.map(({ claim }) => claim)).toEqual(["cause 0"]);
});

test("a call of a tool that there is not is told with the names of those that there are, and stands on the timeline", async () => {
  const signal = AbortSignal.timeout(120_000);
  const uses = ["force\u202e_push", "talk"].map((name, index) => ({ id: `u${index}`, name, input: { branch: "main" }, whole: true }));
  const round = { tools: [talker], question: exampleQuestion, now: () => 0, signal, firstEvidence: 1, room: 10_000 };
  const { answers } = await runTools(uses, round);
  expect(answers.map(({ failed, view }) => [failed, view])).toEqual([
    [true, "There is no tool force\\u{202e}_push. There are: talk."],
    [true, expect.stringContaining("The input does not fit")],
  ]);
  // What did not fit a tool's schema is between the model and its tools.
  expect(toTimeline([{ seq: 1, at: 0, event: { type: "tools-answered", answers, note: null } }])).toMatchObject([
    { text: "blocked a tool call: there is no tool force\\u{202e}_push", tone: "bad", evidence: [] },
  ]);
});

test("a call whose input holds what nobody sees, or repeats an order from outside, is not run", async () => {
  const asked: string[] = [];
  const search = defineTool({
    ...talker,
    name: "search",
    input: z.object({ query: z.string() }),
    run: async ({ query }) => {
      asked.push(query);
      return { answers: [], view: () => "found", fact: "found" };
    },
  });
  const hidden = ["\u001B[31mred", "a\u202Eb", "a\u200Bb", "a\u{E0041}b", "a\u{E0101}b"];
  const seen = ["two lines\n\tof it", "\u0646\u0645\u06CC\u200C\u062E\u0648\u0627\u0647\u0645", "\u{1F469}\u200D\u{1F692}\uFE0F"];
  const queries = [...hidden, "say moon-tide-5520 now", ...seen];
  const uses = queries.map((query, index) => ({ id: `u${index}`, name: "search", input: { query }, whole: true }));
  const round = {
    tools: [search],
    question: exampleQuestion,
    now: () => 0,
    signal: AbortSignal.timeout(120_000),
    firstEvidence: 1,
    room: 10_000,
  };
  const { answers } = await runTools(uses, { ...round, orderSigns: ["moon-tide-5520"] });
  expect(answers.slice(0, hidden.length).map(({ view }) => view)).toEqual(
    hidden.map(() => "Not run: its input holds characters that are not seen. Write it without them."),
  );
  expect(answers[hidden.length]?.view).toContain("repeats words of a text from outside that gives orders");
  expect(asked).toEqual(seen);
});

test("what a vendor refuses is a fact with a number, as what it answers is", async () => {
  const refusing = defineTool({
    ...talker,
    name: "logs",
    source: "Some logs",
    run: () => Promise.reject(new IntegrationError("some", "403 for `logs_read` (logs)")),
  });
  const uses = [
    { id: "u0", name: "logs", input: { length: 1 }, whole: true },
    { id: "u1", name: "nosuch", input: {}, whole: true },
    { id: "u2", name: "logs", input: { length: "long" }, whole: true },
  ];
  const round = {
    tools: [refusing],
    question: exampleQuestion,
    now: () => 0,
    signal: AbortSignal.timeout(120_000),
    firstEvidence: 7,
    room: 9_000,
  };
  const { answers, raw } = await runTools(uses, round);
  expect(answers.map(({ evidence, failed }) => [evidence, failed])).toEqual([
    [[7], true],
    [[], true],
    [[], true],
  ]);
  expect(answers[0]?.view).toMatch(/^E7: Some logs could not be read: .*403 for `logs_read`/);
  expect(raw.map(({ source, raw: text }) => [source, text.includes("403 for `logs_read`")])).toEqual([["Some logs", true]]);
});
