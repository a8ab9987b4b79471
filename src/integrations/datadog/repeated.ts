import type { PlatformEvent } from "../../incident/telemetry.ts";
import { fieldAt, instantOf, textAt } from "./field.ts";

type Repeated = NonNullable<PlatformEvent["repeated"]>;

/** Units of Kubernetes' `duration.HumanDuration`, largest first. */
const UNITS = [["y", 365 * 86_400_000], ["d", 86_400_000], ["h", 3_600_000], ["m", 60_000], ["s", 1000]] as const; // prettier-ignore
const OVER = /\(x(\d{1,9}) over (?=\d)(?:(\d{1,4})y)?(?:(\d{1,5})d)?(?:(\d{1,5})h)?(?:(\d{1,5})m)?(?:(\d{1,5})s)?\)\s*$/;
/** Times as Go prints them: `2026-10-05 06:13:24 +0000 UTC`. */
const SEEN = /\bseen at [\d: +-]{10,40}(?:[A-Z]{1,5})? since (\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) ([+-]\d\d)(\d\d)\b/;
const COUNTED = /(\d{1,9}) \*\*\w{1,100}\*\*:/g;
/** Seconds are as exact as the other formats are. */
const SECOND_MS = 1000;

/** "(x896 over 4h2m)", as `kubectl describe` ends an event that came again. */
function over(text: string, at: number): Repeated | null {
  const found = OVER.exec(text.slice(-200));
  if (found === null) return null;
  const parts = UNITS.flatMap(([, ms], index) => (found[index + 2] === undefined ? [] : [{ ms, amount: Number(found[index + 2]) }]));
  const length = parts.reduce((sum, { ms, amount }) => sum + ms * amount, 0);
  return { count: Number(found[1]), since: at - length, slackMs: parts.at(-1)?.ms ?? SECOND_MS };
}

/** "896 **BackOff**: … _Events emitted by the kubelet seen at … since …_", as Datadog's agent bundles the events of an object. */
function bundled(text: string): Repeated | null {
  const found = SEEN.exec(text);
  const [counted, ...others] = [...text.slice(0, 4000).matchAll(COUNTED)];
  // Of several reasons in one bundle the beginning is that of the first.
  if (found === null || counted === undefined || others.length > 0) return null;
  const since = instantOf(`${found[1]}T${found[2]}${found[3]}:${found[4]}`);
  return since === null ? null : { count: Number(counted[1]), since, slackMs: SECOND_MS };
}

/** The fields of the Kubernetes event itself, in both versions of its API. */
function inFields(inner: unknown): Repeated | null {
  const first = fieldAt(inner, "firstTimestamp") ?? fieldAt(inner, "deprecatedFirstTimestamp") ?? fieldAt(inner, "eventTime");
  const count = Number(textAt(inner, "count", "deprecatedCount", "series.count") ?? Number.NaN);
  const since = typeof first === "string" ? instantOf(first) : null;
  return since === null || !Number.isSafeInteger(count) ? null : { count, since, slackMs: SECOND_MS };
}

/**
 * How often a Kubernetes event came and since when, by its own account; null where it came once or does not say.
 * @param inner the event's own fields
 * @param at when it came last, epoch milliseconds
 * Source: kubernetes.io, Event v1 and events.k8s.io/v1; `kubectl describe`; datadog-agent, kubernetes_apiserver check.
 */
export function repeatedIn(text: string, inner: unknown, at: number): Repeated | null {
  const found = inFields(inner) ?? over(text, at) ?? bundled(text);
  return found === null || found.count < 2 || found.since > at ? null : found;
}
