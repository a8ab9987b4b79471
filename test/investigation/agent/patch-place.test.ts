import { expect, test } from "vitest";
import { patchPlaceOf } from "../../../src/investigation/agent/patch-place.ts";

const service = (name: string, repository: string | null, path = "") => ({
  name,
  names: repository === null ? {} : { github: { repository, path } },
});

test("a patch belongs to the service at fault, by whichever name it was blamed; without a repository of its own, to the paged one", () => {
  const question = {
    service: "shop",
    services: [service("shop", "acme/shop", "/web/"), service("pay", "acme/money", "pay"), service("shop-db", null)],
    nameOf: (name: string) => (name === "payments-prod" ? "pay" : name),
  };
  const placeFor = (blamed: string) => patchPlaceOf(question, { service: blamed });
  expect(placeFor("payments-prod")).toEqual({ service: "pay", repository: "acme/money", folder: "pay" });
  for (const blamed of ["shop-db", "somebody's own", "shop"])
    expect(placeFor(blamed)).toEqual({ service: "shop", repository: "acme/shop", folder: "web" });
  expect(patchPlaceOf({ ...question, service: "shop-db" }, { service: "shop-db" })).toBeNull();
});
