import type { Fact, Question, Source } from "../incident/source.ts";
import { packAnswer, type PackedAnswer } from "../store/evidence.ts";

/** A fact without its answer's text, of which there may be tens of megabytes: that is compressed at once, for the ledger alone reads it. */
export interface ReadFact extends Omit<Fact, "answer"> {
  readonly answer: PackedAnswer["answer"];
  /** null: the ledger has it already. */
  readonly packed: Promise<PackedAnswer> | null;
}

/** A source at work: what it has said so far, and how it ended. */
export interface Asked {
  readonly source: string;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  /** Grows until the source has ended. */
  readonly facts: readonly ReadFact[];
  /** Never rejects. `error` is null where it ended well. */
  readonly ended: Promise<{ readonly error: unknown }>;
  stop(reason: unknown): void;
}

function readFact({ answer, ...rest }: Fact): ReadFact {
  const packed = packAnswer(answer);
  // Of a look that was stopped nobody waits for it.
  packed.catch(() => undefined);
  const { source, query, window, link, cut } = answer;
  return { ...rest, answer: { source, query, window, link, cut }, packed };
}

export function startAsking(source: Source, question: Question, now: number): Asked {
  const stopping = new AbortController();
  const facts: ReadFact[] = [];
  const ended = source
    .ask(question, (fact) => void facts.push(readFact(fact)), stopping.signal)
    .then(
      () => ({ error: null }),
      (error: unknown) => ({ error }),
    );
  return { source: source.name, startedAt: now, facts, ended, stop: (reason) => stopping.abort(reason) };
}

/**
 * Sources that had not answered at the deadline and go on, so that their questions are not asked twice. It lives as long as the process; after
 * its end they are asked again.
 */
export class StillAsked {
  readonly #asked = new Map<string, Asked>();

  /** @param longestMs until which it may go on unless somebody takes it up */
  keep(incidentId: string, asked: Asked, longestMs: number): void {
    const key = JSON.stringify([incidentId, asked.source]);
    this.#asked.set(key, asked);
    AbortSignal.timeout(longestMs).addEventListener("abort", () => {
      if (this.#asked.get(key) !== asked) return;
      this.#asked.delete(key);
      asked.stop(new Error("nobody waits for this source any more"));
    });
  }

  /** From here on it is the caller's to wait for and to stop. */
  take(incidentId: string, source: string): Asked | null {
    const key = JSON.stringify([incidentId, source]);
    const asked = this.#asked.get(key) ?? null;
    this.#asked.delete(key);
    return asked;
  }
}
