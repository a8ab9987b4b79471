import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { z } from "zod";
import { analyseInTurns } from "../../src/analysis/analyse.ts";
import { caseFolders } from "../../src/cli/eval-incidents.ts";
import { recordedTelemetry } from "../../src/replay/recorded-telemetry.ts";
import { loadRecording } from "../../src/replay/recording.ts";

/**
 * How many characters of a recorded incident reach a model in the digest, of how many there are, and which of the strings that its judge looks
 * for are still in them.
 *
 * node test/bench/digest.ts [FOLDER...]     default: ../shared/cases/recorded
 */

const DEFAULT = fileURLToPath(new URL("../../../shared/cases/recorded", import.meta.url));
const answerSchema = z.object({ evidence: z.array(z.object({ file: z.string(), contains: z.string() })).default([]) });

/** Characters of all telemetry files, unpacked. */
function rawLength(folder: string): number {
  let length = 0;
  for (const name of readdirSync(folder)) {
    if (!/^(?:changes|events|logs|metrics|spans|monitors|sentry)\./.test(name)) continue;
    const bytes = readFileSync(join(folder, name));
    length += (name.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8").length;
  }
  return length;
}

const given = process.argv.slice(2);
for (const folder of caseFolders(given.length > 0 ? given : [DEFAULT])) {
  const { analysis, digest } = await analyseInTurns(recordedTelemetry(await loadRecording(folder)), async () => undefined);
  const raw = rawLength(folder);
  const answer = join(folder, "answer.json");
  const wanted = existsSync(answer) ? answerSchema.parse(JSON.parse(readFileSync(answer, "utf8"))).evidence : [];
  const gone = wanted.filter(({ contains }) => !digest.includes(contains));
  console.log(
    `${basename(folder).padEnd(28)} ${raw.toLocaleString("en-US").padStart(12)} → ${digest.length.toLocaleString("en-US").padStart(6)} characters (1 : ${Math.round(raw / digest.length)}), ` +
      `evidence ${wanted.length - gone.length} of ${wanted.length}${gone.length === 0 ? "" : `, not in it: ${gone.map(({ file, contains }) => `${file} "${contains}"`).join(", ")}`}; ${analysis.verdict}`,
  );
}
