import type { Answer } from "./answer.ts";
import type { Page } from "./page.ts";
import type { Trigger } from "./trigger.ts";
import type { DataKind, SignalKind, Telemetry, TimeWindow } from "./telemetry.ts";

/**
 * What one vendor calls a service, by that vendor's own parts: `name` where it has a name of its own there, then ids, environment or repository.
 * Plain text, so that it can be compared and kept.
 */
export type NamesAtVendor = Readonly<Record<string, string>>;

/** A service by the catalog's name, with its names elsewhere by vendor; a vendor that the catalog says nothing of is not there. */
export interface KnownService {
  readonly name: string;
  readonly names: Readonly<Record<string, NamesAtVendor>>;
}

/** Other names of a service, by which vendors and people may speak of it. */
export const aliasesOf = ({ name, names }: KnownService): string[] => [
  ...new Set(Object.values(names).flatMap((one) => (one["name"] === undefined || one["name"] === name ? [] : [one["name"]]))),
];

/** Where a service's code is: GitHub's repository and the folder in it, "" for all of it; null where the catalog has none. */
export function codeOf({ names: { github } }: KnownService): { readonly repository: string; readonly path: string } | null {
  const repository = github?.["repository"];
  return repository === undefined ? null : { repository, path: github?.["path"] ?? "" };
}

/** What every source is asked at once when an investigation starts. Names are the catalog's; vendors' own names are beside them. */
export interface Question {
  readonly trigger: Trigger;
  /** The service that it is about, as the catalog (or, where it has none, the trigger) names it. */
  readonly service: string;
  /** The paged service, then all others of the catalog, with their names elsewhere. */
  readonly services: readonly KnownService[];
  /** The catalog's name for a service that a vendor names, or the vendor's own where the catalog has none. */
  readonly nameOf: (vendorName: string) => string;
  /** What a series measures, from its metric's name and unit, where the catalog does not say. */
  readonly kindOf: (metric: string, unit: string | null) => SignalKind;
  readonly environment: string | null;
  readonly signals: readonly { readonly query: string; readonly kind?: SignalKind | undefined; readonly unit?: string | undefined }[];
  /** Under suspicion: from some minutes before the page to `to`. */
  readonly window: TimeWindow;
  /** The quiet time before it. */
  readonly baseline: TimeWindow;
  /** From here on changes are looked for: what was deployed hours ago may only now show. Ends with the window. */
  readonly changesFrom: number;
  /** An open incident is read again: what began before `changesFrom` is known. Missing: it is a triage. */
  readonly again?: true;
  /** Of one source: parts (`Fact.part`) that answered at an earlier look and are not asked again. Missing: all are asked. */
  readonly answered?: ReadonlySet<string>;
}

/** The lists of Telemetry that sources fill. */
export type TelemetryParts = Partial<
  Pick<
    Telemetry,
    | "services"
    | "calls"
    | "series"
    | "counts"
    | "logs"
    | "spans"
    | "changes"
    | "events"
    | "monitors"
    | "issues"
    | "statements"
    | "sessions"
    | "earlierIncidents"
    | "history"
    | "equalPages"
    | "relatedPages"
    | "pages"
  >
>;

/** One answer with what it adds to the telemetry once the ledger has numbered it. */
export interface Fact {
  readonly answer: Answer<unknown>;
  readonly telemetry: (evidence: number) => TelemetryParts;
  /** The page, if the pager reported more than its webhook. */
  readonly page?: Page;
  /** Which of the source's questions this answers, the same at each look. Missing: the source asks one. */
  readonly part?: string;
  /** Kinds of which this is all that the source has, whatever becomes of its other parts. */
  readonly completes?: readonly DataKind[];
  /** The source left out so much that nothing sure rests on this kind: why, in words. Missing: it is enough. */
  readonly thin?: string;
}

/** One line of the coverage: something that can be asked about an incident. */
export interface Source {
  /** Words of the coverage line: "Datadog logs". */
  readonly name: string;
  /** What of it analysis rests on. Where it could not be read, nothing is likely; without what measures, nothing is well either. */
  readonly brings?: readonly DataKind[];
  /** It is asked again while the incident is open: few calls that tell how the services are now, or what changed since. Default: it is not. */
  readonly again?: true;
  /**
   * Looks in one call whether anything was changed since `changesFrom`: when, epoch milliseconds. The first of the question's services counts most,
   * where one call cannot cover all. What it was shows when the incident is read again. Default: it knows of no change.
   */
  changedAt?(question: Question, signal: AbortSignal): Promise<readonly number[]>;
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
