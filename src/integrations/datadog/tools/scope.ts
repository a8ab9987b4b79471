import { IntegrationError } from "../../../guard/errors.ts";
import type { Question } from "../../../incident/source.ts";
import type { TimeWindow } from "../../../incident/telemetry.ts";
import { datadogName, pagedEnv } from "../names.ts";

/** Datadog's name of a service that the model names, by the catalog's name or by Datadog's own; letter case does not matter. */
export function datadogService(question: Question, name: string): string {
  const lower = name.trim().toLowerCase();
  const known =
    question.services.find((one) => one.name.toLowerCase() === lower) ??
    question.services.find((one) => one.name === question.nameOf(name.trim()) || datadogName(one).toLowerCase() === lower);
  return known === undefined ? name.trim() : datadogName(known);
}

/** One value of a search, in quotes where it holds more than a plain word. */
export const searchValue = (text: string): string => (/^[\w.-]+$/.test(text) ? text : `"${text.replaceAll(/["\\]/g, "\\$&")}"`);

export interface SearchScope {
  readonly service?: string | undefined;
  readonly query?: string | undefined;
}

/** Whether a search closes no bracket that it did not open: put into brackets it stays within them. */
function isWhole(query: string): boolean {
  let open = 0;
  for (const [mark] of query.matchAll(/\\.|"(?:\\.|[^"\\])*"|[()"]/gs)) {
    if (mark === "(") open++;
    else if (mark === '"' || (mark === ")" && --open < 0)) return false;
  }
  return open === 0;
}

/** A search of logs or spans, held to the environment of the page and to one service where one is named. @throws IntegrationError for brackets and quotes that do not pair */
export function scopedSearch(question: Question, { service, query }: SearchScope): string {
  const own = query?.trim() ?? "";
  const env = pagedEnv(question);
  const scope = [
    env === null ? "" : `env:${searchValue(env)}`,
    service === undefined ? "" : `service:${searchValue(datadogService(question, service))}`,
  ].filter((part) => part !== "");
  if (own === "" || own === "*") return scope.join(" ") || "*";
  if (!isWhole(own)) throw new IntegrationError("datadog", "The query's brackets or quotes do not pair; write it again.");
  return scope.length === 0 ? own : `${scope.join(" ")} (${own})`;
}

/** A window as Datadog is asked for it where another follows at once: it counts the end in, and what lies on the border would count twice. */
export const withoutEnd = ({ from, to }: TimeWindow): TimeWindow => ({ from, to: to - 1 });

/** Everything in the environment of the page. */
export const wholeEnvironment = (question: Question): string => scopedSearch(question, {});

/** A metric query held to one service: the tag is added to the scope of each metric in it. */
export function scopedMetric(query: string, service: string): string {
  const tag = `service:${service.replaceAll(/[{},\s]/g, "_")}`;
  return query.replaceAll(/(:[\w.()%/-]+)\{([^{}]*)\}/g, (_whole, metric: string, scope: string) => {
    const own = scope.trim();
    if (own === "" || own === "*") return `${metric}{${tag}}`;
    return /\s(?:AND|OR|IN|NOT)\s/i.test(` ${own} `) ? `${metric}{(${own}) AND ${tag}}` : `${metric}{${own},${tag}}`;
  });
}
