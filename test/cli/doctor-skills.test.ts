import { expect, test } from "vitest";
import { doctor } from "../support/command.ts";

test("doctor names what is wrong in the team's own folder of skills", async () => {
  const { checks } = await doctor({ SKILLS_PATH: "/not-there" });
  expect(checks.filter(({ name }) => name === "Skills")).toEqual([
    { name: "Skills", state: "warning", detail: expect.stringContaining("1 problem, the first: /not-there: cannot be read (ENOENT)") },
  ]);
});
