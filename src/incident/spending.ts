import type { LoggedEvent } from "./event.ts";

/** A piece of the model's work for which dollars were set aside, and what it has cost. */
export interface Spending {
  /** By which it was set aside. */
  readonly key: string;
  readonly dollars: number;
  readonly isOver: boolean;
}

export const runKey = (round: number): string => `run:${round}`;
export const patchKey = (attempt: number): string => `patch:${attempt}`;

/** The work of which what it did not spend is still set aside, oldest first. */
export function unsettled(log: readonly LoggedEvent[]): Spending[] {
  const all = new Map<string, Spending>();
  let key: string | null = null;
  const begin = (next: string): void => {
    key = next;
    if (!all.has(next)) all.set(next, { key: next, dollars: 0, isOver: false });
  };
  for (const { event } of log) {
    if (event.type === "investigation-started") begin(runKey(event.round));
    else if (event.type === "fix-work-started") begin(patchKey(event.attempt));
    else if (event.type === "spending-settled") all.delete(event.key);
    else if (key !== null) {
      const spending = all.get(key);
      if (spending === undefined) continue;
      if (event.type === "model-turn") all.set(key, { ...spending, dollars: spending.dollars + event.cost });
      else if (event.type === "investigation-closed" || event.type === "fix-work-closed") all.set(key, { ...spending, isOver: true });
    }
  }
  return [...all.values()];
}
