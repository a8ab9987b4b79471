import { totalmem } from "node:os";

/** What of the memory goes where, MiB. The rest is the main thread's, the store's and the libraries'. */
export interface MemoryPlan {
  /** Looks of triage at once, where no more wait: `heavyConcurrency` of the store's alarms. */
  readonly looksAtOnce: number;
  /** Looks beside them that begin with the first words. */
  readonly looksAhead: number;
  /** Most that the triage thread's old generation may hold. */
  readonly triageHeapMb: number;
}

/** The main thread, native code, SQLite's cache and the triage thread before its first look: some 230 MiB, measured. */
const BASE_MB = 240;
/** A look holds some 60 MiB in the heap where every search brings all that is asked for, half as much again of garbage, and bodies of answers outside of it. */
const LOOK_MB = 120;
const LEAST_HEAP_MB = 136;
/** Of what is left. Bodies of answers are outside of every heap. */
const HEAP_SHARE = 0.5;
/**
 * V8 lets garbage grow to a multiple of what lives, and the multiple grows with the limit: four times at 4 GiB, one and a half times here
 * (`MemoryController::MaxGrowingFactor`).
 */
const MOST_HEAP_MB = 1_024;

/**
 * How triage keeps to a limit of memory: fewer looks at once, so that a page waits longer, and a heap of its own that ends before the process does.
 * @param limitMb null: there is none
 */
export function memoryPlan(limitMb: number | null): MemoryPlan {
  if (limitMb === null) return { looksAtOnce: 3, looksAhead: 2, triageHeapMb: MOST_HEAP_MB };
  const left = Math.max(0, limitMb - BASE_MB);
  // One that is more urgent than those at work may come beside them.
  const looks = Math.max(1, Math.floor(left / LOOK_MB) - 1);
  return {
    looksAtOnce: Math.min(3, looks),
    looksAhead: Math.min(2, Math.max(0, looks - 3)),
    triageHeapMb: Math.min(MOST_HEAP_MB, Math.max(LEAST_HEAP_MB, Math.floor(left * HEAP_SHARE))),
  };
}

/** The limit that the machine sets this process (a container's, systemd's), MiB; null: none below all of its memory. */
export function machineLimitMb(): number | null {
  const bytes = process.constrainedMemory();
  return bytes > 0 && bytes < totalmem() ? Math.floor(bytes / 2 ** 20) : null;
}
