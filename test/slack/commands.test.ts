import { expect, test } from "vitest";
import { parseCatalog } from "../../src/catalog.ts";
import type { ListedIncident } from "../../src/durable/directory.ts";
import type { LoggedEvent } from "../../src/incident/event.ts";
import { type CommandContext, commands, runCommand } from "../../src/slack/commands.ts";
import { at, logOf, page } from "../support/example-log.ts";

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
    store: {
      list: async () => ({ incidents, next: null }),
      read: async (id) => logs[id] ?? [],
      receive: async () => ({ repeated: false, incidentId: "pd-Q1" }),
      tell: async () => "stored",
    },
    catalog: parseCatalog("version: 1\nservices:\n  - name: checkout\n"),
    user: "U0ANA",
    userName: "ana",
    key: "command-1",
    here: null,
    channel: "C0INC",
    nameOf: async (id) => id,
    publicUrl: "https://midwatch.example",
    links: null,
    now: () => at("03:40:00"),
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
  for (const { name, help: words } of commands)
    expect(help.split("\n").filter((line) => line.startsWith(`• /midwatch ${name}`) && line.endsWith(`: ${words}`))).toHaveLength(1);
  const unknown = await run("<!channel> https://evil.example");
  expect(unknown).toContain(help);
});

test("a command about one incident takes the open one, and asks which where several are open", async () => {
  const other: typeof page = { ...page, id: "Q2", number: 4900, title: "search is slow", service: { id: "PSEARCH", name: "search" } };
  const logs = { "pd-Q1": log, "pd-Q2": logOf([["03:20:00", { type: "page-received", page: other }]]) };
  const first = listed();
  const second = listed({ id: "pd-Q2", pagerId: "Q2", title: other.title, service: "search" });
  const ask = (typed: string, ...incidents: readonly ListedIncident[]) => runCommand(typed, contextOf(incidents, logs));
  expect(await ask("catchup", first)).toContain("PagerDuty #4821");
  expect(await ask("catchup", { ...first, status: "resolved" }, second)).toContain("PagerDuty #4900");
  expect(await ask("catchup", first, second)).toBe(
    `Several incidents are open. Name one by its number or service:\n• #4821 ${page.title}\n• #4900 search is slow`,
  );
  for (const name of ["4900", "#4900", "search", "Search", "pd-Q2"]) expect(await ask(`catchup ${name}`, first, second)).toContain("#4900");
  expect(await ask("catchup nothing-known", first, second)).toContain("None of the latest incidents");
  // The link is the only address in the answer.
  expect((await ask("handoff 4900", first, second)).match(/https?:\/\/\S+/g)).toEqual(["https://midwatch.example/incidents/pd-Q2"]);
});

/** An outage: payments leads, and checkout's page joined it. */
const lead: typeof page = { ...page, id: "Q9", number: 4900, title: "payments fails", service: { id: "PPAY", name: "payments" } };
const joinedPage = { name: "PagerDuty #4821", service: "checkout", title: page.title, link: null, createdAt: page.createdAt };
const because = { code: "again", service: "checkout", since: page.createdAt } as const;
const outage = {
  "pd-Q9": logOf([
    ["03:10:00", { type: "page-received", page: lead }],
    ["03:12:22", { type: "page-joined", incident: "pd-Q1", page: joinedPage, because }],
  ]),
  "pd-Q1": logOf([
    ["03:12:20", { type: "page-received", page }],
    ["03:12:21", { type: "joined", lead: "pd-Q9", page: { ...joinedPage, name: "PagerDuty #4900", service: "payments" }, because }],
  ]),
};
const leading = listed({ id: "pd-Q9", pagerId: "Q9", title: lead.title, service: "payments" });

test("a page that joined is found in the incident that it joined, by its own number, service and id", async () => {
  for (const name of ["4821", "#4821", "checkout", "Checkout", "pd-Q1", "4900", "payments"]) {
    expect(await runCommand(`catchup ${name}`, contextOf([listed(), leading], outage))).toContain("payments fails");
  }
});

test("the list names incidents, and how many pages joined each", async () => {
  expect(await runCommand("", contextOf([listed(), leading], outage))).toBe(
    "Latest incidents:\n• triggered: payments fails (1 more page joined it) https://midwatch.example/incidents/pd-Q9",
  );
});

test("an incident is found by the pages that joined it, also where it is older than all that are listed", async () => {
  expect(await runCommand("status", contextOf([listed()], outage))).toMatch(/^Open incidents: 1\n• #4900 /);
  expect(await runCommand("catchup 4821", contextOf([listed()], outage))).toContain("payments fails");
});

test("a command or service with a slip is answered with the one that is near", async () => {
  expect(await run("stauts")).toContain("Did you mean status?\nCommands:");
  expect(await run("hand-off")).toContain("Did you mean handoff?");
  expect(await run("dance")).not.toContain("Did you mean");
  expect(await run("investigate chekout")).toBe("The catalog has no service “chekout”. Did you mean checkout?");
});

test("status has a line for each open incident, and none for one that joined another", async () => {
  const joined = logOf([
    ["03:12:20", { type: "page-received", page }],
    [
      "03:12:21",
      {
        type: "joined",
        lead: "pd-Q1",
        page: { name: "PagerDuty #4821", service: "checkout", title: page.title, link: null, createdAt: page.createdAt },
        because: { code: "again", service: "checkout", since: page.createdAt },
      },
    ],
  ]);
  const contexts = contextOf([listed(), listed({ id: "pd-Q3" }), listed({ id: "pd-Q4", status: "resolved" })], {
    "pd-Q1": log,
    "pd-Q3": joined,
    "pd-Q4": log,
  });
  const told = await runCommand("status", contexts);
  expect(told.split("\n")).toHaveLength(2);
  expect(told).toMatch(/^Open incidents: 1\n• #4821 /);
  expect(await runCommand("status", contextOf([]))).toBe("No incident is open.");
});
