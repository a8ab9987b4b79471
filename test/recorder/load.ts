import type { DatabaseSync } from "node:sqlite";
import { randomOf } from "./random.ts";
import type { Call } from "./shop.ts";

/** Customers of the shop: people who look at their orders, at one order, or buy something. */

const CUSTOMERS = 6_000;
const PRICES = [249, 399, 499, 799, 999, 1_295, 1_499, 1_799, 1_999, 2_449, 2_995, 3_499, 4_950, 7_999] as const;
const COUPONS = [
  { code: "SPRING10", percent: 10 },
  { code: "WELCOME15", percent: 15 },
  { code: "FRIENDS12", percent: 12 },
] as const;
const DAY_MS = 86_400_000;

/** Fills the tables with orders of the two years before. Ids begin at o-0. */
export function fillOrders(database: DatabaseSync, count: number, before: number, seed: string): void {
  const random = randomOf(seed, "history");
  const order = database.prepare(
    "INSERT INTO orders (id, customer_id, placed_at, status, total_cents, payment_id) VALUES (?, ?, ?, 'paid', ?, ?)",
  );
  const line = database.prepare("INSERT INTO order_lines (order_id, sku, quantity, unit_cents) VALUES (?, ?, ?, ?)");
  database.exec("BEGIN");
  for (let made = 0; made < count; made++) {
    const id = `o-${made}`;
    const product = random.below(PRICES.length);
    const cents = PRICES[product] ?? PRICES[0];
    const placedAt = new Date(before - 730 * DAY_MS + (made / count) * 729 * DAY_MS).toISOString();
    order.run(id, `c-${random.below(CUSTOMERS)}`, placedAt, cents + 490, `pay-${random.hex(8)}`);
    line.run(id, `p-${product}`, 1, cents);
  }
  database.exec("COMMIT");
}

/** The call of the n-th visitor. @param known orders that were there at the start */
export function visitorCall(index: number, known: number, seed: string): Call {
  const random = randomOf(seed, "visitor", index);
  const customerId = `c-${random.below(CUSTOMERS)}`;
  const what = random.next();
  if (what < 0.42) return { method: "GET", path: `/account/${customerId}` };
  if (what < 0.68) return { method: "GET", path: `/order/o-${random.below(known)}` };
  const lines = Array.from({ length: 1 + random.below(3) }, () => {
    const product = random.below(PRICES.length);
    return { sku: `p-${product}`, quantity: random.chance(0.7) ? 1 : 2 + random.below(2), unitCents: PRICES[product] ?? PRICES[0] };
  });
  const coupon = random.chance(0.4) ? random.pick(COUPONS) : null;
  return { method: "POST", path: "/checkout", body: { customerId, lines, coupon } };
}

/** When visitors come, epoch milliseconds, as a Poisson process of so many a second. */
export function* arrivals(from: number, to: number, perSecond: number, seed: string): Generator<number> {
  const random = randomOf(seed, "arrivals");
  for (let at = from; ;) {
    at += (-Math.log(1 - random.next()) / perSecond) * 1000;
    if (at >= to) return;
    yield at;
  }
}
