import type { Table } from "./sightings.ts";

/** Vendors answer in pages, and a tool asks for a window, a quiet time and whole traces: rows of one kind are one list, whatever answer holds them. */

/** Rows that are put together. */
const MOST_ROWS = 6_000;
/** By the first of the tables: each figure of a finding looks through the same. */
const kept = new WeakMap<Table, { readonly of: readonly Table[]; readonly table: Table }>();

/** Lists of rows of one kind that several tables hold, each row once. */
export function mergedTables(tables: readonly Table[]): Table[] {
  const kinds = Map.groupBy(
    tables.filter(({ isList }) => isList),
    ({ kind }) => kind,
  );
  return [...kinds.values()].flatMap(([first, second, ...rest]) =>
    first === undefined || second === undefined ? [] : merged([first, second, ...rest]),
  );
}

function merged(tables: readonly [Table, ...Table[]]): Table {
  const known = kept.get(tables[0]);
  if (known?.of.length === tables.length && known.of.every((one, index) => one === tables[index])) return known.table;
  const table = mergedNow(tables);
  kept.set(tables[0], { of: tables, table });
  return table;
}

function mergedNow(tables: readonly Table[]): Table {
  const [first] = tables;
  const seen = new Set<string>();
  const rows: (readonly [table: Table, row: number])[] = [];
  for (const table of tables)
    for (const [row, at] of table.at.entries()) {
      const key = `${at} ${table.texts[row] ?? ""}`;
      if (seen.has(key) || rows.length >= MOST_ROWS) continue;
      seen.add(key);
      rows.push([table, row]);
    }
  const places = new Set(tables.flatMap(({ columns }) => columns.map(({ path }) => path)));
  return {
    ...{ isList: true, kind: first?.kind ?? "", words: [], query: -1, page: -1 },
    at: rows.map(([table, row]) => table.at[row] ?? Number.NaN),
    texts: rows.map(([table, row]) => table.texts[row] ?? ""),
    owners: rows.map(([table, row]) => table.owners[row] ?? []),
    columns: [...places].flatMap((path) => {
      const own = new Map(tables.map((table) => [table, table.columns.find((column) => column.path === path)]));
      const one = [...own.values()].find((column) => column !== undefined);
      return one === undefined ? [] : [{ ...one, values: rows.map(([table, row]) => own.get(table)?.values[row] ?? Number.NaN) }];
    }),
  };
}
