import { performance } from "node:perf_hooks";
import type { Problem } from "../../src/investigation/check/problem.ts";
import { handInAt } from "../support/hand-in.ts";
import { replayCase } from "../support/replayed-case.ts";
import { recordingOf, type Statement, type StatementFile, statementFiles } from "../support/statement-corpus.ts";

/**
 * How many true sentences the checks object to or throw away, and how many false ones they let through.
 *
 * npm run bench -- statements [CASE...]     default: all of test/bench/statements whose recordings are in ../shared
 *
 * Each case is replayed at its own time, midwatch triages it, a scripted model makes the reads, and then each statement is handed in by itself, as
 * the part of a finding that it is. `objected`: the finding would be sent back; `hinted`: it would not, and something of it is doubted. `dropped`: handed
 * in again as it is, what is posted lacks a word or a quote of it. `marked`: people would see that something of it is in no evidence. `through`: a
 * false twin of which nothing is lost and nothing marked in the end. `unseen`: one that is not even sent back. A twin may be refused for what
 * is refused in its true statement too, so twins are counted once more among those whose true statement is not objected to. With STATEMENTS_LIST=1
 * each of them is printed. Exit code 1: something could not be handed in, and was left out.
 */
const isListed = process.env["STATEMENTS_LIST"] === "1";
const wanted = process.argv.slice(2);

interface Judged {
  readonly of: string;
  readonly statement: Statement;
  /** Of the true statement, then of its false twin. */
  readonly objections: readonly Problem[];
  readonly dropped: boolean;
  readonly marked: boolean;
  readonly twin: { readonly objections: readonly Problem[]; readonly kept: boolean; readonly marked: boolean };
}

const took: number[] = [];
const failures: string[] = [];

async function judgeCase(folder: string, { case: of, reads, statements }: StatementFile): Promise<Judged[]> {
  await using replayed = await replayCase(folder, reads);
  const handIn = await handInAt(replayed);
  const judged: Judged[] = [];
  for (const statement of statements) {
    const { twin } = statement;
    try {
      const right = await handIn(statement);
      const wrong = await handIn({ ...statement, ...twin });
      took.push(right.cpuMs, wrong.cpuMs);
      judged.push({ of, statement, objections: right.objections, dropped: !right.kept, marked: right.marked, twin: wrong });
    } catch (error) {
      failures.push(`${of}: “${statement.text}” ${wordsOf(error)}`);
    }
  }
  return judged;
}

const wordsOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
const goesBack = ({ weight }: Problem) => weight !== "hint";
const isObjected = ({ objections }: Judged) => objections.some(goesBack);
const share = (count: number, all: number) => `${count} of ${all} (${all === 0 ? "–" : `${((100 * count) / all).toFixed(1)} %`})`;

/** One line a group: the true statements of it, or the twins. */
function table(title: string, judged: readonly Judged[], groupOf: (one: Judged) => string, columns: Columns): void {
  console.log(`\n${title}`);
  const groups = Map.groupBy(judged, groupOf);
  for (const [group, those] of [...groups.entries()].toSorted(([, one], [, other]) => other.length - one.length)) {
    const cells = Object.entries(columns).map(([name, counts]) => `${name} ${share(those.filter(counts).length, those.length)}`.padEnd(32));
    console.log(`  ${group.padEnd(28)} ${cells.join(" ").trimEnd()}`);
  }
}

type Columns = Readonly<Record<string, (one: Judged) => boolean>>;
const isThrough = ({ twin }: Judged) => twin.kept && !twin.marked;
const TRUE_ONES: Columns = {
  objected: isObjected,
  hinted: (one) => one.objections.length > 0 && !isObjected(one),
  marked: ({ marked }) => marked,
  dropped: ({ dropped }) => dropped,
};
const TWINS: Columns = { through: isThrough, unseen: (one) => isThrough(one) && !one.twin.objections.some(goesBack) };

/** Why true statements were objected to: each code with how many it met, and two of them. */
function reasons(judged: readonly Judged[]): void {
  console.log("\nObjections to true statements, by code");
  const met = Map.groupBy(
    // The first of each code; a statement counts once.
    judged.flatMap((one) => [...new Map(one.objections.toReversed().map((problem) => [problem.code, { one, problem }])).values()]),
    ({ problem }) => problem.code,
  );
  for (const [code, those] of [...met.entries()].toSorted(([, one], [, other]) => other.length - one.length)) {
    console.log(`  ${code} ${those.length}`);
    for (const { one, problem } of those.slice(0, 2)) console.log(`    ${one.of}: ${one.statement.text}\n      ${problem.what}`);
  }
}

function list(judged: readonly Judged[]): void {
  for (const one of judged) {
    const { of, statement, objections, dropped, twin } = one;
    const what = objections.map(({ code, where, what: words }) => `\n    ${code} at ${where}: ${words}`).join("");
    if (objections.length > 0 || dropped)
      console.log(`TRUE ${dropped ? "dropped" : "objected"} ${of} ${statement.part}/${statement.kind}: ${statement.text}${what}`);
    if (isThrough(one))
      console.log(`TWIN ${twin.objections.length === 0 ? "unseen" : "through"} ${of} ${statement.twin.changed}: ${statement.twin.text}`);
  }
}

const files = statementFiles().filter(({ name }) => wanted.length === 0 || wanted.includes(name));
const known = files.map(({ name, file }) => ({ name, file, folder: recordingOf(name) }));
const missing = known.filter(({ folder }) => folder === null);
if (missing.length > 0)
  console.error(
    `Recordings of ${missing.length} of ${files.length} cases are missing in ../shared: ${missing.map(({ name }) => name).join(", ")}.`,
  );
const began = performance.now();
const judged: Judged[] = [];
for (const { folder, file, name } of known) {
  if (folder === null) continue;
  try {
    judged.push(...(await judgeCase(folder, file)));
  } catch (error) {
    failures.push(`${name}: ${wordsOf(error)}`);
  }
}
for (const failure of failures) console.error(failure);
if (judged.length === 0) {
  console.error("There is nothing to measure: no statements, or no recording of theirs.");
  process.exit(2);
}
if (isListed) list(judged);
table("True statements, by part", judged, ({ statement }) => statement.part, TRUE_ONES);
table("True statements, by kind", judged, ({ statement }) => statement.kind, TRUE_ONES);
table("True statements, by case", judged, ({ of }) => of, TRUE_ONES);
table("False twins, by what was changed", judged, ({ statement }) => statement.twin.changed, TWINS);
const passed = judged.filter((one) => !isObjected(one));
table("False twins whose true statement is not objected to", passed, ({ statement }) => statement.twin.changed, TWINS);
reasons(judged);
/** Findings of so many statements of one case, which are accepted at once where none of them is objected to. */
const IN_ONE = 8;
const handIns = [...Map.groupBy(judged, ({ of }) => of).values()].flatMap((those) =>
  Array.from({ length: Math.floor(those.length / IN_ONE) }, (_, at) => those.slice(at * IN_ONE, (at + 1) * IN_ONE)),
);
console.log(
  `\nFindings of ${IN_ONE} true statements accepted at once: ${share(handIns.filter((those) => !those.some(isObjected)).length, handIns.length)}`,
);
const seconds = (performance.now() - began) / 1000;
console.log(`\nAll ${judged.length} statements of ${known.length - missing.length} cases`);
for (const [name, counts] of Object.entries({ ...TRUE_ONES, ...TWINS }))
  console.log(`  ${name.padEnd(9)} ${share(judged.filter(counts).length, judged.length)}`);
console.log(
  `  checks: ${(took.reduce((sum, ms) => sum + ms, 0) / took.length).toFixed(1)} ms of CPU on average, ${Math.max(...took).toFixed(0)} ms at worst; all ${seconds.toFixed(0)} s`,
);
process.exit(failures.length === 0 ? 0 : 1);
