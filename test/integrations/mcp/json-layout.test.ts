import { expect, test } from "vitest";
import { layOut, parsedJson } from "../../../src/integrations/mcp/json-layout.ts";

test("JSON is laid out a field a line, whatever its strings hold", () => {
  const value = { a: '[[["{', b: ["\\", { c: 1 }] };
  expect(parsedJson(` ${JSON.stringify(value)}`)).toEqual(value);
  expect(layOut({ a: ["[".repeat(1_000)] })).toBe(`{\n "a": [\n  "${"[".repeat(1_000)}"\n ]\n}`);
});

test("what is no list or object of JSON, or nests too deep, is a text", () => {
  for (const text of ["", "7", '"[1]"', "[1", "{a: 1}", `${"[".repeat(51)}${"]".repeat(51)}`]) expect(parsedJson(text)).toBeNull();
  expect(parsedJson(`${"[".repeat(50)}${"]".repeat(50)}`)).not.toBeNull();
  const deep: unknown = JSON.parse(`${"[".repeat(51)}${"]".repeat(51)}`);
  expect(layOut(deep)).toBe(JSON.stringify(deep));
});
