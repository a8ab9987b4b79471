import type { BudgetPeriod, ModelRefusal } from "../incident/model-refusal.ts";
import type { ModelRule } from "../incident/model-rule.ts";
import { own, say, time, type Words } from "./text.ts";
import { duration } from "./words.ts";

/** `$0.07`, `$12.40`, `$0.004`. */
export const dollarWords = (dollars: number): string => `$${dollars > 0 && dollars < 0.01 ? dollars.toPrecision(1) : dollars.toFixed(2)}`;

const FOR: Readonly<Record<BudgetPeriod, string>> = { incident: "this incident", hour: "this hour", day: "today (UTC)" };

const clockWords = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;

/** What a rule is about: "low urgency, 22:00 to 07:00 (Europe/Berlin)". */
function conditionWords({ urgency, priorities, services, hours, days }: ModelRule, timeZone: string): string {
  const when = [
    ...(days === undefined ? [] : [days.join(", ")]),
    ...(hours === undefined ? [] : [`${clockWords(hours.from)} to ${clockWords(hours.to)}`]),
  ];
  const parts = [
    ...(urgency === undefined ? [] : [`${urgency} urgency`]),
    ...(priorities === undefined ? [] : [`priority ${priorities.join(" or ")}`]),
    ...(services === undefined ? [] : [services.join(" or ")]),
    ...(when.length === 0 ? [] : [`${when.join(" ")} (${timeZone})`]),
  ];
  return parts.length === 0 ? "every page" : parts.join(", ");
}

/** Why no model is asked, as a part of a sentence. */
export function refusalReason(refusal: ModelRefusal): Words {
  if (refusal.code === "rule") {
    const { number, rule, timeZone } = refusal;
    return say`rule ${String(number)} of the catalog excludes this page (${conditionWords(rule, timeZone)})`;
  }
  if (refusal.code === "flaps") {
    const { count, since, longestMs } = refusal.pattern;
    return say`this alert has resolved by itself ${own(`${count} times`)} since ${time(since, "minute")} UTC, and this page has not yet been open for ${own(duration(longestMs))}`;
  }
  const { period, most, spent, reserved } = refusal;
  const held = reserved === 0 ? "" : `, ${dollarWords(reserved)} set aside for work under way`;
  return [own(`the model budget for ${FOR[period]} (${dollarWords(most)}) has too little left: ${dollarWords(spent)} spent${held}`)];
}
