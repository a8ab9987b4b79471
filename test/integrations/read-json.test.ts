import { expect, test } from "vitest";
import { z } from "zod";
import { ForbiddenError, IntegrationError, UnexpectedAnswerError } from "../../src/guard/errors.ts";
import { readJson } from "../../src/integrations/read-json.ts";

const schema = z.object({ flips: z.array(z.object({ flag: z.string() })) });
const read = (status: number, body: string) =>
  readJson(new Response(body, { status, headers: { "content-type": "text/html" } }), schema, {
    ...{ vendor: "flags", what: "flips" },
    refused: "Check FLAGS_TOKEN.",
  });

test("an answer keeps its text as it came beside its value", async () => {
  const raw = '{ "flips": [{ "flag": "cart", "by": "ana" }] }';
  expect(await read(200, raw)).toEqual({ raw, value: { flips: [{ flag: "cart" }] } });
});

test.each([
  [401, "{}", ForbiddenError, false, "flags: 401 for flips. Check FLAGS_TOKEN."],
  [404, "no such page", IntegrationError, false, "flags answered 404 for flips. Check FLAGS_TOKEN."],
  [502, "<html>", IntegrationError, true, "flags answered 502 for flips."],
  [
    200,
    "<html>",
    UnexpectedAnswerError,
    false,
    "flags answered flips in a shape midwatch does not know: not JSON (text/html, 6 characters)",
  ],
  [200, '{"flips":[{}]}', UnexpectedAnswerError, false, ": flips.0.flag: Invalid input"],
  [200, "[]", UnexpectedAnswerError, false, ": the answer: Invalid input"],
])("%i %s says what is wrong and what to do", async (status, body, kind, retryable, words) => {
  const error: unknown = await read(status, body).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(kind);
  expect(error).toMatchObject({ retryable, message: expect.stringContaining(words) });
});

test("a vendor that explains its refusals has an error of its own", async () => {
  const refused = (status: number, raw: string) => new IntegrationError("flags", `${status}: ${raw}`);
  await expect(
    readJson(new Response("paid plans only", { status: 402 }), schema, { vendor: "flags", what: "flips", refused }),
  ).rejects.toThrow("402: paid plans only");
});
