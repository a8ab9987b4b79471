import { age, bytes, code, databaseLook, type DatabaseTools, type Look, number, percent } from "./tool-words.ts";

/** what the server writes ahead and keeps, and whether vacuum keeps up. */
export function maintenanceLook(tools: DatabaseTools): Look {
  return databaseLook(tools, tools.postgres.maintenance, (value, database) => {
    const { state, slots, vacuums } = value;
    const off = state.autovacuum === "on" ? "" : ` Autovacuum is ${state.autovacuum || "unknown"}.`;
    const failing = (state.archive_failures ?? 0) > 0 && state.archive_failing === true;
    return {
      facts: [
        `PostgreSQL ${database}: ${bytes(state.wal_bytes)} of WAL written since ${state.wal_since || "an unknown time"}, WAL buffers full ${number(state.wal_buffers_full)} times; max_wal_size ${bytes(state.max_wal_bytes)}.`,
        state.archive_failures === null || state.archive_failures === 0
          ? "No archiving of WAL has failed."
          : `Archiving of WAL failed ${number(state.archive_failures)} times, last at ${state.archive_failed_at || "an unknown time"}${failing ? ", and has not worked since" : ""}.`,
        `Vacuum: ${vacuums.length} at work (autovacuum_max_workers ${number(state.vacuum_workers)}); oldest transaction id ${number(state.xid_age)} old, forced vacuum at ${number(state.freeze_max_age)}.${off}`,
      ],
      items: [
        ...slots.map((slot) => ({
          lines: [
            `- replication slot ${slot.name} (${slot.kind}), ${slot.active ? "active" : "not active"}: keeps ${bytes(slot.kept_bytes)} of WAL${slot.wal_status === "" ? "" : `, ${slot.wal_status}`}`,
          ],
        })),
        ...vacuums.map((one) => ({
          lines: [
            `- vacuum of ${one.table || "an unknown table"}, ${age(one.running_ms)} so far, ${one.phase || "phase unknown"}${
              one.blocks_total === null || one.blocks_done === null
                ? ""
                : `, ${percent(one.blocks_done, one.blocks_total)} of the table read`
            }: ${code(one.query)}`,
          ],
        })),
      ],
      rest: (left) => `${left} more slots or vacuums are in the raw answer.`,
    };
  });
}
