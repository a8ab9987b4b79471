import type { Effects } from "../durable/outbox.ts";
import type { EventOf, LoggedEvent } from "../incident/event.ts";
import { committedDraft } from "../incident/fix-work.ts";
import type { Proof } from "../incident/proof.ts";
import type { About, ChangedByPeople, FixerDeps } from "./fixer-deps.ts";
import type { ProposedFix } from "./own-commit.ts";
import { noteWords, wereNoted } from "./own-words.ts";
import { replaceProof } from "./pr-body.ts";
import { proofPartOf } from "./proof-rows.ts";
import { patchWords } from "./propose-patch.ts";
import { changesByPeople } from "./pull-request-changes.ts";
import { noteOf } from "./review-context.ts";
import { worded } from "./worded.ts";

/** As `patchWords`, for a revert: its words stay as they were opened, but for the proof. */
async function revertWords(
  { github }: FixerDeps,
  about: About & {
    readonly fix: ProposedFix;
    readonly proof: Proof;
    readonly last: { readonly title: string; readonly body: string };
  },
  signal: AbortSignal,
) {
  const { fix, proof, last } = about;
  const { value: described } = await github.repository({ repository: fix.repository }, signal);
  const of = { web: described.link, isPrivate: described.private };
  const part = proofPartOf(proof, { ...of, kind: fix.kind, branch: fix.base.branch, test: null, note: noteOf(about) });
  return { ours: { title: last.title, body: replaceProof(last.body, part) ?? last.body }, part };
}

/** Says in the pull request what is known by now. Where people have made the words their own, only the proof's part is replaced. */
export async function tell(
  deps: FixerDeps,
  about: About & { readonly log: readonly LoggedEvent[] },
  effects: Effects,
  signal: AbortSignal,
): Promise<EventOf<"fix-told">> {
  const { github } = deps;
  const { view, log } = about;
  const { fix, proof } = view;
  if (fix?.type !== "fix-proposed" || proof === null) throw new Error("there is no pull request to tell of");
  const { repository, number, branch } = fix;
  const pull = await github.pullRequests.readPullRequest({ repository, number }, signal);
  // Where a patch took over a revert's branch, its words were written when it was proposed.
  const known = log.findLast(({ event }) => event.type === "fix-told" || event.type === "fix-proposed")?.event;
  const last = known?.type === "fix-told" ? known : fix;
  const draft = committedDraft(log);
  const { ours, part } =
    fix.kind === "patch" && draft !== null
      ? await patchWords(deps, { ...about, draft, proof, fix }, signal).then(({ words, part: said }) => ({ ours: words, part: said }))
      : await revertWords(deps, { ...about, fix, proof, last }, signal);
  // What people once wrote into it stays, however often something new is said beside it. A run that was cut off here has left its own words.
  const isOurs =
    !(last.type === "fix-told" && last.byPeople === true) &&
    ([last, ours].some(({ title, body }) => pull.title === title && pull.body === body) || (await wereNoted(effects, pull)));
  // People's own words stay as they are; the log keeps them redacted, so words with anything to hide are never taken for ours.
  const words = isOurs
    ? worded(ours, deps.redactedFor(about.incidentId))
    : { title: pull.title, body: replaceProof(pull.body, part) ?? pull.body };
  if (words.title !== pull.title || words.body !== pull.body) {
    if (isOurs) await noteWords(effects, words);
    await github.pullRequests.rewritePullRequest({ repository, number, branch, title: words.title, body: words.body }, signal);
  }
  return { type: "fix-told", title: words.title, body: words.body, seen: log.at(-1)?.seq ?? 0, ...(isOurs ? {} : { byPeople: true }) };
}

/** What people did with the pull request since. */
export async function look(
  { github, now, redactedFor }: FixerDeps,
  about: About & { readonly log: readonly LoggedEvent[] },
  signal: AbortSignal,
): Promise<{ headSha: string; updatedAt: number; changes: readonly ChangedByPeople[] }> {
  const { fix } = about.view;
  if (fix?.type !== "fix-proposed") throw new Error("there is no pull request to look at");
  const pull = await github.pullRequests.readPullRequest({ repository: fix.repository, number: fix.number }, signal);
  return {
    headSha: pull.headSha,
    updatedAt: pull.updatedAt ?? 0,
    changes: changesByPeople(about.log, pull, now(), redactedFor(about.incidentId)),
  };
}
