import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { gunzipSync } from "node:zlib";
import { createRedaction } from "../../src/guard/redact.ts";
import { logLines, measured } from "../guard/log-lines.ts";
import { hiddenSpans } from "../guard/hidden-spans.ts";
import { corpus } from "../guard/personal-data-corpus.ts";

/**
 * Megabytes of log-like text that redaction takes in a second of one core, about one line in a hundred with something to hide; then what it finds
 * in a generated corpus, by kind. Time of this process on the processor counts, so other work on the machine does not.
 *
 * npm run bench -- redaction [--megabytes 32] [--seed 1] [FILE...]     files (.gz too): only their throughput, and how much was hidden
 */
const { values, positionals } = parseArgs({
  options: { megabytes: { type: "string", default: "32" }, seed: { type: "string", default: "1" } },
  allowPositionals: true,
});
const own = Array.from({ length: 14 }, (_, index) => `own-credential-${index}-0123456789abcdef`);
const { text: redact } = createRedaction({ own, labelSecret: "of this measurement alone" }).forIncident("bench");

function throughput(text: string): { perSecond: number; hidden: number } {
  // The first passes compile.
  for (let pass = 0; pass < 2; pass++) redact(text);
  const before = process.cpuUsage();
  const clean = redact(text);
  const { user, system } = process.cpuUsage(before);
  return { perSecond: text.length / (user + system), hidden: text === clean ? 0 : hiddenSpans(text, clean).length };
}

if (positionals.length > 0) {
  for (const path of positionals) {
    const bytes = readFileSync(path);
    const text = (path.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8");
    const { perSecond, hidden } = throughput(text);
    console.log(`${path}: ${(text.length / 1e6).toFixed(1)} MB, ${perSecond.toFixed(0)} MB/s of one core, ${hidden} values hidden`);
  }
  process.exit(0);
}

const lines = corpus(Number(values.seed), 4_000);
const [sensitive, plain] = [lines.filter(({ marks }) => marks.length > 0), lines.filter(({ marks }) => marks.length === 0)];
const parts: string[] = [];
for (let index = 0, length = 0; length < Number(values.megabytes) * 1e6; index++) {
  const from = index % 100 === 0 ? sensitive : plain;
  const line = from[(index * 7) % from.length]?.text ?? "";
  parts.push(line);
  length += line.length + 1;
}
const log = parts.join("\n");
const { perSecond } = throughput(log);
console.log(
  `${perSecond.toFixed(0)} MB/s of one core, ${(log.length / 1e6).toFixed(0)} MB of log-like text, 1 % of the lines with something to hide (goal: 50)`,
);

const kinds = new Map<string, { marked: number; found: number }>();
let hidden = 0;
let rightly = 0;
for (const { text, marks } of corpus(Number(values.seed), 2_000)) {
  const spans = hiddenSpans(text, redact(text));
  for (const { kind, start, end } of marks) {
    const row = kinds.get(kind) ?? { marked: 0, found: 0 };
    kinds.set(kind, { marked: row.marked + 1, found: row.found + Number(spans.some(([from, to]) => from <= start && to >= end)) });
  }
  hidden += spans.length;
  rightly += spans.filter(([from, to]) => marks.some(({ start, end }) => start < to && end > from)).length;
}
const marked = [...kinds.values()].reduce((sum, row) => sum + row.marked, 0);
const found = [...kinds.values()].reduce((sum, row) => sum + row.found, 0);
console.log(
  `corpus of 2,000: recall ${(found / marked).toFixed(4)} of ${marked} (goal: 0.98), precision ${(rightly / hidden).toFixed(4)} of ${hidden} (goal: 0.97)`,
);
for (const [kind, row] of [...kinds].toSorted(([a], [b]) => a.localeCompare(b)))
  console.log(`  ${kind.padEnd(16)} ${row.found} of ${row.marked}`);

for (const half of ["developed", "unseen"] as const) {
  const ofHalf = logLines(Number(values.seed)).filter((line) => line.half === half);
  const languages = new Set(ofHalf.map(({ language }) => language)).size;
  const seen = measured(ofHalf, redact);
  console.log(
    `log lines in ${languages} languages, ${half}: ${ofHalf.length} lines, recall ${seen.recall.toFixed(3)} of ${seen.marked} (goal: 0.95), precision ${seen.precision.toFixed(3)} of ${seen.hidden} (goal: 0.97)`,
  );
}
