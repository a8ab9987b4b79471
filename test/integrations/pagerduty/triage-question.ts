import type { Question } from "../../../src/incident/source.ts";

const hour = 3_600_000;

/** What triage asks about a page: ten minutes before it and a minute after, against the four hours before that. */
export const triageQuestion = (id: string, at: number): Question =>
  ({
    trigger: { at, page: { pager: "pagerduty", id } },
    changesFrom: at - 24 * hour,
    window: { from: at - hour / 6, to: at + hour / 60 },
    baseline: { from: at - 4 * hour, to: at - hour / 6 },
    nameOf: (name: string) => name,
  }) as unknown as Question;
