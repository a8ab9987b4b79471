import { isSuspectPast } from "../incident/belief.ts";
import { culpritOf, type Rollback, rollbackOf } from "../incident/finding.ts";
import { isMigration } from "../incident/migration.ts";
import { rollbackCommand } from "../incident/rollback-command.ts";
import type { ChangeEvent } from "../incident/telemetry.ts";
import type { IncidentView } from "../incident/view.ts";
import { code, link, prose, say, strong, time, type Words } from "./text.ts";
import { mergeWay } from "./fix-words.ts";
import { lookNext } from "./look-next.ts";
import { changeRead } from "./suspect-words.ts";
import { markedWords } from "./unverified.ts";
import { changeMark, shortSha } from "./words.ts";

/** What people should do now. */
export interface DoNow {
  /** What people decided last, with who and when: it comes before all that midwatch advises. null: nothing, or it was decided before things changed. */
  readonly decided: Words | null;
  /**
   * The way back from a deploy that is the likely cause by the data alone; of one that may be it, where no runbook fits, to read it first; without a change
   * and a runbook, what to look at next. Else null.
   */
  readonly order: Words | null;
  /**
   * What was live before the deploy that a model's finding blames, and the catalog's command, as far as no step names them:
   * "`7ab0d2e` ran before `9f2c1e4`; command: `helm rollback payments`.".
   */
  readonly before: Words;
  /** What a model's finding says, in order. */
  readonly steps: readonly { readonly words: Words; readonly runbook: string | null }[];
  /** What a model's finding says that people must not do, after "Do not", in place of what runbooks say; empty where it says nothing. */
  readonly doNot: Words;
  /** Those that the steps name; where there are none, those that fit the page, best first. */
  readonly books: readonly {
    readonly name: string;
    readonly title: string;
    readonly steps: readonly Words[];
    /** What people must not do, after "Do not"; empty where it names nothing. */
    readonly doNot: Words;
  }[];
}

/** "`helm rollback payments`", where the catalog has the command that takes a change back; else null. */
const commandOf = ({ triage }: IncidentView, change: ChangeEvent): string | null =>
  rollbackCommand(triage?.rollbacks ?? [], change, triage?.changes ?? []);

/** "roll back payments to `7ab0d2e` with `helm rollback payments`"; the commit is named once. */
function backWords(view: IncidentView, { service, change }: Rollback): Words {
  const command = commandOf(view, change);
  const { previousSha, sha, version } = change;
  const to = previousSha === null ? say`what ran before ${code(changeMark(sha ?? version ?? ""))}` : say`${code(shortSha(previousSha))}`;
  const isNamed = previousSha !== null && command?.includes(shortSha(previousSha)) === true;
  return say`roll back ${strong(service)}${!isNamed && say` to ${to}`}${command !== null && say` with ${code(command)}`}`;
}

/** Where a deploy may be the cause and nothing else says what to do: it is read before anyone rolls it back. */
function readFirst({ analysis }: IncidentView): Words | null {
  const change = culpritOf(analysis)?.change ?? null;
  const mark = change?.sha ?? change?.version ?? null;
  if (change === null || change.kind !== "deploy" || mark === null) return null;
  const pull = change.pullRequest;
  return say`read what ${code(changeMark(mark))}${pull !== null && say` (${link(`#${pull.number}`, pull.url)})`} changed before anyone rolls it back: it may not be the cause.`;
}

function orderOf(view: IncidentView, hasBook: boolean): Words | null {
  const back = rollbackOf(view.analysis);
  if (back === null) return hasBook ? null : (readFirst(view) ?? lookNext(view));
  const { fix } = view;
  const way = mergeWay(view);
  const pull = fix?.type === "fix-proposed" && way !== null && say`, ${way.before}${link(`#${fix.number}`, fix.url)}${way.after}`;
  const order = say`${backWords(view, back)}${pull}.`;
  const { migration } = back;
  if (migration === null) return order;
  return say`ask ${migration.author ?? "its author"} whether the code before ${code(changeMark(migration.sha))} runs on the schema of ${code(migration.file.split("/").at(-1) ?? "")}; if so, ${order}`;
}

function beforeWords(view: IncidentView): Words {
  const { investigation, triage } = view;
  const finding = investigation?.finding ?? null;
  const read = finding?.verdict === "incident" ? changeRead(finding, triage?.changes ?? []) : undefined;
  if (read?.kind !== "deploy" || read.sha === null || read.previousSha === null) return [];
  // A rollback over a migration needs more than a command.
  const command = read.files?.some(({ path }) => isMigration(path)) === true ? null : commandOf(view, read);
  const mark = shortSha(read.previousSha);
  const isNamed = finding?.do_now.some(({ step }) => step.includes(mark.slice(0, SHORTEST_MARK))) === true;
  if (finding?.do_now.length === 0) return [];
  const how = command === null || finding?.do_now.some(({ step }) => step.includes(command)) === true ? null : code(command);
  if (isNamed) return how === null ? [] : say`Command: ${how}.`;
  return say`${code(mark)} ran before ${code(shortSha(read.sha))}${how !== null && say`; command: ${how}`}.`;
}

/** Fewer signs of a commit name it to nobody. */
const SHORTEST_MARK = 6;

/** What midwatch's own advice is called where people have decided. */
export const OWN_ADVICE = "midwatch’s own advice";

/** "Decided by Ana at 03:12: create the index". What was decided before the newest change of belief was decided of something else. */
function decidedWords({ decided, belief }: IncidentView): Words | null {
  if (decided === null || belief?.state === "recovered") return null;
  if (belief !== null && isSuspectPast(belief.state) && decided.at < belief.asOf) return null;
  return say`Decided by ${decided.by.user} at ${time(decided.at, "minute")}: ${decided.value}`;
}

export function doNowOf(view: IncidentView): DoNow {
  const { analysis, triage } = view;
  const finding = view.investigation?.finding ?? null;
  const fitting = triage?.runbooks ?? [];
  const steps = finding?.do_now ?? [];
  const verdict = (finding ?? analysis)?.verdict;
  // What is over needs no step: nobody rolls back what works again.
  const calm = verdict === "nothing-wrong" || verdict === "recovered";
  // What to do was said of the change that was taken back, or of trouble that is over.
  const isOver = view.belief?.state === "recovered" || view.belief?.state === "second-fault";
  const decided = decidedWords(view);
  if (view.withdrawn !== null || isOver) return { decided, order: null, before: [], steps: [], doNot: [], books: [] };
  const books = steps.length > 0 ? fitting.filter(({ name }) => steps.some(({ runbook }) => runbook === name)) : calm ? [] : fitting;
  const own = finding?.do_not == null ? [] : markedWords(finding.do_not.text, finding.do_not.unverified);
  return {
    decided,
    // Where a model's finding blames something, the data alone give no order of their own.
    order: finding === null ? orderOf(view, books.length > 0) : null,
    before: beforeWords(view),
    steps: steps.map(({ step, runbook, unverified }) => ({ words: markedWords(step, unverified), runbook })),
    doNot: own,
    books: books.map(({ name, title, steps: lines, doNot }) => ({
      ...{ name, title },
      steps: lines.map((step) => say`${prose(step)}`),
      doNot: doNot === undefined || own.length > 0 ? [] : say`${prose(doNot)}`,
    })),
  };
}
