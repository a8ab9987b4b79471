import { describe, expect, test } from "vitest";
import { type EditBlock, applyEdits } from "../../src/fix/edit-blocks.ts";

const block = (search: string, replace: string, number = 1): EditBlock => ({ number, search, replace });
const file = "import a\n\nfunction key(m, r) {\n  return m + r;\n}\n\nfunction other(m, r) {\n  return m + r;\n}\n";

const edited = (after: string | null) => ({ status: "edited", after });
const refused = (...problems: string[]) => ({ status: "refused", problems });

test("a block that stands once gives way to its new text", () => {
  expect(applyEdits(file, [block("function key(m, r) {\n  return m + r;", "function key(m, r) {\n  return m;")])).toEqual(
    edited("import a\n\nfunction key(m, r) {\n  return m;\n}\n\nfunction other(m, r) {\n  return m + r;\n}\n"),
  );
});

test("several blocks of a file are applied together, in whatever order they come", () => {
  const blocks = [block("function other(m, r) {", "function other(m) {", 1), block("import a", "import b", 2)];
  const after = "import b\n\nfunction key(m, r) {\n  return m + r;\n}\n\nfunction other(m) {\n  return m + r;\n}\n";
  expect(applyEdits(file, blocks)).toEqual(edited(after));
  expect(applyEdits(file, blocks.toReversed())).toEqual(edited(after));
});

test("no block matches what another one wrote", () => {
  expect(applyEdits("one\ntwo\n", [block("one", "three", 1), block("three", "four", 2)])).toEqual(
    refused("Edit 2: the search text matches 0 times, and the file has nothing like it."),
  );
});

test("a search that JavaScript's replace would read as a pattern is taken as it stands", () => {
  expect(applyEdits("a.b $1\n", [block("a.b $1", "$& $' $1")])).toEqual(edited("$& $' $1\n"));
});

describe("a block is refused", () => {
  test("that matches twice, with how often and where", () => {
    expect(applyEdits(file, [block("  return m + r;", "  return m;", 4)])).toEqual(
      refused("Edit 4: the search text matches 2 times (lines 4, 8); add lines around it until it matches once."),
    );
  });

  test("that matches never, with the closest line", () => {
    expect(applyEdits(file, [block("function key(m, q) {\n  return m + q;\n}", "x")])).toEqual(
      refused("Edit 1: the search text matches 0 times; the closest is line 3."),
    );
  });

  test("that differs in white space, which is said", () => {
    expect(applyEdits(file, [block("function key(m, r) {\n\treturn m + r;", "x", 2)])).toEqual(
      refused("Edit 2: the search text matches 0 times; the closest is line 3. All its lines are there, except for white space."),
    );
  });

  test("that overlaps another, and overlapping matches of one count as two", () => {
    expect(applyEdits("a\nb\nc\n", [block("b\nc", "x", 1), block("a\nb", "y", 2)])).toEqual(
      refused("Edits 1 and 2 overlap at line 2; make one edit of them."),
    );
    expect(applyEdits("aXaXa\n", [block("aXa", "b")])).toEqual(
      refused("Edit 1: the search text matches 2 times (line 1); add lines around it until it matches once."),
    );
  });

  test("that would create a file that exists, or change one that does not", () => {
    expect(applyEdits(file, [block("", "new")])).toEqual(refused("Edit 1: the file exists, so the search text must not be empty."));
    expect(applyEdits(null, [block("old", "new", 3)])).toEqual(
      refused("Edit 3: there is no such file; to create it, leave the search text empty."),
    );
  });

  test("together with all others, each with its reason", () => {
    const blocks = [block("import a", "import b", 1), block("nowhere at all", "x", 2), block("  return m + r;", "y", 3)];
    const answer = applyEdits(file, blocks);
    expect(answer.status === "refused" && answer.problems.map((problem) => problem.slice(0, 38))).toEqual([
      "Edit 2: the search text matches 0 time",
      "Edit 3: the search text matches 2 time",
    ]);
  });

  test("of a size that is no edit any more", () => {
    expect(applyEdits(file, [block("x".repeat(20_001), "y")])).toEqual(refused("Edit 1: the search text is longer than 20000 characters."));
    expect(applyEdits(null, [block("", "y".repeat(100_001))])).toEqual(refused("Edit 1: the new text is longer than 100000 characters."));
  });
});

describe("whole files", () => {
  test("a file is created by one block without a search", () => {
    expect(applyEdits(null, [block("", "new\n")])).toEqual(edited("new\n"));
    expect(applyEdits(null, [block("", "new\n", 1), block("", "more\n", 2)])).toEqual(
      refused("Edit 2: a new file is given whole, in one edit."),
    );
  });

  test("a file is deleted only by saying so", () => {
    expect(applyEdits(file, [{ number: 1, search: "", replace: "", delete: true }])).toEqual(edited(null));
    expect(applyEdits(null, [{ number: 1, search: "", replace: "", delete: true }])).toEqual(
      refused("Edit 1: there is no such file to delete."),
    );
    expect(applyEdits(file, [{ number: 1, search: "", replace: "", delete: true }, block("import a", "b", 2)])).toEqual(
      refused("Edit 1: a file that is deleted has no other edit."),
    );
  });
});

describe("line breaks", () => {
  const windows = "one\r\ntwo\r\nthree\r\n";

  test("a block with \\n matches a file with \\r\\n, and what it writes has \\r\\n", () => {
    expect(applyEdits(windows, [block("one\ntwo\n", "one\ntwo and a half\ntwo\n")])).toEqual(
      edited("one\r\ntwo and a half\r\ntwo\r\nthree\r\n"),
    );
  });

  test("a block with \\r\\n matches as well, and matches a file with \\n", () => {
    expect(applyEdits(windows, [block("one\r\ntwo", "1\r\n2")])).toEqual(edited("1\r\n2\r\nthree\r\n"));
    expect(applyEdits("one\ntwo\n", [block("one\r\ntwo", "1\r\n2")])).toEqual(edited("1\n2\n"));
  });

  test("lines that a block gives as context keep their own breaks in a file that mixes them", () => {
    expect(applyEdits("a\nb\r\nc\nd\r\ne\r\n", [block("a\nb\nc\nd", "a\nb\nX\nd")])).toEqual(edited("a\nb\r\nX\nd\r\ne\r\n"));
  });

  test("two blocks of one file with \\r\\n hit their own lines", () => {
    expect(applyEdits(windows, [block("three", "3", 1), block("one", "1", 2)])).toEqual(edited("1\r\ntwo\r\n3\r\n"));
  });

  test("a byte order mark and a missing last line break stay as they are", () => {
    expect(applyEdits("\uFEFFone\ntwo", [block("two", "2")])).toEqual(edited("\uFEFFone\n2"));
  });
});

test("a search and a file made to be slow take no time", () => {
  const answer = applyEdits("a".repeat(900_000), [block(`b${"a".repeat(19_999)}`, "x")]);
  expect(answer.status).toBe("refused");
});

test("sixty blocks that a long file lacks take no time", () => {
  const text = Array.from({ length: 25_000 }, (_, index) => `const value${index} = compute(${index});`).join("\n");
  const blocks = Array.from({ length: 60 }, (_, index) => ({ number: index + 1, search: `something else ${index}`, replace: "x" }));
  const outcome = applyEdits(text, blocks);
  expect(outcome.status === "refused" ? outcome.problems : []).toHaveLength(60);
});
