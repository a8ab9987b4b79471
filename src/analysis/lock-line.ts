import { figure } from "../report/words.ts";
import type { CallGraph } from "./call-graph.ts";
import type { Clue } from "./clue.ts";
import { isStore } from "./contribution.ts";
import type { PatternChange } from "./log-reading.ts";

/**
 * A statement that gave up waiting for a lock, as databases name it: PostgreSQL's `lock_not_available` (55P03), MySQL's error 1205, SQL Server's 1222,
 * Oracle's ORA-00054, MongoDB's `LockTimeout`. A deadlock is no such wait: those who take part in it make it.
 */
const LOCK_WAIT =
  /\b55P03\b|lock_not_available|due to lock timeout|could not obtain lock|lock wait timeout|\bER_LOCK_WAIT_TIMEOUT\b|lock request time[ -]?out|\bORA-00054\b|\bLockTimeout\b/i;

/** Most that such lines weigh: as much as those that name who fails. */
const MOST = 4;

/**
 * Lines of a service that wait for locks point at the one store that it uses: who waits is not who holds. null: no such line, or nobody knows which store.
 * @param amount how sure and how many the lines are, 0..1
 * @param since "since 11:57:00", in words
 */
export function lockClue(change: PatternChange, service: string, graph: CallGraph, amount: number, since: string): Clue | null {
  if (!LOCK_WAIT.test(change.quote.slice(0, 500))) return null;
  const [store, ...others] = [...(graph.callees.get(service) ?? [])].filter((callee) => isStore(callee));
  if (store === undefined || others.length > 0) return null;
  return {
    service: store,
    instance: null,
    fault: "overload",
    family: "sessions",
    code: "waits-for-lock",
    about: [service],
    weight: MOST * amount,
    onset: change.onset,
    text: `statements of ${service} wait for locks in ${store} ${since} (${figure(change.now)}/min): \`${change.quote.slice(0, 120).replaceAll("`", "'")}\``,
    evidence: [change.evidence],
    quote: change.quote,
  };
}
