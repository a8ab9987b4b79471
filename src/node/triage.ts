import { AsyncLocalStorage } from "node:async_hooks";
import { Worker } from "node:worker_threads";
import { type OnCall, type OutgoingCall, sleepFor } from "../guard/outgoing.ts";
import type { Look, Looked } from "../investigation/look.ts";
import type { FromThread, ThreadData, ToThread } from "./triage-thread.ts";

export interface TriageThread {
  readonly look: Look;
  /** Starts the thread and loads what it needs, ahead of the first page. */
  warm(): Promise<void>;
  /** A call of this side, which counts to what both share. */
  heard(call: OutgoingCall): void;
  close(): Promise<void>;
}

interface Waiting {
  readonly resolve: (looked: Looked | null) => void;
  readonly reject: (error: unknown) => void;
  readonly onProgress: ((answered: number, of: number) => void) | undefined;
}

/**
 * Room for what is new in the thread's heap, MiB: twice what one half of it may hold. Node's own default, by the machine's memory, is up to 192, and
 * once grown it is not given back.
 */
const YOUNG_HEAP_MB = 48;

/** After the thread ran out of memory a look waits so long for those before it. One whose vendors are slow must not hold up all others. */
const LONGEST_TURN_MS = 12_000;

/** How long the thread may take to end by itself: it may be in the midst of a computation. */
const END_MS = 500;

/** Looks whose calls may still end after them: one that was stopped leaves some under way. */
const REMEMBERED = 100;

/** The triage thread held more than it may. Its looks run again, one at a time. */
export class OutOfMemoryError extends Error {
  constructor(heapMb: number) {
    super(
      `triage needed more than the ${heapMb} MB of its heap; it runs again, one page at a time. Give midwatch more memory (MEMORY_MB).`,
    );
    this.name = "OutOfMemoryError";
  }
}

const isOutOfMemory = (error: unknown) => error instanceof Error && "code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY";

/** Waits for an end, and no longer than that, ms. */
async function within(ms: number, ended: Promise<unknown>): Promise<void> {
  const given = new AbortController();
  await Promise.race([ended, sleepFor(ms, given.signal).catch(() => undefined)]);
  given.abort();
}

/**
 * Triage in a thread of its own: reading some ten megabytes of answers and analysing them takes the processor for a second, and their garbage
 * takes more; webhooks and Slack must not wait for either. A thread that dies takes its looks with it, whose steps then run again in a new one. If it
 * died for want of memory, looks go one at a time from then on.
 * @param heapMb most that its old generation may hold, MiB
 */
export function openTriageThread(data: ThreadData, onCall: OnCall, heapMb: number): TriageThread {
  const waiting = new Map<number, Waiting>();
  /** Brings one back to the step that asked for a look, so that the look's calls are audited on its behalf. */
  const askers = new Map<number, (work: () => void) => void>();
  let thread: Worker | null = null;
  let lastId = 0;
  /** Whether looks wait for each other, and what ends with the last one before. */
  let isShort = false;
  let turn: Promise<unknown> = Promise.resolve();

  function start(): Worker {
    if (thread !== null) return thread;
    const started = new Worker(new URL("./start-triage-thread.ts", import.meta.url), {
      workerData: data,
      resourceLimits: { maxOldGenerationSizeMb: heapMb, maxYoungGenerationSizeMb: YOUNG_HEAP_MB },
    });
    thread = started;
    // It works for a process that has other reasons to live.
    started.unref();
    const lost = (error: Error) => {
      if (thread !== started) return;
      thread = null;
      for (const { reject } of waiting.values()) reject(error);
      waiting.clear();
    };
    started.on("error", (error: unknown) => {
      if (!isOutOfMemory(error)) return lost(error instanceof Error ? error : new Error(String(error)));
      isShort = true;
      return lost(new OutOfMemoryError(heapMb));
    });
    started.on("exit", (code) => lost(new Error(`the triage thread ended with ${code}`)));
    started.on("message", (told: FromThread) => {
      if (told.type === "call") {
        const { call } = told;
        (askers.get(told.id) ?? ((work) => work()))(() => onCall(call));
        return;
      }
      const one = waiting.get(told.id);
      if (told.type === "progress") {
        one?.onProgress?.(told.answered, told.of);
        return;
      }
      waiting.delete(told.id);
      if (told.type === "done") one?.resolve(told.looked);
      else one?.reject(told.error);
    });
    return started;
  }

  function ask(asked: (id: number) => ToThread, signal: AbortSignal | null, onProgress?: Waiting["onProgress"]): Promise<Looked | null> {
    signal?.throwIfAborted();
    const id = ++lastId;
    askers.set(id, AsyncLocalStorage.snapshot());
    askers.delete(id - REMEMBERED);
    return new Promise((resolve, reject) => {
      const stop = () => {
        if (!waiting.delete(id)) return;
        thread?.postMessage({ type: "stop", id } satisfies ToThread);
        reject(signal?.reason instanceof Error ? signal.reason : new Error("stopped"));
      };
      signal?.addEventListener("abort", stop, { once: true });
      const end = () => signal?.removeEventListener("abort", stop);
      waiting.set(id, {
        resolve: (looked) => {
          end();
          resolve(looked);
        },
        reject: (error) => {
          end();
          reject(error instanceof Error ? error : new Error(String(error)));
        },
        onProgress,
      });
      start().postMessage(asked(id));
    });
  }

  /** As `ask`, after the look before it where memory was short. */
  async function askInTurn(...asked: Parameters<typeof ask>): Promise<Looked | null> {
    if (!isShort) return ask(...asked);
    const before = turn;
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    turn = Promise.all([before, ended]);
    try {
      await within(LONGEST_TURN_MS, before);
      return await ask(...asked);
    } finally {
      end();
    }
  }

  return {
    async look(trigger, windows, first, { incidentId, deadlineMs, readOnMs, earlier, again, signal, onProgress }) {
      const options = {
        incidentId,
        deadlineMs,
        ...(readOnMs === undefined ? {} : { readOnMs }),
        ...(earlier === undefined ? {} : { earlier }),
        ...(again === undefined ? {} : { again }),
      };
      const looked = await askInTurn((id) => ({ type: "look", id, trigger, windows, first, options }), signal, onProgress);
      if (looked === null) throw new Error("the triage thread answered nothing");
      return looked;
    },
    heard: (call) => thread?.postMessage({ type: "heard", call } satisfies ToThread),
    warm: async () => void (await ask((id) => ({ type: "warm", id }), null)),
    close: async () => {
      const ending = thread;
      // What it still says of its calls is heard.
      thread = null;
      for (const { reject } of waiting.values()) reject(new Error("midwatch is stopping"));
      waiting.clear();
      if (ending === null) return;
      const ended = new Promise((resolve) => ending.once("exit", resolve));
      ending.postMessage({ type: "end" } satisfies ToThread);
      await within(END_MS, ended);
      await ending.terminate();
    },
  };
}
