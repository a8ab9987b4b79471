import { type Sightings, type Table, wordsOf } from "./sightings.ts";
import { unitOfKey } from "./units.ts";

/** Several queries of metrics are one text, with commas between them; those in braces are of one query. */
const BETWEEN_QUERIES = /,\s*(?![^{(]*[})])/;

/** Series with the words of their query, which names the metric. Queries are asked some at a time, as many in each page but the last. */
export function withQueries({ tables, pages }: Sightings, query: string): readonly Table[] {
  const metrics = query.split(BETWEEN_QUERIES).map((one) =>
    one
      .replaceAll(/\{[^}]*\}/g, " ")
      .replaceAll(/ by .*$/g, "")
      .trim(),
  );
  let ofPage = Math.max(1, ...tables.map((table) => table.query + 1));
  while (Math.ceil(metrics.length / ofPage) > pages && ofPage < metrics.length) ofPage++;
  return tables.map((table) => {
    const metric = table.query < 0 ? undefined : metrics[table.page * ofPage + table.query];
    if (metric === undefined) return table;
    const unit = unitOfKey(metric);
    const columns = table.columns.map((column) => {
      if (column.dimension !== "bare" || unit === null || unit === "count") return column;
      // A share that is called a percentage.
      const isShare = unit.dimension === "percent" && column.values.every((value) => value >= 0 && value <= 1);
      return { ...column, ...unit, size: isShare ? 100 : unit.size };
    });
    return { ...table, columns, words: [...table.words, ...wordsOf(metric)] };
  });
}
