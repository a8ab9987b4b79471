import type { IncidentEvent, LoggedEvent } from "./event.ts";
import type { ModelFinding } from "./finding.ts";

type Of<T extends IncidentEvent["type"]> = Extract<IncidentEvent, { type: T }>;

/** What a model has done for an incident so far. */
export interface Investigation {
  readonly model: string;
  readonly round: number;
  readonly startedAt: number;
  /** Of all rounds. */
  readonly turns: number;
  readonly toolCalls: number;
  readonly cost: number;
  /** Tokens read, share of them that came from the cache, and tokens written. */
  readonly tokens: { readonly read: number; readonly cached: number; readonly written: number };
  /** Newest finding that code has checked, or null. */
  readonly finding: ModelFinding | null;
  readonly dropped: readonly string[];
  /** How this round ended; null while it goes on. */
  readonly closed: Of<"investigation-closed"> | null;
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
