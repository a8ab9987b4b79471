import type { Redaction } from "../guard/redact.ts";
import type { IncidentEvent } from "../incident/event.ts";
import type { StoreRedaction } from "../durable/event-log.ts";
import { recordHidden } from "./hidden-values.ts";

/** Ids and addresses, of which no character may change. */
const ids: ReadonlySet<string> = new Set([
  "id",
  "sha",
  "ts",
  "threadTs",
  "channel",
  "user",
  "userId",
  "branch",
  "headSha",
  "previousSha",
  "traceId",
  "spanId",
  "pseudonym",
]);
const none: ReadonlySet<string> = new Set();
/**
 * What goes back as it came (the model's turns, signed), what is compared with GitHub's own bytes or with what a
 * person released, our own tools' descriptions, and who looked at a hidden value.
 */
const passing: Partial<Record<IncidentEvent["type"], ReadonlySet<string>>> = {
  "model-turn": new Set(["content", "toolUses"]),
  "investigation-started": new Set(["tools"]),
  "fix-proposed": new Set(["files"]),
  "fix-committed": new Set(["files"]),
  "fix-drafted": new Set(["draft"]),
  "approval-requested": new Set(["payload", "hash"]),
  "slack-action-received": new Set(["value"]),
  "slack-action-refused": new Set(["value"]),
  "value-revealed": new Set(["by"]),
};

/** For the store: every text of every event, but for the parts that must stay byte by byte. */
export const storeRedaction = (redaction: Redaction): StoreRedaction<IncidentEvent> => ({
  event(incidentId, event) {
    const parts = passing[event.type] ?? none;
    return redaction.forIncident(incidentId).event(event, (key) => ids.has(key) || parts.has(key));
  },
  text: redaction.plain,
  keep: (sql, incidentId) => recordHidden(sql, incidentId, redaction.forIncident(incidentId).takeSealed()),
});
