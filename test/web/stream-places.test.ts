import { describe, expect, test } from "vitest";
import { createStreamPlaces } from "../../src/web/stream-places.ts";
import { createWeb } from "../../src/web/web.ts";
import { at, exampleLog, memoryIncidents } from "../support/example-log.ts";
import { eventually } from "../support/eventually.ts";

/** A page that has its place, with what gives it back. */
function leaverOf(taken: (() => void) | { readonly full: string }): () => void {
  if (typeof taken !== "function") throw new Error(taken.full);
  return taken;
}

describe("places of live pages", () => {
  test("are bounded for one address and for all, and free again when a page closes", () => {
    const places = createStreamPlaces(4, 2);
    const [first] = [leaverOf(places.take("a")), leaverOf(places.take("a"))];
    expect(places.take("a")).toMatchObject({ full: expect.stringContaining("2 live pages are open from your address") });
    leaverOf(places.take("b"));
    leaverOf(places.take("c"));
    expect(places.take("d")).toMatchObject({ full: expect.stringContaining("4 live pages are open, as many as midwatch keeps") });
    first();
    first();
    leaverOf(places.take("d"));
    expect(places.take("e")).toMatchObject({ full: expect.any(String) });
  });

  test("are held by a stream as long as it is read, and a page in vain is told when to come back", async () => {
    const web = createWeb({
      incidents: memoryIncidents({ Q1: exampleLog().slice(0, 4) }),
      now: () => at("03:16:40"),
      heartbeatMs: 60_000,
      places: createStreamPlaces(1, 1),
    });
    const ask = (method = "GET") => web.request("/incidents/Q1/events?after=2", { method });
    expect((await ask("HEAD")).status).toBe(200);
    const open = await ask();
    const refused = await ask();
    expect([open.status, refused.status, refused.headers.get("retry-after")]).toEqual([200, 503, "30"]);
    expect(await refused.text()).toContain("This page tries again");
    expect((await ask("HEAD")).status).toBe(503);
    // Nobody has read a word of it, and nobody will.
    await open.body?.cancel();
    await eventually(async () => expect((await ask("HEAD")).status).toBe(200));
  });
});
