import type { TimeWindow } from "./telemetry.ts";

/**
 * What a source said. `value` is parsed by a schema; `raw` is the vendor's answer as it came over the wire (several pages are joined by a
 * newline), kept so that any quote or figure can be resolved against it later.
 */
export interface Answer<T> {
  /** The words of the coverage line: "Datadog logs", "Sentry", "GitHub", … */
  readonly source: string;
  /** What was asked, as a person would type it into the vendor's own search box. */
  readonly query: string;
  readonly window: TimeWindow | null;
  /** Opens the same question in the vendor's web page, where there is such a page. */
  readonly link: string | null;
  readonly value: T;
  readonly raw: string;
  /** What was cut and how to get it ("first 1,000 of about 61,000 lines"), or null when the answer is whole. */
  readonly cut: string | null;
}

/** An answer. It has no window or link and nothing was cut, unless that is named. */
export const answerOf = <T>(source: string, said: Pick<Answer<T>, "query" | "value" | "raw"> & Partial<Answer<T>>): Answer<T> => ({
  source,
  window: null,
  link: null,
  cut: null,
  ...said,
});

/** A telemetry item before the evidence ledger has given its answer a number. */
export type Unnumbered<T extends { evidence: number }> = Omit<T, "evidence">;
