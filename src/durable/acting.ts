import { AsyncLocalStorage } from "node:async_hooks";
import type { AuditLog } from "./audit.ts";

/** On whose behalf code runs: the step under way, wherever in the program it has got to. */
export interface Acting<E> {
  readonly incidentId: string;
  readonly step: string;
  /** The store's audit; null where the host keeps none. */
  readonly audit: AuditLog | null;
  /** Puts an event onto the incident's timeline, once for each key. Does nothing once the step has ended. */
  note(event: E, key: string): void;
}

/** Set while a step runs; the audit reads from it who called. Code that notes something knows which events the store keeps. */
export const acting = new AsyncLocalStorage<Acting<never>>();
