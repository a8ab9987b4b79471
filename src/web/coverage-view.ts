import type { CoverageLine, RuledOut } from "../incident/finding.ts";
import type { IncidentView } from "../incident/view.ts";
import { coverageDetail, coverageWords, inOrder, readText } from "../report/coverage-words.ts";
import type { IncidentReport } from "../report/incident-report.ts";
import type { IncidentStatus } from "../report/status.ts";
import { prose as proseRun, say } from "../report/text.ts";
import { duration } from "../report/words.ts";
import type { EvidenceEntry } from "../store/evidence.ts";
import { type Html, evidenceLinks, evidencePath, html } from "./html.ts";
import { folded, list, prose, wordsAsHtml } from "./words.ts";

/** A source asked many times has many answers; the rest of them are in the list of evidence. */
const OPEN_EVIDENCE = 8;
const OPEN_RULED_OUT = 8;

function coverageItem(id: string, line: CoverageLine): Html {
  const detail = coverageDetail(line);
  const more = line.evidence.length - OPEN_EVIDENCE;
  return html`<li class="cov c-${line.status}">
    <b>${line.source}</b> <span class="status">${coverageWords[line.status]}</span>
    ${line.tookMs === null ? null : html`<span class="muted took">${duration(line.tookMs)}</span>`}
    ${evidenceLinks(id, line.evidence.slice(0, OPEN_EVIDENCE))} ${more > 0 ? html`<a class="ref" href="#evidence">${more} more</a>` : null}
    ${detail === null ? null : html`<span class="why">${prose(detail)}</span>`}
  </li>`;
}

export const ruledOutItem = (id: string, { what, why, evidence }: RuledOut): Html =>
  html`<li><b>${wordsAsHtml(say`${proseRun(what)}`)}</b>: ${wordsAsHtml(say`${proseRun(why)}`)} ${evidenceLinks(id, evidence)}</li>`;

/** How far midwatch's own work has come, in one line: counted from the page's arrival. */
function progressLine(status: IncidentStatus): Html {
  const steps = [
    ["first words", status.firstWordsAt],
    ["brief", status.briefAt],
    ["finding", status.findingAt],
    ["draft PR", status.fixAt],
  ] as const;
  const done = steps.flatMap(([what, at]) => (at === null ? [] : [`${what} ${duration(Math.max(0, at - status.openedAt))}`]));
  return html`<p class="muted">${done.length === 0 ? "midwatch has posted nothing yet." : `After the page came: ${done.join(" · ")}`}</p>`;
}

/** What was ruled out, what was read and what was not, and the page itself. */
export function coverageView(id: string, view: IncidentView, status: IncidentStatus, { data }: Pick<IncidentReport, "data">): Html {
  const { coverage, page } = view;
  const ruledOut = (data?.ruledOut ?? []).map((one) => ruledOutItem(id, one));
  const asUsual = (data?.asUsual ?? []).map((one) => ruledOutItem(id, one));
  return html`${
    ruledOut.length === 0
      ? null
      : html`<section class="card" id="ruled-out">
          <h2>${view.investigation?.finding == null ? "Ruled out" : "Ruled out by the data alone"}</h2>
          ${folded(ruledOut, OPEN_RULED_OUT, "ruled", "more-ruled-out")}
        </section>`
  }
  ${
    asUsual.length === 0
      ? null
      : html`<details class="card" id="as-usual">
          <summary>In the usual range: ${asUsual.length}</summary>
          ${list(asUsual, "ruled")}
        </details>`
  }
  ${
    coverage.length === 0
      ? null
      : html`<details class="card" id="coverage">
          <summary>midwatch ${readText(coverage, null)}</summary>
          ${progressLine(status)}
          ${list(
            inOrder(coverage).map((line) => coverageItem(id, line)),
            "coverage",
          )}
        </details>`
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
    <summary>Evidence: ${entries.length} recorded answers</summary>
    ${list(rows, "evidence")}
  </details>`;
}
