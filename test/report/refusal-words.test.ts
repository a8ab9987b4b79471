import { expect, test } from "vitest";
import { refusalToYou, refusalWords } from "../../src/report/refusal-words.ts";

test("a refusal is worded for others and for the person", () => {
  expect([refusalWords("guest"), refusalToYou("guest")]).toEqual(["is a guest of the workspace", "you are a guest of the workspace"]);
  expect([refusalWords("not-joined"), refusalToYou("not-joined")]).toEqual(["has not joined yet", "you have not joined yet"]);
});
