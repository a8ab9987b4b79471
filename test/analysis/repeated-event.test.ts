import { describe, expect, test } from "vitest";
import { analyse } from "../../src/analysis/analyse.ts";
import type { LogLine, PlatformEvent } from "../../src/incident/telemetry.ts";
import { empty, from, minute, page } from "./telemetry.ts";

const hour = 60 * minute;
const troubles = [
  ["BackOff", "Back-off restarting failed container web in pod shop-5d9c"],
  ["Unhealthy", "Readiness probe failed: Get http://10.2.0.7:8080/ready: connection refused"],
  ["FailedMount", 'MountVolume.SetUp failed for volume "certs": secret "shop-tls" not found'],
] as const;
const event = (title: string, text: string, at: number, repeated?: PlatformEvent["repeated"]): PlatformEvent => ({
  ...{ at, source: "kubernetes", service: "shop", instance: null, severity: "warning", title, text, tags: [], evidence: 7 },
  ...(repeated === undefined ? {} : { repeated }),
});
const line = (at: number, message: string, severity = "ERROR"): LogLine => ({
  ...{ at, service: "shop", instance: null, severity, message, traceId: null, spanId: null, weight: 1, evidence: 5 },
});
const telemetry = (events: PlatformEvent[], logs: LogLine[] = []) => ({ ...empty, page: { ...empty.page, title: "shop is down" }, services: ["shop"], calls: [], events, logs }); // prettier-ignore

describe.each(troubles)("%s", (title, text) => {
  const since = page - 4 * hour;

  test("an event that counts itself dates the trouble, hours before what was read", () => {
    const { onset, suspects } = analyse(telemetry([event(title, text, page - 3 * minute, { count: 896, since, slackMs: minute })]));
    expect(onset).toBe(since);
    expect(suspects[0]?.reasons[0]?.since).toBe(since);
    expect(suspects[0]?.reasons[0]?.text).toContain("(896 times since 08:00:00)");
  });

  test("one that came so often weighs as much as one that was seen again and again", () => {
    const weight = (events: PlatformEvent[]) => analyse(telemetry(events)).suspects[0]?.probability ?? 0;
    const again = weight([1, 2, 3].map((minutes) => event(title, text, page - minutes * minute)));
    expect(weight([event(title, text, page - 3 * minute, { count: 40, since, slackMs: minute })])).toBeCloseTo(again, 5);
    expect(weight([event(title, text, page - 3 * minute)])).toBeLessThan(again);
  });

  test("one that does not say is dated where it was seen", () => {
    const seen = page - 3 * minute;
    expect(analyse(telemetry([event(title, text, seen), event(title, text, page)])).onset).toBe(seen);
  });
});

test("where the text ends with the count, it is not said twice", () => {
  const [[title, text]] = troubles;
  const told = event(title, `${text} (x896 over 4h2m)`, page, { count: 896, since: page - 4 * hour, slackMs: minute });
  const said = analyse(telemetry([told])).suspects[0]?.reasons[0]?.text ?? "";
  expect(said.match(/896/g)).toHaveLength(1);
});

describe("a record of logs that begins with the window", () => {
  const said = (logs: LogLine[]) => analyse(telemetry([], logs)).suspects[0];
  const banner = line(page - 4 * minute, "listening on port 8080", "INFO");

  test.each(["SSL certificate expired", "FATAL: password authentication failed", "panic: nil map"])("%s is not called new", (message) => {
    const suspect = said([banner, line(page - 3 * minute, message)]);
    expect(suspect?.reasons[0]?.text).toBe(`shop logs \`${message}\` (one line at 11:57:00, no older logs to compare)`);
    expect(suspect?.reasons[0]).not.toHaveProperty("since");
    expect(suspect?.cause).toBe(`logs \`${message}\``);
  });

  test("after two hours of other lines it is", () => {
    const quiet = Array.from({ length: 125 }, (_, index) => line(from + index * minute, `handled order ${index}`, "INFO"));
    const errors = [0, 1, 2, 3, 4, 5].map((index) => line(page - 3 * minute + index * 20_000, "SSL certificate expired"));
    expect(said([...quiet, ...errors])?.reasons[0]?.text).toMatch(/^new log pattern in shop, 0 → /);
  });
});
