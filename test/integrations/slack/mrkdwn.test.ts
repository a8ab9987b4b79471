import { describe, expect, test } from "vitest";
import {
  cutMrkdwn,
  cutPlain,
  cutShort,
  cutShortWithCode,
  escapeLines,
  escapeText,
  escapeWithCode,
  inlineCode,
  lengthOf,
  link,
  plainText,
  splitMrkdwn,
} from "../../../src/integrations/slack/mrkdwn.ts";
import { createRandom } from "../../support/random.ts";
import { outsideText } from "./outside-text.ts";

const seeds = Array.from({ length: 80 }, (_, index) => index + 1);
/** What is left of tags and entities when whole ones are taken out: nothing, where none was cut. */
const halves = (text: string) => text.replaceAll(/<[^<>\n]*>|&(?:amp|lt|gt);/g, "").match(/[<>&]/g) ?? [];
/** The words of a text, without markup and white space: what splitting must neither lose nor add. */
const words = (text: string) => text.replaceAll(/[`\s]/g, "");

describe("text from outside", () => {
  test.each([
    ["<!channel> <@U012AB3CD> <https://evil.test|login>", "&lt;!channel&gt; &lt;@U012AB3CD&gt; &lt;https://evil.test|login&gt;"],
    ["a & b &amp; c", "a &amp; b &amp;amp; c"],
    ["line one\nline two\r\n\tthree", "line one line two three"],
    ["`rm -rf` ```", "ˋrm -rfˋ ˋˋˋ"],
    ["user\u202Egnp.exe\u0000", "usergnp.exe"],
  ])("is escaped: %j", (text, escaped) => {
    expect(escapeText(text)).toBe(escaped);
  });

  test("cannot call everybody, nor look changed for it", () => {
    const escaped = escapeText("@here @channel @EVERYONE anna@hereford.test @heresy");
    expect(escaped).not.toMatch(/@(here|channel|everyone)\b/i);
    expect(escaped.replaceAll("\u200B", "")).toBe("@here @channel @EVERYONE anna@hereford.test @heresy");
    expect(escapeText("@heresy")).toBe("@heresy");
  });

  test("can't look like midwatch's own headings, and names stay as they are", () => {
    for (const forged of ["*Cause:* the database", "a _b c_ d", "~old~", "(*x*)", "*a* *b*"]) {
      const escaped = escapeText(forged);
      expect(escaped).not.toMatch(/(?:^|[\s(])[*_~][^\s\u200B][^*_~]*[*_~](?:$|[\s).,:])/);
      expect(escaped.replaceAll("\u200B", "")).toBe(forged);
    }
    for (const name of ["http_requests_total", "a*b*c", "select * from x", "*.example.test", "_private", "~/.config", "5 * 3 * 2"])
      expect(escapeText(name)).toBe(name);
  });

  test("of any kind becomes one line without markup of its own", () => {
    for (const seed of seeds) {
      const escaped = escapeText(outsideText(seed, 60));
      expect(halves(escaped)).toEqual([]);
      expect(escaped).not.toMatch(/[\n\r`<>]|@here\b/);
      expect(escaped.isWellFormed()).toBe(true);
    }
  });

  test.each([
    ["run `kubectl get pods -n <ns>` & look", "run `kubectl get pods -n &lt;ns&gt;` &amp; look"],
    ["one ` alone, and ``two``", "one ˋ alone, and ˋˋtwoˋˋ"],
    ["*a `b` c*", "*\u200Ba `b` c*"],
    ["` `", "ˋ ˋ"],
    ["\uE000 `x` `<!channel>`", " `x` `&lt;!channel&gt;`"],
  ])("that may show code: %j", (text, escaped) => {
    expect(escapeWithCode(text)).toBe(escaped);
  });

  test("that may show code, of any kind: backticks in pairs, no tag, nobody called outside of code", () => {
    for (let seed = 0; seed < 300; seed++) {
      const escaped = escapeWithCode(outsideText(seed, 60));
      expect((escaped.match(/`/g) ?? []).length % 2).toBe(0);
      expect(escaped).not.toMatch(/[<>\n]|``/);
      expect(escaped.replaceAll(/`[^`]*`/g, "")).not.toMatch(/@here\b/);
    }
  });

  test("of any kind survives as inline code", () => {
    for (const seed of seeds) {
      const text = outsideText(seed, 40);
      expect(inlineCode(text)).toMatch(/^`[^`\n<>]+`$/);
      expect(halves(inlineCode(text))).toEqual([]);
    }
    expect(inlineCode(" \n ")).toBe("");
  });

  test("that is long is cut inside inline code, and says so", () => {
    expect(inlineCode("x".repeat(500), 100)).toBe(`\`${"x".repeat(60)}… (440 more characters)\``);
  });

  test("keeps its lines where they are wanted", () => {
    expect(escapeLines("a <b>\r\n c")).toBe("a &lt;b&gt;\n c");
    expect(escapeLines("stopped logging `paid <*>`\nno `code")).toBe("stopped logging `paid &lt;*&gt;`\nno ˋcode");
  });
});

describe("links", () => {
  test("lead only to web addresses, and can't be broken out of", () => {
    expect(link("https://x.test/a?b=1&c=<d>|e", "a > b\n|c")).toBe("<https://x.test/a?b=1&amp;c=%3Cd%3E%7Ce|a &gt; b |c>");
    for (const bad of ["javascript:alert(1)", "mailto:a@b.test", "/relative", "", `https://x.test/${"a".repeat(3_000)}`]) {
      expect(link(bad, "words <here>")).toBe("words &lt;here&gt;");
    }
    expect(link(null, "words")).toBe("words");
  });
});

test("a message from Slack reads as its author saw it", () => {
  const raw =
    "<@U1|ana> see <#C1|general> &amp; <https://x.test/?a=1&amp;b=2|the graph> or <https://y.test> <!here> <!subteam^S1|@sre> &lt;b&gt;";
  expect(plainText(raw)).toBe("@ana see #general & the graph (https://x.test/?a=1&b=2) or https://y.test @here @sre <b>");
  expect(plainText("<!subteam^S1> <#C1|> 1 < 2")).toBe("@subteam #C1 1 < 2");
});

describe("splitting", () => {
  test("is done at line ends where there are any", () => {
    expect(splitMrkdwn("one\ntwo\nthree", 9)).toEqual(["one\ntwo", "three"]);
    expect(splitMrkdwn("one two three", 9)).toEqual(["one two", "three"]);
    expect(splitMrkdwn("short", 9)).toEqual(["short"]);
    expect(splitMrkdwn("", 9)).toEqual([]);
    expect(splitMrkdwn(" \n ", 2)).toEqual([]);
  });

  test("closes code and opens it again", () => {
    expect(splitMrkdwn("see `aaaa bbbb cccc` end", 14)).toEqual(["see `aaaa`", "`bbbb cccc`", "end"]);
    expect(splitMrkdwn("a lone ` stays text here", 16)).toEqual(["a lone ` stays", "text here"]);
  });

  test("leaves tags, entities and characters whole", () => {
    expect(splitMrkdwn("12345678&amp;9", 10)).toEqual(["12345678", "&amp;9"]);
    expect(splitMrkdwn("ab <https://x.test|y> z", 20)).toEqual(["ab", "<https://x.test|y> z"]);
    expect(splitMrkdwn("👩‍👩‍👧‍👦👩‍👩‍👧‍👦", 10)).toEqual(["👩‍👩‍👧‍👦", "👩‍👩‍👧‍👦"]);
  });

  test("goes on past a link that fits nowhere, and past a pile of marks", () => {
    expect(splitMrkdwn(`<https://x.test/${"a".repeat(60)}|words> end`, 40).at(-1)).toMatch(/end$/);
    const pile = `e${"\u0301".repeat(100)}`;
    expect(splitMrkdwn(pile, 40).join("")).toBe(pile);
  });

  test.each([40, 300, 3_000])("keeps every promise for any text, at %i characters", (longest) => {
    for (const seed of seeds) {
      const { pick } = createRandom(seed);
      const part = (index: number) => {
        const text = outsideText(seed * 1_000 + index, 12);
        return pick([escapeLines(text), inlineCode(text), link("https://x.test/?a=1&b=2", "graph"), `*${escapeText(text)}*`]);
      };
      const whole = Array.from({ length: 30 }, (_, index) => part(index)).join(pick(["\n", " ", ""]));
      const pieces = splitMrkdwn(whole, longest);
      for (const piece of pieces) {
        expect(lengthOf(piece)).toBeLessThanOrEqual(longest);
        expect(piece.isWellFormed()).toBe(true);
        expect((piece.match(/`/g) ?? []).length % 2).toBe(0);
        expect(halves(piece)).toEqual([]);
        expect(piece.trim()).not.toBe("");
      }
      expect(words(pieces.join(""))).toBe(words(whole));
    }
  });

  test("of a very long text ends", () => {
    expect(splitMrkdwn(escapeLines(outsideText(7, 20_000)), 3_000).length).toBeGreaterThan(50);
    expect(escapeWithCode(`\`${"x".repeat(100_000)}`)).toHaveLength(100_001);
  });
});

describe("cutting", () => {
  test("says how much is missing", () => {
    const cut = cutMrkdwn(`first line\n${"x".repeat(200)}`, 100);
    expect(cut).toBe("first line\n… (200 more characters)");
    expect(cutMrkdwn("as it is", 100)).toBe("as it is");
  });

  test("keeps code closed and the limit, for any text", () => {
    for (const seed of seeds) {
      const whole = `${inlineCode(outsideText(seed, 100))}\n${escapeLines(outsideText(seed + 500, 100))}`;
      const cut = cutMrkdwn(whole, 300);
      expect(lengthOf(cut)).toBeLessThanOrEqual(300);
      expect((cut.match(/`/g) ?? []).length % 2).toBe(0);
      expect(halves(cut)).toEqual([]);
    }
  });

  test("of text with code between backticks ends the code that it falls into, and leaves other code alone", () => {
    const long = `it adds \`INSERT INTO orders_new SELECT ${"id, ".repeat(40)}total FROM orders\`, which was not asked before`;
    expect(plainText(escapeWithCode(cutShortWithCode(long, 100)))).toMatch(/^it adds `INSERT INTO orders_new [^`]*`…$/);
    expect(cutShortWithCode(`\`a\` ${"x".repeat(200)}`, 100)).toBe(cutShort(`\`a\` ${"x".repeat(200)}`, 100));
    expect(cutShortWithCode("a `b` c", 100)).toBe("a `b` c");
    for (let longest = 2; longest < long.length; longest += 7)
      expect(lengthOf(cutShortWithCode(long, longest))).toBeLessThanOrEqual(longest);
  });

  test("of plain text never parts a character", () => {
    expect(cutPlain("👩‍👩‍👧‍👦👩‍👩‍👧‍👦", 10)).toBe("👩‍👩‍👧‍👦…");
    expect(cutPlain("x".repeat(151), 150)).toBe(`${"x".repeat(110)}… (41 more characters)`);
    expect(cutPlain(`${"x".repeat(104)} sequential ${"y".repeat(50)}`, 150)).toBe(`${"x".repeat(104)}… (62 more characters)`);
    expect(cutShort("a sentence of many words", 15)).toBe("a sentence of…");
    for (const seed of seeds) {
      const text = outsideText(seed, 200).toWellFormed();
      for (const longest of [5, 75, 150]) {
        expect(lengthOf(cutPlain(text, longest))).toBeLessThanOrEqual(longest);
        expect(cutPlain(text, longest).isWellFormed()).toBe(true);
      }
    }
  });
});
