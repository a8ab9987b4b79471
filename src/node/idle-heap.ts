import { performance } from "node:perf_hooks";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/**
 * How much garbage V8 lets grow beside what lives before it collects, percent. By itself it takes one to three times as much, by how much memory the
 * machine has; this costs a few percent of triage's time, and holds for all threads.
 */
const GARBAGE_PERCENT = 50;

/** To be called before the process does anything else. */
export function keepHeapsSmall(): void {
  setFlagsFromString(`--heap-growing-percent=${GARBAGE_PERCENT}`);
}

/** So long after the last work its garbage is given back, ms: a process or thread that ends before, or has new work, need not. */
export const IDLE_MS = 5_000;

/** Of a thread's time; `/healthz` and a look at the store each minute are less. */
const LEAST_BUSY = 0.1;

type Collect = (how: { readonly type: "major"; readonly flavor: "last-resort" }) => void;
let collect: Collect | undefined;

/** Contexts that are made after the flag have the function. The inspector has one too, but with it a process of several threads stood still. */
function openCollect(): Collect {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as Collect;
}

/**
 * Gives back what this thread's heap has no use for, its room for new objects above all: V8 does so only while it collects, and a thread with
 * nothing to do does not. Blocks the thread for some 100 ms.
 */
export function giveBackHeap(): void {
  collect ??= openCollect();
  collect({ type: "major", flavor: "last-resort" });
}

/** The same after the first stretch of `IDLE_MS` in which this thread had little to do. */
export function giveBackOnceIdle(): void {
  const before = performance.eventLoopUtilization();
  const look = () => (performance.eventLoopUtilization(before).utilization > LEAST_BUSY ? giveBackOnceIdle() : giveBackHeap());
  setTimeout(look, IDLE_MS).unref();
}
