import type { LoggedEvent } from "../incident/event.ts";
import { unsettled } from "../incident/spending.ts";
import type { Step } from "../store/incident-store.ts";

/**
 * Gives back what the model's work did not spend of the dollars set aside for it; null: there is none to give back. It may be done again: the sum
 * is that of the log.
 * @param isStopped whether work under way will not go on: the page has joined another incident
 */
export function settleStep(log: readonly LoggedEvent[], isStopped = false): Step | null {
  const spending = unsettled(log).find(({ isOver }) => isOver || isStopped);
  if (spending === undefined) return null;
  const { key, dollars } = spending;
  return {
    id: `settle:${key}`,
    async run({ others }) {
      await others.settle(key, dollars);
      return [{ type: "spending-settled", key, dollars }];
    },
  };
}
