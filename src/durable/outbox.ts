import type { Migrations, Sql } from "./sql.ts";

export const outboxMigrations: Migrations = {
  name: "outbox",
  statements: [
    `create table effect(
      incident text not null, key text not null, kind text not null, payload text not null, state text not null, result text,
      attempts integer not null, last_error text, intended_at integer not null, attempted_at integer not null, done_at integer,
      primary key(incident, key))`,
  ],
};

/** How one kind of effect is looked for and brought about. Both get the payload of the first intent, whatever a later run would have sent. */
export interface EffectCalls<P, R> {
  /** Looks for the effect at the vendor by something it carries (message metadata, branch name); null when it is not there. */
  find(payload: P): Promise<R | null>;
  /** Brings it about. */
  act(payload: P): Promise<R>;
}

/** What leaves the house goes through here, so that a step that runs again does no second harm. */
export interface Effects {
  /**
   * Brings an effect about once, ever.
   * @param key the effect's name within its incident, the same in each run: "status-message", "fix-pr"
   * @param kind the kind of effect, for people who read the outbox: "slack-message"
   * @param payload what is sent, JSON; kept, so that a later run sends the same
   * @returns what `act` or `find` returned the first time, through JSON
   * @throws what `find` or `act` threw; the intent stays and the next run looks for the effect first
   */
  deliver<P, R>(key: string, kind: string, payload: P, calls: EffectCalls<P, R>): Promise<R>;
  /** Whether an effect was ever meant: what is delivered under its key is then what was meant at first. */
  wasMeant(key: string): boolean;
}

/** One row of the outbox, for people who want to know what went out and what did not. */
export interface Effect {
  readonly key: string;
  readonly kind: string;
  readonly state: "intent" | "done";
  readonly attempts: number;
  readonly lastError: string | null;
  readonly intendedAt: number;
  readonly doneAt: number | null;
}

export interface OutboxOptions {
  readonly now: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /**
   * How old the last try must be before "not found" is believed. A call that was cut off may still be on its way, and a look that comes too early
   * sends it a second time. Default 2,000 ms.
   */
  readonly settleMs?: number;
  /** Deliveries under way, shared by all that serve one incident in this process. Default: this outbox's own. */
  readonly underWay?: Map<string, Promise<unknown>>;
  /** What of an error's words may be kept. Default: all. */
  readonly redacted?: (words: string) => string;
}

interface Row {
  kind: string;
  payload: string;
  state: "intent" | "done";
  result: string | null;
  attempted_at: number;
}

/** While pages pour in, intents are brought to the disk with the deliveries that are answered then: half the flushes. Nobody sees 20 ms in Slack. */
const PATIENCE_MS = 20;

/**
 * The outbox of one incident. An intent row with the key is committed before anything is sent; a later run that finds the intent without a
 * result looks for the effect first and acts only when it is not there.
 */
export class Outbox {
  readonly #sql: Sql;
  readonly #incidentId: string;
  readonly #options: OutboxOptions;
  readonly #underWay: Map<string, Promise<unknown>>;

  constructor(sql: Sql, incidentId: string, options: OutboxOptions) {
    this.#sql = sql;
    this.#incidentId = incidentId;
    this.#options = options;
    this.#underWay = options.underWay ?? new Map();
  }

  /** As `Effects.deliver`; `signal` ends the wait before looking, the calls bring their own. */
  deliver<P, R>(key: string, kind: string, payload: P, calls: EffectCalls<P, R>, signal: AbortSignal): Promise<R> {
    // A step that was given up may still be sending. Its successor waits for that call instead of making the same one beside it.
    const name = `${this.#incidentId} ${key}`;
    const underWay = this.#underWay.get(name);
    if (underWay !== undefined) return underWay as Promise<R>;
    const delivery = this.#deliver(key, kind, payload, calls, signal).finally(() => this.#underWay.delete(name));
    this.#underWay.set(name, delivery);
    return delivery;
  }

  /** As `Effects.wasMeant`. */
  wasMeant(key: string): boolean {
    return this.#sql.all("select 1 from effect where incident = ? and key = ?", this.#incidentId, key).length > 0;
  }

  async #deliver<P, R>(key: string, kind: string, payload: P, calls: EffectCalls<P, R>, signal: AbortSignal): Promise<R> {
    const { earlier, now } = this.#intend(key, kind, JSON.stringify(payload));
    if (earlier !== null && earlier.kind !== kind) {
      throw new Error(`The effect "${key}" of ${this.#incidentId} was a ${earlier.kind} and is now asked for as a ${kind}.`);
    }
    if (earlier?.state === "done") return JSON.parse(earlier.result ?? "null") as R;
    const kept = earlier === null ? payload : (JSON.parse(earlier.payload) as P);
    // Only the intent must be on the disk before anything goes out. A result that a power cut takes is found again at the vendor.
    await this.#sql.sync(PATIENCE_MS);
    try {
      if (earlier !== null) {
        const unsettledMs = earlier.attempted_at + (this.#options.settleMs ?? 2_000) - now;
        if (unsettledMs > 0) await this.#options.sleep(unsettledMs, signal);
        const found = await calls.find(kept);
        if (found !== null) return this.#done(key, found);
        this.#update("attempted_at = ?3", key, this.#options.now());
      }
      signal.throwIfAborted();
      return this.#done(key, await calls.act(kept));
    } catch (error) {
      this.#update("last_error = ?3", key, this.#words(error).slice(0, 1_000));
      throw error;
    }
  }

  #words(error: unknown): string {
    const words = error instanceof Error ? error.message : String(error);
    return this.#options.redacted?.(words) ?? words;
  }

  #intend(key: string, kind: string, payload: string): { earlier: Row | null; now: number } {
    const now = this.#options.now();
    return this.#sql.tx(() => {
      const earlier = this.#sql.all<Row>(
        "select kind, payload, state, result, attempted_at from effect where incident = ? and key = ?",
        this.#incidentId,
        key,
      )[0];
      if (earlier === undefined) {
        this.#sql.all(
          "insert into effect values(?1, ?2, ?3, ?4, 'intent', null, 1, null, ?5, ?5, null)",
          ...[this.#incidentId, key, kind, payload, now],
        );
      } else if (earlier.state === "intent") {
        this.#sql.all("update effect set attempts = attempts + 1 where incident = ? and key = ?", this.#incidentId, key);
      }
      return { earlier: earlier ?? null, now };
    });
  }

  #done<R>(key: string, result: R): R {
    const text = JSON.stringify(result ?? null);
    this.#sql.tx(() =>
      this.#sql.all(
        "update effect set state = 'done', result = ?3, done_at = ?4, last_error = null where incident = ?1 and key = ?2",
        ...[this.#incidentId, key, text, this.#options.now()],
      ),
    );
    return JSON.parse(text) as R;
  }

  #update(change: "attempted_at = ?3" | "last_error = ?3", key: string, value: string | number): void {
    this.#sql.tx(() => this.#sql.all(`update effect set ${change} where incident = ?1 and key = ?2`, this.#incidentId, key, value));
  }
}

/** What one incident has sent or meant to send, oldest first. */
export function listEffects(sql: Sql, incidentId: string): Effect[] {
  return sql
    .all<{
      key: string;
      kind: string;
      state: "intent" | "done";
      attempts: number;
      last_error: string | null;
      intended_at: number;
      done_at: number | null;
    }>(
      "select key, kind, state, attempts, last_error, intended_at, done_at from effect where incident = ? order by intended_at, key",
      incidentId,
    )
    .map(({ last_error, intended_at, done_at, ...rest }) => ({ ...rest, lastError: last_error, intendedAt: intended_at, doneAt: done_at }));
}
