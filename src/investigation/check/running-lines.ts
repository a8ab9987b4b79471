import type { ChangeEvent } from "../../incident/telemetry.ts";
import type { Evidence } from "./evidence.ts";
import { sightingsInTurns } from "./read-sightings.ts";

/**
 * A commit without a deployment record is live all the same where what runs repeats a line that it added: a command, an image, a variable, the
 * text of an error.
 */

/** Names and values that are long enough to be nobody else's, and written as code writes them. */
const LITERAL = /[\p{L}\p{N}_@][\p{L}\p{N}_@:./=-]{6,160}[\p{L}\p{N}_]|"[^"\n]{10,160}"|'[^'\n]{10,160}'/gu;
const TELLING = /[\d_./:@=-]|\p{Ll}\p{Lu}|\s/u;
const MOST_LITERALS = 60;
/** Characters around such a line in which its time is. */
const AROUND = 240;

const literals = (lines: readonly string[]): Set<string> =>
  new Set(
    lines.flatMap((line) =>
      [...line.matchAll(LITERAL)].map(([one]) => one.replaceAll(/^["']|["']$/g, "")).filter((one) => TELLING.test(one)),
    ),
  );

/** What a unified diff adds and had nowhere before. */
function addedLiterals(patch: string): string[] {
  const lines = patch.split("\n");
  const added = lines.filter((line) => line.startsWith("+") && !line.startsWith("+++")).map((line) => line.slice(1));
  const before = literals(lines.filter((line) => !line.startsWith("+")));
  return [...literals(added)].filter((one) => !before.has(one)).slice(0, MOST_LITERALS);
}

/** Instants (epoch seconds) in a text. */
function instantsIn(text: string): number[] {
  const turns = sightingsInTurns(text, new Map());
  for (;;) {
    const { done, value } = turns.next();
    if (done === true) return value.values.filter((_, at) => value.dimensions[at] === "date");
  }
}

/** Whether an answer has one of the literals beside a time after the merge, and beside none before it. */
function runsAfter(raw: string, wanted: readonly string[], mergedAt: number, from: number | null): boolean {
  for (const one of wanted) {
    const times: number[] = [];
    let seen = 0;
    for (let at = raw.indexOf(one); at >= 0 && seen < 20; at = raw.indexOf(one, at + one.length)) {
      seen++;
      times.push(...instantsIn(raw.slice(Math.max(0, at - AROUND), at + one.length + AROUND)));
    }
    if (seen === 0) continue;
    if (times.length > 0 ? times.every((at) => at * 1000 >= mergedAt) : from !== null && from >= mergedAt) return true;
  }
  return false;
}

/** @param cited the evidence of the finding */
export async function isRunning(change: ChangeEvent, evidence: Evidence, cited: readonly number[]): Promise<boolean> {
  const id = change.sha?.slice(0, 7) ?? null;
  const patches = (change.files ?? []).flatMap(({ patch }) => patch ?? []);
  const runtime: { readonly raw: string; readonly from: number | null }[] = [];
  for (const number of cited) {
    const { raw, from } = await evidence.text(number);
    // A diff and a list of commits are no runtime.
    const isCode = /@@ -\d/.test(raw) || (id !== null && raw.includes(id));
    if (!isCode) runtime.push({ raw, from });
    else if (patches.length === 0 && /@@ -\d/.test(raw) && (id === null || raw.includes(id)))
      patches.push(raw.replaceAll(String.raw`\n`, "\n").replaceAll(String.raw`\"`, '"'));
  }
  const wanted = patches.flatMap(addedLiterals).slice(0, MOST_LITERALS);
  return runtime.some(({ raw, from }) => runsAfter(raw, wanted, change.at, from));
}
