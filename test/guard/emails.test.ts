import { expect, test } from "vitest";
import { emailHider } from "../../src/guard/emails.ts";

test("one address is one number throughout a view, whatever its letter case", () => {
  const hide = emailHider();
  expect(hide("ask Ana <ana@acme.example>, ANA@acme.example or bo.b+x@mail.acme.example")).toBe(
    "ask Ana <<email:1>>, <email:1> or <email:2>",
  );
  expect(hide("bo.b+x@mail.acme.example (mailto:bo.b+x@mail.acme.example)")).toBe("<email:2>");
  expect(emailHider()("zoë@exämple.de")).toBe("<email:1>");
});

test("what is no address stays as it is", () => {
  const text = "user@host, @ana, a@b, image@sha256:0f, 5 @ 3.2, x@.y";
  expect(emailHider()(text)).toBe(text);
});

test("long runs of letters are looked through once", () => {
  const before = performance.now();
  for (const text of ["a".repeat(2_000_000), "a@".repeat(500_000), `${"a.".repeat(500_000)}@`, `x@${"a.".repeat(500_000)}`])
    emailHider()(text);
  expect(performance.now() - before).toBeLessThan(5_000);
});
