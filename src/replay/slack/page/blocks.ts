import { html } from "hono/html";
import { isObject, type Json, objectsIn } from "../../json.ts";
import { drawElement, type ElementContext } from "./elements.ts";
import { drawMarkdown } from "./markdown.ts";
import { drawMarkup, type Html, type Names } from "./markup.ts";
import { drawRichText } from "./rich-text.ts";

/** Blocks of a message or a view, drawn as Slack draws them. Source: docs.slack.dev block reference. */

/** Where a control is: what is pressed is looked up there, so that nobody presses what nothing has. */
export interface ControlPlace {
  /** A message's ts or a view's id. */
  readonly of: string;
  readonly block: number;
  /** null: beside the section. */
  readonly element: number | null;
}

const textOf = (value: unknown): string => (isObject(value) ? String(value["text"] ?? "") : "");

/** A text object: markup, or plain words. */
function drawText(value: unknown, names: Names): Html | null {
  if (!isObject(value)) return null;
  return value["type"] === "mrkdwn" ? drawMarkup(textOf(value), names) : html`${textOf(value)}`;
}

/** Where the bytes of an image are: a file of the workspace. Pictures from elsewhere are not fetched, and named instead. */
function imageSource(image: Json): string | null {
  const file = image["slack_file"];
  const id = isObject(file) ? (file["id"] ?? /\/(F[A-Z0-9]+)\b/.exec(String(file["url"] ?? ""))?.[1]) : undefined;
  return typeof id === "string" && /^F[A-Z0-9]+$/.test(id) ? `/file/${id}` : null;
}

function drawImage(image: Json, className: string): Html {
  const source = imageSource(image);
  const words = String(image["alt_text"] ?? "");
  return source === null
    ? html`<span class="muted">(picture: ${words})</span>`
    : html`<img class="${className}" src="${source}" alt="${words}" />`;
}

const cellText = (cell: unknown, names: Names): Html | null =>
  !isObject(cell) ? null : cell["type"] === "rich_text" ? drawRichText(cell, names) : html`${String(cell["text"] ?? "")}`;

function drawTable(block: Json, names: Names): Html {
  const rows = Array.isArray(block["rows"]) ? (block["rows"] as unknown[]) : [];
  const cells = (row: unknown) => (Array.isArray(row) ? (row as unknown[]) : []);
  return html`<div class="wide">
    <table>
      ${rows.map(
        (row) =>
          html`<tr>
            ${cells(row).map((cell) => html`<td>${cellText(cell, names)}</td>`)}
          </tr>`,
      )}
    </table>
  </div>`;
}

function drawInput(block: Json, at: (element: number | null) => ElementContext, problem: string | undefined): Html {
  const element = isObject(block["element"]) ? block["element"] : {};
  const group = element["type"] === "radio_buttons" || element["type"] === "checkboxes";
  const label = html`${textOf(block["label"])}${block["optional"] === true ? html` <span class="muted">(optional)</span>` : ""}`;
  const below = html`${isObject(block["hint"]) ? html`<span class="hint">${textOf(block["hint"])}</span>` : ""}${
    problem === undefined ? "" : html`<span class="problem" role="alert">${problem}</span>`
  }`;
  return group
    ? html`<fieldset class="input">
        <legend>${label}</legend>
        ${drawElement(element, at(0))}${below}
      </fieldset>`
    : html`<label class="input"><span class="label">${label}</span>${drawElement(element, at(0))}${below}</label>`;
}

export interface Drawing {
  /** A message's ts or a view's id. */
  readonly of: string;
  readonly names: Names;
  /** People, for menus of them. */
  readonly people: readonly { readonly id: string; readonly name: string }[];
  readonly channels: readonly { readonly id: string; readonly name: string }[];
  /** By block: what is wrong with what was filled in. */
  readonly problems?: Readonly<Record<string, string>>;
}

function drawBlock(block: Json, index: number, drawing: Drawing): Html {
  const { names, of } = drawing;
  const at = (element: number | null): ElementContext => ({
    ...drawing,
    place: `${of} ${index} ${element ?? "beside"}`,
    block: blockIdOf(block, index),
  });
  switch (block["type"]) {
    case "section": {
      const beside = block["accessory"];
      return html`<div class="section ${isObject(beside) ? "has-beside" : ""}">
        <div>
          ${drawText(block["text"], names)}
          ${
            Array.isArray(block["fields"])
              ? html`<div class="fields">${objectsIn(block["fields"]).map((field) => html`<div>${drawText(field, names)}</div>`)}</div>`
              : ""
          }
        </div>
        ${isObject(beside) ? html`<div class="beside">${beside["type"] === "image" ? drawImage(beside, "thumb") : drawElement(beside, at(null))}</div>` : ""}
      </div>`;
    }
    case "context":
      return html`<div class="context">
        ${objectsIn(block["elements"]).map((one) => html`<div>${one["type"] === "image" ? drawImage(one, "tiny") : drawText(one, names)}</div>`)}
      </div>`;
    case "actions":
    case "context_actions":
      return html`<div class="actions">${objectsIn(block["elements"]).map((one, element) => drawElement(one, at(element)))}</div>`;
    case "header":
      return html`<h3>${textOf(block["text"])}</h3>`;
    case "divider":
      return html`<hr />`;
    case "image":
      return html`<figure>
        ${isObject(block["title"]) ? html`<figcaption>${textOf(block["title"])}</figcaption>` : ""}${drawImage(block, "picture")}
      </figure>`;
    case "input":
      return drawInput(block, at, drawing.problems?.[blockIdOf(block, index)]);
    case "rich_text":
      return html`<div class="section">${drawRichText(block, names)}</div>`;
    case "markdown":
      return html`<div class="section document">${drawMarkdown(String(block["text"] ?? ""))}</div>`;
    case "table":
    case "data_table":
      return drawTable(block, names);
    case "alert":
      return html`<div class="alert">${drawText(block["text"], names)}</div>`;
    default:
      return html`<span class="muted">(a ${String(block["type"])} block is not drawn here)</span>`;
  }
}

export const blockIdOf = (block: Json | undefined, index: number): string => String(block?.["block_id"] ?? `block-${index}`);

export const drawBlocks = (blocks: readonly Json[], drawing: Drawing): Html =>
  html`${blocks.map((block, index) => drawBlock(block, index, drawing))}`;

/** A file that was shared: a picture is shown, another one named. */
const drawFile = (file: Json): Html =>
  String(file["mimetype"] ?? "").startsWith("image/")
    ? html`<figure>
        <figcaption>${String(file["title"] ?? file["name"])}</figcaption>
        <img class="picture" src="/file/${String(file["id"])}" alt="${String(file["alt_txt"] ?? file["title"] ?? file["name"])}" />
      </figure>`
    : html`<a class="file" href="/file/${String(file["id"])}" target="_blank">${String(file["title"] ?? file["name"])}</a>`;

/** What a message shows: its blocks, or where it has none its text; then its files. */
export const drawMessage = (text: string, blocks: readonly Json[], files: readonly Json[], drawing: Drawing): Html =>
  html`${
    blocks.length === 0
      ? text === ""
        ? ""
        : html`<div class="section">${drawMarkup(text, drawing.names)}</div>`
      : drawBlocks(blocks, drawing)
  }${files.map(drawFile)}`;

/** The control at a place, with the id of its block; null: there is none. */
export function controlAt(
  blocks: readonly Json[],
  { block, element }: Omit<ControlPlace, "of">,
): { blockId: string; control: Json } | null {
  const of = blocks[block];
  const inside = of?.["type"] === "input" ? of["element"] : element === null ? of?.["accessory"] : objectsIn(of?.["elements"])[element];
  return isObject(inside) ? { blockId: blockIdOf(of, block), control: inside } : null;
}
