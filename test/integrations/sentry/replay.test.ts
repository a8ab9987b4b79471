import { expect, test } from "vitest";
import { createSentryClient } from "../../../src/integrations/sentry/client.ts";
import { createSentryReplay } from "../../../src/replay/sentry/app.ts";
import { madeUp, replayedAt, serving } from "../../support/serving.ts";

test("a replayed Sentry gives its issues and where the error was thrown", async () => {
  const { recording, clock } = await madeUp({
    "sentry.json": [
      {
        short_id: "SHOP-1",
        title: "TypeError: x is undefined",
        culprit: "cart.total",
        type: "TypeError",
        value: "x is undefined",
        level: "error",
        first_seen: "2026-01-02T12:20:00Z",
        last_seen: "2026-01-02T12:29:00Z",
        count: 41,
        release: null,
        project: "shop",
        stacktrace: [{ filename: "cart.ts", function: "total", lineno: 12, in_app: true }],
      },
    ],
  });
  await using server = await serving(createSentryReplay(recording, clock, { token: "t", organisation: "acme", now: () => replayedAt }));
  const sentry = createSentryClient({ baseUrl: server.url, token: "t", org: "acme", fetch: globalThis.fetch, now: () => replayedAt });
  const signal = new AbortController().signal;
  const window = { from: replayedAt - 30 * 60_000, to: replayedAt };
  const issues = await sentry.listIssues({ query: "is:unresolved", window, sort: "freq", limit: 100 }, signal);
  expect(issues.value).toEqual([
    expect.objectContaining({ title: "TypeError: x is undefined", service: "shop", count: 41, firstSeen: replayedAt - 10 * 60_000 }),
  ]);
  const event = await sentry.latestEvent({ issueId: issues.value[0]?.id ?? "" }, signal);
  expect(event.value.exceptions).toEqual([
    { type: "TypeError", value: "x is undefined", frames: [{ filename: "cart.ts", module: null, function: "total", line: 12 }] },
  ]);
  expect((await sentry.validate({}, signal)).filter(({ ok }) => !ok)).toEqual([]);
});
