import type { IncidentEvent, LoggedEvent } from "../incident/event.ts";
import { newestOf } from "../incident/newest-event.ts";
import type { CheckQuestion, FixCommit, ReadChecks } from "../incident/fix.ts";
import type { Step } from "../store/incident-store.ts";
import { checkKey, newlyFailedIn } from "../incident/proof.ts";
import { stepIds } from "../incident/step-id.ts";
import { type IncidentView, viewOf } from "../incident/view.ts";

/** How long CI and people are waited for, ms. */
export interface CiWaits {
  /** Between two looks at first; grows by half each time, up to `longest`. */
  readonly first: number;
  readonly longest: number;
  /** Until a commit without any check is taken for one that CI does not run on. */
  readonly appear: number;
  /** All checks have ended and none has come for so long: no more will. Where the default branch has others, `appear` holds. */
  readonly settle: number;
  /** The test alone is waited for so long, then the fix is pushed all the same. */
  readonly before: number;
  /** The fix is waited for so long. */
  readonly after: number;
  /** A pull request is looked at for what people do with it after this, then ever more rarely, until it is a week old. */
  readonly look: number;
}

export const CI_WAITS: CiWaits = {
  first: 2_000,
  longest: 30_000,
  appear: 90_000,
  settle: 15_000,
  before: 10 * 60_000,
  after: 45 * 60_000,
  look: 60_000,
};

/** The readings of a commit's checks, oldest first, with those that said nothing new. */
const readingsOf = (log: readonly LoggedEvent[], sha: string) =>
  log.filter(
    ({ event }) => (event.type === "checks-read" && event.read.sha === sha) || (event.type === "checks-looked-at" && event.sha === sha),
  );
const lastLook = (log: readonly LoggedEvent[], sha: string) => readingsOf(log, sha).at(-1)?.seq ?? 0;
/** Whether a commit's checks were looked at with all that is known of another's by now. */
const isReadKnowing = (log: readonly LoggedEvent[], sha: string, other: string) =>
  lastLook(log, sha) > (log.findLast(({ event }) => event.type === "checks-read" && event.read.sha === other)?.seq ?? 0);

const failsHere = (read: ReadChecks, base: ReadChecks | null) => newlyFailedIn(read, base).length > 0;

/** One reading of a commit's checks, judged: whether more is to come. */
function judged(
  read: ReadChecks,
  {
    earlier,
    base,
    before,
    pushedAt,
    now,
  }: {
    readonly earlier: readonly LoggedEvent[];
    readonly base: ReadChecks | null;
    readonly before: ReadChecks | null;
    readonly pushedAt: number;
    readonly now: number;
  },
  waits: CiWaits,
): ReadChecks {
  if (read.state === "unreadable") return read;
  const isTest = read.role === "test";
  const tooLong = now - pushedAt >= (isTest ? waits.before : waits.after);
  if (read.state === "none") {
    const expected = base !== null && (base.state === "unreadable" || base.checks.some(({ state }) => state !== "skipped"));
    // A repository whose CI did not run on the test runs none on the fix.
    if (!expected && before?.state === "none") return read;
    if (now - pushedAt < waits.appear || (expected && !tooLong)) return { ...read, state: "running" };
    return expected ? { ...read, state: "unfinished" } : read;
  }
  const failed = isTest && failsHere(read, base);
  // A check that says that the test failed decides: the fix need not wait for the others. Any other may fail for a reason of its own.
  if (failed && (read.namesTest === true || tooLong)) return { ...read, state: "failed" };
  if (read.state === "running") return tooLong ? { ...read, state: "unfinished" } : read;
  const known = (of: ReadChecks) => of.checks.filter(({ state }) => state !== "skipped").map(checkKey);
  const counted = (keys: readonly string[], key: string) => keys.filter((one) => one === key).length;
  // Those of the default branch are expected here too; some of them may run there only.
  const expected = base === null ? [] : known(base);
  const present = known(read);
  const all = expected.length > 0 && expected.every((key) => counted(present, key) >= counted(expected, key));
  const keys = (of: ReadChecks) => JSON.stringify(of.checks.map(checkKey).toSorted());
  const same = earlier.find(
    ({ event }) =>
      event.type === "checks-read" && event.read.checks.every(({ state }) => state !== "running") && keys(event.read) === keys(read),
  );
  const settled = same !== undefined && now - same.at >= (expected.length === 0 ? waits.settle : waits.appear);
  return all || tooLong || settled ? read : { ...read, state: "running" };
}

/**
 * Reads CI of an open pull request, each commit for as long as it is waited for.
 * @param readChecks what CI says of a commit now
 */
export function createCiWatch(readChecks: (question: CheckQuestion, signal: AbortSignal) => Promise<ReadChecks>, waits: CiWaits) {
  /** The default branch is waited for as long as the fix. */
  const endedInTime = (seen: ReadChecks, forMs: number): ReadChecks =>
    seen.state === "running" && forMs >= waits.after ? { ...seen, state: "unfinished" } : seen;

  const readStep = (question: CheckQuestion, pushedAt: number): Step => ({
    id: stepIds.readChecks(question.sha),
    attempts: 8,
    timeLimitMs: 60_000,
    run: async (context) => {
      const { sha, role } = question;
      const earlier = readingsOf(context.log, sha);
      const known = newestOf(earlier, "checks-read")?.event.read ?? null;
      const proof = viewOf(context.log).proof;
      const base = role === "base" ? null : (proof?.base ?? null);
      const seen = await readChecks(
        { ...question, base, known: base === null || isReadKnowing(context.log, sha, base.sha) ? known : null },
        context.signal,
      );
      const now = context.now();
      const told = (newest: ReadChecks): readonly IncidentEvent[] =>
        JSON.stringify(newest) === JSON.stringify(known) ? [{ type: "checks-looked-at", sha }] : [{ type: "checks-read", read: newest }];
      if (role === "base") return told(endedInTime(seen, now - pushedAt));
      const before = role === "test" ? null : (proof?.before ?? null);
      const judgement = judged(seen, { earlier, base, before, pushedAt, now }, waits);
      // The fix does not wait for its test any more: it is read once again when CI of the fix has ended.
      const isPassed = role === "test" && proof?.commits.at(-1)?.sha !== sha;
      return told(isPassed && judgement.state === "running" ? { ...judgement, state: "unfinished" } : judgement);
    },
  });

  /**
   * The next look, from the log alone: at the default branch and at the newest commit until their checks have ended; once CI of the fix has, at
   * its test once more where that had not; and at what failed before it was known what fails on the default branch too.
   * @param wait gets the time of the next look, if it is not due yet (epoch ms)
   */
  function next(
    log: readonly LoggedEvent[],
    { fix, fixWork, proof, failures }: IncidentView,
    now: number,
    wait: (due: number) => null,
  ): Step | null {
    if (fix?.type !== "fix-proposed" || proof === null) return null;
    const { repository, base } = fix;
    const gaveUp = (sha: string) => failures.some(({ step }) => step === stepIds.readChecks(sha));
    const test = (fixWork?.draft ?? fixWork?.earlier)?.test?.name ?? null;
    const pushedAt = (sha: string) =>
      log.findLast(
        ({ event }) =>
          (event.type === "fix-proposed" && event.commits.some((one) => one.sha === sha)) ||
          (event.type === "fix-committed" && event.commit.sha === sha),
      )?.at ?? now;
    const dueOf = (sha: string) => {
      const earlier = readingsOf(log, sha);
      const last = earlier.at(-1)?.at;
      return last === undefined ? now : last + Math.min(waits.longest, waits.first * 1.5 ** (earlier.length - 1));
    };
    const ofBase = () => {
      const openedAt = log.findLast(({ event }) => event.type === "fix-proposed")?.at ?? now;
      return readStep({ repository, sha: base.sha, role: "base", test: null }, openedAt);
    };
    const ofCommit = ({ sha, role }: FixCommit) => readStep({ repository, sha, role, test }, pushedAt(sha));
    const atTheirTime = (sha: string, step: () => Step) => {
      if (gaveUp(sha)) return null;
      const due = dueOf(sha);
      return due <= now ? step() : wait(due);
    };

    if (proof.base === null) return ofBase();
    if (proof.base.state === "running") {
      const step = atTheirTime(base.sha, ofBase);
      if (step !== null) return step;
    }
    const newest = proof.commits.at(-1);
    if (newest === undefined) return null;
    const tested = proof.commits.findLast(({ role }) => role === "test");
    // What was read before it was known what fails on the default branch too may tell of that.
    const failsOnBase = proof.base.state !== "running" && proof.base.checks.some(({ state }) => state === "failed");
    const outdated = [tested, newest].find(
      (commit) =>
        failsOnBase &&
        commit !== undefined &&
        !gaveUp(commit.sha) &&
        (commit.role === "test" ? proof.before : proof.after)?.state === "failed" &&
        !isReadKnowing(log, commit.sha, base.sha),
    );
    if (outdated !== undefined) return ofCommit(outdated);
    const known = newest.role === "test" ? proof.before : proof.after;
    if (known === null || known.state === "running") return atTheirTime(newest.sha, () => ofCommit(newest));
    if (newest.role === "test" || tested === undefined || proof.before?.state !== "unfinished" || gaveUp(tested.sha)) return null;
    return lastLook(log, tested.sha) < lastLook(log, newest.sha) ? ofCommit(tested) : null;
  }

  return { next };
}
