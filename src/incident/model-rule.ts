/** Which pages get a model: the first rule whose conditions all hold decides; where none does, the model investigates. */
export interface ModelRule {
  readonly investigate: boolean;
  readonly urgency?: "high" | "low" | undefined;
  /** Names of priorities, as the pager has them; letter case does not count. */
  readonly priorities?: readonly string[] | undefined;
  /** By the catalog. */
  readonly services?: readonly string[] | undefined;
  /** Of the day, minutes from midnight; where `to` is not later than `from`, over midnight. */
  readonly hours?: { readonly from: number; readonly to: number } | undefined;
  readonly days?: readonly Weekday[] | undefined;
}

export const weekdays = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"] as const;
export type Weekday = (typeof weekdays)[number];

export interface ModelRules {
  /** Of hours and days, by its name in the time zone database. */
  readonly timeZone: string;
  /** The first that fits decides. */
  readonly rules: readonly ModelRule[];
}

/** What the rules look at. A page without an urgency or a priority fits no condition on it. */
interface RuledPage {
  readonly urgency: "high" | "low" | null;
  readonly priority: string | null;
  readonly service: string;
  readonly createdAt: number;
}

/** The rule that decides for a page, with its place counted from 1; null: none fits. */
export function rulingOf({ timeZone, rules }: ModelRules, page: RuledPage): { readonly number: number; readonly rule: ModelRule } | null {
  const clock = clockOf(page.createdAt, timeZone);
  const index = rules.findIndex((rule) => fits(rule, page, clock));
  const rule = rules[index];
  return rule === undefined ? null : { number: index + 1, rule };
}

/** A time of day in minutes, and the weekday. */
interface Clock {
  readonly minute: number;
  readonly day: number;
}

function clockOf(at: number, timeZone: string): Clock {
  const format = new Intl.DateTimeFormat("en-US", { timeZone, weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, value]));
  const day = weekdays.findIndex((name) => name === parts.get("weekday")?.toLowerCase());
  return { minute: Number(parts.get("hour")) * 60 + Number(parts.get("minute")), day };
}

function fits({ urgency, priorities, services, hours, days }: ModelRule, page: RuledPage, { minute, day }: Clock): boolean {
  const same = (one: string) => (other: string) => one.toLowerCase() === other.toLowerCase();
  if (urgency !== undefined && urgency !== page.urgency) return false;
  if (priorities !== undefined && !priorities.some(same(page.priority ?? ""))) return false;
  if (services !== undefined && !services.some(same(page.service))) return false;
  const isOver = hours !== undefined && hours.to <= hours.from;
  if (hours !== undefined && !(isOver ? minute >= hours.from || minute < hours.to : minute >= hours.from && minute < hours.to))
    return false;
  // Hours over midnight belong to the day on which they begin.
  const begun = isOver && minute < hours.to ? (day + 6) % 7 : day;
  return days === undefined || days.some((name) => name === weekdays[begun]);
}
