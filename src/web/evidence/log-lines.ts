import { z } from "zod";
import { counted, outsideLine } from "../../report/tool-view.ts";
import { clockTime } from "../../report/words.ts";
import { type Html, html, iso } from "../html.ts";
import { shortNames } from "../short-names.ts";
import { holds, instantOf } from "./parts.ts";

/** Lines of a log in an answer, and the table of those around the one that is cited. */

const shape = z.object({
  data: z.array(
    z.object({
      attributes: z.object({
        timestamp: z.union([z.string(), z.number()]).nullish(),
        service: z.string().nullish(),
        status: z.string().nullish(),
        message: z.string(),
      }),
    }),
  ),
});

interface Line {
  readonly at: number;
  readonly service: string;
  readonly status: string;
  readonly message: string;
}

const LINES = 60;
/** Lines before the cited one. */
const BEFORE = 5;
const LONGEST_LINE = 2_000;

export const linesOf = (part: unknown): readonly Line[] =>
  (shape.safeParse(part).data?.data ?? []).map(({ attributes: { timestamp, service, status, message } }) => ({
    at: instantOf(timestamp),
    ...{ service: service ?? "", status: status ?? "", message },
  }));

const tone = (status: string) =>
  /^(?:err|crit|alert|emerg|fatal)/i.test(status) ? "sev-bad" : /^warn/i.test(status) ? "sev-warn" : "muted";

function row(line: Line, query: string): Html {
  const at = iso(line.at);
  return html`<tr class="${holds(line.message, query) ? "cited" : ""}">
    <td>${at === null ? "" : html`<time datetime="${at}">${clockTime(line.at)}</time>`}</td>
    <td class="${tone(line.status)}">${line.status}</td>
    <td class="service">${line.service}</td>
    <td><code>${shortNames(outsideLine(line.message, LONGEST_LINE))}</code></td>
  </tr>`;
}

/** The cited line among its service's own; without one, the first of all. null: the answer has no log lines. */
export function logTable(lines: readonly Line[], query: string): Html | null {
  if (lines.length === 0) return null;
  const ordered = lines.toSorted((a, b) => a.at - b.at);
  const cited = ordered.filter(({ message }) => holds(message, query));
  const first = cited[0];
  const own =
    first === undefined ? ordered.filter(({ service }) => service === query) : ordered.filter(({ service }) => service === first.service);
  const pool = own.length === 0 ? ordered : own;
  const start = Math.max(0, (first === undefined ? 0 : pool.indexOf(first)) - BEFORE);
  const shown = pool.slice(start, start + LINES);
  const of = first?.service ?? (own.length === 0 ? null : query);
  return html`<p class="muted card-note">
      ${shown.length} of ${pool.length.toLocaleString("en-US")}
      lines${of === null || of === "" ? "" : ` of ${of}`}${
        cited.length === 0 ? "" : `; ${counted(cited.length, "line")} ${cited.length === 1 ? "holds" : "hold"} the cited text, marked here`
      }.
    </p>
    <div class="scroll" tabindex="0" role="region" aria-label="Log lines">
      <table class="lines of-log">
        <thead>
          <tr>
            <th scope="col">Time</th>
            <th scope="col">Status</th>
            <th scope="col">Service</th>
            <th scope="col">Line</th>
          </tr>
        </thead>
        <tbody>
          ${shown.map((line) => row(line, query))}
        </tbody>
      </table>
    </div>`;
}
