import { rollbackOf } from "../incident/finding.ts";
import type { IncidentView } from "../incident/view.ts";
import { code, link, prose, say, strong, type Words } from "./text.ts";
import { mergeWay } from "./fix-words.ts";
import { changeRead } from "./suspect-words.ts";
import { markedWords } from "./unverified.ts";
import { changeMark, shortSha } from "./words.ts";

/** What people should do now. */
export interface DoNow {
  /** The way back from a deploy that is the likely cause by the data alone, or null. */
  readonly order: Words | null;
  /** What was live before the deploy that a model's finding blames, where no step names it: "(before `9f2c1e4`: `7ab0d2e`)"; else empty. */
  readonly before: Words;
  /** What a model's finding says, in order. */
  readonly steps: readonly { readonly words: Words; readonly runbook: string | null }[];
  /** Those that the steps name; where there are none, those that fit the page, best first. */
  readonly books: readonly {
    readonly name: string;
    readonly title: string;
    readonly steps: readonly Words[];
    /** What people must not do, after "Do not"; empty where it names nothing. */
    readonly doNot: Words;
  }[];
}

function orderOf(view: IncidentView): Words | null {
  const back = rollbackOf(view.analysis);
  if (back === null) return null;
  const { fix } = view;
  const way = mergeWay(view);
  const pull = fix?.type === "fix-proposed" && way !== null && say`, ${way.before}${link(`#${fix.number}`, fix.url)}${way.after}`;
  const order = say`roll back ${strong(back.service)} to ${code(shortSha(back.sha))}${pull}.`;
  const { migration } = back;
  if (migration === null) return order;
  return say`ask ${migration.author ?? "its author"} whether the code before ${code(changeMark(migration.sha))} works with the schema of ${code(migration.file)}; if so, ${order}`;
}

function beforeWords({ investigation, triage }: IncidentView): Words {
  const finding = investigation?.finding ?? null;
  const read = finding?.verdict === "incident" ? changeRead(finding, triage?.changes ?? []) : undefined;
  if (read?.kind !== "deploy" || read.sha === null || read.previousSha === null) return [];
  const mark = shortSha(read.previousSha);
  if (finding?.do_now.length === 0 || finding?.do_now.some(({ step }) => step.includes(mark.slice(0, SHORTEST_MARK)))) return [];
  return say`(before ${code(shortSha(read.sha))}: ${code(mark)})`;
}

/** Fewer signs of a commit name it to nobody. */
const SHORTEST_MARK = 6;

export function doNowOf(view: IncidentView): DoNow {
  const { analysis, triage } = view;
  const finding = view.investigation?.finding ?? null;
  const fitting = triage?.runbooks ?? [];
  const steps = finding?.do_now ?? [];
  const verdict = (finding ?? analysis)?.verdict;
  // What is over needs no step: nobody rolls back what works again.
  const calm = verdict === "nothing-wrong" || verdict === "recovered";
  const books = steps.length > 0 ? fitting.filter(({ name }) => steps.some(({ runbook }) => runbook === name)) : calm ? [] : fitting;
  return {
    // Where a model's finding blames something, the data alone give no order of their own.
    order: finding === null ? orderOf(view) : null,
    before: beforeWords(view),
    steps: steps.map(({ step, runbook, unverified }) => ({ words: markedWords(step, unverified), runbook })),
    books: books.map(({ name, title, steps: lines, doNot }) => ({
      ...{ name, title },
      steps: lines.map((step) => say`${prose(step)}`),
      doNot: doNot === undefined ? [] : say`${prose(doNot)}`,
    })),
  };
}
