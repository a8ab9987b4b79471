import { expect, test } from "vitest";
import { datadogRequests } from "../../support/datadog-sdk.ts";

test("what is kept of the official client is made from the installed one and loads nothing else", async () => {
  const requests = await datadogRequests();
  await expect(requests).toMatchFileSnapshot("../../../src/integrations/datadog/sdk/requests.js");
  expect(requests.match(/\brequire\(|^\s*import\b|\bimport\(/gm)).toBeNull();
});
