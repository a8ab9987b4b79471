import type { Question } from "../../../incident/source.ts";

/** Where an incident is talked about. It comes from midwatch's own log and catalog; no input of a tool names a channel or a thread. */
export interface SlackPlace {
  /** Channel id. */
  readonly channel: string;
  /** First message of the incident's own thread; null before it is posted. */
  readonly threadTs: string | null;
}

/** The place of the incident that a question is about; null: none is known (yet). */
export type PlaceOf = (question: Question, signal: AbortSignal) => Promise<SlackPlace | null>;
