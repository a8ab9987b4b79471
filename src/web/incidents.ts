import type { IncidentAudit } from "../durable/audit.ts";
import type { LoggedEvent } from "../incident/event.ts";
import type { IncidentStatus } from "../report/status.ts";
import type { EvidenceEntry } from "../store/evidence.ts";

/** One line of the list of incidents. */
export interface IncidentRow {
  readonly id: string;
  readonly status: IncidentStatus;
}

/** What the pages read. Reading only: nothing here changes an incident. */
export interface Incidents {
  /** All incidents; the pages sort them. */
  list(): Promise<readonly IncidentRow[]>;
  /** Whole event log, oldest first, or null when there is no such incident. */
  log(id: string): Promise<readonly LoggedEvent[] | null>;
  /**
   * Calls the listener with every event appended from now on, in order. Returns the function that ends it; both may be asynchronous,
   * so that an incident can live in another process or object.
   */
  subscribe(id: string, listener: (event: LoggedEvent) => void): (() => void) | Promise<() => void>;
  /** One entry of the evidence ledger with its raw answer, or null. */
  evidence(id: string, number: number): Promise<(EvidenceEntry & { readonly raw: string }) | null>;
  /** What the audit has of the incident, or null when there is no such one. */
  audit(id: string): Promise<IncidentAudit | null>;
  /** All entries without their raw answers, in the order of their numbers; null when there is no such incident. */
  evidenceIndex(id: string): Promise<readonly EvidenceEntry[] | null>;
}
