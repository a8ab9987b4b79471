import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { policiesOf, policyTable } from "../../src/cli/policy.ts";
import { configSchema } from "../../src/config.ts";
import { command } from "../support/command.ts";

const policies = policiesOf();

test("docs/policy.md holds the table that the command prints (-u writes it)", async () => {
  const docs = readFileSync(fileURLToPath(new URL("../../docs/policy.md", import.meta.url)), "utf8");
  const table = policyTable(policies);
  expect(docs).toMatch(/^\| effect \|/m);
  await expect(docs.replace(/(?:^\|.*\n)+/m, () => `${table}\n`)).toMatchFileSnapshot("../../docs/policy.md");
  await using printed = command(["policy"]);
  expect(await printed.ended).toEqual({ code: 0, signal: null });
  expect(printed.stdout()).toBe(`${table}\n`);
});

test("each policy's place is a setting, and --json gives the rules as they are enforced", async () => {
  for (const { setting } of policies) expect(Object.keys(configSchema.shape)).toContain(setting);
  await using printed = command(["policy", "--json"]);
  expect(await printed.ended).toEqual({ code: 0, signal: null });
  expect(JSON.parse(printed.stdout())).toEqual(JSON.parse(JSON.stringify(policies)));
});
