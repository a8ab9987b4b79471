import { raw } from "hono/html";
import type { Point } from "../report/answer.ts";
import { rendered, type Words } from "../report/text.ts";
import { outsideLine } from "../report/tool-view.ts";
import { type Html, evidenceLinks, html, keepUnits, outsideLink, time } from "./html.ts";
import { shortNames } from "./short-names.ts";

/** Longest text from outside on a page, characters; no sentence of a report is as long. */
const LONGEST = 1_000;
const LONGEST_QUOTE = 400;

/** Text from outside on one line; what is not seen in it is shown as what it is. */
const line = (text: string) => `${/^\s/.test(text) ? " " : ""}${outsideLine(text, LONGEST)}${/\s$/.test(text) ? " " : ""}`;

/** Prose with code in backticks, as reasons are written: the code is set as code, figures keep their units. Text stays text. */
export function prose(text: string): Html {
  const parts = text.split(/`([^`]+)`/);
  return html`${parts.map((part, index) => (index % 2 === 1 ? html`<code>${shortNames(part)}</code>` : shortNames(keepUnits(part))))}`;
}

/** The report's words as HTML, all text escaped. */
export function wordsAsHtml(words: Words): Html {
  return raw(
    rendered(words, {
      own: (text) => String(html`${keepUnits(text)}`),
      outside: (text) => String(html`${shortNames(keepUnits(line(text)))}`),
      prose: (text) => String(prose(line(text))),
      strong: (text) => String(html`<b>${shortNames(line(text))}</b>`),
      code: (text) => String(html`<code>${shortNames(line(text))}</code>`),
      link: (text, url) => String(outsideLink(line(text), url)),
      time: (at, to) => String(time(at, to)),
    }),
  ) as Html;
}

/**
 * A point with its quotes below; a quote's own number opens at its line, so it is not listed beside the point as well.
 * @param about what its evidence opens at where it quotes nothing: the service that it is about
 */
export function pointItem(id: string, { words, evidence, quotes }: Point, about: string | null = null): Html {
  const others = [...new Set(evidence)].filter((number) => !quotes.some((quote) => quote.evidence === number));
  const search = quotes.find((quote) => quote.evidence === null)?.text ?? about;
  return html`<li>
    ${wordsAsHtml(words)} ${evidenceLinks(id, others, search)}
    ${quotes.map(
      (quote) =>
        html`<blockquote>
          <code>${shortNames(outsideLine(quote.text, LONGEST_QUOTE))}</code>
          ${quote.evidence === null ? null : evidenceLinks(id, [quote.evidence], quote.text)}
        </blockquote>`,
    )}
  </li>`;
}

/** A list under its heading; nothing where it has no items. */
export const headed = (title: string, items: readonly Html[], className: string, tag: "ul" | "ol" = "ul"): Html | null =>
  items.length === 0
    ? null
    : html`<h2>${title}</h2>
        ${list(items, className, tag)}`;

export const list = (items: readonly Html[], className: string, tag: "ul" | "ol" = "ul"): Html =>
  tag === "ul"
    ? html`<ul class="${className}">
        ${items}
      </ul>`
    : html`<ol class="${className}">
        ${items}
      </ol>`;

/** The first of many; the rest is one click away. @param name of the fold, unique on the page */
export const folded = (items: readonly Html[], shown: number, className: string, name: string, word = "more"): Html =>
  html`${list(items.slice(0, shown), className)}${
    items.length <= shown
      ? null
      : html`<details id="${name}">
          <summary>${items.length - shown} ${word}</summary>
          ${list(items.slice(shown), className)}
        </details>`
  }`;
