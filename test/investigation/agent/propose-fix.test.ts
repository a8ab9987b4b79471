import { expect, test } from "vitest";
import { z } from "zod";
import { toToolSchema } from "../../../src/integrations/anthropic/client.ts";
import { askedBeyond, proposeFixSchema, proposeFixTool } from "../../../src/investigation/agent/propose-fix.ts";
import { proposal } from "./patch-desk.ts";

const objectSchema = z.object({
  properties: z.record(z.string(), z.unknown()),
  required: z.array(z.string()),
  additionalProperties: z.literal(false),
});

/** All objects in a JSON schema. */
function objectsIn(value: unknown): unknown[] {
  if (typeof value !== "object" || value === null) return [];
  const own = "properties" in value ? [value] : [];
  return [...own, ...Object.values(value).flatMap((one) => objectsIn(one))];
}

test("the schema is one for strict tools: closed objects, every field required", () => {
  const schema = toToolSchema(proposeFixTool);
  const objects = objectsIn(schema.input_schema).map((object) => objectSchema.parse(object));
  expect(objects).toHaveLength(3);
  for (const { properties, required } of objects) expect(Object.keys(properties).toSorted()).toEqual(required.toSorted());
  expect(schema.strict).toBe(true);
});

test("a patch has no words for where it goes: every such field is named, once, wherever it stands", () => {
  expect(proposeFixSchema.safeParse(proposal).success).toBe(true);
  expect(askedBeyond(proposal)).toEqual([]);
  const edits = proposal.edits.map((edit) => ({ ...edit, mode: "120000" }));
  expect(askedBeyond({ ...proposal, repository: "a/b", ready: true, edits, test: { ...proposal.test, shell: "sh" } })).toEqual([
    "propose_fix takes no repository: code decides it",
    "propose_fix takes no ready: code decides it",
    "propose_fix takes no test.shell: code decides it",
    "propose_fix takes no edits.mode: code decides it",
  ]);
});

test("names of fields are bounded and on one line, and no input breaks the look at them", () => {
  const many = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`field\n${index} ${"x".repeat(500)}`, 1]));
  const told = askedBeyond(many);
  expect(told).toHaveLength(11);
  expect(told.at(-1)).toBe("propose_fix takes none of 190 other fields either");
  for (const line of told) {
    expect(line.length).toBeLessThan(120);
    expect(line).not.toContain("\n");
  }
  for (const odd of [null, "text", 7, [], [{ a: 1 }], { edits: "all", test: [1] }, { edits: [null, 3, [4]] }])
    expect(() => askedBeyond(odd)).not.toThrow();
});
