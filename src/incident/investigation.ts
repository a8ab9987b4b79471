import type { EventOf, LoggedEvent } from "./event.ts";
import type { ModelFinding } from "./finding.ts";
import type { ToolAnswer } from "./tool.ts";

/** A provider that failed is asked again after this time, then twice and three times as long, while the incident is open; later where it named a longer wait. */
const RETRY_MS = 5 * 60_000;
const MOST_RETRIES = 3;

/** What a model has done for an incident so far. */
export interface Investigation {
  readonly model: string;
  readonly round: number;
  readonly startedAt: number;
  /** Of all rounds. */
  readonly turns: number;
  readonly toolCalls: number;
  /** Dollars, answers to people's questions included. */
  readonly cost: number;
  /** Tokens read, share of them that came from the cache, and tokens written. */
  readonly tokens: { readonly read: number; readonly cached: number; readonly written: number };
  /** Newest finding that code has checked, or null. */
  readonly finding: ModelFinding | null;
  readonly dropped: readonly string[];
  /** How this round ended; null while it goes on. */
  readonly closed: EventOf<"investigation-closed"> | null;
  readonly closedAt: number | null;
}

/** Computes it from the log. */
export function investigationOf(log: readonly LoggedEvent[]): Investigation | null {
  let found = null as { -readonly [K in keyof Investigation]: Investigation[K] } | null;
  for (const { event, at } of log) {
    if (event.type === "investigation-started") {
      const { model, round } = event;
      found =
        found === null || found.round !== round
          ? {
              turns: 0,
              toolCalls: 0,
              cost: 0,
              tokens: { read: 0, cached: 0, written: 0 },
              finding: null,
              dropped: [],
              ...found,
              model,
              round,
              startedAt: at,
              closed: null,
              closedAt: null,
            }
          : { ...found, model };
    } else if (found === null) continue;
    else if (event.type === "model-turn") {
      const { usage } = event;
      found.turns += 1;
      found.cost += event.cost;
      found.tokens = {
        read: found.tokens.read + usage.inputTokens + usage.cacheReadTokens + usage.cacheWrite5mTokens + usage.cacheWrite1hTokens,
        cached: found.tokens.cached + usage.cacheReadTokens,
        written: found.tokens.written + usage.outputTokens,
      };
    } else if (event.type === "tools-answered") found.toolCalls += event.answers.length;
    else if (event.type === "reply-made" || event.type === "postmortem-worded") found.cost += event.cost;
    else if (event.type === "finding-submitted") {
      found.finding = event.finding;
      found.dropped = event.dropped;
    } else if (event.type === "investigation-closed") {
      found.closed = event;
      found.closedAt = at;
    }
  }
  return found;
}

/** `950`, `9.4k`, `61k`, `1.2M`. */
function inShort(count: number): string {
  if (count < 1_000) return String(count);
  if (count < 9_950) return `${(count / 1_000).toFixed(1)}k`;
  return count < 999_500 ? `${Math.round(count / 1_000)}k` : `${(count / 1_000_000).toFixed(1)}M`;
}

/** "61k tokens, 83 % from the cache", or "" before any. */
export function tokenWords({ tokens: { read, cached, written } }: Pick<Investigation, "tokens">): string {
  if (read + written === 0) return "";
  return `${inShort(read + written)} tokens${read === 0 ? "" : `, ${Math.round((cached / read) * 100)} % from the cache`}`;
}

/** When a model that failed is asked again, epoch milliseconds; null: not by itself. */
export function retryAt(investigation: Investigation | null, pageStatus: "triggered" | "acknowledged" | "resolved"): number | null {
  if (investigation === null || investigation.closedAt === null || investigation.closed?.retry !== true) return null;
  if (investigation.round > MOST_RETRIES || pageStatus === "resolved") return null;
  return investigation.closedAt + Math.max(RETRY_MS * investigation.round, investigation.closed.retryAfterMs ?? 0);
}

/**
 * Why the report comes from the data alone; null where a model took part or still will.
 * @param withoutModel why none takes part by the settings of today, or null where one does
 */
export function noModelWords(
  view: { readonly investigation: Investigation | null; readonly analysis: unknown; readonly finding: unknown },
  withoutModel: string | null,
): string | null {
  if (view.investigation !== null || view.analysis === null) return null;
  return withoutModel ?? (view.finding === null ? null : "it was not asked");
}

/** One turn of the model with what it asked of the tools. */
export interface WorkTurn {
  readonly round: number;
  /** Within its round, 1 for the first. */
  readonly turn: number;
  readonly at: number;
  readonly calls: readonly Omit<ToolAnswer, "id" | "view">[];
}

/** The model's work turn by turn, oldest first. A turn whose calls are not answered yet has none. */
export function workOf(log: readonly LoggedEvent[]): WorkTurn[] {
  const turns: WorkTurn[] = [];
  let round = 1;
  for (const { event, at } of log) {
    if (event.type === "investigation-started") round = event.round;
    else if (event.type === "model-turn") {
      const turn = turns.filter((one) => one.round === round).length + 1;
      turns.push({ round, turn, at, calls: [] });
    } else if (event.type === "tools-answered") {
      const asked = turns.pop();
      const calls = event.answers.map(({ name, evidence, fact, failed, tookMs }) => ({ name, evidence, fact, failed, tookMs }));
      if (asked !== undefined) turns.push({ ...asked, calls });
    }
  }
  return turns;
}
