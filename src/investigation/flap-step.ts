import { flapsBefore, flapStateOf, NAMED_FROM, patternOf } from "../incident/flap.ts";
import { stepIds } from "../incident/step-id.ts";
import { viewOf } from "../incident/view.ts";
import type { Step } from "../store/incident-store.ts";
import { type JoinDependencies, pageOf, readCards } from "./incident-card.ts";

/** Counts a page that resolved by itself among the flaps of its alert. The incident whose thread names them hears of it; it counts once. */
export const countFlapStep = (deps: JoinDependencies): Step => ({
  id: stepIds.countFlap,
  attempts: 3,
  async run(context) {
    const { log, others, incidentId } = context;
    const { own } = flapStateOf(log);
    if (own === null) throw new Error("there is no flap to count");
    const { flaps, home } = flapsBefore(pageOf(context, viewOf(log), deps), await readCards(context, deps));
    const pattern = patternOf([...flaps, own]);
    if (home !== null && pattern.count >= NAMED_FROM)
      await others.tell(home, [{ type: "flapped", incident: incidentId, pattern }], `flapped:${incidentId}`);
    return [{ type: "flap-counted", pattern, home }];
  },
});
