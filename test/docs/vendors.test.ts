import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { vendors } from "../../src/integrations/vendors.ts";

const textOf = (name: string) => readFileSync(new URL(`../../${name}`, import.meta.url), "utf8");
const setup = textOf("docs/setup.md");
const catalog = textOf("docs/catalog.md");

test("docs/setup.md names every setting of every vendor", () => {
  const settings = vendors.flatMap((vendor) => Object.keys(vendor.settings));
  expect(settings.length).toBeGreaterThan(20);
  expect(settings.filter((name) => !new RegExp(`\\b${name}\\b`).test(setup))).toEqual([]);
});

test("docs/catalog.md names the record of every vendor that has one", () => {
  const keys = vendors.flatMap((vendor) => vendor.catalog?.key ?? []);
  expect(keys.length).toBeGreaterThan(3);
  expect(keys.filter((key) => !new RegExp(`^\\| \`${key}[\`.]`, "m").test(catalog))).toEqual([]);
});
