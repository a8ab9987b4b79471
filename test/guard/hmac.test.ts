import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { hmacSha256Matches, secretMatches } from "../../src/guard/hmac.ts";

const hex = (secret: string, message: string | Uint8Array) => createHmac("sha256", secret).update(message).digest("hex");

test("a message matches when any signature fits any secret", () => {
  const fits = hex("new", "body");
  expect(hmacSha256Matches(["old", "new"], "body", [hex("other", "body"), fits])).toBe(true);
  expect(hmacSha256Matches(["old"], "body", [fits])).toBe(false);
  expect(hmacSha256Matches(["new"], "body ", [fits])).toBe(false);
});

test("text is signed as UTF-8, and bytes as they are", () => {
  const text = "Überlast 🔥";
  expect(hmacSha256Matches(["k"], text, [hex("k", text)])).toBe(true);
  const bytes = new Uint8Array([0, 255, 254, 10]);
  expect(hmacSha256Matches(["k"], bytes, [hex("k", bytes)])).toBe(true);
});

test("an empty secret opens nothing, and what is no digest matches nothing", () => {
  expect(hmacSha256Matches([""], "body", [hex("", "body")])).toBe(false);
  expect(hmacSha256Matches([], "body", [hex("k", "body")])).toBe(false);
  const digest = hex("k", "body");
  const bad = ["", "zz", "abc", digest.slice(2), `${digest}00`];
  expect(bad.map((signature) => hmacSha256Matches(["k"], "body", [signature]))).toEqual(bad.map(() => false));
});

test("a stranger's many signatures cost no more hashing than one", () => {
  const body = new Uint8Array(1_000_000);
  const wrong = "0".repeat(64);
  // To hash for each would take minutes.
  const many = [...Array.from({ length: 20_000 }, () => wrong), hex("new", body)];
  expect(hmacSha256Matches(["old", "new"], body, many)).toBe(true);
  expect(hmacSha256Matches(["old", "new"], body, many.slice(0, -1))).toBe(false);
});

test("a secret that is sent as it is must be one of ours, whole; an empty one opens nothing", () => {
  expect(["old", "new", "nęw"].map((given) => secretMatches(["old", "", "new", "nęw"], given))).toEqual([true, true, true]);
  const wrong = [null, "", "ol", "olds", "OLD", "old "];
  expect(wrong.map((given) => secretMatches(["old", "", "new"], given))).toEqual(wrong.map(() => false));
  expect([secretMatches([], "old"), secretMatches([""], "")]).toEqual([false, false]);
});
