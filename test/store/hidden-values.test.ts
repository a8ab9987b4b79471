import { expect, test } from "vitest";
import { reveal } from "../../src/store/hidden-values.ts";

const about = { incidentId: "pd-1", pseudonym: "<email:kvmtrzpd>", by: "Ana" };
const kept = { pseudonym: about.pseudonym, sealed: new Uint8Array([1]) };

/** A store that keeps one value, and what it was told; `told` is its answer to that. */
function storeThat(told: "stored" | "repeated" | "unknown" | Error) {
  const events: unknown[] = [];
  return {
    events,
    // Generic in the query: there is one.
    query: async () => kept as never,
    tell: async (_incident: string, given: readonly unknown[]) => {
      if (told instanceof Error) throw told;
      events.push(...given);
      return told;
    },
  };
}

test("a hidden value is shown once the look is recorded", async () => {
  const store = storeThat("stored");
  expect(await reveal(store, () => "ana@acme.example", about)).toBe("ana@acme.example");
  expect(store.events).toEqual([{ type: "value-revealed", pseudonym: about.pseudonym, by: "Ana" }]);
});

test.each([new Error("disk full"), "unknown", "repeated"] as const)("a look that cannot be recorded (%s) shows nothing", async (told) => {
  await expect(reveal(storeThat(told), () => "ana@acme.example", about)).rejects.toThrow(/disk full|could not be recorded/);
});

test("a value that another key sealed is told as none, and nobody is said to have looked", async () => {
  const store = storeThat("stored");
  expect(await reveal(store, () => null, about)).toBeNull();
  expect(store.events).toEqual([]);
});
