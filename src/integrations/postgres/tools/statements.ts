import { age, bytes, code, databaseLook, type DatabaseTools, type Look, number, percent } from "./tool-words.ts";

/** where the database's time goes. */
export function statementsLook(tools: DatabaseTools): Look {
  return databaseLook(tools, tools.postgres.statements, (value, database) => {
    const { available, statements } = value;
    return {
      facts: [
        !available
          ? `PostgreSQL ${database} has no pg_stat_statements, so its heavy statements are not known. Use look "activity" for what runs now.`
          : statements.length === 0
            ? `PostgreSQL ${database}: no statements on record since the counters were reset.`
            : `PostgreSQL ${database}: the ${statements.length} heaviest statements, of ${age(statements[0]?.all_ms ?? 0)} execution time in all.`,
      ],
      items: statements
        .toSorted((one, other) => other.total_ms - one.total_ms)
        .map((row) => {
          const blocks = row.blocks_hit + row.blocks_read;
          return {
            lines: [
              `- ${percent(row.total_ms, row.all_ms)} of the time: ${code(row.query)}`,
              `    ${number(row.calls)} calls, mean ${age(row.mean_ms)}, longest ${age(row.max_ms)}; ${number(row.rows)} rows; ${number(blocks / Math.max(1, row.calls))} blocks a call (${percent(row.blocks_read, blocks)} not in the buffers)${
                row.wal_bytes > 0 ? `; WAL ${bytes(row.wal_bytes)}, ${percent(row.wal_bytes, row.all_wal_bytes)} of all` : ""
              }${row.temp_blocks > 0 ? `; ${number(row.temp_blocks)} blocks of temporary files` : ""}`,
              ...row.unindexed.map(
                ({ table, columns }) =>
                  `    no index of ${table} begins with a filtered column (${columns.join(", ")}): each call scans the table`,
              ),
            ],
          };
        }),
      rest: (left) => `${left} lighter statements are not shown: they are in the raw answer (read_evidence).`,
    };
  });
}
