import type { ChangeEvent } from "../../incident/telemetry.ts";

/** What the checks may read of the evidence ledger. */
export interface CheckLedger {
  /** null: there is no such number. */
  entry(number: number): {
    readonly source: string;
    readonly query: string;
    readonly from: number | null;
    readonly to: number | null;
    /** When it was read, where that is known. */
    readonly at?: number;
  } | null;
  raw(number: number): Promise<string | null>;
  /** Texts that tools computed from this evidence and put before the model. */
  views(number: number): readonly string[];
  /** What the model itself wrote to get this evidence: the strings of its call. Missing or empty: triage asked. */
  asked?(number: number): readonly string[];
}

/** What code knows for certain of the incident. Instants are epoch milliseconds. */
export interface CheckContext {
  readonly pagedService: string;
  readonly pagedAt: number;
  /** null where analysis found none: then a change must be older than the page. */
  readonly onset: number | null;
  /** The catalog's services with their names elsewhere. */
  readonly services: readonly { readonly name: string; readonly aliases: readonly string[] }[];
  readonly changes: readonly ChangeEvent[];
  /** Shas, versions or `#number` of what was read as a diff. */
  readonly diffsRead: readonly string[];
  /** Triage's likely suspects: each is the cause or has to be ruled out. `change`: sha or version. */
  readonly alternatives: readonly { readonly service: string; readonly change: string | null; readonly probability: number }[];
  /** Other names that may be said without evidence: instances, people, repositories. */
  readonly names: readonly string[];
  /** Texts of the runbooks that match and of what was read of skills and runbooks: code in steps comes from there. */
  readonly steps?: readonly string[];
  /** Hosts that links may lead to, lower case. */
  readonly hosts: readonly string[];
  /** Names of the runbooks that match this incident. */
  readonly runbooks: readonly string[];
}
