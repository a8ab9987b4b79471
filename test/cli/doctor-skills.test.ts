import { expect, test } from "vitest";
import { doctor } from "../support/command.ts";
import { recordingFolder } from "../support/recording-folder.ts";

test("doctor names what is wrong in the team's own folder of skills", async () => {
  const { checks } = await doctor({ SKILLS_PATH: "/not-there" });
  expect(checks.filter(({ name }) => name === "Skills")).toEqual([
    { name: "Skills", state: "warning", detail: expect.stringContaining("1 problem, the first: /not-there: cannot be read (ENOENT)") },
  ]);
});

test("doctor says which service a runbook likely means, where its name is a slip of one in the catalog", async () => {
  await using folder = await recordingFolder({
    "runbooks/pay.md": "---\ntitle: Payments\nmatch:\n  service: [paymnets, payments, 'pay*', search]\n---\n1. Look.\n",
  });
  const { code, checks } = await doctor({ SKILLS_PATH: folder.path }, "version: 1\nservices: [{ name: payments }]\n");
  expect(code).toBe(1);
  expect(checks.filter(({ name }) => name === "Runbooks")).toEqual([
    {
      name: "Runbooks",
      state: "problem",
      detail: expect.stringMatching(/pay\.md: match\.service "paymnets" is not a service of the catalog: did you mean payments\?$/),
    },
  ]);
});
