import { expect, test } from "vitest";
import { LINK_REMOVED, plainLine } from "../../../src/investigation/check/plain.ts";

const clean = (text: string) => plainLine(text, 500, ["midwatch.acme.example"]);

test.each([
  "see https:/tel:/evil.example/x",
  "see https:/data:/evil.example/x",
  "https:/mailto:/evil.example",
  "[https:/](x)/evil.example",
  "ht<!x|>tps://evil.example",
  "https://midwatch.acme.example\\@evil.example/x",
  "https://midwatch.acme.example@evil.example/x",
  "https://midwatch.acme.example.evil.example/x",
  "https://midwatch.acme.example。evil.example/x",
  "w<!x|>ww.evil.example",
])("%s comes to no link to a host that nobody vouches for", (text) => {
  expect(clean(text)).not.toMatch(/:\/\/|www\./);
});

test.each(["@@here now", "@@@channel", "<<!channel", "<<<!subteam^S1>", "@<!here"])("%s calls nobody", (text) => {
  expect(clean(text)).not.toMatch(/@(?:here|channel)|<!/);
});

test("a link to midwatch's own pages stays, and words around a link that goes", () => {
  const own = "https://midwatch.acme.example/incidents/pd-Q1";
  expect(clean(`see ${own}, not https://evil.example.`)).toBe(`see ${own}, not ${LINK_REMOVED}.`);
});
