import { describe, expect, test } from "vitest";
import { analyse } from "../../src/analysis/analyse.ts";
import type { Series, Telemetry } from "../../src/incident/telemetry.ts";
import { lines, measured, ordinary, shopOf, styles } from "./styles.ts";
import { begins, risen, series } from "./telemetry.ts";

/** Two services that use one database and wait; of the database what its monitoring shows. */
const waiting = (store: string, message: string, ofStore: readonly Series[]): Telemetry => {
  const [, style] = styles;
  const slow = ["shop", "cart"].flatMap((service) => measured(service, style, { latency: risen(0.2, 4) }).slice(2));
  const telemetry = shopOf(style, "High latency on shop", ...slow);
  return {
    ...telemetry,
    services: ["shop", "cart", store],
    calls: ["shop", "cart"].map((service) => ({ from: service, to: store })),
    series: [...telemetry.series.filter(({ service }) => service !== "stock"), ...ofStore],
    logs: ["shop", "cart"].flatMap((service) => [...ordinary(service), ...lines(service, begins, message)]),
  };
};

describe("a lock in a database is not blamed on who waits for it", () => {
  test.each<[string, string, string, readonly Series[]]>([
    ["PostgreSQL, of which nothing is measured", "shop-db", "ERROR: canceling statement due to lock timeout", []],
    ["PostgreSQL by its code", "orders_postgres", "pq: could not serialize (SQLSTATE 55P03)", []],
    ["MySQL with its row locks", "orders-mysql", "Lock wait timeout exceeded; try restarting transaction", [series("orders-mysql", "mysql.innodb.row_lock_waits", "saturation", null, risen(1, 40))]],
    ["SQL Server with its sessions", "billing-sql", "Msg 1222: Lock request time out period exceeded", [series("billing-sql", "UserConnections", "saturation", null, risen(10, 40))]],
  ])("%s", (_, store, message, ofStore) => {
    const { suspects, verdict } = analyse(waiting(store, message, ofStore));
    expect(verdict).toBe("incident");
    expect(suspects[0]?.service).toBe(store);
    expect(suspects[0]?.reasons.some(({ text }) => /^statements of (shop|cart) wait for locks in /.test(text))).toBe(true);
    expect(suspects.filter(({ service }) => service !== store).every(({ probability }) => probability < 0.2)).toBe(true);
  }); // prettier-ignore

  test("a deadlock is made by those that take part in it, and an error of another kind is the service's own", () => {
    for (const message of ["deadlock detected (40P01)", "TypeError: price is undefined"])
      expect(JSON.stringify(analyse(waiting("shop-db", message, [])).suspects)).not.toContain("wait for locks");
  });
});
