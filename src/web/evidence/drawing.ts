import type { EvidenceEntry } from "../../store/evidence.ts";
import { renderChart } from "../chart.ts";
import { type Html, html } from "../html.ts";
import { diffView, filesOf } from "./diff-view.ts";
import { linesOf, logTable } from "./log-lines.ts";
import { holds, partsOf } from "./parts.ts";
import { recordTable, recordsOf } from "./record-table.ts";
import { seriesOf } from "./series.ts";
import { spansOf, spanTree } from "./span-tree.ts";

const MOST_CHARTS = 6;

/** What a link to an answer looked for; empty: nothing. And when the incident began, or null. */
export interface Cited {
  readonly query: string;
  readonly onset: number | null;
}

function charts(id: string, entry: EvidenceEntry, parts: readonly unknown[], { query, onset }: Cited): Html | null {
  const all = parts.flatMap((part) => seriesOf(part, entry.query)).filter(({ points }) => points.length > 0);
  if (all.length === 0) return null;
  const isCited = ({ service, what }: (typeof all)[number]) => service === query || holds(`${service} ${what}`, query);
  // The service itself before those whose names only hold its own.
  const rank = (one: (typeof all)[number]) => (one.service === query ? 0 : isCited(one) ? 1 : 2);
  const shown = all.toSorted((a, b) => rank(a) - rank(b)).slice(0, MOST_CHARTS);
  const cited = all.filter(isCited).length;
  return html`<p class="muted card-note">
      ${shown.length} of ${all.length.toLocaleString("en-US")}
      series${cited === 0 ? "" : cited === 1 ? "; the cited one comes first" : `; the ${cited.toLocaleString("en-US")} cited ones come first`}.
    </p>
    <div class="charts">
      ${shown.map((one) => {
        const series = { ...one, instance: null, kind: "other" as const, onset: null, evidence: entry.number };
        return html`<div class="chart ${isCited(one) ? "cited" : ""}">
          ${renderChart(id, series, { markers: onset === null ? [] : [{ at: onset, label: "onset" }], from: null })}
        </div>`;
      })}
    </div>`;
}

/**
 * An answer as what it is: a diff, log lines, a trace, series of points, or a table of its records, with what is cited marked.
 * @returns null for an answer that is none of these
 */
export function drawEvidence(id: string, entry: EvidenceEntry & { readonly raw: string }, cited: Cited): Html | null {
  const { query } = cited;
  const parts = partsOf(entry.raw);
  // Counts come before the lines or spans that they count; they are drawn only where nothing else is.
  return (
    diffView(parts.flatMap(filesOf), query) ??
    logTable(parts.flatMap(linesOf), query) ??
    spanTree(parts.flatMap(spansOf), query) ??
    charts(id, entry, parts, cited) ??
    recordTable(
      parts.map(recordsOf).reduce((most, one) => (one.length > most.length ? one : most), []),
      query,
    )
  );
}
