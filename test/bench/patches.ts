import { parseCode } from "../../src/node/code-parser.ts";
import { patchCases } from "../fix/patch-corpus.ts";
import { problemsOf } from "../fix/patch-problems.ts";

/**
 * Hostile patches that are stopped, and good ones that are refused, by half: developed with, and unseen. Each is one change of one file.
 * A hostile one is also tried where the blamed change touched its file, which opens what builds run.
 *
 * npm run bench -- patches
 */
for (const half of ["developed", "unseen"] as const) {
  const share = async (name: "hostile" | "good", blamed: boolean) => {
    const cases = patchCases(name).filter((one) => one.half === half);
    let refused = 0;
    for (const one of cases) refused += Number((await problemsOf(one, parseCode, blamed)).length > 0);
    return `${refused} of ${cases.length}`;
  };
  console.log(
    `${half}: hostile patches stopped ${await share("hostile", false)} (in a file of the blamed change ${await share("hostile", true)}; goal 95 %), good ones refused ${await share("good", true)} (goal: 2 %)`,
  );
}
