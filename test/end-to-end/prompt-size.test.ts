import { expect, test } from "vitest";
import { toToolSchema } from "../../src/integrations/anthropic/client.ts";
import { proposeFixTool } from "../../src/investigation/agent/propose-fix.ts";
import { openScene, says, turnsOf } from "./agent.ts";
import { ORDERS_TIMEOUT } from "../support/bot.ts";

/** Characters of one token, as the vendor's rule of thumb has it. */
const CHARACTERS = 4;

test("what every turn carries stays short, and names the limits it is held to", async () => {
  await using scene = await openScene(ORDERS_TIMEOUT);
  await using run = await scene.run({ script: () => says({ text: "Nothing more to say." }) });
  const body = turnsOf(run.desk.model)[0]?.body;
  if (body === undefined) throw new Error("the model was never asked");
  const { system, tools } = body;
  const withPatches = [...(tools ?? []).filter(({ name }) => name !== proposeFixTool.name), toToolSchema(proposeFixTool)];
  expect((JSON.stringify(system).length + JSON.stringify(withPatches).length) / CHARACTERS).toBeLessThanOrEqual(8_000);
  expect(JSON.stringify(system)).toMatch(/about 5 minutes, 25 turns and 60,000 characters to read/);
});
