import { html } from "hono/html";
import type { HtmlEscapedString } from "hono/utils/html";

/** Slack's own markup, drawn as Slack draws it. Source: docs.slack.dev "Formatting message text". */

export type Html = HtmlEscapedString | Promise<HtmlEscapedString>;

/** What people and channels are called, by their ids. */
export type Names = ReadonlyMap<string, string>;

const decoded = (text: string) => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
const isWeb = (url: string) => /^https?:\/\//i.test(url) && URL.canParse(url);

/** Code and links, also bare addresses: nothing in them is formatted. */
const whole = /```([\s\S]+?)```|`([^`\n]+)`|<([^<>|]+)(?:\|([^<>]*))?>|(?<![\w:/])(https?:\/\/[^\s<>"'`]*[^\s<>"'`.,;:!?)\]])/g;
/** A sign at the start of a word, and its like at the end of one. */
const spans = /(?<![\p{L}\p{N}*_~])([*_~])(?=\S)([^\n]*?\S)\1(?![\p{L}\p{N}*_~])/u;
/** Of the private use area: stands for what is drawn already. */
const HELD = "\uE000";

function reference(target: string, label: string | undefined, names: Names): Html {
  if (target.startsWith("@")) return html`<span class="mention">@${label ?? names.get(target.slice(1)) ?? target.slice(1)}</span>`;
  if (target.startsWith("#")) return html`<span class="mention">#${label ?? names.get(target.slice(1)) ?? target.slice(1)}</span>`;
  if (target.startsWith("!")) return html`<span class="mention">${label ?? `@${target.slice(1).split("^")[0]}`}</span>`;
  const url = decoded(target);
  const words = label === undefined || label === "" ? url : decoded(label);
  return isWeb(url) ? html`<a href="${url}" target="_blank" rel="noreferrer noopener">${words}</a>` : html`${words}`;
}

/** One line of which code and links are held back. */
function formatted(text: string, held: readonly Html[]): Html {
  const parts: Html[] = [];
  let rest = text;
  for (let found = spans.exec(rest); found !== null; found = spans.exec(rest)) {
    const [all, sign, inside = ""] = found;
    parts.push(filled(rest.slice(0, found.index), held));
    const inner = formatted(inside, held);
    parts.push(sign === "*" ? html`<b>${inner}</b>` : sign === "_" ? html`<i>${inner}</i>` : html`<s>${inner}</s>`);
    rest = rest.slice(found.index + all.length);
  }
  return html`${parts}${filled(rest, held)}`;
}

/** Plain text, with what was held back in its places. */
function filled(text: string, held: readonly Html[]): Html {
  const pieces = text.split(new RegExp(`${HELD}(\\d+)${HELD}`));
  return html`${pieces.map((piece, index) => (index % 2 === 1 ? held[Number(piece)] : decoded(piece)))}`;
}

/** @param text as it is in a message: entities encoded, links in angle brackets */
export function drawMarkup(text: string, names: Names): Html {
  const held: Html[] = [];
  const hold = (drawn: Html) => `${HELD}${held.push(drawn) - 1}${HELD}`;
  const kept = text
    .replaceAll(HELD, "")
    .replaceAll(whole, (_all, block?: string, inline?: string, target?: string, label?: string, bare?: string) => {
      if (block !== undefined) return hold(html`<pre>${decoded(block).replace(/^\n/, "")}</pre>`);
      if (inline !== undefined) return hold(html`<code>${decoded(inline)}</code>`);
      return hold(reference(target ?? bare ?? "", label, names));
    });
  const lines = kept.split("\n").map((line) => {
    const quoted = /^(?:&gt;|>) ?(.*)$/.exec(line);
    return quoted === null ? html`${formatted(line, held)}<br />` : html`<blockquote>${formatted(quoted[1] ?? "", held)}</blockquote>`;
  });
  return html`${lines}`;
}
