import { closeSync, fdatasyncSync, openSync } from "node:fs";
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import { StoreNotWritableError } from "./sql.ts";

/**
 * The write-ahead log of one open database, as the disk sees it. All who ask in one turn of the event loop share a flush, so a disk that is slow
 * beside many pages is waited for once a turn and not once a commit. The flush itself blocks the event loop: under load, to hand it to a
 * thread and back costs webhooks more than the disk does (`npm run bench -- webhooks`).
 */
export class WriteAheadLog {
  readonly #path: string;
  readonly #flush: (fd: number) => void;
  readonly #fd: number;
  /** Commits so far, and how many of them the disk has. */
  #committed = 0;
  #flushed = 0;
  #anyFlush = Promise.withResolvers<undefined>();
  #next: Promise<void> | null = null;
  #failure: StoreNotWritableError | null = null;

  /**
   * @param path of the log, which SQLite makes when it first looks into the database and keeps until the last connection closes
   * @param flush brings a file to the disk
   * @throws StoreNotWritableError when it can't be opened
   */
  constructor(path: string, flush: (fd: number) => void = fdatasyncSync) {
    this.#path = path;
    this.#flush = flush;
    try {
      this.#fd = openSync(path, "r");
    } catch (cause) {
      throw new StoreNotWritableError(`${path} can't be opened: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    }
  }

  /**
   * @throws StoreNotWritableError when a flush has failed, once and for all: nobody can tell what of the earlier commits the disk has, and the
   *   next flush would succeed without them. Source: https://wiki.postgresql.org/wiki/Fsync_Errors
   */
  check(): void {
    if (this.#failure !== null) throw this.#failure;
  }

  committed(): void {
    this.#committed++;
  }

  /** As `Sql.sync`. */
  async sync(patienceMs = 0): Promise<void> {
    this.check();
    const wanted = this.#committed;
    if (this.#flushed < wanted && patienceMs > 0) await Promise.race([this.#anyFlush.promise, sleep(patienceMs)]);
    if (this.#flushed >= wanted) return;
    this.#next ??= this.#flushNext();
    await this.#next;
  }

  async #flushNext(): Promise<void> {
    await nextTurn();
    this.#next = null;
    this.flush();
  }

  /** At once. @throws StoreNotWritableError */
  flush(): void {
    this.check();
    if (this.#flushed === this.#committed) return;
    try {
      this.#flush(this.#fd);
      this.#flushed = this.#committed;
      this.#anyFlush.resolve(undefined);
      this.#anyFlush = Promise.withResolvers();
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      this.#failure = new StoreNotWritableError(
        `${this.#path} can't be brought to the disk: ${why}. Nothing more is stored. Check the disk, then start midwatch again.`,
        { cause },
      );
      throw this.#failure;
    }
  }

  close(): void {
    closeSync(this.#fd);
  }
}
