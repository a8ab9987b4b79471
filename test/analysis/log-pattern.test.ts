import { describe, expect, test } from "vitest";
import { createPatternMiner } from "../../src/analysis/log-pattern.ts";

/** Groups of lines, as the numbers that the miner gives them when all are read. */
function groups(lines: readonly string[]): number[] {
  const miner = createPatternMiner();
  const ids = lines.map((line) => miner.add(line));
  return ids.map((id) => miner.resolve(id));
}

const oneGroup = (lines: readonly string[]): boolean => new Set(groups(lines)).size === 1;

describe("log lines of one statement", () => {
  test.each([
    ["numbers and ids", ["took 12 ms for 7f3a9c2e41d0", "took 4100 ms for 00ab9c2e41d7"]],
    ["addresses and ports", ["connection from 10.1.2.3:4711 refused", "connection from 192.168.7.12:80 refused"]],
    ["host names", ["lookup of api.shop.example.com failed", "lookup of mail.example.org failed"]],
    ["paths", ["cannot open /var/log/app.log", "cannot open /etc/passwd"]],
    ["dates", ["backup of Mon Jan 12 done", "backup of Fri Dec 3 done"]],
    ["lists of any length", ["ids [1, 2, 3] sold", "ids [4] sold", "ids [5, 6, 7, 8, 9, 10] sold"]],
    ["printed objects", ["asked [for: [Trip(id=a1, type=Fast), Trip(id=b2, type=Slow)]]", "asked [for: [Trip(id=c3, type=Slow)]]"]],
  ])("are one group whatever their %s", (_name, lines) => {
    expect(oneGroup(lines)).toBe(true);
  });

  test("a place that takes many words is a variable, one that takes two is not", () => {
    const users = ["anna", "boris", "carla", "dmitri", "eve"].map((name) => `session opened for user ${name} by the gate`);
    expect(oneGroup(users)).toBe(true);
    expect(oneGroup(["service cart has now started fully", "service cart has now stopped fully"])).toBe(false);
  });

  test("short lines that differ in a word stay apart", () => {
    expect(new Set(groups(["LOOKING", "LEADING", "FOLLOWING", "OBSERVING", "waiting"])).size).toBe(5);
  });

  test("a place in the source at the beginning is kept: it is the statement's name", () => {
    expect(oneGroup(["OrderService#41 done", "OrderService#77 done"])).toBe(false);
  });

  test("the template shows what is fixed", () => {
    const miner = createPatternMiner();
    expect(miner.template(miner.add("token cache miss for merchant 4711, refreshing (attempt 3)"))).toBe(
      "token cache miss for merchant <*> refreshing (attempt <*>",
    );
  });

  test("random text costs bounded memory", () => {
    const miner = createPatternMiner();
    for (let index = 0; index < 60_000; index += 1) {
      const word = [...String(index)].map((digit) => String.fromCharCode(97 + Number(digit))).join("");
      miner.add(`x${word} y${word}q z${word}w`);
    }
    expect(miner.size()).toBeLessThanOrEqual(60_000);
    expect(miner.add(`a megabyte ${"of text ".repeat(125_000)}`)).toBeTypeOf("number");
  });
});
