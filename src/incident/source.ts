import type { Answer } from "./answer.ts";
import type { Page } from "./page.ts";
import type { SignalKind, Telemetry, TimeWindow } from "./telemetry.ts";

/** What every source is asked at once when a page arrives. Names are the catalog's; vendors' own names stand beside them. */
export interface Question {
  readonly page: Page;
  /** The paged service, as the catalog (or, where it has none, the pager) names it. */
  readonly service: string;
  /** Known services with their names elsewhere; the paged one first. */
  readonly services: readonly {
    readonly name: string;
    readonly datadog: string;
    readonly sentryProject: string | null;
    readonly repository: string | null;
    readonly path: string;
    readonly pagerdutyServiceId: string | null;
  }[];
  /** The catalog's name for a service that a vendor names, or the vendor's own where the catalog has none. */
  readonly nameOf: (vendorName: string) => string;
  /** What a series measures, from its metric's name and unit, where the catalog does not say. */
  readonly kindOf: (metric: string, unit: string | null) => SignalKind;
  readonly environment: string | null;
  /** Value of Datadog's `env` tag of the paged service; null: not told apart. */
  readonly datadogEnv: string | null;
  readonly signals: readonly { readonly query: string; readonly kind?: SignalKind | undefined; readonly unit?: string | undefined }[];
  /** Under suspicion: from some minutes before the page to `to`. */
  readonly window: TimeWindow;
  /** The quiet time before it. */
  readonly baseline: TimeWindow;
  /** From here on changes are looked for: what was deployed hours ago may only now show. Ends with the window. */
  readonly changesFrom: number;
}

/** The lists of Telemetry that sources fill. */
export type TelemetryParts = Partial<
  Pick<
    Telemetry,
    | "services"
    | "calls"
    | "series"
    | "logs"
    | "spans"
    | "changes"
    | "events"
    | "monitors"
    | "issues"
    | "statements"
    | "sessions"
    | "earlierIncidents"
  >
>;

/** One answer with what it adds to the telemetry once the ledger has numbered it. */
export interface Fact {
  readonly answer: Answer<unknown>;
  readonly telemetry: (evidence: number) => TelemetryParts;
  /** The page, where the pager told more of it than its webhook did. */
  readonly page?: Page;
}

/** One line of the coverage: something that can be asked about an incident. */
export interface Source {
  /** Words of the coverage line: "Datadog logs". */
  readonly name: string;
  /** It measures how the services are: where it could not be read, nobody may say that nothing is wrong. */
  readonly measures?: true;
  /** It is read by the model alone, with these tools: asking it only looks whether it answers, and their calls are counted to its line. */
  readonly tools?: readonly string[];
  /**
   * Asks. Each fact is given to `emit` as soon as it is there, so that what came before a deadline counts.
   * @throws IntegrationError when the source can't answer; facts emitted before stay
   */
  ask(question: Question, emit: (fact: Fact) => void, signal: AbortSignal): Promise<void>;
}

/** A source of which the settings are not there: named in the coverage, not an error. */
export interface UnconfiguredSource {
  readonly name: string;
  /** Which settings would bring it. */
  readonly missing: string;
}
