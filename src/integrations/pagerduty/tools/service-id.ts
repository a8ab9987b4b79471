import { IntegrationError } from "../../../guard/errors.ts";
import type { Question } from "../../../incident/source.ts";
import { outsideLine } from "../../../report/tool-view.ts";
import { ownPage } from "../source.ts";

/** PagerDuty's ids of the service under investigation: by its page, and by the catalog. */
export const serviceIdsOf = (question: Question): string[] => [
  ...new Set([
    ...(ownPage(question) === null || question.trigger.service === null ? [] : [question.trigger.service.id]),
    ...question.services.filter(({ name }) => name === question.service).flatMap(({ names }) => names["pagerduty"]?.["id"] ?? []),
  ]),
];

/**
 * PagerDuty's id of a service that the model names.
 * @param instead what to do where there is none, for the model
 * @throws IntegrationError
 */
export function serviceIdOf(question: Question, asked: string, instead: string): string {
  const wanted = asked.trim().toLowerCase();
  const found = question.services.find(({ name }) => name.toLowerCase() === wanted);
  const id =
    found?.names["pagerduty"]?.["id"] ??
    (ownPage(question) !== null && [question.trigger.service?.name, question.service].some((name) => name?.toLowerCase() === wanted)
      ? question.trigger.service?.id
      : undefined);
  if (id !== undefined) return id;
  throw new IntegrationError(
    "pagerduty",
    `The catalog has no PagerDuty id of a service ${JSON.stringify(outsideLine(asked, 80))}. ${instead}`,
  );
}
