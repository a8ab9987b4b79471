import { html } from "hono/html";
import type { Html } from "./markup.ts";

/** Markdown as canvases and markdown blocks show it: headings, lists, quotes, tables, emphasis, code, links. */

const ENTITIES: Readonly<Record<string, string>> = { "&lt;": "<", "&gt;": ">", "&amp;": "&" };
const bare = (text: string): string =>
  text.replaceAll(/&(?:lt|gt|amp);/g, (entity) => ENTITIES[entity] ?? entity).replaceAll(/\\([\\`*_~[\]|#!.+-])/g, "$1");
/** Code, a link, bold, italics; a sign behind a backslash is none of them. */
const inline = /(?<!\\)(?:(`+)(.+?)\1|\[((?:\\.|[^\]\\])*)\]\((https?:\/\/[^\s)]+)\)|\*\*(.+?)(?<!\\)\*\*|(?<![\w\\])_(.+?)(?<!\\)_(?!\w))/;

function drawInline(text: string): Html {
  const found = inline.exec(text);
  if (found === null) return html`${bare(text)}`;
  const [all, , code, label, url, strong, soft] = found;
  const drawn =
    code !== undefined
      ? html`<code>${code.trim()}</code>`
      : url !== undefined
        ? html`<a href="${url}" target="_blank" rel="noreferrer noopener">${drawInline(label ?? "")}</a>`
        : strong !== undefined
          ? html`<b>${drawInline(strong)}</b>`
          : html`<i>${drawInline(soft ?? "")}</i>`;
  return html`${bare(text.slice(0, found.index))}${drawn}${drawInline(text.slice(found.index + all.length))}`;
}

const cells = (row: string): string[] =>
  row
    .trim()
    .replaceAll(/^\||(?<!\\)\|$/g, "")
    .split(/(?<!\\)\|/);

const itemOf = (line: string): { ordered: boolean; words: string } | null => {
  const found = /^\s*(?:([-*])|(\d+)\.)\s+(.*)$/.exec(line);
  return found === null ? null : { ordered: found[2] !== undefined, words: found[3] ?? "" };
};

/** Lines of one kind that follow each other, from the first on. */
const run = (lines: readonly string[], from: number, isOne: (line: string) => boolean): readonly string[] => {
  const end = lines.findIndex((line, index) => index >= from && !isOne(line));
  return lines.slice(from, end < 0 ? undefined : end);
};

export function drawMarkdown(text: string): Html {
  const lines = text.split("\n");
  const drawn: Html[] = [];
  for (let at = 0; at < lines.length;) {
    const line = lines[at] ?? "";
    const heading = /^(#{1,4})\s+(.*)$/.exec(line);
    const item = itemOf(line);
    if (heading !== null) {
      const words = drawInline(heading[2] ?? "");
      drawn.push(heading[1] === "#" ? html`<h2>${words}</h2>` : html`<h3>${words}</h3>`);
      at += 1;
    } else if (item !== null) {
      const items = run(lines, at, (one) => itemOf(one)?.ordered === item.ordered);
      const list = items.map((one) => html`<li>${drawInline(itemOf(one)?.words ?? "")}</li>`);
      drawn.push(
        item.ordered
          ? html`<ol>
              ${list}
            </ol>`
          : html`<ul>
              ${list}
            </ul>`,
      );
      at += items.length;
    } else if (line.startsWith("|")) {
      const rows = run(lines, at, (one) => one.startsWith("|"));
      const shown = rows.filter((row) => !/^[|\s:-]+$/.test(row)).map(cells);
      drawn.push(
        html`<div class="wide">
          <table>
            ${shown.map(
              (row) =>
                html`<tr>
                  ${row.map((cell) => html`<td>${drawInline(cell.trim())}</td>`)}
                </tr>`,
            )}
          </table>
        </div>`,
      );
      at += rows.length;
    } else if (line.startsWith(">")) {
      const quoted = run(lines, at, (one) => one.startsWith(">"));
      drawn.push(html`<blockquote>${quoted.map((one) => html`${drawInline(one.replace(/^> ?/, ""))}<br />`)}</blockquote>`);
      at += quoted.length;
    } else {
      if (line.trim() !== "") drawn.push(html`<p>${drawInline(line)}</p>`);
      at += 1;
    }
  }
  return html`${drawn}`;
}
