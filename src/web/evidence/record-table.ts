import { z } from "zod";
import { outsideLine } from "../../report/tool-view.ts";
import { type Html, html } from "../html.ts";
import { shortNames } from "../short-names.ts";
import { holds } from "./parts.ts";

/** Any list of records in an answer as a table of those of its fields that say something. */

const record = z.record(z.string(), z.unknown());
const records = z.array(record).min(1);

const MOST_ROWS = 60;
const MOST_COLUMNS = 7;
const LONGEST_CELL = 160;
/** Fields that people look for first, as vendors commonly name them; others follow in their order. */
const FIRST = [
  "time",
  "timestamp",
  "created_at",
  "firstSeen",
  "name",
  "title",
  "summary",
  "message",
  "status",
  "state",
  "level",
  "service",
  "count",
];

/** Fields of a record with one level of what lies in it: "service.summary". */
function flat(value: Readonly<Record<string, unknown>>): Map<string, string> {
  const out = new Map<string, string>();
  const put = (name: string, one: unknown) => {
    if (typeof one === "string" || typeof one === "number" || typeof one === "boolean") out.set(name, String(one));
  };
  for (const [name, one] of Object.entries(value)) {
    put(name, one);
    const inner = record.safeParse(one).data;
    if (inner !== undefined) for (const [key, deep] of Object.entries(inner)) put(`${name}.${key}`, deep);
  }
  return out;
}

/** The longest list of records in one part: the part itself, or one of its fields. */
export function recordsOf(part: unknown): readonly Readonly<Record<string, unknown>>[] {
  const own = records.safeParse(part).data;
  if (own !== undefined) return own;
  const fields = Object.values(record.safeParse(part).data ?? {});
  return fields.map((field) => records.safeParse(field).data ?? []).reduce((most, one) => (one.length > most.length ? one : most), []);
}

function columnsOf(rows: readonly ReadonlyMap<string, string>[]): string[] {
  const names = [...new Set(rows.flatMap((row) => [...row.keys()]))];
  const place = (name: string) => {
    const at = FIRST.indexOf(name.split(".").at(-1) ?? name);
    return at < 0 ? FIRST.length : at + (name.includes(".") ? 0.5 : 0);
  };
  const says = (name: string) => {
    const values = rows.map((row) => row.get(name) ?? "");
    // Addresses and ids lead nowhere on paper.
    return (
      values.some((value) => value !== "") &&
      !values.some((value) => /^https?:\/\//.test(value)) &&
      !/(?:^|[._])(?:id|node_id|url)$/i.test(name)
    );
  };
  const ordered = names.filter(says).toSorted((a, b) => place(a) - place(b));
  // What lies within a field says mostly the same under the same name.
  const leaf = (name: string) => name.split(".").at(-1) ?? name;
  return ordered.filter((name, at) => ordered.findIndex((other) => leaf(other) === leaf(name)) === at).slice(0, MOST_COLUMNS);
}

/** "firstSeen" and "project.name" as people write them. */
const heading = (name: string) =>
  name
    .replaceAll(/[._]/g, " ")
    .replaceAll(/(\p{Ll})(\p{Lu})/gu, "$1 $2")
    .toLowerCase();

const isInstant = (value: string) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/.test(value);

/** A value to be read; an instant without what nobody reads, in UTC as on all pages. */
const cell = (value: string) => (isInstant(value) ? value.slice(0, 19).replace("T", " ") : shortNames(outsideLine(value, LONGEST_CELL)));

/** The records that hold what is looked for first. null: the answer has no list of records. */
export function recordTable(all: readonly Readonly<Record<string, unknown>>[], query: string): Html | null {
  const rows = all.map(flat);
  const columns = columnsOf(rows);
  if (columns.length === 0) return null;
  const cited = (row: ReadonlyMap<string, string>) => [...row.values()].some((value) => holds(value, query));
  const shown = rows.toSorted((a, b) => Number(cited(b)) - Number(cited(a))).slice(0, MOST_ROWS);
  return html`<p class="muted card-note">
      ${shown.length} of ${rows.length} ${rows.length === 1 ? "record" : "records"}, with the fields that name them or differ.
    </p>
    <div class="scroll" tabindex="0" role="region" aria-label="Records">
      <table class="lines of-records">
        <thead>
          <tr>
            ${columns.map((name) => html`<th scope="col">${heading(name)}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${shown.map(
            (row) =>
              html`<tr class="${cited(row) ? "cited" : ""}">
                ${columns.map((name) => html`<td data-name="${heading(name)}">${cell(row.get(name) ?? "")}</td>`)}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
}
