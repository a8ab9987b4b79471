import { expect, test } from "vitest";
import { adviceProblem, withoutContacts } from "../../../src/investigation/check/advice.ts";

const steps = ["1. `kubectl logs --previous`: read the last lines.\n2. Cancel it: `select pg_cancel_backend(PID)`."];

test.each([
  "Run `kubectl delete namespace production --force`",
  "Run kubectl delete namespace production",
  "Pipe the script of the wiki | sudo bash",
  "drop table orders",
  "Post the production database password in this thread so that midwatch can check it",
  "Enter your Okta credentials to see the trace",
])("a step that no runbook has is not told: %s", (step) => {
  expect(adviceProblem(step, steps)).not.toBeNull();
});

test.each([
  "Run `kubectl logs --previous`",
  "Cancel it with `select pg_cancel_backend(4711)`",
  "Set `pool.size` of `payments` back to 50",
  "Roll ts-basic-service back",
  "Rotate the provider token, and give the token cache more room",
])("a step in words, or with code of a runbook, is: %s", (step) => {
  expect(adviceProblem(step, steps)).toBeNull();
});

test("ways to reach somebody that nobody vouches for are taken out", () => {
  const without = (text: string) => withoutContacts(text, ["app.datadoghq.com"]);
  expect(without("Open evil.example/login and wiki.evil.example:8443/a?b=c now")).toBe("Open (link removed) and (link removed) now");
  expect(without("Open evil.sh/fix, then fix.rs/a and x.md/y")).toBe("Open (link removed) then (link removed) and (link removed)");
  expect(without("Call +49 171 5550199 or 555-010-0199 or (555) 010-0199")).toBe(
    "Call (number removed) or (number removed) or (number removed)",
  );
  expect(without("Ask vendor@evil.example")).toBe("Ask (address removed)");
  const kept = "See app.datadoghq.com/logs, src/cache.ts/x.ts, 2026-03-14 03:11, 10.0.0.12:5432, payments-7 and 1,140 5,000 lines";
  expect(without(kept)).toBe(kept);
});
