import { isDeepStrictEqual } from "node:util";
import { expect, test } from "vitest";
import type { ModelFinding } from "../../../src/incident/finding.ts";
import { checkFinding } from "../../../src/investigation/check/check-finding.ts";
import { context, ledger } from "./finding-fixture.ts";
import { honestVariant, kindsOfLies, lie } from "./finding-variants.ts";
import { createRandom } from "../../support/random.ts";

/** The parts of a finding that hold those words and bear no mark. */
function unmarked(finding: ModelFinding, words: string): unknown[] {
  const { cause, cause_unverified: unverified, causal_path, claims, ruled_out, impact, do_now, missing, ...rest } = finding;
  const parts = [{ cause, unverified }, ...causal_path, ...claims, ...ruled_out, impact ?? {}, ...do_now, ...missing, rest];
  return parts.filter((part) => JSON.stringify(part).includes(words) && !("unverified" in part && part.unverified !== undefined));
}

/** Set another to look further. */
const seed = Number(process.env["FINDING_SEED"] ?? 20_261_201);

test(`of findings with one lie none keeps it without a mark (seed ${seed})`, async () => {
  const random = createRandom(seed);
  const survived: string[] = [];
  let told = 0;
  for (let round = 0; round < 16; round++)
    for (const kind of kindsOfLies) {
      const { finding, gone } = lie(kind, random);
      const { problems, cleaned } = await checkFinding(finding, ledger, context);
      const left = gone.filter((words) => unmarked(cleaned, words).length > 0);
      if (left.length > 0 || problems.length === 0) survived.push(`${kind}: ${JSON.stringify(left.length > 0 ? left : gone)}`);
      told++;
    }
  console.log(`seed ${seed}: ${told} lies of ${kindsOfLies.length} kinds, ${survived.length} survived`);
  expect(told).toBeGreaterThan(200);
  expect(survived).toEqual([]);
});

test(`true findings in other units and fewer digits pass untouched (seed ${seed})`, async () => {
  const random = createRandom(seed + 1);
  const touched: unknown[] = [];
  for (let round = 0; round < 200; round++) {
    const finding = honestVariant(random);
    const { ok, problems, cleaned } = await checkFinding(finding, ledger, context);
    if (!ok || !isDeepStrictEqual(cleaned, finding)) touched.push([finding.claims.at(-1)?.text, problems]);
  }
  console.log(`seed ${seed}: 200 true findings, ${touched.length} touched`);
  expect(touched).toEqual([]);
});
