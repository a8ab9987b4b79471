import { expect, test } from "vitest";
import { stands, type Told } from "./told-answers.ts";

const from = Date.parse("2026-03-14T03:00:00Z");

/** Four series of payments, a point a minute: CPU rises, memory does not, nor does the wait in the pool; requests halve. */
const metrics: Told = {
  query: "avg:system.cpu.user{service:payments}, avg:memory_used_pct{service:payments}, p95:pool_wait_ms{*}, sum:requests.count{*}",
  raw: JSON.stringify({
    data: {
      attributes: {
        series: ["percent", "percent", null, null].map((unit, index) => ({
          group_tags: ["service:payments"],
          query_index: index,
          unit: unit === null ? null : [{ name: unit }, null],
        })),
        times: Array.from({ length: 40 }, (_, index) => from + index * 60_000),
        values: [
          Array.from({ length: 40 }, (_, index) => (index < 20 ? 21.4 + (index % 3) / 10 : 87.2 + (index % 4) / 10)),
          Array.from({ length: 40 }, (_, index) => 55.1 + (index % 5) / 10),
          Array.from({ length: 40 }, (_, index) => 3.2 + (index % 3) / 10),
          Array.from({ length: 40 }, (_, index) => (index < 20 ? 640 : 320)),
        ],
      },
    },
  }),
};

test.each([
  ["CPU of payments ends at 87.5 %", true],
  ["payments has steady memory, 55.1 to 55.5 %", true],
  ["Nobody waits for the pool of payments: 3.4 ms at most", true],
  ["CPU of payments ends at 55.5 %", false],
  ["payments has steady memory, 87.2 to 87.5 %", false],
  ["Nobody waits for the pool of payments: 3.4 s at most", false],
])("a figure is of a series that its sentence names: “%s” %s", async (text, holds) => {
  expect(await stands(text, [metrics])).toBe(holds);
});

test.each([
  ["CPU of payments was about 21.5 % until 03:19", true],
  ["CPU of payments is at 87.2 % or more since 03:20", true],
  ["CPU of payments stayed near 21.5 % from 03:05 to 03:15", true],
  ["CPU of payments is at 21.5 % since 03:25", false],
])("a level is that of the time which its sentence gives it: “%s” %s", async (text, holds) => {
  expect(await stands(text, [metrics])).toBe(holds);
});

test.each([
  ["Requests of payments went from 640 to 320 a minute, half as many", true],
  ["CPU of payments went from 21.4 to 87.2 %, four times as much", true],
  ["CPU of payments went from 21.4 to 87.2 %, nine times as much", false],
  ["Requests of payments went from 640 to 320 a minute, a fifth of what they were: 20 %", false],
])("a multiple or share beside two figures is theirs: “%s” %s", async (text, holds) => {
  expect(await stands(text, [metrics])).toBe(holds);
});

/** 30 spans of two operations a second apart, 12 and 18 of them; the first are slow from the seventh on. */
const spans: Told = {
  raw: JSON.stringify({
    data: Array.from({ length: 30 }, (_, index) => {
      const [isCharge, turn] = [index % 5 < 2, Math.floor(index / 5) * 2 + (index % 5)];
      return {
        service: "payments",
        resource: isCharge ? "Billing/chargeCard" : "Billing/listCards",
        at: new Date(from + index * 1000).toISOString(),
        took_ms: isCharge ? (turn < 6 ? 20 + turn : 910 + turn * 10) : 4 + (index % 3),
      };
    }),
  }),
};

test.each([
  ["payments ran chargeCard 12 times", true],
  ["payments: chargeCard took 1.02 s at most, and listCards 6 ms", true],
  ["payments: no chargeCard before 03:00:15 took more than 25 ms", true],
  ["payments ran chargeCard 13 times", false],
  ["payments: chargeCard took 1.02 s at most, and listCards 8 ms", false],
])("rows that a sentence selects by name and time are counted and measured: “%s” %s", async (text, holds) => {
  expect(await stands(text, [spans])).toBe(holds);
});

test.each([
  ["No change of payments was found", true],
  ["Nothing of payments was deployed, and none of its flags changed", true],
  ["Two changes of payments were found", false],
  ["One flag of payments changed", false],
])("an empty answer shows nothing but absence: “%s” %s", async (text, holds) => {
  expect(await stands(text, [{ raw: "[]", query: "changes of payments" }])).toBe(holds);
});
