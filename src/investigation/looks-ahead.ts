import { type Acting, acting } from "../durable/acting.ts";
import { stepIds } from "../incident/step-id.ts";
import type { Trigger } from "../incident/trigger.ts";
import type { Look, Looked, LookOptions } from "./look.ts";
import { triageWindows } from "./triage.ts";

/** First words that take longer than this meet an outage: what was read by then is of no use. */
const LONGEST_MS = 60_000;

type Note = Acting<never>["note"];
type Progress = NonNullable<LookOptions["onProgress"]>;

interface Ahead {
  readonly asOf: number;
  readonly looked: Promise<Looked>;
  readonly stop: AbortController;
  /** What it would note and show, until the step that waits for it is there. */
  follow(note: Note | undefined, onProgress: Progress): void;
}

/**
 * Looks that begin with the first words instead of after them: Slack's answers take as long as a vendor's. They are in this process alone; a triage
 * that finds none asks by itself.
 */
export class LooksAhead {
  readonly #ahead = new Map<string, Ahead>();
  readonly #look: Look;
  readonly #first: number;
  readonly #options: Pick<LookOptions, "deadlineMs" | "readOnMs">;

  readonly #most: number;

  /**
   * @param first number of the first answer in the ledger
   * @param most looks at once that no step waits for yet: more pages than that are read when their triage begins
   */
  constructor(look: Look, first: number, options: Pick<LookOptions, "deadlineMs" | "readOnMs">, most = 2) {
    this.#most = most;
    this.#look = look;
    this.#first = first;
    this.#options = options;
  }

  start(incidentId: string, trigger: Trigger, now: () => number): void {
    if (this.#ahead.has(incidentId) || this.#ahead.size >= this.#most) return;
    const asOf = now();
    const stop = new AbortController();
    const noted: Parameters<Note>[] = [];
    let shown: Parameters<Progress> | null = null;
    let note: Note = (...about) => void noted.push(about);
    let onProgress: Progress = (...about) => void (shown = about);
    const work = () =>
      this.#look(trigger, triageWindows(trigger.at, asOf), this.#first, {
        ...this.#options,
        ...{ incidentId, now, signal: stop.signal, onProgress: (...about) => onProgress(...about) },
      });
    const who = acting.getStore();
    const looked = who === undefined ? work() : acting.run({ ...who, step: stepIds.triage, note: (...about) => note(...about) }, work);
    looked.catch(() => undefined);
    this.#ahead.set(incidentId, {
      ...{ asOf, looked, stop },
      follow: (ownNote, ownProgress) => {
        note = ownNote ?? note;
        onProgress = ownProgress;
        for (const about of noted.splice(0)) note(...about);
        if (shown !== null) onProgress(...shown);
      },
    });
    AbortSignal.timeout(LONGEST_MS).addEventListener("abort", () => {
      if (this.#ahead.get(incidentId)?.stop !== stop) return;
      this.#ahead.delete(incidentId);
      stop.abort(new Error("no triage waited for this look"));
    });
  }

  /** Up to when the look that has begun reads, epoch milliseconds; null: none has. */
  asOf(incidentId: string): number | null {
    return this.#ahead.get(incidentId)?.asOf ?? null;
  }

  /** The look that has begun for these windows, from here on in the caller's hands; null: none has. */
  take(incidentId: string, asOf: number, signal: AbortSignal, onProgress: Progress): Promise<Looked> | null {
    const ahead = this.#ahead.get(incidentId);
    if (ahead === undefined || ahead.asOf !== asOf) return null;
    this.#ahead.delete(incidentId);
    if (signal.aborted) ahead.stop.abort(signal.reason);
    else signal.addEventListener("abort", () => ahead.stop.abort(signal.reason), { once: true });
    ahead.follow(acting.getStore()?.note, onProgress);
    return ahead.looked;
  }
}
