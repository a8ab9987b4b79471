import type { LoggedEvent } from "../incident/event.ts";
import { newestOf } from "../incident/newest-event.ts";
import type { ReadChecks } from "../incident/fix.ts";
import { MOST_FIX_ATTEMPTS } from "../incident/fix-work.ts";
import { takenOver } from "../incident/proof.ts";
import { stepIds, stepKind } from "../incident/step-id.ts";
import { type IncidentView, viewOf } from "../incident/view.ts";
import type { Step } from "../store/incident-store.ts";
import type { createCiWatch } from "./ci-watch.ts";
import { chooseFix } from "./fix-choice.ts";
import { aboutOf, type FixParts } from "./fix-parts.ts";
import { redCiText } from "./fix-text.ts";
import { openStep } from "./open-fix.ts";

/** What becomes of an opened pull request: its CI, better commits, what people do with it. */

const LONGEST_LOOK_MS = 6 * 3_600_000;
const LOOKED_AFTER_MS = 7 * 24 * 3_600_000;

/** @param lookMs the first look at what people do with the pull request comes after this time */
export function followFix(
  parts: FixParts,
  { ci, lookMs }: { readonly ci: ReturnType<typeof createCiWatch>; readonly lookMs: number },
  log: readonly LoggedEvent[],
  view: IncidentView,
  now: number,
): Step | { readonly waitMs: number } | null {
  const { fix, proof } = view;
  if (fix?.type !== "fix-proposed" || proof === null) return null;
  const gaveUp = new Set(view.failures.map(({ step }) => step));
  let waitMs = Infinity;
  const wait = (due: number) => {
    waitMs = Math.min(waitMs, due - now);
    return null;
  };
  for (const candidate of [
    () => ci.next(log, view, now, wait),
    () => (hasNews(log) ? tellStep(parts, view) : null),
    () => nextCommit(parts, log, view, now),
    () => betterFix(parts, log, view, now),
    () => look(parts, lookMs, log, view, now, wait),
  ]) {
    const step = candidate();
    if (step !== null && !gaveUp.has(step.id)) return step;
  }
  return Number.isFinite(waitMs) ? { waitMs: Math.max(0, waitMs) } : null;
}

/** Whether something happened that the pull request and Slack do not say yet. */
function hasNews(log: readonly LoggedEvent[]): boolean {
  const told = newestOf(log, "fix-told")?.event;
  const now = viewOf(log);
  if (told === undefined) return now.proof !== null;
  const before = viewOf(log.filter(({ seq }) => seq <= told.seen));
  const shown = (checks: ReadChecks | null | undefined) => [checks?.state, (checks?.checks.length ?? 0) > 0];
  const stateOf = ({ proof, fixChange, fixWork, status, withdrawn }: IncidentView) =>
    JSON.stringify([
      ...[
        proof?.verdict,
        proof?.commits,
        proof?.before?.namesTest,
        shown(proof?.base),
        shown(proof?.before),
        shown(proof?.after),
        fixChange,
        status === "resolved",
        withdrawn !== null,
      ],
      ...[fixWork?.attempt, fixWork?.closed?.how],
    ]);
  return stateOf(before) !== stateOf(now);
}

const tellStep = ({ fixer }: FixParts, { proof, fixChange, withdrawn }: IncidentView): Step => ({
  id: `tell-fix:${proof?.verdict ?? ""}${fixChange === null ? "" : `:${fixChange.what}`}${withdrawn === null ? "" : ":withdrawn"}`,
  attempts: 15,
  timeLimitMs: 60_000,
  run: async (context) => {
    const now = viewOf(context.log);
    return [await fixer.tell({ ...aboutOf(context, now), log: context.log }, context.effects, context.signal)];
  },
});

/** The next commit: the fix after the test alone, or a better one where CI is red. People who work on the branch are left alone. */
function nextCommit(parts: FixParts, log: readonly LoggedEvent[], view: IncidentView, now: number): Step | null {
  const { fix, proof } = view;
  if (fix?.type !== "fix-proposed" || fix.kind !== "patch" || proof === null || takenOver(log) !== null) return null;
  if (proof.commits.at(-1)?.role === "test")
    return proof.before === null || proof.before.state === "running" ? null : commitStep(parts, "fix", proof.commits.length + 1);
  return proof.verdict === "red-after" ? improve(parts, log, view, now) : null;
}

function improve(parts: FixParts, log: readonly LoggedEvent[], view: IncidentView, now: number): Step | null {
  const { proof, fixWork } = view;
  const { writer } = parts;
  if (proof === null || fixWork === null || writer === null || proof.improvements + 1 >= MOST_FIX_ATTEMPTS) return null;
  const attempt = proof.improvements + 2;
  if (fixWork.attempt < attempt) {
    const { after } = proof;
    if (after === null || view.status === "resolved") return null;
    return writer.start(attempt, redCiText({ attempt, attempts: MOST_FIX_ATTEMPTS, red: after, proof }));
  }
  if (fixWork.closed === null) return writer.next(log, view, now);
  return fixWork.closed.how === "drafted" ? commitStep(parts, "improvement", proof.commits.length + 1) : null;
}

const commitStep = ({ fixer }: FixParts, role: "fix" | "improvement", number: number): Step => ({
  id: stepIds.fixCommit(number),
  attempts: 15,
  timeLimitMs: 60_000,
  run: async (context) => {
    const view = viewOf(context.log);
    const draft = view.fixWork?.draft ?? null;
    if (draft === null) throw new Error("a commit needs a draft");
    return [await fixer.commit({ ...aboutOf(context, view), draft, role, number }, context.effects, context.signal)];
  },
});

/** A patch for the branch of a revert that was opened before the model found what is better. */
function betterFix(parts: FixParts, log: readonly LoggedEvent[], view: IncidentView, now: number): Step | null {
  const { writer } = parts;
  const { fix, fixWork, status, withdrawn } = view;
  const isOver = status === "resolved" || withdrawn !== null || takenOver(log) !== null;
  if (fix?.type !== "fix-proposed" || fix.kind !== "revert" || writer === null || isOver) return null;
  const choice = chooseFix(view, writer.place(log, view) !== null);
  if (choice.kind !== "patch" || choice.doubt !== null || log.some(({ event }) => event.type === "fix-declined")) return null;
  if (fixWork === null) return writer.start(1);
  return fixWork.closed === null ? writer.next(log, view, now) : openStep(parts, "better-fix");
}

const isLook = ({ event }: LoggedEvent) =>
  event.type === "fix-looked-at" ||
  (event.type === "step-failed" && event.final && stepKind(event.step) === stepKind(stepIds.lookAtFix(1)));

/** Looks at the pull request ever more rarely, until people have merged it: what was closed may be opened again. */
function look(
  { fixer }: FixParts,
  firstMs: number,
  log: readonly LoggedEvent[],
  { fixChange }: IncidentView,
  now: number,
  wait: (due: number) => null,
): Step | null {
  const openedAt = log.findLast(({ event }) => event.type === "fix-proposed")?.at ?? now;
  if (fixChange?.what === "merged" || now - openedAt > LOOKED_AFTER_MS) return null;
  const looks = log.filter(isLook);
  const last = looks.at(-1)?.at ?? openedAt;
  const due = last + Math.min(LONGEST_LOOK_MS, Math.max(firstMs, (last - openedAt) / 4));
  if (due > now) return wait(due);
  return {
    id: stepIds.lookAtFix(looks.length + 1),
    attempts: 3,
    timeLimitMs: 60_000,
    run: async (context) => {
      const about = { ...aboutOf(context, viewOf(context.log)), log: context.log };
      const { headSha, updatedAt, changes } = await fixer.look(about, context.signal);
      return [...changes, { type: "fix-looked-at", headSha, updatedAt }];
    },
  };
}
