import { IntegrationError, RateLimitedError, TimedOutError } from "../guard/errors.ts";
import type { CoverageLine } from "../incident/finding.ts";
import type { Source } from "../incident/source.ts";
import type { DataKind, TimeWindow } from "../incident/telemetry.ts";
import { counted } from "../report/tool-view.ts";
import { minuteTime } from "../report/words.ts";
import type { PackedAnswer } from "../store/evidence.ts";
import type { ReadFact } from "./asking.ts";

/** A fact with the number it will have in the ledger. */
export interface NumberedFact {
  readonly evidence: number;
  readonly fact: ReadFact;
  /** Name of the source that said it. */
  readonly from: string;
}

/** What the ledger is to have of facts. */
export const packedOf = (facts: readonly NumberedFact[]): Promise<readonly PackedAnswer[]> =>
  Promise.all(facts.flatMap(({ fact: { packed } }) => packed ?? []));

/** How one source ended, or that it had not when it was looked at. */
export interface Outcome {
  readonly source: Source;
  readonly tookMs: number;
  readonly error: unknown;
  readonly timedOut: boolean;
  /** How long it was waited for, ms. */
  readonly waitedMs: number;
}

const isEmpty = (facts: readonly NumberedFact[]) =>
  facts.every(
    ({ fact, evidence }) => Object.values(fact.telemetry(evidence)).every((list) => list.length === 0) && fact.page === undefined,
  );

/** What went wrong, in words; messages of our own errors are written for people, of others the kind is named too. */
function failureWords(error: unknown): string {
  if (error instanceof IntegrationError) return error.message;
  return error instanceof Error ? `${error.name}: ${error.message}` : "failed without a reason";
}

const DAY_MS = 24 * 60 * 60_000;

/** "19:55 to 20:31: ", with the days where it is longer than one. */
const inWindow = ({ from, to }: TimeWindow): string => {
  const words = (at: number) => (to - from < DAY_MS ? minuteTime(at) : new Date(at).toISOString().slice(0, 16).replace("T", " "));
  return `${words(from)} to ${words(to)}: `;
};

/** What was cut; where several answers were, of which window each. */
function cutWords(facts: readonly NumberedFact[]): string {
  const cuts = new Map<string, TimeWindow | null>();
  for (const { answer } of facts.map(({ fact }) => fact))
    if (answer.cut !== null) cuts.set(answer.cut, cuts.has(answer.cut) ? null : answer.window);
  return [...cuts].map(([cut, window]) => (cuts.size < 2 || window === null ? cut : `${inWindow(window)}${cut}`)).join("; ");
}

const isLate = ({ timedOut, error }: Outcome) => timedOut || error instanceof TimedOutError;

/** Whether the same question may be answered a little later. */
const mayAnswerLater = (outcome: Outcome) =>
  outcome.source.tools === undefined && (isLate(outcome) || (outcome.error instanceof IntegrationError && outcome.error.retryable));

/** Kinds that the source did not bring in full: of a source that failed all but those it had completed, and those of which it left out too much. */
function unreadKinds({ source: { brings = [] }, error, timedOut }: Outcome, facts: readonly NumberedFact[]): readonly DataKind[] {
  const isThin = facts.some(({ fact }) => fact.thin !== undefined);
  if (error === null && !timedOut) return isThin ? brings : [];
  const whole = facts.flatMap(({ fact: { completes = [], thin } }) => (thin === undefined ? completes : []));
  return brings.filter((kind) => !whole.includes(kind));
}

/** @param readsOn whether what may answer later is asked on */
export function coverageLine(outcome: Outcome, facts: readonly NumberedFact[], readsOn: boolean): CoverageLine {
  const { source, error, tookMs, waitedMs } = outcome;
  const { tools } = source;
  const unread = unreadKinds(outcome, facts);
  const pending = readsOn && mayAnswerLater(outcome);
  const base = {
    ...{ source: source.name, tookMs, evidence: facts.map(({ evidence }) => evidence) },
    ...(tools === undefined ? {} : { tools }),
    ...(unread.length === 0 ? {} : { unread }),
    ...(pending ? ({ pending } as const) : {}),
  };
  const part = facts.length > 0 ? " The part that arrived is used." : "";
  if (isLate(outcome))
    return { ...base, status: "timed-out", detail: `no complete answer within ${Math.round(waitedMs / 1000)} s.${part}` };
  if (error !== null) {
    const limited = error instanceof RateLimitedError ? " Rate limit." : "";
    return { ...base, status: "failed", detail: `${failureWords(error)}${limited}${part}` };
  }
  if (tools !== undefined) return { ...base, status: "not-asked", detail: `ready: ${counted(tools.length, "tool")}` };
  if (isEmpty(facts)) return { ...base, status: "empty", detail: "nothing found" };
  const thin = facts.flatMap(({ fact }) => fact.thin ?? []);
  const said = cutWords(facts);
  const cut = thin.length === 0 ? said : `${said === "" ? thin.join("; ") : said} (too little to be sure)`;
  return cut === "" ? { ...base, status: "read", detail: null } : { ...base, status: "sampled", detail: cut };
}
