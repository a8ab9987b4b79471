import { describe, expect, test } from "vitest";
import { limits, refusalOfBlocks, refusalOfMessage } from "../../src/replay/slack/block-kit.ts";

const plain = (text: string) => ({ type: "plain_text", text });
const mrkdwn = (text: string) => ({ type: "mrkdwn", text });
const button = (more: Record<string, unknown> = {}) => ({ type: "button", action_id: "a", text: plain("Open"), ...more });
const actions = (...elements: unknown[]) => ({ type: "actions", elements });
const many = (length: number, one: (index: number) => unknown) => Array.from({ length }, (_none, index) => one(index));
const x = (length: number) => "x".repeat(length);

/** Where the blocks are wrong, as JSON pointers. */
const pointers = (...blocks: unknown[]) =>
  (refusalOfBlocks(blocks)?.messages ?? []).map((text) => /\[json-pointer:(.*)\]$/.exec(text)?.[1]);

describe("blocks at their limits are taken, one more is refused where it stands", () => {
  const cases: readonly [string, (over: number) => unknown, string][] = [
    ["section text", (over) => ({ type: "section", text: mrkdwn(x(3000 + over)) }), "/blocks/0/text/text"],
    ["section fields", (over) => ({ type: "section", fields: many(10 + over, () => mrkdwn("x")) }), "/blocks/0/fields"],
    ["a section field", (over) => ({ type: "section", fields: [mrkdwn(x(2000 + over))] }), "/blocks/0/fields/0/text"],
    ["header text", (over) => ({ type: "header", text: plain(x(150 + over)) }), "/blocks/0/text/text"],
    ["context elements", (over) => ({ type: "context", elements: many(10 + over, () => mrkdwn("x")) }), "/blocks/0/elements"],
    ["actions elements", (over) => actions(...many(25 + over, (index) => button({ action_id: `a${index}` }))), "/blocks/0/elements"],
    ["button text", (over) => actions(button({ text: plain(x(75 + over)) })), "/blocks/0/elements/0/text/text"],
    ["button value", (over) => actions(button({ value: x(2000 + over) })), "/blocks/0/elements/0/value"],
    ["button url", (over) => actions(button({ url: x(3000 + over) })), "/blocks/0/elements/0/url"],
    ["action id", (over) => actions(button({ action_id: x(255 + over) })), "/blocks/0/elements/0/action_id"],
    ["block id", (over) => ({ type: "divider", block_id: x(255 + over) }), "/blocks/0/block_id"],
    ["image url", (over) => ({ type: "image", image_url: x(3000 + over), alt_text: "" }), "/blocks/0/image_url"],
    ["alt text", (over) => ({ type: "image", image_url: "u", alt_text: x(2000 + over) }), "/blocks/0/alt_text"],
    ["markdown text", (over) => ({ type: "markdown", text: x(12_000 + over) }), "/blocks/0/text"],
    [
      "overflow options",
      (over) => actions({ type: "overflow", options: many(5 + over, () => ({ text: plain("o"), value: "v" })) }),
      "/blocks/0/elements/0/options",
    ],
    [
      "select options",
      (over) => actions({ type: "static_select", options: many(100 + over, () => ({ text: plain("o") })) }),
      "/blocks/0/elements/0/options",
    ],
    [
      "option text",
      (over) => actions({ type: "overflow", options: [{ text: plain(x(75 + over)) }] }),
      "/blocks/0/elements/0/options/0/text/text",
    ],
    [
      "confirm title",
      (over) => actions(button({ confirm: { title: plain(x(100 + over)), text: plain("t"), confirm: plain("y"), deny: plain("n") } })),
      "/blocks/0/elements/0/confirm/title/text",
    ],
    ["alert text", (over) => ({ type: "alert", text: mrkdwn(x(200 + over)) }), "/blocks/0/text/text"],
  ];
  test.each(cases)("%s", (_name, block, pointer) => {
    expect(refusalOfBlocks([block(0)])).toBeNull();
    expect(refusalOfBlocks([block(1)])?.error).toBe("invalid_blocks");
    expect(pointers(block(1))).toContain(pointer);
  });

  test("fifty blocks, not fifty-one", () => {
    expect(refusalOfBlocks(many(50, () => ({ type: "divider" })))).toBeNull();
    expect(refusalOfBlocks(many(51, () => ({ type: "divider" })))?.messages[0]).toBe(
      "no more than 50 items allowed [json-pointer:/blocks]",
    );
  });
});

test("a character outside the basic plane counts once", () => {
  expect(refusalOfBlocks([{ type: "header", text: plain("🔥".repeat(150)) }])).toBeNull();
  expect(refusalOfBlocks([{ type: "header", text: plain("🔥".repeat(151)) }])).not.toBeNull();
});

test("shapes that Slack refuses", () => {
  expect(pointers({ type: "section" })).toEqual(["/blocks/0"]);
  expect(pointers({ type: "section", text: mrkdwn("") })).toEqual(["/blocks/0/text/text"]);
  expect(pointers({ type: "header", text: mrkdwn("*no*") })).toEqual(["/blocks/0/text/type"]);
  expect(pointers({ type: "headline", text: plain("x") })).toEqual(["/blocks/0/type"]);
  expect(pointers({ type: "context", elements: [button()] })).toContain("/blocks/0/elements/0/type");
  expect(pointers({ type: "context", elements: [] })).toEqual(["/blocks/0/elements"]);
  expect(pointers(actions(button(), button()))).toEqual(["/blocks/0/elements/1/action_id"]);
  expect(pointers({ type: "divider", block_id: "b" }, { type: "divider", block_id: "b" })).toEqual(["/blocks/1/block_id"]);
  expect(pointers(actions(button({ style: "green" })))).toEqual(["/blocks/0/elements/0/style"]);
  expect(pointers({ type: "image", image_url: "u", slack_file: { id: "F" }, alt_text: "" })).toEqual(["/blocks/0"]);
  expect(pointers({ type: "table", rows: [[{}, {}], [{}]] })).toEqual(["/blocks/0/rows"]);
  expect(refusalOfBlocks("[]")?.error).toBe("invalid_blocks_format");
});

describe("a whole message", () => {
  const message = { text: undefined, blocks: undefined, attachments: undefined, metadata: undefined };
  test("an edit's text may have 4,000 characters, a post's more", () => {
    expect(refusalOfMessage("update", { ...message, text: x(4000) })).toBeNull();
    expect(refusalOfMessage("update", { ...message, text: x(4001) })?.error).toBe("msg_too_long");
    expect(refusalOfMessage("post", { ...message, text: x(4001) })).toBeNull();
  });
  test("all blocks together are bounded too", () => {
    const blocks = many(5, () => ({ type: "section", text: mrkdwn(x(2700)) }));
    expect(5 * 2700).toBeGreaterThan(limits.allBlocksText);
    expect(refusalOfMessage("post", { ...message, blocks })?.error).toBe("msg_blocks_too_long");
    expect(refusalOfMessage("post", { ...message, blocks: blocks.slice(0, 4) })).toBeNull();
  });
  test("metadata needs its type and payload", () => {
    const metadata = { event_type: "midwatch_step", event_payload: { key: "k" } };
    expect(refusalOfMessage("post", { ...message, metadata })).toBeNull();
    expect(refusalOfMessage("post", { ...message, metadata: { event_type: "x" } })?.error).toBe("invalid_metadata_format");
    expect(refusalOfMessage("post", { ...message, metadata: {} })?.error).toBe("invalid_metadata_format");
    // An empty object removes what was there.
    expect(refusalOfMessage("update", { ...message, metadata: {} })).toBeNull();
  });
  test("a hundred attachments", () => {
    expect(refusalOfMessage("post", { ...message, attachments: many(101, () => ({})) })?.error).toBe("too_many_attachments");
  });
});
