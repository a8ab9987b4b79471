import { nearestName } from "./guard/nearest-name.ts";
import { z } from "zod";
import { type ModelRules, weekdays } from "./incident/model-rule.ts";

/** The catalog's rules of which pages get a model. */

const name = z.string().trim().min(1);
const oneOrMore = z.union([name.transform((one) => [one]), z.array(name).min(1)]);

const HOURS = /^([01]\d|2[0-3]):([0-5]\d) ?- ?([01]\d|2[0-3]):([0-5]\d)$/;
const hoursSchema = z.string().transform((text, context) => {
  const [, ...parts] = HOURS.exec(text) ?? [];
  const [fromHour, fromMinute, toHour, toMinute] = parts.map(Number);
  if (fromHour === undefined || fromMinute === undefined || toHour === undefined || toMinute === undefined) {
    context.addIssue({ code: "custom", message: 'must be two times of day like "22:00-07:00"; write "00:00-00:00" for the whole day' });
    return z.NEVER;
  }
  return { from: fromHour * 60 + fromMinute, to: toHour * 60 + toMinute };
});

const isTimeZone = (zone: string): boolean => {
  try {
    return new Intl.DateTimeFormat("en-US", { timeZone: zone }).format(0) !== "";
  } catch {
    return false;
  }
};

const ruleSchema = z.strictObject({
  investigate: z.boolean({ error: "must be true or false" }),
  urgency: z.enum(["high", "low"]).optional(),
  priority: oneOrMore.optional(),
  service: oneOrMore.optional(),
  hours: hoursSchema.optional(),
  days: z.array(z.enum(weekdays)).min(1).optional(),
});

export const modelSchema = z.strictObject({
  time_zone: z.string().refine(isTimeZone, { error: 'must be the name of a time zone like "Europe/Berlin" or "UTC"' }).default("UTC"),
  rules: z.array(ruleSchema).min(1),
});

/** A problem of the rules, with the place of it in the file. */
interface Wrong {
  readonly path: readonly (string | number)[];
  readonly words: string;
}

const noService = (service: string, meant: string | null): string =>
  `"${service}" is not a service of this catalog${meant === null ? "; list it under services, or write the name that it has there" : `: did you mean ${meant}?`}`;

/**
 * The rules with the catalog's names, and what is wrong with them.
 * @param nameOf the catalog's name of a service by any of its names, or null
 */
export function toModelRules(
  { time_zone: timeZone, rules }: z.output<typeof modelSchema>,
  nameOf: (service: string) => string | null,
  known: readonly string[],
): { readonly rules: ModelRules; readonly wrong: readonly Wrong[] } {
  const wrong: Wrong[] = [];
  const parsed = rules.map(({ investigate, urgency, priority: priorities, service, hours, days }, index) => {
    const path = ["model", "rules", index];
    for (const one of service ?? []) if (nameOf(one) === null) wrong.push({ path, words: noService(one, nearestName(one, known)) });
    const isForAll = [urgency, priorities, service, hours, days].every((condition) => condition === undefined);
    if (isForAll && index < rules.length - 1)
      wrong.push({ path, words: "a rule without conditions fits every page, so no rule after it counts; put it last" });
    return { investigate, urgency, priorities, services: service?.map((one) => nameOf(one) ?? one), hours, days };
  });
  return { rules: { timeZone, rules: parsed }, wrong };
}
