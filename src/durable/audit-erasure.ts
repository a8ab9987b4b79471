import { createHash, type Hash } from "node:crypto";
import type { AuditEntry } from "./audit.ts";

/**
 * Erasing entries of the audit without breaking its chain (`erase-audit.ts`). An erased entry keeps its place, time, incident and hash; its text
 * becomes a tombstone that names the entry which erased it. That one holds the digest of all hashes that it erased, so nobody can erase one more
 * without a trace.
 */

export const emptyDigest = (): Hash => createHash("sha256");

/** The digest of erased entries, in their order. */
export const digested = (digest: Hash, { seq, hash }: { seq: number; hash: string }): Hash => digest.update(`${seq}:${hash}\n`);

/** Checks, entry by entry in their order, that what is erased is what an entry says was erased. */
export class ErasureCheck {
  readonly #open = new Map<number, { readonly digest: Hash; entries: number; readonly first: number }>();

  /** Why an entry cannot be what was written, or null. */
  problem({ seq, record }: Pick<AuditEntry, "seq" | "record">, hash: string): string | null {
    if (record.kind === "tombstone") {
      if (!(record.eraser > seq)) return "no later entry erased it";
      const group = this.#open.get(record.eraser) ?? { digest: emptyDigest(), entries: 0, first: seq };
      digested(group.digest, { seq, hash });
      group.entries++;
      this.#open.set(record.eraser, group);
      return null;
    }
    const group = this.#open.get(seq);
    this.#open.delete(seq);
    if (record.kind !== "erased") return group === undefined ? null : `entry ${group.first} was erased, and this one does not say so`;
    return group?.entries === record.entries && group.digest.digest("hex") === record.digest
      ? null
      : "the erased entries are not those that it names";
  }

  /** The first entry whose erasure no entry reports; null: there is none. */
  leftOver(): number | null {
    const firsts = [...this.#open.values()].map(({ first }) => first);
    return firsts.length === 0 ? null : Math.min(...firsts);
  }
}
