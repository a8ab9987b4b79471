import { describe, expect, test } from "vitest";
import { actions, type Block, button, context, fitBlocks, limits, sections, toMessage } from "../../../src/integrations/slack/block-kit.ts";
import { escapeLines, inlineCode, lengthOf } from "../../../src/integrations/slack/mrkdwn.ts";
import { haveContracts, readContract } from "../../support/contracts.ts";
import { createRandom } from "../../support/random.ts";
import { outsideText } from "./outside-text.ts";
import { loadArguments } from "../../support/slack-arguments.ts";

const seeds = Array.from({ length: 60 }, (_, index) => index + 1);

/** Every text of a message's blocks with how long it may be. */
function texts(blocks: readonly Block[]): { text: string; longest: number }[] {
  return blocks.flatMap((block): { text: string; longest: number }[] => {
    switch (block.type) {
      case "context":
        return block.elements.map(({ text }) => ({ text, longest: 3_000 }));
      case "section":
        return [{ text: block.text.text, longest: 3_000 }];
      case "actions":
        return block.elements.flatMap((one) =>
          one.type === "button"
            ? [{ text: one.text.text, longest: 75 }]
            : [one.placeholder, ...one.options.map(({ text }) => text)].map(({ text }) => ({ text, longest: 75 })),
        );
    }
  });
}

/** Any message: parts of all kinds, short and long. */
function anyMessage(seed: number) {
  const { below, pick } = createRandom(seed);
  const parts = Array.from({ length: 1 + below(12) }, (_, index) => {
    const outside = outsideText(seed * 100 + index, pick([1, 40, 400]));
    return { text: pick([escapeLines(outside), inlineCode(outside), ""]), small: below(3) === 0 };
  });
  const buttons = Array.from({ length: below(4) }, (_, index) =>
    button({ actionId: `a${index}`, text: outsideText(seed + index, 30), value: "v" }),
  );
  return toMessage(parts, buttons);
}

describe("a message", () => {
  test("has a paragraph for each part, small print where asked, buttons below, and words for notifications", () => {
    const message = toMessage(
      [{ text: "*checkout* is slow" }, { text: " " }, { text: "read in 4 s", small: true }],
      [button({ actionId: "open", text: "Open", value: "v", style: "primary" })],
    );
    expect(message).toEqual({
      text: "*checkout* is slow\nread in 4 s",
      blocks: [
        { type: "section", text: { type: "mrkdwn", text: "*checkout* is slow", verbatim: true } },
        { type: "context", elements: [{ type: "mrkdwn", text: "read in 4 s", verbatim: true }] },
        {
          type: "actions",
          elements: [
            {
              type: "button",
              action_id: "open",
              text: { type: "plain_text", text: "Open", emoji: false },
              value: "v",
              style: "primary",
            },
          ],
        },
      ],
    });
  });

  test("of nothing at all is still one that Slack takes", () => {
    expect(toMessage([])).toEqual({ text: "…", blocks: [] });
  });

  test("keeps to every limit, whatever its parts", () => {
    for (const seed of seeds) {
      const { text, blocks } = anyMessage(seed);
      expect(lengthOf(text)).toBeLessThanOrEqual(4_000);
      expect(blocks.length).toBeLessThanOrEqual(50);
      expect(lengthOf(JSON.stringify(blocks))).toBeLessThanOrEqual(13_000);
      const wrong = texts(blocks).filter((one) => lengthOf(one.text) > one.longest || one.text === "" || !one.text.isWellFormed());
      expect(wrong).toEqual([]);
    }
  });

  test("that is too long says how much is cut, and keeps its buttons", () => {
    const long = toMessage(
      Array.from({ length: 80 }, (_, index) => ({ text: `part ${index}` })),
      [button({ actionId: "stop", text: "Stop" })],
    );
    expect(long.blocks).toHaveLength(50);
    expect(JSON.stringify(long.blocks.at(-2))).toContain("… (32 more parts of this message cut");
    expect(long.blocks.at(-1)?.type).toBe("actions");
    const heavy = toMessage(Array.from({ length: 8 }, () => ({ text: "x".repeat(2_900) })));
    expect(heavy.blocks).toHaveLength(5);
    expect(JSON.stringify(heavy.blocks.at(-1))).toContain("4 more parts");
    expect(fitBlocks(sections("short"))).toEqual(sections("short"));
  });
});

describe("parts of messages", () => {
  test("a long text becomes several sections, cut at line ends", () => {
    const lines = Array.from({ length: 100 }, (_, index) => `line ${index} ${"x".repeat(60)}`);
    const made = sections(lines.join("\n"));
    expect(made.length).toBe(3);
    expect(texts(made).flatMap(({ text }) => text.split("\n"))).toEqual(lines);
    expect(context(lines.join("\n"))).toHaveLength(1);
  });

  test("a button's words are cut; its meaning is not", () => {
    expect(button({ actionId: "a", text: "x".repeat(90) }).text.text).toBe(`${"x".repeat(74)}…`);
    expect(() => button({ actionId: "", text: "x" })).toThrow(RangeError);
    expect(() => button({ actionId: "a".repeat(256), text: "x" })).toThrow(RangeError);
    expect(() => button({ actionId: "a", text: "x", value: "🔥".repeat(2_001) })).toThrow(RangeError);
    expect(button({ actionId: "a".repeat(255), text: "x", value: "🔥".repeat(2_000) })).toMatchObject({ type: "button" });
  });

  test("a button shows outside text on one line, with no mark that turns it around", () => {
    expect(button({ actionId: "a", text: "up\u202Egnp.exe\n<!here> \uD83D" }).text.text).toBe("upgnp.exe <!here> \uFFFD");
    expect(button({ actionId: "a", text: " \n" }).text.text).toBe("…");
  });

  test("buttons come in rows, each with an id of its own", () => {
    const many = Array.from({ length: 30 }, (_, index) => button({ actionId: `a${index}`, text: "x" }));
    expect(actions(many).map((block) => texts([block]).length)).toEqual([25, 5]);
    expect(actions([])).toEqual([]);
    expect(() => actions([button({ actionId: "a", text: "x" }), button({ actionId: "a", text: "y" })])).toThrow(RangeError);
  });
});

describe.runIf(haveContracts("slack"))("Slack's contract", () => {
  interface Limits {
    surface: Record<string, number>;
    limits: Record<string, Record<string, number | Record<string, number>>>;
  }
  test("the limits are Slack's", () => {
    const { surface, limits: own } = readContract<Limits>("slack/block-kit-limits.json");
    const max = (element: string, field: string, which = "max_length") => {
      const limit = own[element]?.[field];
      return typeof limit === "object" ? limit[which] : limit;
    };
    expect({ ...limits, allBlocks: null }).toEqual({
      messageText: surface["message.text recommended"],
      blocks: surface["message.blocks"],
      allBlocks: null,
      section: max("section", "text"),
      contextElements: max("context", "elements", "max_items"),
      buttons: max("actions", "elements", "max_items"),
      buttonText: max("button", "text"),
      buttonValue: max("button", "value"),
      actionId: max("action_id", "max_length"),
      options: max("select", "options", "max_items"),
      optionValue: max("option", "value"),
    });
  });

  test("the blocks are of Slack's own types", () => {
    const { blockProblems } = loadArguments();
    const all = seeds.flatMap((seed) => [...anyMessage(seed).blocks]);
    expect([...new Set(all.map(({ type }) => type))].toSorted()).toEqual(["actions", "context", "section"]);
    expect(all.flatMap(blockProblems)).toEqual([]);
    expect(blockProblems({ type: "header", text: { type: "mrkdwn", text: "x" } })).not.toEqual([]);
  });
});
