import type { OnCall } from "../guard/outgoing.ts";
import { type Acting, acting } from "../durable/acting.ts";
import type { AuditLog } from "../durable/audit.ts";
import type { IncidentEvent } from "../incident/event.ts";

/**
 * Writes each outgoing call into the audit, on behalf of the step that made it.
 * @param own the audit for calls of no step; null: they are not kept
 */
export const auditCalls =
  (own: () => Pick<AuditLog, "append"> | null = () => null): OnCall =>
  (call) => {
    const who = acting.getStore() as Acting<IncidentEvent> | undefined;
    const { vendor, method, url, outcome, purpose } = call;
    const { seen: _seen, ...kept } = call;
    (who?.audit ?? own())?.append({ kind: "call", ...kept }, who ?? null);
    if (outcome === "refused") who?.note({ type: "call-refused", vendor, method, url, because: purpose }, `refused:${method} ${url}`);
  };
