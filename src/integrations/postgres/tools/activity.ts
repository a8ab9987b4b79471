import { groupSessions } from "../source.ts";
import { age, code, databaseLook, type DatabaseTools, type Look, number, sessionWords } from "./tool-words.ts";

const LONGEST = 5;

/** who is connected and what they do. */
export function activityLook(tools: DatabaseTools): Look {
  return databaseLook(tools, tools.postgres.activity, (value, database) => {
    const { sessions, maxConnections, standby, replicas } = value;
    const of = (test: (state: string) => boolean) => sessions.filter(({ state }) => test(state)).length;
    const active = sessions.filter(({ state }) => state === "active");
    const waits = Object.entries(Object.groupBy(active, ({ wait_type: type }) => type ?? "on the CPU"))
      .map(([wait, rows]) => `${rows?.length ?? 0} ${wait === "on the CPU" ? wait : `wait for ${wait}`}`)
      .join(", ");
    const longest = (key: "transaction_ms" | "query_ms", rows: typeof sessions) =>
      rows
        .filter((row) => row[key] !== null)
        .toSorted((a, b) => (b[key] ?? 0) - (a[key] ?? 0))
        .slice(0, LONGEST);
    const open = longest("transaction_ms", sessions);
    // A statement outside of a transaction is its own: it is named once.
    const running = longest("query_ms", active).filter((row) => !open.some(({ pid }) => pid === row.pid));
    const blocked = sessions.filter(({ blocked_by: by }) => (by ?? []).length > 0).length;
    return {
      facts: [
        `PostgreSQL ${database} (${standby ? "standby" : "primary"}): ${sessions.length} client sessions of max_connections ${number(maxConnections)}: ${active.length} active, ${of((state) => state === "idle")} idle, ${of((state) => state.startsWith("idle in transaction"))} idle in transaction.`,
        active.length === 0 ? "Nothing runs." : `Active sessions: ${waits}.`,
        blocked === 0
          ? "No session is known to be blocked by another."
          : `${blocked} sessions are blocked by others: look "locks" shows them.`,
        replicas === null ? "Replicas: unknown." : `${replicas.length} replicas are connected.`,
      ],
      items: [
        ...groupSessions(sessions).map((group) => ({
          lines: [
            `- ${group.sessions} x ${group.state || "state unknown"}${group.wait === null ? "" : ` (${group.wait})`}, user ${group.user}, application "${group.application}"${group.longestMs === null ? "" : `, oldest transaction ${age(group.longestMs)}`}: ${code(group.query)}`.slice(
              0,
              600,
            ),
          ],
        })),
        ...(open.length === 0
          ? []
          : [
              {
                lines: ["Longest open transactions:", ...open.map((row) => `- ${sessionWords(row)}: ${code(row.query)}`)],
              },
            ]),
        ...(running.length === 0
          ? []
          : [
              {
                lines: [
                  "Longest running statements beside these:",
                  ...running.map((row) => `- ${age(row.query_ms)}, ${sessionWords(row)}: ${code(row.query)}`),
                ],
              },
            ]),
      ],
      rest: (left) => `${left} more groups of sessions, each smaller, are in the raw answer.`,
    };
  });
}
