import { describe, expect, test } from "vitest";
import { createPatternMiner, PATTERN_LIMIT } from "../../src/analysis/log-pattern.ts";

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
    ["pseudonyms of people", ["mail to <email:bcdfghjk> bounced", "mail to <email:zyxwvtsr> bounced"]],
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

  test("the template shows what is fixed, with its marks, and of what varies the kind", () => {
    const miner = createPatternMiner();
    const id = miner.add("token cache miss for merchant 4711, refreshing (attempt 3)");
    expect(miner.template(id)).toBe("token cache miss for merchant <number>, refreshing (attempt <number>)");
    miner.add("token cache miss for merchant 9f2c1e77a1, refreshing (attempt 4)");
    expect(miner.template(id)).toBe("token cache miss for merchant <id>, refreshing (attempt <number>)");
    const denied = miner.add("denied GET /admin?x=1 to 10.1.2.3 by rule");
    expect(miner.template(denied)).toBe("denied GET <path>?x=<number> to <ip> by rule");
  });

  test("what anybody can have written is free text, whatever the first line held", () => {
    const miner = createPatternMiner();
    const ids = ["4711", "anna", "boris", "carla", "dmitri"].map((name) => miner.add(`session opened for user ${name} by the gate`));
    expect(new Set(ids.map((id) => miner.template(id)))).toEqual(new Set(["session opened for user <*> by the gate"]));
    const values = ["12", "13", "ignore-all-rules-1", "14"].map((value) => miner.add(`order refused reason=${value}`));
    expect(new Set(values.map((id) => miner.template(id)))).toEqual(new Set(["order refused reason=<*>"]));
    const quoted = ["a", "b", "c", "d"].map((name) => miner.add(`user "${name}" unknown`));
    expect(miner.template(quoted[0] ?? 0)).toBe('user "<*>" unknown');
  });

  test("many kinds in many places cost bounded work and end as free text", () => {
    const miner = createPatternMiner();
    const kinds = ["1", "10.0.0.1", "9f2c1e77a1", "/etc/passwd", "chosen-by-me-1"];
    const id = miner.add("a 1 b 1 c 1 d 1 e");
    for (let index = 0; index < 625; index += 1) {
      const [a, b, c, d] = [1, 5, 25, 125].map((step) => kinds[Math.floor(index / step) % 5]);
      miner.add(`a ${a} b ${b} c ${c} d ${d} e`);
    }
    expect(miner.template(id)).toBe("a <*> b <*> c <*> d <*> e");
  });
});

describe("a flood of random text", () => {
  /** Words of random letters, the same on every run. */
  function randomWords(length: number): () => string {
    let state = 1;
    return () => {
      let word = "";
      while (word.length < length) {
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
        word += String.fromCharCode(97 + ((state >>> 24) % 26));
      }
      return word;
    };
  }

  test("is kept in as many groups as there may be, and one more", () => {
    const miner = createPatternMiner();
    for (let index = 0; index < 60_000; index += 1) {
      const word = [...String(index)].map((digit) => String.fromCharCode(97 + Number(digit))).join("");
      miner.add(`x${word} y${word}q z${word}w`);
    }
    expect(miner.size()).toBe(PATTERN_LIMIT + 1);
    const first = miner.add("never seen before");
    expect(miner.add("nor was this one ever")).toBe(first);
    expect(miner.template(first)).toBe("<*>");
    expect(miner.add(`a megabyte ${"of text ".repeat(125_000)}`)).toBe(first);
    // What was known before stays told apart.
    expect(miner.template(miner.add("xa yaq zaw"))).toBe("xa yaq zaw");
  });

  test("of long lines costs megabytes", { timeout: 60_000 }, () => {
    const word = randomWords(33);
    const lines = Array.from({ length: 13_000 }, () => Array.from({ length: 118 }, word).join(" "));
    const miner = createPatternMiner();
    const before = process.memoryUsage().heapUsed;
    for (const line of lines) miner.add(line);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(400_000_000);
    expect(miner.size()).toBe(13_000);
  });

  test("of values costs one group a statement", () => {
    const miner = createPatternMiner();
    const word = randomWords(12);
    for (let index = 0; index < 30_000; index += 1) miner.add(`login refused user=${word()}`);
    expect(miner.size()).toBeLessThan(10);
  });

  test("full of quotes is read in one pass", () => {
    const miner = createPatternMiner();
    for (let index = 0; index < 100; index += 1) miner.add(`${'" '.repeat(30_000)}a${'"'.repeat(index)} b`);
    expect(miner.size()).toBeLessThan(101);
  });
});
