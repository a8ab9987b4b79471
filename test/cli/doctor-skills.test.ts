import { expect, test } from "vitest";
import { z } from "zod";
import { command } from "../support/command.ts";

const output = z.object({ checks: z.array(z.object({ name: z.string(), state: z.string(), detail: z.string() })) });

test("doctor names what is wrong in the team's own folder of skills", async () => {
  await using running = command(["doctor", "--json"], {
    PAGERDUTY_WEBHOOK_SECRET: "a-secret",
    SLACK_BOT_TOKEN: "xoxb-a",
    SLACK_SIGNING_SECRET: "b-secret",
    SLACK_API_URL: "http://127.0.0.1:1",
    CATALOG_PATH: new URL("../../catalog.yaml", import.meta.url).pathname,
    SKILLS_PATH: "/not-there",
  });
  await running.ended;
  const { checks } = output.parse(JSON.parse(running.stdout()));
  expect(checks.filter(({ name }) => name === "Skills")).toEqual([
    { name: "Skills", state: "warning", detail: expect.stringContaining("1 problem, the first: /not-there: cannot be read (ENOENT)") },
  ]);
});
