import { outsideLine } from "../../../report/tool-view.ts";
import { blockersOf } from "../blockers.ts";
import { code, databaseLook, type DatabaseTools, type Look, sessionWords } from "./tool-words.ts";

const WAITERS = 10;

/** the tree of who waits for whom. */
export function locksLook(tools: DatabaseTools): Look {
  return databaseLook(tools, tools.postgres.locks, (value, database) => {
    const { sessions, locks } = value;
    const waiting = sessions.filter(({ wait_type: type }) => type === "Lock");
    // Waits for the log look like locks in a metric by wait, and are none that a session holds.
    const forLog = sessions.filter(
      ({ state, wait_type: type, wait }) => state === "active" && type !== "Lock" && /^WAL/i.test(wait ?? ""),
    ).length;
    const log = forLog === 0 ? "" : ` (${forLog} ${forLog === 1 ? "waits" : "wait"} for WAL, which is no lock of a row or table)`;
    const trees = blockersOf(sessions);
    const wantedBy = (pid: number) => locks.find((lock) => lock.pid === pid && !lock.granted);
    const lockWords = (pid: number) => {
      const lock = wantedBy(pid);
      return lock === undefined ? "" : ` wants ${outsideLine(`${lock.mode} on ${lock.relation || lock.kind}`, 120)}`;
    };
    const known = new Set(trees.flatMap(({ waiters }) => waiters.map(({ pid }) => pid)));
    const others = waiting.filter(({ pid }) => !known.has(pid));
    return {
      facts: [
        waiting.length === 0
          ? `PostgreSQL ${database}: no session waits for a lock${log}.`
          : `PostgreSQL ${database}: ${waiting.length} ${waiting.length === 1 ? "session waits" : "sessions wait"} for locks; ${trees.length} ${trees.length === 1 ? "session is" : "sessions are"} at the beginning of the queues${log}.`,
      ],
      items: [
        ...trees.map(({ row, behind, waiters }) => ({
          lines: [
            `- ${behind} behind ${sessionWords(row)}; ${row.state === "active" ? "runs" : "last ran"} ${code(row.query)}`,
            ...waiters.slice(0, WAITERS).map((waiter) => `    ${sessionWords(waiter)}${lockWords(waiter.pid)}: ${code(waiter.query)}`),
            ...(waiters.length > WAITERS ? [`    and ${waiters.length - WAITERS} more behind it`] : []),
          ],
          cut: (left: number) => `    ${left} more lines of this queue are in the raw answer`,
        })),
        ...others.map((row) => ({ lines: [`- the holder is not known: ${sessionWords(row)}${lockWords(row.pid)}: ${code(row.query)}`] })),
      ],
      rest: (left) => `${left} more queues or waiting sessions are in the raw answer.`,
    };
  });
}
