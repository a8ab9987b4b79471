import { describe, expect, test } from "vitest";
import { type ThreeTexts, countChangedLines, differingPart, linesOf, mergeTexts } from "../../src/fix/revert-merge.ts";
import { createRandom, type Random } from "../support/random.ts";
import { haveGit, mergedByGit, noGit } from "./real-git.ts";

const numbered = (count: number, word = "line") => Array.from({ length: count }, (_, index) => `${word} ${index}\n`);
const merge = (deployed: string, ours: string, theirs: string) => mergeTexts({ deployed, ours, theirs });
const merged = (text: string) => ({ status: "merged", text });

describe("two changes of one text", () => {
  test("of lines far apart are both there", () => {
    expect(merge("a\nb\nc\nd\ne\n", "a\nb\nc\nD\ne\n", "A\nb\nc\nd\ne\n")).toEqual(merged("A\nb\nc\nD\ne\n"));
  });

  test("of the same line are a conflict, which shows the line on all three sides", () => {
    expect(merge("a\nb\nc\n", "a\nours\nc\n", "a\ntheirs\nc\n")).toEqual({
      status: "conflict",
      clashes: [
        {
          deployed: { start: 1, lines: ["b\n"] },
          ours: { start: 1, lines: ["ours\n"] },
          theirs: { start: 1, lines: ["theirs\n"] },
        },
      ],
    });
  });

  test("of neighbouring lines are a conflict: nothing unchanged tells them apart", () => {
    expect(merge("a\nb\nc\nd\n", "a\nB\nc\nd\n", "a\nb\nC\nd\n").status).toBe("conflict");
  });

  test("that are the same change are one", () => {
    expect(merge("a\nb\nc\nd\n", "a\nB\nc\nd\n", "a\nB\nc\nd\n")).toEqual(merged("a\nB\nc\nd\n"));
    expect(merge("a\nb\nc\nd\n", "a\nB\nc\nours\n", "a\nB\nc\nd\n")).toEqual(merged("a\nB\nc\nours\n"));
  });

  test("of which one removes the lines that the other changed are a conflict", () => {
    expect(merge("a\nb\nc\n", "a\nB\nc\n", "a\nc\n").status).toBe("conflict");
  });

  test("at places that repeated lines leave open are a conflict, not a guess", () => {
    // One of three equal lines goes, and one is replaced: the same one?
    expect(merge("x\nx\nx\n}\n", "x\nnew\nx\n}\n", "x\nx\n}\n").status).toBe("conflict");
  });

  test("of a text with Windows line ends keep them", () => {
    expect(merge("a\r\nb\r\nc\r\n", "a\r\nb\r\nC\r\n", "A\r\nb\r\nc\r\n")).toEqual(merged("A\r\nb\r\nC\r\n"));
  });

  test("of which one is all its line ends are a conflict with any other", () => {
    expect(merge("a\r\nb\r\nc\r\n", "a\r\nB\r\nc\r\n", "a\nb\nc\n").status).toBe("conflict");
  });

  test("keep a last line without a line end, and an end that only one of them added", () => {
    expect(merge("a\nb\nc", "A\nb\nc", "a\nb\nc")).toEqual(merged("A\nb\nc"));
    expect(merge("a\nb\nc", "A\nb\nc", "a\nb\nc\n")).toEqual(merged("A\nb\nc\n"));
    expect(merge("a\nb\nc\n", "A\nb\nc\n", "a\nb\nc")).toEqual(merged("A\nb\nc"));
  });

  test("of which one empties the text, or starts from an empty one", () => {
    expect(merge("a\nb\n", "a\nb\n", "")).toEqual(merged(""));
    expect(merge("", "a\n", "")).toEqual(merged("a\n"));
    expect(merge("a\nb\n", "a\nB\n", "").status).toBe("conflict");
    expect(merge("", "a\n", "b\n").status).toBe("conflict");
  });

  test("may hold lines that are names of an object's own parts", () => {
    const base = "constructor\n__proto__\ntoString\nhasOwnProperty\n";
    expect(merge(base, base.replace("constructor", "made"), base.replace("hasOwnProperty", "has"))).toEqual(
      merged("made\n__proto__\ntoString\nhas\n"),
    );
  });
});

describe("what would take too long is not tried", () => {
  test("a text of very many characters", () => {
    const long = `${"x".repeat(200_000)}\n`;
    expect(merge(long, `${long}a\n`, `b\n${long}`)).toEqual({ status: "too-large", because: "200003 characters long" });
  });

  test("a text of very many lines", () => {
    const long = "a\n".repeat(10_001);
    expect(merge(long, long, `b\n${long}`)).toEqual({ status: "too-large", because: "10002 lines long" });
  });

  test("thousands of lines that all repeat, changed on both sides", () => {
    const long = "0,0,0\n".repeat(5_000);
    expect(merge(long, `${long}1\n`, `2\n${long}`)).toEqual({ status: "too-large", because: "changed too widely on both sides" });
  });

  test("but a long text with two small changes is", () => {
    const base = numbered(9_000, "l");
    const ours = base.with(10, "ours\n").with(8_000, "ours too\n");
    const theirs = base.with(5_000, "theirs\n");
    expect(mergeTexts({ deployed: base.join(""), ours: ours.join(""), theirs: theirs.join("") })).toEqual(
      merged(ours.with(5_000, "theirs\n").join("")),
    );
  });
});

/** Changes some of the lines with the given numbers: a line becomes others, or none. */
function edits({ below }: Random, at: readonly number[], word: string): Map<number, readonly string[]> {
  const made = (index: number) => [[], [`${word} ${index}\n`], [`${word} ${index}\n`, `${word} more ${index}\n`]][below(3)] ?? [];
  return new Map(at.map((index) => [index, made(index)]));
}

const applied = (lines: readonly string[], ...all: readonly ReadonlyMap<number, readonly string[]>[]) =>
  lines.flatMap((line, index) => all.find((one) => one.has(index))?.get(index) ?? [line]).join("");

test("edits with an unchanged line between them always merge to both", () => {
  for (let seed = 0; seed < 200; seed++) {
    const random = createRandom(seed);
    const { next, below } = random;
    const base = numbered(10 + below(60));
    const places = base.map((_, index) => index).filter((index) => index % 2 === 0);
    const side = places.map((index) => [index, next()] as const);
    const ours = edits(
      random,
      side.flatMap(([index, chance]) => (chance < 0.3 ? [index] : [])),
      "ours",
    );
    const theirs = edits(
      random,
      side.flatMap(([index, chance]) => (chance > 0.7 ? [index] : [])),
      "theirs",
    );
    const texts = { deployed: base.join(""), ours: applied(base, ours), theirs: applied(base, theirs) };
    expect(mergeTexts(texts), `seed ${seed}`).toEqual(merged(applied(base, ours, theirs)));
  }
});

test("different edits of one line are always a conflict, whatever else changed, and its sides are what the texts hold there", () => {
  for (let seed = 0; seed < 200; seed++) {
    const random = createRandom(seed);
    const { next, below } = random;
    const base = numbered(5 + below(60));
    const both = below(base.length);
    const others = (chance: number) => base.flatMap((_, index) => (index !== both && next() < chance ? [index] : []));
    const ours = edits(random, others(0.2), "ours").set(both, [`ours of ${both}\n`]);
    const theirs = edits(random, others(0.2), "theirs").set(both, next() < 0.3 ? [] : [`theirs of ${both}\n`]);
    const texts = { deployed: base.join(""), ours: applied(base, ours), theirs: applied(base, theirs) };
    const result = mergeTexts(texts);
    if (result.status !== "conflict") throw new Error(`seed ${seed}: ${result.status}`);
    expect(
      result.clashes.some((clash) => clash.ours.lines.includes(`ours of ${both}\n`)),
      `seed ${seed}`,
    ).toBe(true);
    for (const clash of result.clashes) {
      for (const which of ["deployed", "ours", "theirs"] as const) {
        const { start, lines } = clash[which];
        expect(linesOf(texts[which]).slice(start, start + lines.length), `seed ${seed}, ${which}`).toEqual(lines);
      }
    }
  }
});

describe("against git merge-file, on random texts", () => {
  /** @param repeated share of lines that are blank or a brace, as in code */
  function randomTexts(seed: number, repeated: number): ThreeTexts {
    const { next, below } = createRandom(seed);
    let fresh = 0;
    const line = () => (next() < repeated ? (["}\n", "\n", "  return;\n"][below(3)] ?? "") : `${seed}.${fresh++}\n`);
    const base = Array.from({ length: below(40) }, line);
    const change = () =>
      base.flatMap((old) => {
        const chance = next();
        return chance < 0.04 ? [] : chance < 0.08 ? [line()] : chance < 0.12 ? [line(), old] : [old];
      });
    return { deployed: base.join(""), ours: change().join(""), theirs: change().join("") };
  }

  test("the outcome is the same where no line repeats", () => {
    if (!haveGit) return console.warn(noGit);
    const all = Array.from({ length: 100 }, (_, seed) => randomTexts(seed, 0));
    const outcomes = all.map(mergeTexts).map((result) => (result.status === "merged" ? result.text : null));
    expect(outcomes).toEqual(mergedByGit(all));
  });

  test("where lines repeat, what merges here merges there to the same text; what may mean two things is left to people", () => {
    if (!haveGit) return console.warn(noGit);
    const all = Array.from({ length: 100 }, (_, index) => randomTexts(1000 + index, 0.4));
    const byGit = mergedByGit(all);
    const alike = all.map(mergeTexts).flatMap((result, index) => (result.status === "merged" ? [{ index, text: result.text }] : []));
    expect(alike).toEqual(alike.map(({ index }) => ({ index, text: byGit[index] })));
    expect(alike.length).toBeGreaterThan(40);
  });
});

test("lines that differ are counted on both sides", () => {
  expect(countChangedLines("a\nb\nc\n", "a\nB\nc\n")).toBe(2);
  expect(countChangedLines("", "a\nb\n")).toBe(2);
  expect(countChangedLines("a\nb\n", "a\nb\n")).toBe(0);
  expect(countChangedLines("a\nb", "a\nb\n")).toBe(2);
  const long = "0\n".repeat(20_000);
  expect(countChangedLines(long, `${long}1\n`)).toBeLessThanOrEqual(40_001);
});

test("the differing part of two texts is what lies between their common ends", () => {
  expect(differingPart("a\nb\nc\nd\n", "a\nX\nd\n")).toEqual({ a: { start: 1, lines: ["b\n", "c\n"] }, b: { start: 1, lines: ["X\n"] } });
  expect(differingPart("a\na\n", "a\na\na\n")).toEqual({ a: { start: 2, lines: [] }, b: { start: 2, lines: ["a\n"] } });
});
