import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const pathOf = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const text = readFileSync(pathOf("docs/security.md"), "utf8");

/** Names of files in a text, whole from `src/` or `test/` on. */
const filesIn = (part: string, folder: string) =>
  [...part.matchAll(/`([^`]+)`/g)].flatMap(([, name = ""]) => (name.startsWith(`${folder}/`) ? [name] : []));

/** Cells of each row of the table of a section. */
function rowsOf(title: string): string[][] {
  const section = text.split(/^## /m).find((part) => part.startsWith(`${title}\n`)) ?? "";
  return section
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .slice(2)
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

test("each threat of the model has a control and a test, and both files are there", () => {
  const rows = rowsOf("Threat model");
  expect(rows.length).toBeGreaterThan(20);
  for (const [threat = "", control = "", tests = ""] of rows) {
    const [controls, attacks] = [filesIn(control, "src"), filesIn(tests, "test")];
    expect({
      threat,
      without: [...(controls.length === 0 ? ["a control"] : []), ...(attacks.length === 0 ? ["a test"] : [])],
      missing: [...controls, ...attacks].filter((name) => !existsSync(pathOf(name))),
      noTest: attacks.filter((name) => !name.endsWith(".test.ts")),
    }).toEqual({ threat, without: [], missing: [], noTest: [] });
  }
});

test("every file that the page names anywhere is there", () => {
  const named = [...filesIn(text, "src"), ...filesIn(text, "test")].filter((name) => !name.includes("*"));
  expect(named.length).toBeGreaterThan(50);
  expect([...new Set(named)].filter((name) => !existsSync(pathOf(name)))).toEqual([]);
});
