import { outsideLine } from "../../../report/tool-view.ts";
import { age, bytes, code, databaseLook, type DatabaseTools, type Look, number, percent } from "./tool-words.ts";

/** how far replicas are behind, and what writes the log. */
export function replicationLook(tools: DatabaseTools): Look {
  return databaseLook(tools, tools.postgres.replication, (value, database) => {
    const { state, replicas, writers } = value;
    const standing = state.standby
      ? `a standby; its last replayed transaction is ${age(state.replay_delay_ms)} old`
      : replicas === null
        ? "a primary; its replicas may not be read by this role"
        : `a primary with ${replicas.length} connected replicas`;
    return {
      facts: [`PostgreSQL ${database} is ${standing}; log position ${outsideLine(state.wal_position, 40)}.`],
      items: [
        ...(replicas ?? []).map((row) => ({
          lines: [
            `- replica ${outsideLine(row.name, 60)} (${outsideLine(row.address, 50)}), ${[outsideLine(row.state, 20), outsideLine(row.sync_state, 20)].filter((part) => part !== "").join(", ")}: ${
              [
                ...(row.lag_bytes === null ? [] : [`${bytes(row.lag_bytes)} behind`]),
                ...(row.lag_ms === null ? [] : [`${age(row.lag_ms)} in time`]),
              ].join(", ") || "its lag is unknown"
            }`,
          ],
        })),
        ...(writers.length === 0 ? [{ lines: ["Writers of the log: none on record."] }] : []),
        ...writers.map((row) => ({
          lines: [
            `- ${percent(row.wal_bytes, row.all_wal_bytes)} of the WAL, ${bytes(row.wal_bytes)} in ${number(row.calls)} calls: ${code(row.query)}`,
          ],
        })),
      ],
      rest: (left) => `${left} smaller writers are in the raw answer.`,
    };
  });
}
