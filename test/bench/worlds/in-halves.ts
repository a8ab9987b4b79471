import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";

/** How a bench over seeds runs. */
export interface Halves<T extends { readonly seed: number }> {
  /** The bench's own file: each half of the seeds is a thread of it. */
  readonly file: string;
  /** Taken where the command names none. */
  readonly first: number;
  readonly count: number;
  /** What the rows are called when they are counted: "worlds". */
  readonly name: string;
  /** The environment's name by which each row is printed as JSON. */
  readonly list: string;
  judge(seed: number): T | Promise<T>;
  /** Rows in the order of their seeds. */
  report(rows: readonly T[]): void;
}

/** Judges the seeds that the command line names, `[FIRST] [COUNT]`, in two threads, and reports them together. */
export async function inHalves<T extends { readonly seed: number }>({
  file,
  name,
  list,
  judge,
  report,
  ...usual
}: Halves<T>): Promise<void> {
  if (!isMainThread) {
    const { seeds } = workerData as { seeds: readonly number[] };
    for (const seed of seeds) parentPort?.postMessage(await judge(seed));
    return;
  }
  const [first = usual.first, count = usual.count] = process.argv.slice(2).map(Number);
  const began = performance.now();
  const found: T[] = [];
  await Promise.all(
    [0, 1].map(
      (half) =>
        new Promise<void>((resolve, reject) => {
          const seeds = Array.from({ length: count }, (_, index) => first + index).filter((_, index) => index % 2 === half);
          const worker = new Worker(new URL(file), { workerData: { seeds } });
          worker.on("message", (one: T) => void found.push(one));
          worker.on("error", reject);
          worker.on("exit", () => resolve());
        }),
    ),
  );
  report(found.toSorted((a, b) => a.seed - b.seed));
  if (process.env[list] !== undefined) for (const one of found) console.log(JSON.stringify(one));
  console.log(`${found.length} ${name} in ${((performance.now() - began) / 1000).toFixed(0)} s`);
}
