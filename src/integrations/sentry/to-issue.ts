import type { Unnumbered } from "../../incident/answer.ts";
import type { ErrorIssue } from "../../incident/telemetry.ts";
import type { VendorIssue } from "./schema.ts";

/** Epoch milliseconds, or null where the text is no instant. */
export function instantOf(text: string | null | undefined): number | null {
  const at = Date.parse(text ?? "");
  return Number.isNaN(at) ? null : at;
}

/** Only a web address is a link: the text comes from outside. */
const webAddress = (text: string | null | undefined): string | null =>
  /^https?:\/\//.test(text ?? "") && URL.canParse(text ?? "") ? (text ?? null) : null;

/** An issue with what only Sentry knows about it. */
export interface SentryIssue extends Unnumbered<ErrorIssue> {
  /** Events over its whole life; `count` speaks of the time asked for. Missing where Sentry does not say. */
  readonly lifetimeCount?: number;
  /** It was resolved and came back. */
  readonly regressed?: true;
}

/** null for an issue without times: it can be placed neither before nor in the incident. */
export function toErrorIssue(issue: VendorIssue): SentryIssue | null {
  const seen = [instantOf(issue.lifetime?.firstSeen), instantOf(issue.firstSeen)].filter((at) => at !== null);
  const lastSeen = instantOf(issue.lastSeen);
  if (seen.length === 0 || lastSeen === null) return null;
  const count = Number(issue.count ?? Number.NaN);
  const users = Number(issue.userCount ?? Number.NaN);
  const lifetimeCount = Number(issue.lifetime?.count ?? Number.NaN);
  return {
    id: issue.id,
    title: issue.title ?? "",
    culprit: issue.culprit || null,
    service: issue.project?.slug ?? null,
    level: issue.level ?? "error",
    // With a time asked for, `firstSeen` may be the first sighting in it; its whole life says whether an issue is new.
    firstSeen: Math.min(...seen),
    lastSeen,
    count: Number.isFinite(count) ? count : 0,
    release: issue.firstRelease?.version ?? issue.lastRelease?.version ?? null,
    link: webAddress(issue.permalink),
    ...(Number.isFinite(users) ? { users } : {}),
    ...(Number.isFinite(lifetimeCount) ? { lifetimeCount } : {}),
    ...(issue.substatus === "regressed" ? { regressed: true } : {}),
  };
}
