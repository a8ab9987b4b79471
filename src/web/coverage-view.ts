import { type CoverageLine, lookedAt, type RuledOut } from "../incident/finding.ts";
import type { IncidentView } from "../incident/view.ts";
import { duration } from "../report/words.ts";
import type { EvidenceEntry } from "../store/evidence.ts";
import { type Html, evidenceLinks, evidencePath, html, prose } from "./html.ts";

/** A source asked many times has many answers; the rest of them stand in the list of evidence. */
const OPEN_EVIDENCE = 8;
const OPEN_RULED_OUT = 8;

const COVERAGE_WORDS: Readonly<Record<CoverageLine["status"], string>> = {
  read: "read",
  empty: "nothing found",
  sampled: "read in part",
  failed: "failed",
  "timed-out": "too slow",
  "not-asked": "not asked",
  "not-configured": "not set up",
};
// What was not seen comes first: it limits what the answer is worth.
const COVERAGE_ORDER: readonly CoverageLine["status"][] = [
  "failed",
  "timed-out",
  "sampled",
  "read",
  "empty",
  "not-asked",
  "not-configured",
];

function coverageItem(id: string, line: CoverageLine): Html {
  const detail =
    line.detail === null || line.detail === COVERAGE_WORDS[line.status] ? null : html`<span class="why">${prose(line.detail)}</span>`;
  const more = line.evidence.length - OPEN_EVIDENCE;
  const took = line.tookMs === null ? null : html`<span class="muted took">${duration(line.tookMs)}</span>`;
  return html`<li class="cov c-${line.status}">
    <b>${line.source}</b> <span class="status">${COVERAGE_WORDS[line.status]}</span> ${took}
    ${evidenceLinks(id, line.evidence.slice(0, OPEN_EVIDENCE))} ${more > 0 ? html`<a class="ref" href="#evidence">${more} more</a>` : null}
    ${detail}
  </li>`;
}

const ruledOutList = (id: string, items: readonly RuledOut[]) =>
  html`<ul class="ruled">
    ${items.map((item) => html`<li><b>${item.what}</b>: ${prose(item.why)} ${evidenceLinks(id, item.evidence)}</li>`)}
  </ul>`;

/** What was ruled out, what was read and what was not, and the page itself. */
export function coverageView(id: string, view: IncidentView): Html {
  const { analysis, coverage, page } = view;
  const ordered = COVERAGE_ORDER.flatMap((status) => coverage.filter((line) => line.status === status));
  return html`${
    analysis === null || analysis.ruledOut.length === 0
      ? null
      : html`<section class="card" id="ruled-out">
          <h2>${view.investigation?.finding == null ? "Looked at and ruled out" : "Ruled out by the data alone"}</h2>
          ${ruledOutList(id, analysis.ruledOut.slice(0, OPEN_RULED_OUT))}
          ${
            analysis.ruledOut.length <= OPEN_RULED_OUT
              ? null
              : html`<details id="more-ruled-out">
                  <summary>${analysis.ruledOut.length - OPEN_RULED_OUT} more</summary>
                  ${ruledOutList(id, analysis.ruledOut.slice(OPEN_RULED_OUT))}
                </details>`
          }
        </section>`
  }
  ${
    analysis === null || lookedAt(analysis).length === 0
      ? null
      : html`<details class="card" id="as-usual">
          <summary>Looked at and as usual: ${lookedAt(analysis).length}</summary>
          ${ruledOutList(id, lookedAt(analysis))}
        </details>`
  }
  ${
    ordered.length === 0
      ? null
      : html`<section class="card" id="coverage">
          <h2>What was read</h2>
          <ul class="coverage">
            ${ordered.map((line) => coverageItem(id, line))}
          </ul>
        </section>`
  }
  ${
    page === null || page.details.trim() === ""
      ? null
      : html`<details class="card" id="page-details">
          <summary>The page, as the pager sent it</summary>
          <pre>${page.details.slice(0, 20_000).toWellFormed()}</pre>
        </details>`
  }`;
}

/** The ledger: one line an answer. */
export function evidenceView(id: string, entries: readonly EvidenceEntry[]): Html {
  if (entries.length === 0) return html``;
  const rows = entries.map(
    (entry) =>
      html`<li>
        <a class="ev" href="${evidencePath(id, entry.number)}">E${entry.number}</a> <b>${entry.source}</b> <code>${entry.query}</code>
      </li>`,
  );
  return html`<details class="card" id="evidence">
    <summary>Evidence: ${entries.length} answers, kept as they came</summary>
    <ul class="evidence">
      ${rows}
    </ul>
  </details>`;
}
