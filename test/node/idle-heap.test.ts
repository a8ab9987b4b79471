import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { giveBackHeap } from "../../src/node/idle-heap.ts";

test("two threads give back their heaps at once and go on working", async () => {
  const url = new URL("../../src/node/idle-heap.ts", import.meta.url).href;
  const code = `import(${JSON.stringify(url)}).then(({ giveBackHeap }) => {
    giveBackHeap();
    require("node:worker_threads").parentPort.postMessage("alive");
  });`;
  const other = new Worker(code, { eval: true });
  const heard = once(other, "message");
  giveBackHeap();
  expect(await heard).toEqual(["alive"]);
  await other.terminate();
});
