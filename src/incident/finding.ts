import { LIKELY } from "./confidence.ts";
import { isMigration } from "./migration.ts";
import type { ChangeEvent, DataKind } from "./telemetry.ts";

/** The kinds of fault that analysis distinguishes. */
export const faultClasses = ["cpu", "memory", "network", "latency", "error", "code", "overload", "config", "dependency"] as const;
export type FaultClass = (typeof faultClasses)[number];

/** What can be concluded. `recovered`: the paged service did leave its usual range, and has been back in it for long enough to say so. */
export const verdicts = ["incident", "recovered", "nothing-wrong", "inconclusive"] as const;
export type Verdict = (typeof verdicts)[number];

/** One reason, in plain words with figures and units, resting on numbered evidence. */
export interface Reason {
  /** What it says, for code, and the names in the data that it is about. Missing in what was recorded before it was kept. */
  readonly code?: string;
  readonly about?: readonly string[];
  readonly text: string;
  /** The fact alone, without what the platform says around it; missing where the text is that. */
  readonly short?: string;
  /** When what it says began, where it began in sight. */
  readonly since?: number;
  readonly evidence: readonly number[];
  /** Verbatim extract of the cited evidence (a log line, an event text), where there is one worth showing. */
  readonly quote: string | null;
}

/** A service (and, where one is guilty, a change) that may be to blame. */
export interface Suspect {
  readonly service: string;
  readonly instance: string | null;
  readonly fault: FaultClass | null;
  readonly change: ChangeEvent | null;
  /** 0..1, calibrated: of suspects given 0.8, eight in ten are right. */
  readonly probability: number;
  /** When this service left its baseline, or null if it never visibly did. */
  readonly onset: number | null;
  /** How it fails, since when, because of what: a clause behind its name. Missing in what was recorded before it was kept. */
  readonly cause?: string;
  readonly reasons: readonly Reason[];
}

/** Something looked at and found innocent, with why. */
export interface RuledOut {
  readonly what: string;
  readonly why: string;
  readonly evidence: readonly number[];
}

/** How the page itself shows in the telemetry: what is wrong, since when, how bad. */
export interface Symptom {
  readonly service: string;
  /** "errors", "p95 latency", "availability", …: words for people. */
  readonly what: string;
  readonly before: number;
  readonly now: number;
  readonly unit: string | null;
  readonly since: number;
  readonly evidence: readonly number[];
  /** `seriesName` of what it was read from; missing in what was recorded before it was kept. */
  readonly series?: string;
  /** When it was back in its usual range; missing while it lasts. */
  readonly until?: number;
  /** The latest time before `since` when it was as bad as it is now, and calm again after that: epoch milliseconds, and its value then. */
  readonly earlierPeak?: { readonly at: number; readonly value: number };
}

/** Trouble at a service with no known way to the paged one. `why` is its strongest reason. */
export interface Elsewhere {
  readonly service: string;
  /** false: it left its usual range, and none of its requests is known to fail. */
  readonly fails?: boolean;
  /** It is linked to the page, and has a cause of its own beside that of the first suspect. */
  readonly isLinked?: boolean;
  readonly since: number | null;
  readonly why: string;
  readonly evidence: readonly number[];
}

/** What analysis concludes from the data alone. */
export interface Analysis {
  readonly verdict: Verdict;
  /** Why this verdict, one sentence. */
  readonly because: string;
  /** Of `recovered`: since when the paged service is back in its usual range. */
  readonly recoveredAt?: number;
  readonly onset: number | null;
  /** Worst first; empty when nothing is wrong. */
  readonly symptoms: readonly Symptom[];
  /**
   * Best first. Where nothing is wrong: leads, furthest from their usual range but too weak to blame; {@link blamed} leaves them out.
   * Of what recovered: who was to blame then.
   */
  readonly suspects: readonly Suspect[];
  readonly ruledOut: readonly RuledOut[];
  /**
   * What was looked at and lies where it usually does: no proof of innocence, and so not ruled out. Missing in what was recorded before there was
   * such a list; {@link lookedAt} reads it.
   */
  readonly asUsual?: readonly RuledOut[];
  /** Changes that went live before and are neither blamed nor proven innocent, likeliest first. Missing in what was recorded before. */
  readonly unproven?: readonly RuledOut[];
  /** Trouble of services that nothing links to the page: reported, never blamed for it. Missing in what was recorded before. */
  readonly elsewhere?: readonly Elsewhere[];
  /** This page is one of so many of the same alert, the first of which came at `since`. Missing where it is the only one. */
  readonly equalPages?: { readonly count: number; readonly since: number };
  /** Services that fail alike at once: what they share is to blame, none of them alone. Missing where there are none. */
  readonly together?: readonly string[];
  /** Sources that did not answer in full, for which no suspect is likely and no change ruled out by its time. Missing where all did. */
  readonly unread?: readonly string[];
  /** Services that moved later and only as a consequence. */
  readonly consequences: readonly { readonly service: string; readonly onset: number }[];
}

/** The suspects that an analysis blames: none where nothing is wrong. */
export function blamed(analysis: Analysis | null): readonly Suspect[] {
  return analysis === null || analysis.verdict === "nothing-wrong" ? [] : analysis.suspects;
}

/** Whom the data hold for the cause: nobody while it is open whether or what is wrong, once it is over, or where several services fail alike. */
export const culpritOf = (analysis: Analysis | null): Suspect | null =>
  analysis?.verdict === "incident" && analysis.together === undefined ? (analysis.suspects[0] ?? null) : null;

/** Whose change a suspect is blamed with, where that is another service than the suspect: nobody may revert the wrong one. Else null. */
export const changedElsewhere = ({
  service,
  change,
}: {
  readonly service: string;
  readonly change: Pick<ChangeEvent, "service"> | null;
}): string | null => (change === null || change.service === service ? null : change.service);

/** The way back to what ran before, and what must be asked first where the change holds a database migration. */
export interface Rollback {
  readonly service: string;
  readonly change: ChangeEvent;
  /** `sha`: what is live now. `author`: whom to ask, where known. `file`: path of the migration. */
  readonly migration: { readonly sha: string; readonly author: string | null; readonly file: string } | null;
}

/** The way back to what ran before, where the data alone hold a deploy for the likely cause; else null. */
export function rollbackOf(analysis: Analysis | null): Rollback | null {
  const best = culpritOf(analysis);
  if (best === null || best.probability < LIKELY) return null;
  const { change } = best;
  if (change?.kind !== "deploy" || (change.previousSha ?? change.sha ?? change.version) === null) return null;
  const file = change.files?.find(({ path }) => isMigration(path))?.path;
  const migration = file === undefined ? null : { sha: change.sha ?? change.version ?? "it", author: change.author, file };
  return { service: changedElsewhere(best) ?? best.service, change, migration };
}

/** What lies where it usually does. */
export const lookedAt = (analysis: Analysis): readonly RuledOut[] => analysis.asUsual ?? [];

/** One source in the coverage line of every report. */
export interface CoverageLine {
  /** "Datadog logs", "Sentry", "GitHub", … */
  readonly source: string;
  readonly status: "read" | "empty" | "sampled" | "failed" | "timed-out" | "not-asked" | "not-configured";
  /** Words for people: "5,000 of about 61,000 lines", or what failed and what to do about it. */
  readonly detail: string | null;
  readonly tookMs: number | null;
  readonly evidence: readonly number[];
  /** Tools of the model by which this source is read at all; see `Source.tools`. */
  readonly tools?: readonly string[];
  /** Kinds that this source did not bring in full: for these nothing is sure. Missing where there are none, and in what was recorded before it was kept. */
  readonly unread?: readonly DataKind[];
  /** It had not answered at the deadline and is read on. */
  readonly pending?: true;
}

/** Values of a text that code found in no evidence. Missing where all of it was found, and in what was recorded before they were kept. */
interface Verified {
  readonly unverified?: readonly string[];
}

/**
 * A finding of a model, with its evidence numbers. The schema by which it is handed in is `investigation/check/submitted-finding.ts`. What was
 * recorded before each part took evidence has none there.
 */
export interface ModelFinding {
  readonly verdict: Analysis["verdict"];
  readonly cause: string;
  readonly cause_evidence?: readonly number[];
  /** See {@link Verified}. */
  readonly cause_unverified?: readonly string[];
  readonly service: string;
  readonly instance: string | null;
  readonly fault: FaultClass | null;
  readonly change: { readonly id: string; readonly repository: string | null } | null;
  readonly confidence: number;
  /** From the cause to the symptom. */
  readonly causal_path: readonly ({ readonly service: string; readonly what: string; readonly evidence: readonly number[] } & Verified)[];
  readonly claims: readonly ({
    readonly text: string;
    readonly evidence: readonly number[];
    readonly quotes: readonly { readonly text: string; readonly evidence: number }[];
  } & Verified)[];
  readonly ruled_out: readonly (RuledOut & Verified)[];
  readonly impact: ({ readonly text: string; readonly evidence: readonly number[] } & Verified) | null;
  readonly do_now: readonly ({
    readonly step: string;
    readonly runbook: string | null;
    readonly evidence?: readonly number[];
  } & Verified)[];
  /** What people must not do, after "Do not". */
  readonly do_not?: ({ readonly text: string } & Verified) | null;
  /** Which draft PR serves best: a revert of `change`, a patch written by the model, or none. */
  readonly fix: "revert" | "patch" | "none";
  readonly missing: readonly ({ readonly what: string; readonly who: string | null; readonly evidence?: readonly number[] } & Verified)[];
}

/** A model's cause without the words that say its verdict, for places that say the verdict themselves. */
export function causeWords({ verdict, cause }: ModelFinding): string {
  const words = verdict === "inconclusive" ? cause.replace(/^inconclusive[.:]?\s+/i, "") : cause;
  // A name keeps its letters: "ts-basic-service" begins no sentence differently.
  return /^[a-z]+(?:[-_./@\d]|[a-z]*[A-Z])/.test(words) ? words : `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}
