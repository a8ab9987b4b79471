import { html } from "hono/html";
import { isObject, type Json, objectsIn } from "../../json.ts";
import { drawMarkup, type Html, type Names } from "./markup.ts";

/** Blocks of a message, drawn as Slack draws them. Source: docs.slack.dev block reference. */

/** Where a control is: what is pressed is looked up there, so that nobody presses what no message has. */
export interface ControlPlace {
  readonly ts: string;
  readonly block: number;
  readonly element: number;
}

const textOf = (value: unknown): string => (isObject(value) ? String(value["text"] ?? "") : "");

/** A text object: markup, or plain words. */
function drawText(value: unknown, names: Names): Html | null {
  if (!isObject(value)) return null;
  return value["type"] === "mrkdwn" ? drawMarkup(textOf(value), names) : html`${textOf(value)}`;
}

function drawControl(control: Json, { ts, block, element }: ControlPlace): Html {
  const place = `${ts} ${block} ${element}`;
  switch (control["type"]) {
    case "button":
      return typeof control["url"] === "string"
        ? html`<a class="button" href="${control["url"]}" target="_blank" rel="noreferrer noopener">${textOf(control["text"])}</a>`
        : html`<button class="button ${String(control["style"] ?? "")}" data-press="${place}">${textOf(control["text"])}</button>`;
    case "static_select":
      return html`<select class="button" data-choose="${place}" aria-label="${textOf(control["placeholder"])}">
        <option value="">${textOf(control["placeholder"])}</option>
        ${objectsIn(control["options"]).map((option) => html`<option value="${String(option["value"])}">${textOf(option["text"])}</option>`)}
      </select>`;
    default:
      return html`<span class="muted">(a ${String(control["type"])} is not drawn here)</span>`;
  }
}

function drawBlock(block: Json, ts: string, index: number, names: Names): Html {
  switch (block["type"]) {
    case "section":
      return html`<div class="section">
        ${drawText(block["text"], names)} ${objectsIn(block["fields"]).map((field) => html`<div>${drawText(field, names)}</div>`)}
      </div>`;
    case "context":
      return html`<div class="context">${objectsIn(block["elements"]).map((one) => html`<div>${drawText(one, names)}</div>`)}</div>`;
    case "actions":
      return html`<div class="actions">
        ${objectsIn(block["elements"]).map((one, element) => drawControl(one, { ts, block: index, element }))}
      </div>`;
    case "header":
      return html`<h3>${textOf(block["text"])}</h3>`;
    case "divider":
      return html`<hr />`;
    default:
      return html`<span class="muted">(a ${String(block["type"])} block is not drawn here)</span>`;
  }
}

/** What a message shows: its blocks, or where it has none its text. */
export const drawMessage = (ts: string, text: string, blocks: readonly Json[], names: Names): Html =>
  blocks.length === 0
    ? html`<div class="section">${drawMarkup(text, names)}</div>`
    : html`${blocks.map((block, index) => drawBlock(block, ts, index, names))}`;

/** The control at a place, with the id of its block; null: there is none. */
export function controlAt(
  blocks: readonly Json[],
  { block, element }: Omit<ControlPlace, "ts">,
): { blockId: string; control: Json } | null {
  const of = blocks[block];
  const control = of?.["type"] === "actions" ? objectsIn(of["elements"])[element] : undefined;
  return control === undefined ? null : { blockId: String(of?.["block_id"] ?? `block-${block}`), control };
}
