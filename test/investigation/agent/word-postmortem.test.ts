import { expect, test } from "vitest";
import type { IncidentEvent } from "../../../src/incident/event.ts";
import type { CheckContext } from "../../../src/investigation/check/check-context.ts";
import { checkedProse } from "../../../src/investigation/agent/word-postmortem.ts";
import { skeletonOf } from "../../../src/report/postmortem.ts";
import { numbered, withProse } from "../../../src/report/postmortem-worded.ts";
import { plain } from "../../../src/report/text.ts";
import { at, logOf, story } from "../../support/example-log.ts";

const ANA = { user: "Ana", userId: "U0ANA" };
const JONAS = { user: "Jonas", userId: "U0JONAS" };
const people: readonly (readonly [string, IncidentEvent])[] = [
  ["03:15:00", { type: "desk-entry-made", entry: { what: "commander", person: ANA }, by: ANA }],
  ["03:16:20", { type: "desk-entry-made", entry: { what: "impact", text: "customers cannot pay, 41 calls to support" }, by: JONAS }],
  ["03:22:00", { type: "desk-entry-made", entry: { what: "phase", phase: "mitigated" }, by: ANA }],
];
const log = logOf([...story.slice(0, -1), ...people, ...story.slice(-1)]);
const draft = skeletonOf(log);
const facts = numbered(draft);
const context: CheckContext = {
  ...{ pagedService: "checkout", pagedAt: at("03:12:20"), onset: at("03:11:40"), changes: [], diffsRead: [], alternatives: [], names: [] },
  ...{ services: ["checkout", "payments", "orders-db"].map((name) => ({ name, aliases: [] })), hosts: [], runbooks: [] },
};
const check = (sentences: Parameters<typeof checkedProse>[0]) => checkedProse(sentences, facts, context, ["Ana", "Jonas"]);
/** The fact whose text holds these words, of a section. */
const fact = (section: string, words: string) => {
  const found = facts.find((one) => one.section === section && one.text.includes(words));
  if (found === undefined) throw new Error(`the draft has no fact with ${words}`);
  return found;
};

test("what only repeats facts holds, and takes their place with all that they rest on", async () => {
  const [first, second] = [fact("well", "acknowledged"), fact("well", "mitigated")];
  const text = "Ana acknowledged the page after 102 s, and it was mitigated 9 min 40 s after the page.";
  const worded = await check([{ section: "well", text, of: [first.number, second.number] }]);
  expect(worded.map((one) => one.text)).toEqual([text]);
  const well = withProse(draft, worded).sections.find(({ id }) => id === "well")?.sentences ?? [];
  expect(plain(well[0]?.words ?? [])).toBe(text);
  expect(well[0]?.entries).toEqual([...first.sentence.entries, ...second.sentence.entries]);
  // Nothing of the draft is lost, and nothing is said twice.
  const before = draft.sections.find(({ id }) => id === "well")?.sentences ?? [];
  expect(well.slice(1)).toEqual(before.filter(({ words }) => plain(words) !== first.text && plain(words) !== second.text));
});

test.each([
  ["another figure", "well", "acknowledged", "Ana acknowledged the page after 12 s."],
  ["another person", "summary", "led it", "Jonas led it."],
  [
    "a figure of a fact that it does not name",
    "well",
    "acknowledged",
    "Ana acknowledged the page, which was mitigated 9 min 40 s after it.",
  ],
  ["another service", "impact", "checkout", "orders-db: errors 0.3 % → 18 % since 03:12:05."],
  ["another time", "impact", "p95 latency", "p95 latency of payments rose to 4.8 s at 03:19:40."],
  ["the order turned", "impact", "p95 latency", "p95 latency of payments 4.8 s → 210 ms since 03:11:40."],
  ["a lesson that nobody wrote", "badly", "Sentry", "Better alerts would have prevented all of this."],
  ["a link", "well", "acknowledged", "Ana acknowledged it after 102 s, see https://evil.example."],
] as const)("a sentence with %s is dropped, and the draft's own stays", async (_what, section, words, text) => {
  const worded = await check([{ section, text, of: [fact(section, words).number] }]);
  expect(worded).toEqual([]);
  expect(withProse(draft, worded)).toEqual(draft);
});

test("a sentence without facts, or with those of another section, is dropped", async () => {
  const { number } = fact("well", "acknowledged");
  expect(await check([{ section: "well", text: "All went well.", of: [] }])).toEqual([]);
  expect(await check([{ section: "badly", text: "Ana acknowledged the page after 102 s.", of: [number] }])).toEqual([]);
  expect(await check([{ section: "well", text: "Ana acknowledged the page after 102 s.", of: [number, 999] }])).toEqual([]);
});

test("once the log says otherwise, the draft's own sentences are shown in place of the prose", async () => {
  const one = fact("summary", "resolved");
  const worded = await check([{ section: "summary", text: "Ana resolved the page at 03:26:08.", of: [one.number] }]);
  expect(worded).toHaveLength(1);
  const open = skeletonOf(log.slice(0, -1));
  expect(withProse(open, worded)).toEqual(open);
});
