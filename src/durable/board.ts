import type { Refused, Reservation } from "./shared-budget.ts";
import type { Migrations, Sql } from "./sql.ts";

/** What one incident lets others know of itself. */
export interface Pinned {
  readonly incidentId: string;
  /** Plain data, as it was pinned. */
  readonly card: unknown;
}

/** Whom an incident follows from now on; null: it leads. */
export interface Following {
  readonly lead: string | null;
  /** Incidents that named it as their lead, and follow that one now. */
  readonly moved: readonly string[];
}

/** Who does what only one incident may do, and what it has said of it. */
export interface Claim {
  readonly incidentId: string;
  readonly note: string | null;
}

/** Other incidents, as the step of one sees them. All of it may be done again without harm. */
export interface Others<E> {
  /** Cards of those that follow no other, pinned since then, oldest incident first. */
  pinned(since: number): Promise<readonly Pinned[]>;
  /** Lets others know of this one; null: nothing any more. */
  pin(card: unknown): Promise<void>;
  /** Follows another, or the one that it follows itself: there is one level. Where that is this one, it leads. */
  follow(lead: string): Promise<Following>;
  /** Follows nobody any more. */
  leave(): Promise<void>;
  /** Takes something that one incident alone may do. Who has it keeps it; without a note for an hour at most, and not once it follows another. */
  claim(key: string): Promise<Claim>;
  /** What others should know of what this one has claimed; null: it claims it no more. */
  note(key: string, note: string | null): Promise<void>;
  /** Sets aside what a piece of work may spend at most, of what all may spend together; null: it is. Asked again it is set aside once. */
  reserve(asked: Reservation): Promise<Refused>;
  /** That work is over and has spent this much: the rest is free again. */
  settle(key: string, spent: number): Promise<void>;
  /** Delivers events to another, once by `key`. */
  tell(incidentId: string, events: readonly E[], key: string): Promise<"stored" | "repeated" | "unknown">;
}

export const boardMigrations: Migrations = {
  name: "board",
  statements: [
    // `named`: whom it asked to follow; `lead`: whom it follows, who follows nobody.
    "create table board(incident text primary key, card text, pinned_at integer not null, named text, lead text)",
    "create index board_lead on board(lead, pinned_at)",
    "create index board_named on board(named)",
    "create table claim(key text primary key, incident text not null, note text, claimed_at integer not null)",
  ],
};

const MOST_PINNED = 100;
/** What was claimed a day ago is another story. */
const CLAIMED_MS = 24 * 3_600_000;
/** Who has nothing to show for so long has failed. */
const EMPTY_MS = 3_600_000;

/** Which incidents there are to join, and which follows which. One for all, so that two that ask at once get one answer. */
export class Board {
  readonly #sql: Sql;
  readonly #now: () => number;

  constructor(sql: Sql, now: () => number) {
    this.#sql = sql;
    this.#now = now;
  }

  pinned(incidentId: string, since: number): readonly Pinned[] {
    return this.#sql
      .all<{ incident: string; card: string }>(
        `select incident, card from board where lead is null and card is not null and pinned_at >= ? and incident <> ?
        order by pinned_at desc, rowid desc limit ?`,
        ...[since, incidentId, MOST_PINNED],
      )
      .map(({ incident, card }) => ({ incidentId: incident, card: JSON.parse(card) as unknown }))
      .toReversed();
  }

  pin(incidentId: string, card: unknown): void {
    const text = card === null ? null : JSON.stringify(card);
    this.#sql.tx(() =>
      this.#sql.all(
        "insert into board values(?1, ?2, ?3, null, null) on conflict(incident) do update set card = ?2, pinned_at = ?3",
        ...[incidentId, text, this.#now()],
      ),
    );
  }

  follow(incidentId: string, named: string): Following {
    return this.#sql.tx(() => {
      const lead = this.leadOf(named) ?? named;
      if (lead === incidentId) return { lead: null, moved: [] };
      this.#sql.all(
        "insert into board values(?1, null, ?2, ?3, ?4) on conflict(incident) do update set named = ?3, lead = ?4",
        ...[incidentId, this.#now(), named, lead],
      );
      this.#sql.all("update board set lead = ?2 where lead = ?1", incidentId, lead);
      // Also those of an earlier try, who do not know of it yet.
      const moved = this.#sql.all<{ incident: string }>(
        "select incident from board where named = ? and lead = ? order by rowid",
        incidentId,
        lead,
      );
      return { lead, moved: moved.map(({ incident }) => incident) };
    });
  }

  leave(incidentId: string): void {
    this.#sql.tx(() => this.#sql.all("update board set named = null, lead = null where incident = ?", incidentId));
  }

  claim(incidentId: string, key: string): Claim {
    return this.#sql.tx(() => {
      const now = this.#now();
      // Nor does anybody wait for one that follows another: its own work has ended.
      this.#sql.all(
        `delete from claim where key = ? and (claimed_at < ?
          or (note is null and (claimed_at < ? or incident in (select incident from board where lead is not null))))`,
        ...[key, now - CLAIMED_MS, now - EMPTY_MS],
      );
      this.#sql.all("insert into claim values(?, ?, null, ?) on conflict(key) do nothing", key, incidentId, now);
      const row = this.#sql.all<{ incident: string; note: string | null }>("select incident, note from claim where key = ?", key)[0];
      return { incidentId: row?.incident ?? incidentId, note: row?.note ?? null };
    });
  }

  note(incidentId: string, key: string, note: string | null): void {
    this.#sql.tx(() =>
      note === null
        ? this.#sql.all("delete from claim where key = ? and incident = ?", key, incidentId)
        : this.#sql.all("update claim set note = ?3 where key = ?1 and incident = ?2", key, incidentId, note),
    );
  }

  leadOf(incidentId: string): string | null {
    return this.#sql.all<{ lead: string | null }>("select lead from board where incident = ?", incidentId)[0]?.lead ?? null;
  }
}
