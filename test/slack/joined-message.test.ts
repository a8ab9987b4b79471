import { expect, test } from "vitest";
import type { IncidentEvent } from "../../src/incident/event.ts";
import { viewOf } from "../../src/incident/view.ts";
import { joinedMessage } from "../../src/slack/joined-message.ts";
import { withinLimits } from "./within-limits.ts";
import { loadArguments } from "../support/slack-arguments.ts";

const at = Date.parse("2026-03-01T02:10:00Z");
const { blockProblems } = loadArguments();

const joined = (number: number, service: string, again = false): IncidentEvent => ({
  type: "page-joined",
  incident: `pd-${number}`,
  page: { name: `PagerDuty #${number}`, service, title: "t", link: null, createdAt: at + number * 60_000 },
  because: again ? { code: "again", service, since: at } : { code: "same-end", service, end: "payments", fails: true, probability: 0.9 },
});
const messageOf = (events: readonly IncidentEvent[]) => {
  const view = viewOf(events.map((event, index) => ({ seq: index + 1, at: at + index, event })));
  return joinedMessage(view, "https://m.test/incidents/pd-1");
};

test("one page has its reason and a button", () => {
  const { text, blocks } = messageOf([joined(2, "checkout-api")]);
  expect(text).toBe("*Joined: one page*\n• checkout-api #2: its failing calls end in payments too");
  expect(blocks.at(-1)).toMatchObject({ type: "actions", elements: [{ type: "button", action_id: "split", value: "pd-2" }] });
});

test("pages of the incident's own service are counted with its first one", () => {
  expect(messageOf([joined(2, "payments", true), joined(3, "payments", true)]).text).toContain(
    "• payments #2 #3: occurrence 3 since 02:10",
  );
});

test("a reason that several services have is said once, with all of them behind it", () => {
  expect(messageOf([joined(2, "checkout-api"), joined(3, "search"), joined(4, "payments", true)]).text).toBe(
    [
      "*Joined: 3 pages*",
      "• its failing calls end in payments too: checkout-api #2, search #3",
      "• payments #4: occurrence 2 since 02:10",
    ].join("\n"),
  );
});

test("200 pages of 20 services are one message that Slack takes, with a menu of as many as fit", () => {
  const { text, blocks } = messageOf(Array.from({ length: 200 }, (_, index) => joined(index + 2, `service-${index % 20}`)));
  expect(text).toContain("*Joined: 200 pages*");
  expect(text).toContain("service-3 #5 #25 #45 and 7 more");
  expect(text).toContain("<https://m.test/incidents/pd-1|All of them>");
  expect(blocks.flatMap(blockProblems)).toEqual([]);
  const [menu] = blocks.flatMap((block) => (block.type === "actions" ? block.elements : []));
  expect(menu).toMatchObject({ type: "static_select", action_id: "split" });
  const long = messageOf(
    Array.from({ length: 200 }, (_, index) => joined(index + 2, `a-service-with-a-long-name-${"x".repeat(60)}-${index}`)),
  );
  expect(long.blocks.map(({ type }) => type)).toEqual(["section", "actions"]);
  expect(withinLimits(long)).toBe(true);
});

test("names from outside are no markup and call nobody", () => {
  const { text } = messageOf([joined(2, "<!channel> *x* <https://evil.test|y>")]);
  expect(text).not.toMatch(/<!channel>|<https:\/\/evil/);
});
