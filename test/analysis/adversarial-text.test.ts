import { describe, expect, test } from "vitest";
import { analyse } from "../../src/analysis/analyse.ts";
import { buildCallGraph } from "../../src/analysis/call-graph.ts";
import { describe as describeChange, judgeChanges, wordsOf } from "../../src/analysis/change.ts";
import { readDiff, sharedConcepts } from "../../src/analysis/diff-risk.ts";
import { eventClues, faultOfWords, issueClues, monitorClues } from "../../src/analysis/event-clue.ts";
import { limitInTexts } from "../../src/analysis/limit.ts";
import { createPatternMiner } from "../../src/analysis/log-pattern.ts";
import { ENDED_BY_CALLER, faultOfLine, isTrouble } from "../../src/analysis/log-trouble.ts";
import { readSignal, resourcesIn } from "../../src/analysis/signal-kind.ts";
import { extract, metricWords, shorten } from "../../src/analysis/words.ts";
import type { ChangeEvent, PlatformEvent } from "../../src/incident/telemetry.ts";
import { begins, empty, minute, page, risen, series } from "./telemetry.ts";

const SIZE = 300_000;
const fill = (unit: string) => unit.repeat(Math.ceil(SIZE / unit.length)).slice(0, SIZE);
const hex = Array.from({ length: SIZE }, (_, index) => "0123456789abcdef"[(index * 7 + (index >> 4) * 3) % 16] ?? "0").join("");

/** Texts that make patterns which try again at each character pay for it. */
const texts: Record<string, string> = {
  "letters of one case": fill("a"),
  "a hexadecimal number": `x${hex}`,
  digits: fill("1"),
  "one digit and a mark": fill("1."),
  "numbers that are multiplied": fill("1 * a"),
  "white space": ` 1${fill(" ")}x`,
  "camel case": fill("aB"),
  "capital letters": fill("A"),
  "words joined by strokes": fill("a_"),
  "the word max": fill("max"),
  "the words max and of": fill("max of "),
  "the word limit": fill("limit_"),
  "the word select": fill("select "),
  "the word lookup": fill("lookup "),
  "the word cancel": fill("cancel"),
  "the word storage": fill("storage "),
  "the word approaching": fill("approaching "),
  "marks of quotation": fill("\"'`"),
  brackets: fill("(("),
  "dots and slashes": fill("./"),
  "version numbers": fill("1.2."),
  "colons and braces": fill(":a{"),
};

const graph = buildCallGraph(["shop", "cart", "stock"], []);
const change = (path: string, text: string): ChangeEvent => ({ kind: "deploy", at: begins - minute, service: "stock", title: text, sha: "a".repeat(40), previousSha: null, version: null, repository: null, author: null, pullRequest: null, files: [{ path, status: "modified", additions: 1, deletions: 1, patch: `@@ -1 +1 @@\n-x${text.slice(0, 50_000)}\n+${text}` }], link: null, evidence: 1 }); // prettier-ignore
const event = (text: string): PlatformEvent => ({ at: begins, source: "x", service: "stock", instance: null, severity: "error", title: text, text, tags: [], evidence: 1 }); // prettier-ignore
const suspect = { from: begins - minute, to: page };

const readers: Record<string, (text: string) => unknown> = {
  "a diff": (text) => readDiff(change("src/a.js", text).files ?? []),
  "a diff that only adds": (text) =>
    readDiff([{ path: "a.sql", status: "added", additions: 1, deletions: 0, patch: `@@ -0 +1 @@\n+${text}` }]),
  "a manifest": (text) => readDiff(change("package-lock.json", text).files ?? []),
  "a change and the symptoms": (text) =>
    judgeChanges(
      [change("src/a.js", text)],
      { first: begins, slackMs: 0, firm: null },
      page,
      {
        places: new Map([["stock", 1]]),
        failing: new Map(),
        newest: new Map(),
        suspect: { service: "stock", fault: "memory", clues: [] },
        texts: [text],
      },
      { texts: [{ text, weight: 1 }], steps: [] },
      graph,
    ),
  "a change's name": (text) => describeChange(change("src/a.js", text)),
  "the words of a text": wordsOf,
  "what two texts share": (text) => sharedConcepts(text, text),
  "limits in texts": (text) =>
    limitInTexts(
      Array.from({ length: 25 }, (_, index) => text.slice(index * 4000)),
      5,
    ),
  events: (text) => eventClues([event(text)], graph, "shop", suspect),
  "errors of a tracker": (text) => issueClues([{ id: "1", title: text, culprit: null, service: "stock", level: "error", firstSeen: begins, lastSeen: page, count: 9, release: null, link: null, evidence: 1 }], graph, "shop", suspect), // prettier-ignore
  "monitors": (text) => monitorClues([{ id: 1, name: text, query: text, message: text, service: "stock", state: "Alert", triggeredAt: begins, evidence: 1 }], graph, "shop", suspect), // prettier-ignore
  "the kind of a page": faultOfWords,
  "the parts that a text speaks of": resourcesIn,
  "the kind of a line": (text) => [faultOfLine(text), isTrouble(null, text), ENDED_BY_CALLER.test(extract(text))],
  "a metric's name": (text) => [readSignal(text, text), metricWords(text, { [text]: text })],
  extracts: (text) => [extract(text), shorten(text, 100)],
  "a log line": (text) => {
    const miner = createPatternMiner();
    return miner.template(miner.add(text));
  },
};

describe.each(Object.entries(readers))("reading %s", (_reader, read) => {
  // A pattern that tries again at each character takes a minute or more.
  test.each(Object.entries(texts))("ends where it is 300 kB of %s", (_text, text) => {
    expect(() => read(text)).not.toThrow();
  });
});

test("two lines of numbers that all differ are told once", () => {
  const reading = readDiff([
    {
      path: "a.json",
      status: "modified",
      additions: 1,
      deletions: 1,
      patch: `@@ -1 +1 @@\n-${"1 ".repeat(20_000)}\n+${"2 ".repeat(20_000)}`,
    },
  ]);
  expect(reading.values).toHaveLength(1000);
  expect(reading.core.length).toBeLessThan(100_000);
});

test("thousands of long events end, however many series they are held against", () => {
  const events = Array.from({ length: 5_000 }, (_, index) => ({ ...event("max".repeat(1333)), at: begins + index }));
  const connections = Array.from({ length: 10 }, (_, index) =>
    series(`stock${index}`, "db.connections", "saturation", null, risen(100, 101).slice(-12)),
  );
  expect(analyse({ ...empty, series: connections, events }).verdict).toBeTypeOf("string");
});
