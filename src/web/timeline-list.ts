import type { TimelineEntry } from "../report/timeline.ts";
import { clockTime } from "../report/words.ts";
import { type Html, evidenceLinks, html, outsideLink, time } from "./html.ts";
import { prose } from "./words.ts";

/** A detail up to this length is shown at once; a longer one opens on a click, so that posts don't bury what happened. */
const SHORT_DETAIL = 160;
/** Details of these kinds are always folded, behind these words: they repeat what is beside the timeline. */
const FOLDED: Readonly<Partial<Record<TimelineEntry["kind"], string>>> = { midwatch: "what it said", signal: "why", fix: "which" };
/** An entry is marked as learned late from this on, ms: an answer of a source takes minutes by itself. */
const LATE_MS = 10 * 60_000;

/** The head of a text; code that the cut leaves open is plain text. */
function cutWhole(text: string, longest: number): string {
  const head = text.slice(0, longest).toWellFormed();
  const last = head.lastIndexOf("`");
  return `${head.split("`").length % 2 === 1 ? head : `${head.slice(0, last)}${head.slice(last + 1)}`}…`;
}

function detailOf(entry: TimelineEntry): Html | null {
  if (entry.detail === null) return null;
  if (FOLDED[entry.kind] === undefined && entry.detail.length <= SHORT_DETAIL && !entry.detail.includes("\n"))
    return html`<div class="detail">${prose(entry.detail)}</div>`;
  const summary = FOLDED[entry.kind] ?? prose(cutWhole(entry.detail.split("\n")[0] ?? "", 90));
  return html`<details id="d-${entry.key}">
    <summary>${summary}</summary>
    <div class="detail">${prose(entry.detail)}</div>
  </details>`;
}

/** One entry. The script puts new ones in place by `data-at`, then by `data-key`. */
export function timelineItem(id: string, entry: TimelineEntry): Html {
  const late = entry.learnedAt - entry.at >= LATE_MS;
  return html`<li id="t-${entry.key}" class="entry k-${entry.kind} ${entry.tone ?? ""}" data-at="${entry.at}" data-key="${entry.key}">
    <span class="when">${time(entry.at)}</span>
    <div class="what">
      <span class="kind">${entry.kind}</span>${entry.service === null ? null : html`<span class="service">${entry.service}</span>`}
      <span class="text">${prose(entry.text)}</span>
      <span class="refs"
        >${evidenceLinks(id, entry.evidence)}${entry.links.map((link) => outsideLink(link.title, link.url, "ref"))}${
          late ? html`<span class="late muted">learned ${clockTime(entry.learnedAt)}</span>` : null
        }</span
      >
      ${detailOf(entry)}
    </div>
  </li>`;
}

/** From so many entries on, those out of sight are not laid out. */
const MANY = 300;

/** The whole list, oldest first, so that what happens next is added at its end and nothing on the screen moves. */
export function timelineList(id: string, entries: readonly TimelineEntry[]): Html {
  return html`<ol class="timeline ${entries.length > MANY ? "many" : ""}" id="entries" tabindex="-1">
    ${entries.map((entry) => timelineItem(id, entry))}
  </ol>`;
}
