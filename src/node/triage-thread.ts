import { AsyncLocalStorage } from "node:async_hooks";
import { readdirSync, readFileSync } from "node:fs";
import { setPriority } from "node:os";
import { parentPort, workerData } from "node:worker_threads";
import type { Config } from "../config.ts";
import { EndingError } from "../guard/errors.ts";
import type { OutgoingCall } from "../guard/outgoing.ts";
import type { Trigger } from "../incident/trigger.ts";
import type { Question } from "../incident/source.ts";
import { type Looked, lookAndPack, type LookOptions } from "../investigation/look.ts";
import { createLookParts, trafficOf } from "../look-parts.ts";
import { giveBackHeap, IDLE_MS } from "./idle-heap.ts";
import { loadVendorFiles } from "./vendor-files.ts";
import { loadCatalog, loadRedaction, networkOf, reportSkills } from "./environment.ts";
import { openSkillFolders } from "./skills.ts";

/*
 * The other side of `triage.ts`: reads and analyses what it is asked to, with clients of its own. It has no store and says nothing to anyone.
 */

export interface ThreadData {
  readonly config: Config;
}

export type ToThread =
  | { readonly type: "warm"; readonly id: number }
  | {
      readonly type: "look";
      readonly id: number;
      readonly trigger: Trigger;
      readonly windows: Pick<Question, "window" | "baseline">;
      readonly first: number;
      readonly options: Pick<LookOptions, "incidentId" | "deadlineMs" | "readOnMs" | "earlier" | "again">;
    }
  | { readonly type: "stop"; readonly id: number }
  /** A call that the other side made. */
  | { readonly type: "heard"; readonly call: OutgoingCall }
  /** Stop everything, tell of the calls that were cut off, and end. */
  | { readonly type: "end" };

export type FromThread =
  /** A call that left, for the audit of the other side. */
  | { readonly type: "call"; readonly id: number; readonly call: OutgoingCall }
  | { readonly type: "progress"; readonly id: number; readonly answered: number; readonly of: number }
  | { readonly type: "done"; readonly id: number; readonly looked: Looked | null }
  | { readonly type: "failed"; readonly id: number; readonly error: unknown };

/** As `nice` counts: 0 is usual, 19 the lowest. */
const LOWER_PRIORITY = 10;

/** V8's threads, which all of the process share. What triage reads makes most of the garbage that they collect. None where /proc is not there. */
function garbageCollectors(): number[] {
  try {
    return readdirSync("/proc/self/task")
      .filter((id) => readFileSync(`/proc/self/task/${id}/comm`, "utf8") === "V8Worker\n")
      .map(Number);
  } catch {
    return [];
  }
}

const port = parentPort;
if (port === null) throw new Error("triage-thread.ts runs in a thread; start it with openTriageThread.");
const { config } = workerData as ThreadData;
// Linux knows a priority for each thread, others one for the whole process: where processors are few, webhooks come first.
if (process.platform === "linux") {
  setPriority(LOWER_PRIORITY);
  for (const id of garbageCollectors()) setPriority(id, LOWER_PRIORITY);
}
const skills = openSkillFolders(
  config.SKILLS_PATH ?? null,
  reportSkills((line) => void process.stderr.write(`${line}\n`)),
);
// What is wrong at the start is said then, not at the first page.
skills.current();
const tell = (message: FromThread) => port.postMessage(message);
/** Which of those that were asked to work is at it. */
const working = new AsyncLocalStorage<number>();
const files = loadVendorFiles(config);
const traffic = trafficOf({ config });
const parts = createLookParts({
  config,
  traffic,
  redaction: loadRedaction(config),
  catalog: loadCatalog(config),
  files,
  library: skills.current,
  fetch: networkOf(config, files).fetch,
  onCall: (call) => tell({ type: "call", id: working.getStore() ?? 0, call }),
  // Nobody waits for this thread but those who stop a look.
  yieldNow: () => new Promise((resolve) => setImmediate(resolve)),
  callsOutliveSteps: true,
});
const underWay = new Map<number, AbortController>();

let idle: NodeJS.Timeout | undefined;
/** Once nothing has been asked for a while. */
function giveBackWhenIdle(): void {
  clearTimeout(idle);
  idle = setTimeout(() => (underWay.size === 0 ? giveBackHeap() : giveBackWhenIdle()), IDLE_MS);
  idle.unref();
}

async function work(asked: Exclude<ToThread, { type: "stop" | "heard" | "end" }>): Promise<Looked | null> {
  const { id } = asked;
  if (asked.type === "warm") {
    await parts.warm("triage");
    giveBackWhenIdle();
    return null;
  }
  const stop = new AbortController();
  underWay.set(id, stop);
  const { trigger, windows, first, options } = asked;
  try {
    return await lookAndPack(parts.look, trigger, windows, first, {
      ...options,
      now: Date.now,
      signal: stop.signal,
      onProgress: (answered, of) => tell({ type: "progress", id, answered, of }),
    });
  } finally {
    underWay.delete(id);
    giveBackWhenIdle();
  }
}

port.on("message", (asked: ToThread) => {
  if (asked.type === "stop") {
    underWay.get(asked.id)?.abort(new Error("the look was stopped"));
    return;
  }
  if (asked.type === "heard") return traffic.heard(asked.call);
  if (asked.type === "end") {
    for (const controller of underWay.values()) controller.abort(new EndingError());
    setImmediate(() => process.exit(0));
    return;
  }
  const { id } = asked;
  working
    .run(id, () => work(asked))
    .then(
      (looked) => tell({ type: "done", id, looked }),
      (error: unknown) => tell({ type: "failed", id, error: error instanceof Error ? error : new Error(String(error)) }),
    );
});
