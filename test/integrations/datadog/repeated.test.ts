import { expect, test } from "vitest";
import { repeatedIn } from "../../../src/integrations/datadog/repeated.ts";

const at = Date.parse("2026-10-05T10:15:24Z");
const hour = 3_600_000;

test.each([
  ["Back-off restarting failed container web (x896 over 4h2m)", 896, 4 * hour + 2 * 60_000, 60_000],
  ["Readiness probe failed: connection refused (x12 over 45s)", 12, 45_000, 1000],
  ["Failed to pull image (x3 over 26h)", 3, 26 * hour, hour],
  ["0/9 nodes are available (x5012 over 3d4h)\n", 5012, 76 * hour, hour],
  ["Error: ErrImagePull (x40 over 8m31s)", 40, 511_000, 1000],
  ["volume is not mounted (x9 over 2y30d)", 9, 760 * 24 * hour, 24 * hour],
])("%s: as kubectl describes it", (text, count, length, slackMs) => {
  expect(repeatedIn(text, null, at)).toEqual({ count, since: at - length, slackMs });
});

test("Datadog's agent bundles what an object said with its first time", () => {
  const seen = (what: string) =>
    `%%% \n${what} \n _Events emitted by the kubelet seen at 2026-10-05 10:15:24 +0000 UTC since 2026-10-05 08:00:00 +0200 CEST_ \n\n %%%`;
  expect(repeatedIn(seen("896 **BackOff**: Back-off restarting failed container\n"), {}, at)).toEqual({ count: 896, since: Date.parse("2026-10-05T06:00:00Z"), slackMs: 1000 }); // prettier-ignore
  // The beginning of a bundle is not that of each reason in it.
  expect(repeatedIn(seen("2 **Scheduled**: Successfully assigned\n 40 **BackOff**: Back-off restarting\n"), {}, at)).toBeNull();
});

test.each([
  [{ firstTimestamp: "2026-10-05T06:13:24Z", lastTimestamp: "2026-10-05T10:15:24Z", count: 896 }],
  [{ deprecatedFirstTimestamp: "2026-10-05T06:13:24Z", deprecatedCount: 896 }],
  [{ eventTime: "2026-10-05T06:13:24.000000Z", series: { count: 896 } }],
])("the event's own fields: %j", (fields) => {
  const since = Date.parse("2026-10-05T06:13:24Z");
  expect(repeatedIn("Back-off restarting failed container", fields, at)).toEqual({ count: 896, since, slackMs: 1000 });
});

test.each([
  "Back-off restarting failed container",
  "Back-off (x1 over 4h)",
  "queue grew (x896 over budget)",
  "(x896 over 4h2m) was said earlier, and this is new",
  "Back-off (x2 over )",
])("%s: says nothing of how long", (text) => {
  expect(repeatedIn(text, { count: "many" }, at)).toBeNull();
});
