import { html } from "hono/html";
import { isObject, type Json, objectsIn } from "../../json.ts";
import type { Html, Names } from "./markup.ts";

/** A `rich_text` block. Source: docs.slack.dev "Rich text block". */

function styled(words: Html, style: unknown): Html {
  if (!isObject(style)) return words;
  const { bold, italic, strike, code } = style;
  let drawn = code === true ? html`<code>${words}</code>` : words;
  if (strike === true) drawn = html`<s>${drawn}</s>`;
  if (italic === true) drawn = html`<i>${drawn}</i>`;
  return bold === true ? html`<b>${drawn}</b>` : drawn;
}

function drawRun(run: Json, names: Names): Html {
  const url = String(run["url"] ?? "");
  switch (run["type"]) {
    case "link":
      return /^https?:\/\//i.test(url)
        ? html`<a href="${url}" target="_blank" rel="noreferrer noopener">${styled(html`${String(run["text"] ?? url)}`, run["style"])}</a>`
        : html`${String(run["text"] ?? url)}`;
    case "user":
      return html`<span class="mention">@${names.get(String(run["user_id"])) ?? String(run["user_id"])}</span>`;
    case "channel":
      return html`<span class="mention">#${names.get(String(run["channel_id"])) ?? String(run["channel_id"])}</span>`;
    case "emoji":
      return html`:${String(run["name"])}:`;
    default:
      return styled(html`${String(run["text"] ?? "")}`, run["style"]);
  }
}

const runs = (element: Json, names: Names): Html => html`${objectsIn(element["elements"]).map((run) => drawRun(run, names))}`;

export const drawRichText = (block: Json, names: Names): Html =>
  html`${objectsIn(block["elements"]).map((element) => {
    switch (element["type"]) {
      case "rich_text_list": {
        const items = objectsIn(element["elements"]).map((item) => html`<li>${runs(item, names)}</li>`);
        return element["style"] === "ordered"
          ? html`<ol>
              ${items}
            </ol>`
          : html`<ul>
              ${items}
            </ul>`;
      }
      case "rich_text_preformatted":
        return html`<pre>${runs(element, names)}</pre>`;
      case "rich_text_quote":
        return html`<blockquote>${runs(element, names)}</blockquote>`;
      default:
        return html`<div class="rich">${runs(element, names)}</div>`;
    }
  })}`;
