import type { DatabaseSync, StatementSync } from "node:sqlite";

const SHORT_MS = 2;

/**
 * A database of which each statement is timed.
 * @param onStatement told the statement and the milliseconds that it took
 */
export function measured(
  database: DatabaseSync,
  onStatement: (text: string, tookMs: number) => void,
): Pick<DatabaseSync, "prepare" | "exec"> {
  const timed = <T>(text: string, work: () => T): T => {
    const [wall, cpu] = [performance.now(), process.threadCpuUsage()];
    const result = work();
    const wallMs = performance.now() - wall;
    const used = process.threadCpuUsage(cpu);
    const cpuMs = (used.user + used.system) / 1000;
    // Where the machine did something else in between, only the thread's own time counts; its clock is too coarse for short ones.
    onStatement(text, wallMs > SHORT_MS ? Math.max(SHORT_MS, Math.min(wallMs, cpuMs)) : wallMs);
    return result;
  };
  const wrapped = (text: string, statement: StatementSync): StatementSync =>
    new Proxy(statement, {
      get(target, key) {
        if (key !== "run" && key !== "get" && key !== "all") return Reflect.get(target, key) as unknown;
        return (...values: never[]) => timed(text, () => (target[key] as (...given: never[]) => unknown)(...values));
      },
    });
  return { prepare: (text: string) => wrapped(text, database.prepare(text)), exec: (text: string) => database.exec(text) };
}
