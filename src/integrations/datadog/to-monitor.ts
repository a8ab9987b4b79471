import type { Unnumbered } from "../../incident/answer.ts";
import type { MonitorState } from "../../incident/telemetry.ts";
import { instantOf, tagValue } from "./field.ts";
import type { VendorMonitor } from "./schema.ts";

const states: readonly string[] = ["Alert", "Warn", "OK", "No Data"] satisfies MonitorState["state"][];

const isState = (word: string): word is MonitorState["state"] => states.includes(word);

/** The service a monitor is about: its tag, else the one its query is scoped to. */
function serviceOf(monitor: VendorMonitor): string | null {
  const tagged = tagValue(monitor.tags, "service");
  if (tagged !== null) return tagged;
  const scoped = new Set([...(monitor.query ?? "").matchAll(/\bservice:"?([\w./-]+)/g)].map((match) => match[1]));
  return scoped.size === 1 ? ([...scoped][0] ?? null) : null;
}

export function toMonitorState(monitor: VendorMonitor): Unnumbered<MonitorState> {
  const state = monitor.overall_state ?? "";
  return {
    id: monitor.id,
    name: monitor.name ?? "",
    query: monitor.query ?? "",
    message: monitor.message ?? "",
    service: serviceOf(monitor),
    state: isState(state) ? state : "Unknown",
    triggeredAt: instantOf(monitor.overall_state_modified),
  };
}

/** Whether a monitor is about this service: by its tag, its query's scope, or a word of its query. */
export function isAbout(monitor: VendorMonitor, service: string): boolean {
  if (monitor.tags.includes(`service:${service}`)) return true;
  return new RegExp(`(?<![\\w.-])${RegExp.escape(service)}(?![\\w.-])`, "i").test(monitor.query ?? "");
}
