import { describe, expect, test } from "vitest";
import { heldAnswer } from "../../src/guard/held-answer.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
function held(text: string, status = 200) {
  let taken = 0;
  const answer = heldAnswer(bytes(text), {
    ...{ status, headers: { "content-type": "application/json" }, url: "https://api.example.com/a" },
    ...{ isCut: false, onTaken: () => void taken++ },
  });
  return { answer, taken: () => taken };
}

describe("an answer in memory", () => {
  const text = '{"name":"Zoë","count":3}';

  test.each([
    ["text", (answer: Response) => answer.text(), text],
    ["JSON", (answer: Response) => answer.json(), { name: "Zoë", count: 3 }],
    ["bytes", async (answer: Response) => new TextDecoder().decode(await answer.arrayBuffer()), text],
    ["a blob", async (answer: Response) => (await answer.blob()).text(), text],
    ["a stream", async (answer: Response) => new Response(answer.body).text(), text],
  ])("is read as %s, once, and then gives its room back", async (_how, read, expected) => {
    const { answer, taken } = held(text);
    expect(taken()).toBe(0);
    expect(await read(answer)).toEqual(expected);
    expect(taken()).toBe(1);
    await expect(answer.text()).rejects.toThrow("read before");
  });

  test("is read beside a copy of it", async () => {
    const { answer } = held(text);
    expect(await answer.clone().text()).toBe(text);
    expect([answer.status, answer.url, await answer.text()]).toEqual([200, "https://api.example.com/a", text]);
  });

  test.each([204, 304])("without a body takes no room: %i", async (status) => {
    const { answer, taken } = held("", status);
    expect([await answer.text(), answer.body, taken()]).toEqual(["", null, 1]);
  });
});
