import type { Json } from "../json.ts";
import { accountJson, timeText } from "./recorded-pulls.ts";

/** Something that a person did to a pull request. */
export interface PullEvent {
  readonly event: "closed" | "merged" | "reopened";
  readonly by: string;
  readonly at: number;
}

/** Who does something, and when: now, unless it is said. */
export interface Act {
  readonly by: string;
  readonly at?: number | undefined;
}

interface Fate {
  readonly updatedAt: number;
  /** What people did to it, oldest first. */
  readonly events: readonly PullEvent[];
  readonly merge: { readonly at: number; readonly by: string; readonly sha: string } | null;
  /** Where its branch was when it was closed. */
  readonly lastHead: string | null;
}

const none: Fate = { updatedAt: 0, events: [], merge: null, lastHead: null };
const seconds = (value: unknown): unknown => (typeof value === "string" ? value.replace(/\.\d+Z$/, "Z") : value);

/** What became of pull requests that the emulator does not know of: merges with what they made, pushes, deleted branches. By its numbers. */
export class PullFates {
  readonly #fates = new Map<number, Fate>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  #set(number: number, more: Partial<Fate>): void {
    this.#fates.set(number, { ...none, ...this.#fates.get(number), updatedAt: this.#now(), ...more });
  }

  touched(number: number): void {
    this.#set(number, {});
  }

  #add(number: number, names: readonly PullEvent["event"][], { by, at = this.#now() }: Act, more: Partial<Fate> = {}): void {
    this.#set(number, { events: [...this.events(number), ...names.map((event) => ({ event, by, at }))], updatedAt: at, ...more });
  }

  closed(number: number, act: Act): void {
    this.#add(number, ["closed"], act);
  }

  reopened(number: number, act: Act): void {
    this.#add(number, ["reopened"], act);
  }

  merged(number: number, act: Act, sha: string): void {
    this.#add(number, ["merged", "closed"], act, { merge: { sha, by: act.by, at: act.at ?? this.#now() } });
  }

  events(number: number): readonly PullEvent[] {
    return this.#fates.get(number)?.events ?? [];
  }

  /** It is closed, or loses its branch, with this head. */
  keepHead(number: number, lastHead: string): void {
    this.#set(number, { lastHead });
  }

  lastHead(number: number): string | null {
    return this.#fates.get(number)?.lastHead ?? null;
  }

  closedBy(number: number): string | null {
    const last = this.events(number).at(-1);
    return last?.event === "closed" ? last.by : null;
  }

  isMerged(number: number): boolean {
    return this.#fates.get(number)?.merge != null;
  }

  /**
   * The emulator's JSON of a pull request with what it does not know. Times are whole seconds, as GitHub's.
   * @param base of URLs
   */
  shown(pull: Json, base: string): Json {
    const times = ["created_at", "updated_at", "closed_at", "merged_at"];
    const trimmed: Json = { ...pull, ...Object.fromEntries(times.map((key) => [key, seconds(pull[key])])) };
    const fate = this.#fates.get(Number(pull["number"]));
    if (fate === undefined) return trimmed;
    const known = typeof trimmed["updated_at"] === "string" ? Date.parse(trimmed["updated_at"]) : 0;
    const shown: Json = { ...trimmed, updated_at: timeText(Math.max(known, fate.updatedAt)) };
    if (fate.merge === null) return shown;
    const at = timeText(fate.merge.at);
    const state = { state: "closed", merged: true, merged_at: at, closed_at: at, mergeable: null, mergeable_state: "unknown" };
    return {
      ...shown,
      ...state,
      updated_at: timeText(fate.updatedAt),
      merge_commit_sha: fate.merge.sha,
      merged_by: accountJson(fate.merge.by, base),
    };
  }
}
