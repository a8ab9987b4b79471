import { expect, test } from "vitest";
import { nearestName } from "../../src/guard/nearest-name.ts";

const services = ["checkout-api", "payments", "orders", "redis-1", "ts-order-service"];

test.each([
  ["paymnets", "payments"],
  ["payment", "payments"],
  ["Paymennts", "payments"],
  ["chekout-api", "checkout-api"],
  ["checkout_api", "checkout-api"],
  ["checkoutapi", "checkout-api"],
  ["ts-ordre-servcie", "ts-order-service"],
])("a slip within a word, or another way to join words, is near: %s", (typed, meant) => {
  expect(nearestName(typed, services)).toBe(meant);
});

test.each(["redis-2", "orders-db", "refunds", "checkout-ui", "ts-user-service", "", "payments".repeat(20)])(
  "another number or another word is another name: %s",
  (typed) => {
    expect(nearestName(typed, services)).toBeNull();
  },
);

test("the nearer of two names is meant, and the first of two that are as near", () => {
  expect(nearestName("basket", ["casket", "baskets"])).toBe("casket");
  expect(nearestName("carts", ["charts", "cart", "carta"])).toBe("charts");
  expect(nearestName("billing", ["filling", "bililng", "billinng"])).toBe("filling");
  expect(nearestName("stocck", ["stokc", "stock"])).toBe("stock");
});
