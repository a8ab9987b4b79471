import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { freshDatabase } from "../support/bot.ts";
import { leastSettings, startServe } from "../support/command.ts";

/** Names and priorities of a process's threads, as `nice` counts. */
const threadsOf = (pid: number): { name: string; nice: number }[] =>
  readdirSync(`/proc/${pid}/task`).map((id) => {
    const stat = readFileSync(`/proc/${pid}/task/${id}/stat`, "utf8");
    // The name in brackets may hold spaces; the priority is the 17th field behind it.
    return { name: /\((.*)\)/s.exec(stat)?.[1] ?? "", nice: Number(stat.replace(/^.*\) /s, "").split(" ")[16]) };
  });

test.runIf(process.platform === "linux")("triage and the garbage it makes give way to webhooks", async () => {
  await using serve = await startServe(leastSettings(), freshDatabase());
  const niceOf = (name: string) => [...new Set(threadsOf(serve.pid).flatMap((one) => (one.name === name ? [one.nice] : [])))];
  await expect.poll(() => niceOf("WorkerThread")).toEqual([10]);
  await expect.poll(() => niceOf("V8Worker")).toEqual([10]);
  expect(niceOf("MainThread")).toEqual([0]);
});
