import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { readAudit, verifyAudit } from "../../src/durable/audit.ts";
import { readNodeSqlite } from "../../src/durable/node-sqlite.ts";
import { expect, test } from "vitest";
import { childEnvironment } from "../support/child-environment.ts";
import { createRandom } from "../support/random.ts";
import { STEPS } from "./crash-plan.ts";
import { temporaryFolder } from "../support/files.ts";
import { listenAsVendor } from "./vendor.ts";

const CHILD = join(import.meta.dirname, "crash-child.ts");
const KILLS = 15;

/** Steps whose end is in the log, read from outside. */
function finishedSteps(path: string): string[] {
  // A file whose writer was killed is put in order by whoever opens it first; the other waits.
  const db = new DatabaseSync(path, { timeout: 5_000 });
  try {
    if (db.prepare("select 1 from sqlite_master where name = 'event'").all().length === 0) return [];
    const rows = db.prepare("select body from event where incident = 'pd-P1' order by seq").all() as { body: string }[];
    return rows
      .map(({ body }) => JSON.parse(body) as { type: string; text?: string })
      .flatMap(({ type, text = "" }) => (type === "brief-posted" ? [text] : []));
  } finally {
    db.close();
  }
}

test(`a process killed ${KILLS} times at random moments ends with every step done once and every message posted once`, async () => {
  const random = createRandom(Number(process.env["MIDWATCH_CRASH_SEED"] ?? 1));
  using folder = temporaryFolder();
  await using vendor = await listenAsVendor();
  const path = join(folder.path, "midwatch.db");
  const start = (run: number): ChildProcess =>
    spawn(process.execPath, [CHILD, path, vendor.url, String(run)], { stdio: ["pipe", "ignore", "pipe"], env: childEnvironment() });
  const complaints: string[] = [];
  const finishedBefore: string[][] = [[]];

  for (let run = 0; run < KILLS; run++) {
    const child = start(run);
    child.stderr?.on("data", (text: Buffer) => complaints.push(String(text)));
    // The moment: after the first to fifth request of this run, while it is on its way, being answered, or just answered.
    const after = vendor.requests.length + 1 + random.below(5);
    const delayMs = random.below(30);
    const exited = once(child, "exit");
    vendor.watch((count) => {
      if (count === after) setTimeout(() => child.kill("SIGKILL"), delayMs);
    });
    // A run that has less left to do than that is killed when it is done.
    const poll = setInterval(() => {
      if (finishedSteps(path).length === STEPS.length) child.kill("SIGKILL");
    }, 100);
    await exited;
    clearInterval(poll);
    expect(child.signalCode).toBe("SIGKILL");
    finishedBefore.push(finishedSteps(path));
  }

  vendor.watch(() => undefined);
  const last = start(KILLS);
  last.stderr?.on("data", (text: Buffer) => complaints.push(String(text)));
  await expect.poll(() => finishedSteps(path), { interval: 50 }).toEqual(STEPS);
  last.kill("SIGKILL");
  await once(last, "exit");

  expect(complaints).toEqual([]);
  expect(vendor.messages.map(({ key }) => key)).toEqual(STEPS.filter((step) => step.startsWith("post")).map((step) => `pd-P1:${step}`));
  // No run asked for anything that an earlier one had finished.
  const repeated = vendor.requests.filter(({ run, step }) => finishedBefore[Number(run)]?.includes(step));
  expect(repeated).toEqual([]);
  // The audit is whole, says how often it was cut, and knows of every message that may have left.
  const { sql, close } = readNodeSqlite(path);
  const audit = verifyAudit(sql);
  const records = [...readAudit(sql)].map(({ record }) => record);
  close();
  expect(audit.broken).toBeNull();
  const starts = records.filter(({ kind }) => kind === "opened").length;
  expect(starts).toBeGreaterThan(1);
  expect(audit.cuts).toHaveLength(starts - 1);
  const begun = records.filter((record) => record.kind === "call" && record.outcome === "begun").length;
  expect(begun).toBeGreaterThanOrEqual(vendor.requests.filter(({ method }) => method === "POST").length);
  console.log(
    `crash test: ${audit.entries} audit entries, ${audit.cuts.length} cuts, ${audit.unfinished.length} outputs without an end; ${KILLS} kills, steps finished at each: ${finishedBefore
      .slice(1)
      .map((steps) => steps.length)
      .join(" ")}; ${vendor.requests.length} requests`,
  );
}, 60_000);
