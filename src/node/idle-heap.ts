import { Session } from "node:inspector";
import { setFlagsFromString } from "node:v8";

/**
 * How much garbage V8 lets grow beside what lives before it collects, percent. By itself it takes one to three times as much, by how much memory the
 * machine has; this costs a few percent of triage's time, and holds for all threads.
 */
const GARBAGE_PERCENT = 50;

/** To be called before the process does anything else. */
export function keepHeapsSmall(): void {
  setFlagsFromString(`--heap-growing-percent=${GARBAGE_PERCENT}`);
}

/**
 * Gives back what this thread's heap has no use for, its room for new objects above all: V8 does so only while it collects, and a thread with
 * nothing to do does not. Blocks the thread for some 100 ms.
 */
export function giveBackHeap(): void {
  const session = new Session();
  try {
    session.connect();
    session.post("HeapProfiler.collectGarbage", () => session.disconnect());
  } catch {
    // A process that may not be inspected keeps its heap.
  }
}
