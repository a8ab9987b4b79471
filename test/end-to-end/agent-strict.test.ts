import { expect, test } from "vitest";
import { apiError } from "../../src/replay/anthropic/server.ts";
import { calls, openScene, says, undecided } from "./agent.ts";
import { eventsOf, ORDERS_TIMEOUT } from "../support/bot.ts";

test("where strict schemas are too much for the provider, the investigation begins anew without them", async () => {
  await using scene = await openScene(ORDERS_TIMEOUT);
  await using run = await scene.run({
    script: ({ body }) =>
      body.tools?.some(({ strict }) => strict === true) === true
        ? {
            status: 400,
            body: apiError(
              "invalid_request_error",
              "The compiled grammar is too large, which would cause performance issues. Simplify your tool schemas or reduce the number of strict tools.",
            ),
          }
        : says(calls("submit_finding", undecided)),
  });
  const log = await run.incident.log();
  expect(eventsOf(log, "investigation-started").map(({ tools }) => tools.filter(({ strict }) => strict).map(({ name }) => name))).toEqual([
    ["hypotheses", "propose_fix", "submit_finding"],
    [],
  ]);
  expect(eventsOf(log, "finding-submitted")).toHaveLength(1);
  expect(await run.incident.report()).toContain("*No cause found yet.*");
});
