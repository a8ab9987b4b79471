import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { policiesOf, policyTable } from "../../src/cli/policy.ts";
import { configSchema } from "../../src/config.ts";
import { runHere } from "../support/command.ts";

const policies = policiesOf();

test("docs/policy.md holds the table that the command prints (-u writes it)", async () => {
  const docs = readFileSync(fileURLToPath(new URL("../../docs/policy.md", import.meta.url)), "utf8");
  const table = policyTable(policies);
  expect(docs).toMatch(/^\| effect \|/m);
  await expect(docs.replace(/(?:^\|.*\n)+/m, () => `${table}\n`)).toMatchFileSnapshot("../../docs/policy.md");
  expect(await runHere(["policy"])).toEqual({ code: 0, stdout: `${table}\n`, stderr: "" });
});

test("each policy's place is a setting, and --json gives the rules as they are enforced", async () => {
  for (const { setting } of policies) expect(Object.keys(configSchema.shape)).toContain(setting);
  const { code, stdout } = await runHere(["policy", "--json"]);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toEqual(JSON.parse(JSON.stringify(policies)));
});
