import type { CheckContext, CheckLedger } from "../../../src/investigation/check/check-context.ts";
import { checkFinding } from "../../../src/investigation/check/check-finding.ts";
import { context, trueFinding } from "./finding-fixture.ts";

/** Answers that a test tells, and what the check says of one claim on them. */

/** An answer of which its query and window are known. */
export interface Told {
  readonly raw: string;
  readonly query?: string;
  readonly window?: readonly [from: string, to: string];
  readonly view?: string;
  readonly asked?: readonly string[];
  readonly source?: string;
}

export const at = (clock: string) => Date.parse(`2026-03-14T${clock}Z`);

export const ledgerOf = (answers: readonly Told[]): CheckLedger => ({
  entry: (number) => {
    const told = answers[number - 1];
    if (told === undefined) return null;
    const [from, to] = told.window ?? [];
    return {
      source: told.source ?? "made up",
      query: told.query ?? "",
      from: from === undefined ? null : at(from),
      to: to === undefined ? null : at(to),
    };
  },
  raw: (number) => Promise.resolve(answers[number - 1]?.raw ?? null),
  views: (number) => [answers[number - 1]?.view ?? ""],
  asked: (number) => answers[number - 1]?.asked ?? [],
});

/** Whether one claim stands as it is, without a mark. @param cited numbers of answers; default: the first one */
export async function stands(
  text: string,
  answers: readonly Told[],
  known: CheckContext = context,
  cited: readonly number[] = [1],
): Promise<boolean> {
  const claims = [{ text, evidence: [...cited], quotes: [] }];
  const { cleaned, problems } = await checkFinding({ ...trueFinding, claims }, ledgerOf(answers), known);
  const [kept] = cleaned.claims;
  return kept?.text === text && kept.unverified === undefined && problems.every(({ part }) => part !== "claims");
}

/** Points a minute apart from 03:00 on, as Datadog answers. */
export const series = (name: string, values: readonly number[], service = "payments", tag = "") =>
  JSON.stringify({
    data: {
      attributes: {
        series: [{ group_tags: [`service:${service}`, tag].filter((one) => one !== ""), query_index: 0, unit: [{ name }, null] }],
        times: values.map((_, index) => at("03:00:00") + index * 60_000),
        values: [values],
      },
    },
  });
