import type { Unnumbered } from "../../incident/answer.ts";
import { withoutLiterals } from "../../incident/statement.ts";
import type { Span } from "../../incident/telemetry.ts";
import { fieldAt, instanceOf, instantOf, tagValue, textAt, UNKNOWN_SERVICE } from "./field.ts";
import type { VendorSpan } from "./schema.ts";

/** Where tracers leave the statement of a database call: OpenTelemetry's name of today, its older one, Datadog's own. */
const statementWords = ["db.query.text", "db.statement", "sql.query"];
const errorWords = ["error.message", "error.msg", "error.type", "error.kind"];

/** true, false, or null where this span says nothing of its outcome. */
function failed(status: string | null | undefined, errors: readonly unknown[], words: string | null): boolean | null {
  const lower = status?.toLowerCase() ?? "";
  if (lower === "error") return true;
  for (const error of errors) {
    if (error === true || error === 1 || error === "1" || error === "true") return true;
    if (error === false || error === 0 || error === "0" || error === "false") return false;
  }
  if (words !== null) return true;
  return lower === "ok" ? false : null;
}

const toStatement = (text: string | null): string | null => (text === null ? null : withoutLiterals(text));

/** null for a span without ids or times. */
function toSpan(vendor: VendorSpan): Unnumbered<Span> | null {
  const span = vendor.attributes;
  if (span == null) return null;
  const start = instantOf(span.start_timestamp);
  const end = instantOf(span.end_timestamp);
  if (start === null || !span.trace_id || !span.span_id) return null;
  const inside = [span.custom, span.attributes];
  const ownError = typeof span.error === "object" ? span.error : null;
  const words =
    textAt(span.custom, ...errorWords) ??
    textAt(span.attributes, ...errorWords) ??
    textAt({ error: ownError }, ...errorWords) ??
    tagValue(span.tags, ...errorWords);
  const flags = [span.error, ...inside.map((fields) => fieldAt(fields, "error"))];
  const error = failed(span.status ?? textAt(span.custom, "status"), flags, words);
  // Nanoseconds; the two timestamps are cut to milliseconds, too coarse for most spans.
  const nanoseconds = Number(textAt(span.custom, "duration") ?? textAt(span.attributes, "duration") ?? Number.NaN);
  const parent = span.parent_id ?? "";
  return {
    traceId: span.trace_id,
    spanId: span.span_id,
    parentId: parent === "" || parent === "0" ? null : parent,
    service: (span.service ?? "") || tagValue(span.tags, "service") || UNKNOWN_SERVICE,
    instance: instanceOf(span.tags, inside, span.host),
    operation: (span.resource_name ?? "") || (span.operation_name ?? "") || "unknown",
    start,
    durationMs: Number.isFinite(nanoseconds) ? nanoseconds / 1e6 : Math.max(0, (end ?? start) - start),
    error,
    errorMessage: error === true ? words : null,
    statement: toStatement(textAt(span.custom, ...statementWords) ?? textAt(span.attributes, ...statementWords)),
  };
}

/**
 * Datadog marks the spans that failed and says nothing of those that did not. So where one span of the answer is marked, the unmarked ones
 * are known to be fine; where none is, the source may not record outcomes at all, and they stay unknown.
 */
export function toSpans(vendor: readonly VendorSpan[]): Unnumbered<Span>[] {
  const spans = vendor.map(toSpan).filter((span) => span !== null);
  return spans.some((span) => span.error === true) ? spans.map((span) => (span.error === null ? { ...span, error: false } : span)) : spans;
}
