import { cutMrkdwn, cutPlain, lengthOf, plainLine, splitMrkdwn } from "./mrkdwn.ts";

/**
 * Messages that Slack does not refuse: every limit is kept here, counted in code points, and what is cut says so.
 * Source: docs.slack.dev block reference, restated by nicklambourne/slackblocks; the limit over all blocks is not documented (slackapi/bolt-js#2509).
 */
export const limits = {
  /** `chat.update` refuses more; `chat.postMessage` would cut at 40,000. */
  messageText: 4_000,
  blocks: 50,
  /** Of all blocks as JSON: `msg_blocks_too_long` was seen near 13,200. */
  allBlocks: 13_000,
  section: 3_000,
  contextElements: 10,
  buttons: 25,
  buttonText: 75,
  buttonValue: 2_000,
  actionId: 255,
  options: 100,
  optionValue: 150,
} as const;

/** `verbatim`: addresses, "#names" and "@names" in it stay text; only what we mark as a link or mention is one. */
interface Mrkdwn {
  type: "mrkdwn";
  text: string;
  verbatim: true;
}
interface Plain {
  type: "plain_text";
  text: string;
  emoji: boolean;
}

export interface Button {
  type: "button";
  action_id: string;
  text: Plain;
  value?: string;
  style?: "primary";
}

/** A menu of which one line can be chosen. */
export interface Select {
  type: "static_select";
  action_id: string;
  placeholder: Plain;
  options: { text: Plain; value: string }[];
}

export type Control = Button | Select;

export type Block = { type: "section"; text: Mrkdwn } | { type: "context"; elements: Mrkdwn[] } | { type: "actions"; elements: Control[] };

/** What `postMessage` and `updateMessage` take. `text` is what notifications and screen readers say. */
export interface SlackMessage {
  readonly text: string;
  readonly blocks: readonly Block[];
}

const mrkdwn = (text: string): Mrkdwn => ({ type: "mrkdwn", text: text.toWellFormed(), verbatim: true });
const plain = (text: string, longest: number): Plain => ({
  type: "plain_text",
  text: cutPlain(plainLine(text), longest) || "…",
  emoji: false,
});

/** Mrkdwn of any length as sections; none for white space. */
export const sections = (text: string): Block[] =>
  splitMrkdwn(text, limits.section).map((piece) => ({ type: "section", text: mrkdwn(piece) }));

/** Mrkdwn of any length in small print. */
export function context(text: string): Block[] {
  const elements = splitMrkdwn(text, limits.section).map(mrkdwn);
  const blocks: Block[] = [];
  for (let at = 0; at < elements.length; at += limits.contextElements)
    blocks.push({ type: "context", elements: elements.slice(at, at + limits.contextElements) });
  return blocks;
}

export interface ButtonOptions {
  /** Names what the button does; comes back with the click. */
  readonly actionId: string;
  /** Plain words. */
  readonly text: string;
  /** Comes back with the click. */
  readonly value?: string;
  readonly style?: "primary";
}

/**
 * A button. Its words are cut to fit; an id or a value that does not fit is a mistake of the caller's, for cut it would mean something else.
 * @throws RangeError when `actionId` or `value` is too long
 */
export function button({ actionId, text, value, style }: ButtonOptions): Button {
  if (actionId === "" || lengthOf(actionId) > limits.actionId)
    throw new RangeError(`a button's action_id has 1 to ${limits.actionId} characters`);
  if (value !== undefined && lengthOf(value) > limits.buttonValue)
    throw new RangeError(`a button's value has at most ${limits.buttonValue} characters`);
  return {
    type: "button",
    action_id: actionId,
    text: plain(text, limits.buttonText),
    ...(value === undefined ? {} : { value }),
    ...(style === undefined ? {} : { style }),
  };
}

/**
 * A menu with the first of the options that fit. Choosing one comes back as a click with its value.
 * @throws RangeError when a value is too long
 */
export function select(
  actionId: string,
  placeholder: string,
  options: readonly { readonly text: string; readonly value: string }[],
): Select {
  if (options.some(({ value }) => value === "" || lengthOf(value) > limits.optionValue))
    throw new RangeError(`an option's value has 1 to ${limits.optionValue} characters`);
  return {
    type: "static_select",
    action_id: actionId,
    placeholder: plain(placeholder, limits.buttonText),
    options: options.slice(0, limits.options).map(({ text, value }) => ({ text: plain(text, limits.buttonText), value })),
  };
}

/**
 * A row of buttons (several when they are many); none for no buttons.
 * @throws RangeError when two buttons have the same action_id, which Slack refuses
 */
export function actions(all: readonly Control[]): Block[] {
  if (new Set(all.map((one) => one.action_id)).size < all.length)
    throw new RangeError("two buttons of one message have the same action_id");
  const blocks: Block[] = [];
  for (let at = 0; at < all.length; at += limits.buttons) blocks.push({ type: "actions", elements: all.slice(at, at + limits.buttons) });
  return blocks;
}

const sizeOf = (blocks: readonly Block[]) => lengthOf(JSON.stringify(blocks));
const isRow = (block: Block) => block.type === "actions";
const cutNote = (count: number): Block => ({
  type: "context",
  elements: [mrkdwn(`… (${count} more ${count === 1 ? "part" : "parts"} of this message cut: Slack takes no more)`)],
});

/** Keeps the blocks that fit into one message, buttons always; says how many were cut. */
export function fitBlocks(blocks: readonly Block[]): readonly Block[] {
  if (blocks.length <= limits.blocks && sizeOf(blocks) <= limits.allBlocks) return blocks;
  const rows = blocks.filter(isRow);
  const words = blocks.filter((block) => !isRow(block));
  for (let kept = Math.min(words.length, limits.blocks - rows.length - 1); kept >= 0; kept--) {
    const fitted = [...words.slice(0, kept), cutNote(words.length - kept), ...rows];
    if (sizeOf(fitted) <= limits.allBlocks) return fitted;
  }
  return [cutNote(blocks.length)];
}

/** One part of a message, mrkdwn. `small` is for what only some readers look for. */
export interface Part {
  readonly text: string;
  readonly small?: boolean;
  /** Right below its words. */
  readonly buttons?: readonly Control[];
}

/** Parts, each a paragraph of its own, and buttons below them, as one message that keeps to every limit. Empty parts are left out. */
export function toMessage(parts: readonly Part[], buttons: readonly Control[] = []): SlackMessage {
  const told = parts.filter(({ text }) => text.trim() !== "");
  const text = cutMrkdwn(told.map((part) => part.text).join("\n"), limits.messageText).toWellFormed();
  const blocks = told.flatMap((part) => [
    ...(part.small === true ? context(part.text) : sections(part.text)),
    ...actions(part.buttons ?? []),
  ]);
  return { text: text === "" ? "…" : text, blocks: fitBlocks([...blocks, ...actions(buttons)]) };
}
