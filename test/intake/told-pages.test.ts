import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";

const ROOT = resolve(import.meta.dirname, "../..");
const folder = join(ROOT, "src/integrations");
const sources = readdirSync(folder, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .map((file) => readFileSync(join(folder, file), "utf8"));

/** As GitHub makes them of headings. */
const anchors = (page: string) =>
  [...readFileSync(join(ROOT, page), "utf8").matchAll(/^#+ (.*)$/gm)].map(([, title = ""]) =>
    title
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, "")
      .replaceAll(" ", "-"),
  );

test("what a message of an integration sends people to is a page for them, and a heading that is there where it names one", () => {
  const told = sources.flatMap((text) => [...text.matchAll(/"[^"\n]*?((?:docs|src)\/[\w/-]+\.md)(?:#([\w-]+))?/g)]);
  expect(told.length).toBeGreaterThan(2);
  for (const [, page = "", anchor] of told) {
    expect(page).toMatch(/^docs\//);
    expect([undefined, ...anchors(page)]).toContain(anchor);
  }
});
