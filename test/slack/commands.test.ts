import { expect, test } from "vitest";
import type { ListedIncident } from "../../src/durable/directory.ts";
import type { LoggedEvent } from "../../src/incident/event.ts";
import { type CommandContext, commands, runCommand } from "../../src/slack/commands.ts";
import { logOf, page } from "../support/example-log.ts";

const listed = (more: Partial<ListedIncident> = {}): ListedIncident => ({
  id: "pd-Q1",
  pagerId: "Q1",
  title: page.title,
  service: "checkout",
  status: "triggered",
  urgency: "high",
  createdAt: page.createdAt,
  updatedAt: page.createdAt,
  ...more,
});
const log = logOf([["03:12:20", { type: "page-received", page }]]);
const contextOf = (incidents: readonly ListedIncident[], logs: Readonly<Record<string, readonly LoggedEvent[]>> = { "pd-Q1": log }) =>
  ({
    store: { list: async () => ({ incidents, next: null }), read: async (id) => logs[id] ?? [] },
    user: "U0ANA",
    publicUrl: "https://midwatch.example",
    links: null,
  }) satisfies Omit<CommandContext, "words">;
const run = (typed: string, ...incidents: readonly ListedIncident[]) => runCommand(typed, contextOf(incidents));

test("every command answers, with incidents and without any", async () => {
  for (const { name } of commands) {
    expect([name, await run(name, listed())]).not.toContain("");
    expect([name, await run(name)]).not.toContain("");
  }
});

test("without a name it lists the latest incidents", async () => {
  expect(await run("", listed())).toBe(`Latest incidents:\n• triggered: ${page.title} https://midwatch.example/incidents/pd-Q1`);
  expect(await run(" Incidents ", listed())).toBe(await run("", listed()));
  expect(await run("")).toBe("No pages yet.");
});

test("no command makes a link, line or call of what a title says", async () => {
  const title = "Down\n• resolved: see https://evil.example/a <!channel> @here www.evil.example";
  for (const { name } of commands) {
    const told = await run(name, listed({ title }));
    expect([name, told.split("\n").filter((line) => line.startsWith("• resolved"))]).toEqual([name, []]);
    expect(told.replaceAll("https://midwatch.example/", "")).not.toMatch(/:\/\/|www\./);
  }
  expect(await run("incidents", listed({ title }))).toContain("Down • resolved: see");
});

test("help lists every command, and a word that is none is answered with the list", async () => {
  const help = await run("help");
  expect(help.split("\n").slice(1)).toEqual(commands.map(({ name, help: words }) => `• /midwatch ${name}: ${words}`));
  const unknown = await run("<!channel> https://evil.example");
  expect(unknown).toContain(help);
});
