import { html as template } from "hono/html";
import type { HtmlEscapedString } from "hono/utils/html";
import { visibleText } from "../report/visible-text.ts";
import { clockTime, quoteSearch } from "../report/words.ts";

/** Markup of which every inserted text was escaped. */
export type Html = HtmlEscapedString;

const visible = (value: unknown): unknown =>
  typeof value === "string" ? visibleText(value) : Array.isArray(value) ? value.map(visible) : value;

/**
 * Tagged template: inserted strings are escaped, and what they hide is shown; inserted `Html` stays as it is. null, undefined and booleans insert
 * nothing.
 */
export function html(strings: TemplateStringsArray, ...values: readonly unknown[]): Html {
  // hono answers with a promise only where a promise was inserted; no page here inserts one.
  return template(strings, ...values.map(visible)) as Html;
}

/** The URL when a person may follow it (http or https), else null: `javascript:` and friends never become a link. */
export function webUrl(url: string | null): string | null {
  if (url === null || !URL.canParse(url)) return null;
  const { protocol, href } = new URL(url);
  return protocol === "https:" || protocol === "http:" ? href : null;
}

/** A link to another site, or just its words when it is no http(s) address. */
export function outsideLink(title: unknown, url: string | null, className = ""): Html {
  const href = webUrl(url);
  if (href === null) return html`<span class="${className}">${title}</span>`;
  return html`<a class="${className}" href="${href}" rel="noreferrer noopener" target="_blank">${title}</a>`;
}

export const incidentPath = (id: string): string => `/incidents/${encodeURIComponent(id)}`;
export const evidencePath = (id: string, number: number): string => `${incidentPath(id)}/evidence/${number}`;

const LONGEST_SEARCH = 200;

/** Links `E3` `E7` to the raw answers. With a quote, or the name of a service, the page opens at the lines that hold it. */
export function evidenceLinks(id: string, numbers: readonly number[], quote: string | null = null): Html | null {
  if (numbers.length === 0) return null;
  const search = quote === null ? "" : quoteSearch(quote, LONGEST_SEARCH);
  const items = numbers.map(
    (number) => html`<a class="ev" href="${evidencePath(id, number)}${search}" aria-label="E${number}, evidence">E${number}</a>`,
  );
  return html`<span class="evs">${items}</span>`;
}

/** ISO 8601, or null for what is no instant: vendors' times come as they are. */
export const iso = (at: number | null): string | null =>
  at !== null && Number.isFinite(at) && Math.abs(at) <= 8.64e15 ? new Date(at).toISOString() : null;

/** Time of day in UTC; the script adds the reader's own time to the hover text. */
export function time(at: number, to: "second" | "minute" | "day" = "second"): Html {
  const at8601 = iso(at);
  if (at8601 === null) return html`<span>unknown time</span>`;
  const day = at8601.slice(0, 10);
  const text = { second: clockTime(at), minute: clockTime(at).slice(0, 5), day: `${day} ${clockTime(at).slice(0, 5)}` }[to];
  return html`<time datetime="${at8601}" title="${day} ${clockTime(at)} UTC">${text}</time>`;
}

/** "2 min ago"; the script keeps it true. */
export function ago(at: number, now: number): Html {
  const at8601 = iso(at);
  if (at8601 === null) return html``;
  return html`<time class="ago" datetime="${at8601}" data-ago title="${at8601.slice(0, 10)} ${clockTime(at)} UTC"
    >${agoText(now - at)}</time
  >`;
}

/** "21 min", or of what is over how long it took; the script keeps the first true. */
export function elapsed(from: number, until: number | null, now: number): Html {
  const at8601 = iso(from);
  if (at8601 === null) return html`not known`;
  const text = elapsedText(Math.max(0, (until ?? now) - from));
  return until === null ? html`<time datetime="${at8601}" data-elapsed>${text}</time>` : html`<span>${text}</span>`;
}

/** The script says it in the same words. */
function elapsedText(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 60) return minutes < 1 ? "under 1 min" : `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** The script says it in the same words. */
function agoText(ms: number): string {
  if (ms < 5_000) return "just now";
  if (ms < 60_000) return `${Math.floor(ms / 1000)} s ago`;
  if (ms < 3_600_000) return `${Math.floor(ms / 60_000)} min ago`;
  return ms < 86_400_000 ? `${Math.floor(ms / 3_600_000)} h ago` : `${Math.floor(ms / 86_400_000)} d ago`;
}

/** Percent without false precision; the exact figure is in the exports. */
export const percent = (share: number): string => `${Math.round(Math.min(1, Math.max(0, share)) * 100)}\u00a0%`;

/** How urgent the pager says it is; what is not urgent is not in the colour of what is. */
export const severityChip = (severity: string | null): Html | null =>
  severity === null ? null : html`<span class="chip sev ${/\blow urgency\b/.test(severity) ? "low" : ""}">${severity}</span>`;

/** Keeps a figure and its unit on one line: "0.3 %" never breaks before the sign. */
export const keepUnits = (text: string): string =>
  text
    .replace(/(\d) \/ (?=(?:s|min|h|d)(?![\p{L}\d]))/gu, "$1\u00a0/\u00a0")
    .replace(/(\d) (?=(?:%|s|ms|µs|ns|min|h|B|[KMG]iB|cores|millicores)(?![\p{L}\d]))/gu, "$1\u00a0");
