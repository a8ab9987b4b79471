import type { EvidenceEntry } from "../store/evidence.ts";
import type { Account } from "./account.ts";
import { drawEvidence } from "./evidence/drawing.ts";
import { type NumberedLine, findLines, readableLines, spellings } from "./evidence-text.ts";
import { type Html, evidencePath, html, incidentPath, outsideLink, time } from "./html.ts";
import { layout } from "./layout.ts";

const LINES_A_PAGE = 500;
/** A longer line is cut on the page; the raw text has all of it. */
const LINE_LENGTH = 4_000;
const SHORT_QUESTION = 160;

/** The text with the places that match marked. */
function marked(text: string, query: string): Html {
  if (query === "") return html`${text}`;
  const low = text.toLowerCase();
  // Lower case may change a text's length (İ); then the places would be wrong, so nothing is marked.
  if (low.length !== text.length) return html`${text}`;
  const wanted = spellings(query);
  const parts: unknown[] = [];
  let from = 0;
  for (;;) {
    const found = wanted
      .map((one) => ({ at: low.indexOf(one, from), length: one.length }))
      .filter((one) => one.at >= 0)
      .toSorted((a, b) => a.at - b.at)[0];
    if (found === undefined || found.length === 0) break;
    parts.push(text.slice(from, found.at), html`<mark>${text.slice(found.at, found.at + found.length)}</mark>`);
    from = found.at + found.length;
  }
  parts.push(text.slice(from));
  return html`${parts}`;
}

/** @param whole address of the whole answer's page that shows the line among its neighbours, or null where they are shown */
function lineItem(line: NumberedLine, query: string, whole: string | null): Html {
  const cut = line.text.length - LINE_LENGTH;
  const text = cut > 0 ? line.text.slice(0, LINE_LENGTH).toWellFormed() : line.text;
  const more = cut > 0 ? html`<i class="muted"> … ${cut.toLocaleString("en-US")} more characters in the raw answer</i>` : null;
  const around =
    whole === null
      ? null
      : html` <a class="around" href="${whole}#L${line.number}" aria-label="around it: line ${line.number} in the whole answer"
          >around it</a
        >`;
  return html`<li id="L${line.number}" value="${line.number}"><code>${marked(text, query)}</code>${more}${around}</li>`;
}

/** What was asked; a long question is folded, for the answer is what people come for. */
const asked = (query: string): Html =>
  query.length <= SHORT_QUESTION
    ? html`<code>${query}</code>`
    : html`<details id="asked">
        <summary><code>${query.slice(0, SHORT_QUESTION).toWellFormed()}…</code></summary>
        <code>${query}</code>
      </details>`;

export interface EvidenceModel {
  readonly id: string;
  /** Headline of the incident, for the way back. */
  readonly headline: string;
  readonly entry: EvidenceEntry & { readonly raw: string };
  /** How many entries the ledger has, for the way on. */
  readonly count: number;
  readonly query: string;
  /** When the incident began by the data, or null. */
  readonly onset: number | null;
  /** Counted from 1; one beyond the last shows the last. */
  readonly page: number;
  /** Somebody turned a page of the answer or searched it: then it is not folded behind its drawing. */
  readonly isRawAsked: boolean;
  readonly now: number;
  readonly account?: Account | null;
}

function pager(model: EvidenceModel, pages: number, page: number): Html | null {
  if (pages <= 1) return null;
  const path = evidencePath(model.id, model.entry.number);
  const to = (number: number, label: string) => {
    if (number < 1 || number > pages) return html`<span class="button off">${label}</span>`;
    const query = new URLSearchParams({ ...(model.query === "" ? {} : { q: model.query.toWellFormed() }), page: String(number) });
    return html`<a class="button" href="${path}?${query.toString()}">${label}</a>`;
  };
  return html`<nav class="pager" aria-label="Pages of this answer">
    ${to(page - 1, "Earlier")} <span>page ${page} of ${pages}</span> ${to(page + 1, "Later")}
  </nav>`;
}

/** One answer as it came: what was asked, where, for which time, and the answer itself, searchable and in pages. */
export function evidencePage(model: EvidenceModel): Html {
  const { entry, id, query } = model;
  const lines = readableLines(entry.raw);
  const hits = findLines(lines, query);
  // A link that looked for too much must not end at an empty page.
  const found = hits.length === 0 ? findLines(lines, "") : hits;
  const pages = Math.max(1, Math.ceil(found.length / LINES_A_PAGE));
  const page = Math.min(Math.max(1, model.page), pages);
  const shown = found.slice((page - 1) * LINES_A_PAGE, page * LINES_A_PAGE);
  const path = evidencePath(id, entry.number);
  const wholePage = ({ number }: NumberedLine) => `${path}?page=${Math.ceil(number / LINES_A_PAGE)}`;
  const neighbour = (number: number, label: string) =>
    number < 1 || number > model.count ? null : html`<a href="${evidencePath(id, number)}">${label}</a>`;
  const total = lines.length.toLocaleString("en-US");
  const drawing = drawEvidence(id, entry, { query, onset: model.onset });
  const lineCount = lines.length === 1 ? "1 line" : `${total} lines`;
  return layout({
    title: `E${entry.number}: ${entry.source}`,
    now: model.now,
    className: "evidence-page",
    account: model.account,
    main: html`<p class="back">
        <a href="${incidentPath(id)}">← ${model.headline}</a>
        <span class="neighbours"
          >${neighbour(entry.number - 1, `E${entry.number - 1}`)} ${neighbour(entry.number + 1, `E${entry.number + 1}`)}</span
        >
      </p>
      <h1>E${entry.number} <span class="muted">${entry.source}</span></h1>
      ${
        drawing === null
          ? null
          : html`<section class="card drawn" id="drawing">
              <h2>${query === "" ? "What it shows" : html`What it shows for “${query}”`}</h2>
              ${drawing}
            </section>`
      }
      <details class="card" id="about" ${drawing === null ? html`open` : null}>
        <summary>
          Asked
          ${
            entry.from === null || entry.to === null
              ? html`at ${time(entry.at, "day")}`
              : html`for ${time(entry.from, "day")} to ${time(entry.to, "minute")}`
          }${entry.cut === null ? null : ", read in part"}
        </summary>
        <dl class="facts">
          <dt>Asked</dt>
          <dd>${asked(entry.query)}</dd>
          <dt>For the time</dt>
          <dd>
            ${
              entry.from === null || entry.to === null
                ? "no window: the state when it was read"
                : html`${time(entry.from, "day")} to ${time(entry.to, "day")}`
            }
          </dd>
          <dt>Read at</dt>
          <dd>${time(entry.at, "day")}</dd>
          ${
            entry.cut === null
              ? null
              : html`<dt>Left out</dt>
                  <dd>${entry.cut}</dd>`
          }
          <dt>Open</dt>
          <dd>
            ${entry.link === null ? "no page of the vendor shows this" : outsideLink(`the same question in ${entry.source}`, entry.link)} ·
            <a href="${path}.txt">raw answer</a> (${entry.length.toLocaleString("en-US")} characters)
          </dd>
        </dl>
      </details>
      <details class="card" id="answer" ${drawing === null || model.isRawAsked ? html`open` : null}>
        <summary>Raw answer: ${lineCount}</summary>
        <form class="search" method="get" action="${path}" role="search">
          <label for="q">Search this answer</label>
          <span
            ><input type="hidden" name="page" value="1" /><input
              id="q"
              name="q"
              type="search"
              value="${query}"
              autocomplete="off"
              spellcheck="false"
            />
            <button class="button" type="submit">Search</button></span
          >
        </form>
        <p class="muted" role="status">
          ${
            query === ""
              ? lineCount
              : hits.length === 0
                ? html`No line of ${lineCount} holds “${query}”, so all are shown.`
                : html`${hits.length.toLocaleString("en-US")} of ${lineCount} ${hits.length === 1 ? "holds" : "hold"} “${query}”.
                    <a href="${path}">Show all</a>`
          }
        </p>
        ${pager(model, pages, page)}
        <ol class="raw" tabindex="0" aria-label="The answer, line by line">
          ${shown.map((line) => lineItem(line, query, found === hits && query !== "" ? wholePage(line) : null))}
        </ol>
        ${pager(model, pages, page)}
      </details>`,
  });
}
