import type { Answer } from "./answer.ts";
import type { TimeWindow } from "./telemetry.ts";

/** Figures of the impact that a team declares how to count: its catalog has the question, one vendor has the answer. */

export type DeclaredKind = "tenants" | "revenue";

/** A service's questions in the catalog. */
export interface DeclaredImpact {
  readonly tenants?:
    | {
        /** By its name in SQL_DATABASES. */
        readonly database: string;
        /** One SELECT with {@link SINCE}, and {@link UNTIL} where it needs one. */
        readonly sql: string;
        /** `rows`: one row is one of them; `number`: the only value says how many. */
        readonly returns: "rows" | "number";
        readonly unit: string;
      }
    | undefined;
  readonly revenue?:
    | {
        /** A Datadog query whose points add up: it ends in `.as_count()`. */
        readonly query: string;
        readonly unit: string;
      }
    | undefined;
}

/** Stand for the time that is counted, in a declared statement. */
export const SINCE = "{since}";
export const UNTIL = "{until}";

/** A count as a vendor gave it. */
export interface ImpactCount {
  readonly value: number;
  /** There may be more: the answer was cut. */
  readonly isLeast: boolean;
  /** The same over the same time a week before; null: it is not known. */
  readonly weekBefore: number | null;
  /** What the ledger keeps. No values of rows, for a count needs none. */
  readonly answers: readonly Answer<unknown>[];
}

export interface ImpactSource {
  readonly kind: DeclaredKind;
  /** @throws IntegrationError where it can't be counted */
  count(declared: DeclaredImpact, over: TimeWindow, signal: AbortSignal): Promise<ImpactCount>;
}

/** One that would count it, were it connected. */
export interface UnconfiguredImpact {
  readonly kind: DeclaredKind;
  /** What to do: "set SQL_DATABASES". */
  readonly missing: string;
}
