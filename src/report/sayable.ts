import { dataWithoutOrders, trustedWords } from "../guard/untrusted.ts";
import type { IncidentView } from "../incident/view.ts";

/** What may be said of an incident: no words of orders from outside; the team's own words stay as they are. */
export const sayable = <T>(value: T, { orderSigns, trusted }: Pick<IncidentView, "orderSigns" | "trusted">): T =>
  dataWithoutOrders(value, orderSigns, trustedWords(trusted));
