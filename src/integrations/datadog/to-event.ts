import type { Unnumbered } from "../../incident/answer.ts";
import type { ChangeEvent, PlatformEvent } from "../../incident/telemetry.ts";
import { type DatadogEvent, toChange } from "./changes.ts";
import { fieldAt, instanceOf, instantOf, tagValue, textAt } from "./field.ts";
import { repeatedIn } from "./repeated.ts";
import type { VendorEvent } from "./schema.ts";

export type EventOrChange =
  | { readonly event: Unnumbered<PlatformEvent>; readonly change?: undefined }
  | { readonly change: Unnumbered<ChangeEvent>; readonly event?: undefined };

function severityOf(status: string | null): PlatformEvent["severity"] {
  const lower = status?.toLowerCase() ?? "";
  if (lower === "error" || lower === "failure" || lower === "critical") return "error";
  return lower === "warn" || lower === "warning" ? "warning" : "info";
}

function readEvent(vendor: VendorEvent): DatadogEvent | null {
  const outer = vendor.attributes;
  const inner = outer?.attributes;
  const tags = [...new Set([...(outer?.tags ?? []), ...tagsOf(inner)])];
  const own = fieldAt(inner, "timestamp");
  const at = instantOf(outer?.timestamp ?? (typeof own === "number" || typeof own === "string" ? own : null));
  if (at === null) return null;
  const service = textAt(inner, "service") ?? tagValue(tags, "service");
  const source = tagValue(tags, "source") ?? textAt(inner, "source_type_name", "sourcecategory", "evt.source", "source") ?? "datadog";
  const text = outer?.message ?? textAt(inner, "message", "text") ?? "";
  return {
    id: vendor.id ?? null,
    at,
    source: source
      .trim()
      .toLowerCase()
      .replaceAll(/[\s-]+/g, "_"),
    // Events posted without a service carry this word.
    service: service === "undefined" ? null : service,
    instance: instanceOf(tags, [inner], textAt(inner, "hostname", "host")),
    severity: severityOf(textAt(inner, "status", "alert_type")),
    title: textAt(inner, "title") ?? text.split("\n", 1)[0]?.slice(0, 200) ?? "",
    text,
    tags,
    attributes: inner ?? null,
  };
}

function tagsOf(inner: unknown): string[] {
  const tags = fieldAt(inner, "tags");
  return Array.isArray(tags) ? tags.filter((tag) => typeof tag === "string") : [];
}

/** @param linkTo the page of one event, or null where there is no such page */
export function toEvent(vendor: VendorEvent, linkTo: (id: string) => string | null): EventOrChange | null {
  const event = readEvent(vendor);
  if (event === null) return null;
  const change = toChange(event, event.id === null ? null : linkTo(event.id));
  if (change !== null) return { change };
  const { at, source, service, instance, severity, title, text, tags } = event;
  const repeated = source === "kubernetes" ? repeatedIn(text, vendor.attributes?.attributes, at) : null;
  return { event: { at, source, service, instance, severity, title, text, tags, ...(repeated === null ? {} : { repeated }) } };
}
