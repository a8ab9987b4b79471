import type { RevertPlan, RevertProposal } from "../../src/fix/revert.ts";

/** A proposal with the shortest words that will do. */
export const proposalOf = (plan: RevertPlan, incidentId = "Q2ABC"): RevertProposal => ({
  incidentId,
  plan,
  title: "Revert pay",
  body: "why",
  message: "Revert pay",
});
