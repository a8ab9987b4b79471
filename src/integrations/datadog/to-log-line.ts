import { fieldAt, instanceOf, instantOf, tagValue, textAt, UNKNOWN_SERVICE } from "./field.ts";
import { type FieldedLine, fieldsOf } from "./log-fields.ts";
import type { VendorLog } from "./schema.ts";

/** Spellings that libraries use for the same severity; Datadog keeps what a pipeline has not remapped. */
const severities: Readonly<Record<string, string>> = {
  WARNING: "WARN",
  ERR: "ERROR",
  CRIT: "CRITICAL",
  EMERG: "EMERGENCY",
  INFORMATION: "INFO",
};

function severityOf(status: string | null | undefined): string | null {
  const upper = status?.trim().toUpperCase() ?? "";
  return upper === "" ? null : (severities[upper] ?? upper);
}

/** The line's own words, then the error it carries beside them: many loggers put "request failed" in one field and the reason in another. */
function messageOf(message: string | null | undefined, attributes: unknown): string {
  const words = (message ?? "") || (textAt(attributes, "message", "msg", "event") ?? "");
  const kind = textAt(attributes, "error.kind", "error.type");
  const reason = textAt(attributes, "error.message", "error.msg") ?? textAt(attributes, "error");
  const error = [kind, reason].filter((part) => part !== null && !words.includes(part)).join(": ");
  if (words !== "" && error !== "") return `${words}\n${error}`;
  return words || error || (attributes == null ? "" : JSON.stringify(attributes).slice(0, 2_000));
}

/** null for a line without a time: nothing can be said about it. */
export function toLogLine(log: VendorLog): FieldedLine | null {
  const { timestamp, service, status, host, message, tags, attributes } = log.attributes ?? { tags: [] };
  const at = instantOf(timestamp ?? (fieldAt(attributes, "timestamp") as string | number | undefined));
  if (at === null) return null;
  return {
    at,
    service: (service ?? "") || tagValue(tags, "service") || textAt(attributes, "service") || UNKNOWN_SERVICE,
    instance: instanceOf(tags, [attributes], host),
    severity: severityOf(status ?? textAt(attributes, "status", "level", "severity")),
    message: messageOf(message, attributes),
    traceId: textAt(attributes, "trace_id", "dd.trace_id", "otel.trace_id", "traceId") ?? tagValue(tags, "trace_id"),
    spanId: textAt(attributes, "span_id", "dd.span_id", "otel.span_id", "spanId") ?? tagValue(tags, "span_id"),
    weight: 1,
    fields: fieldsOf(attributes),
  };
}
