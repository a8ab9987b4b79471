import { IntegrationError, RateLimitedError, TimedOutError } from "../guard/errors.ts";
import { changeOfId } from "../incident/change-id.ts";
import type { EventOf, LoggedEvent } from "../incident/event.ts";
import type { ModelFinding, Suspect } from "../incident/finding.ts";
import type { CheckQuestion, FixOffer, PatchDraft, PatchPlace, PatchProposal, PullRequestChange, ReadChecks } from "../incident/fix.ts";
import { payloadHash } from "../guard/approval.ts";
import type { Effects } from "../durable/outbox.ts";
import { committedDraft } from "../incident/fix-work.ts";
import type { Proof } from "../incident/proof.ts";
import type { IncidentView } from "../incident/view.ts";
import { shortSha } from "../report/words.ts";
import type { GithubClient } from "../integrations/github/client.ts";
import { readChecks } from "./ci.ts";
import { readOwners } from "./codeowners.ts";
import type { ProposedFix } from "./own-commit.ts";
import { commitFix, findFix, findPatch, firstRole, openPatch, type PatchToOpen, preparePatch, type PreparedPatch } from "./patch.ts";
import { isChartOf } from "./pr-body-chart.ts";
import { patchMessage, type ProofPart, proposePatch, proposeRevert, replaceProof, type ReviewContext } from "./pr-body.ts";
import { proofPartOf } from "./proof-rows.ts";
import { changesByPeople } from "./pull-request-changes.ts";
import type { ConflictSide } from "./revert-conflict.ts";
import { revertDoubts, revertPayload, revertSummary } from "./revert-offer.ts";
import { findRevert, openRevert, planRevert, type RevertPlan, type RevertProposal, revertedOn } from "./revert.ts";

/** Where a service's code lies, by the catalog. */
export interface Place {
  /** `owner/name`, or null where the catalog names none. */
  readonly repository: string | null;
  /** Folder in it, "" for all of it. */
  readonly path: string;
  readonly owners: readonly string[];
}

export interface FixerOptions {
  /** null: GitHub is not configured, so every fix is declined with that reason. */
  readonly github: GithubClient | null;
  /** null: the catalog does not know the service. */
  readonly placeOf: (service: string) => Place | null;
  /** The incident's page, or null where people cannot reach one. */
  readonly timelineUrl: (incidentId: string) => string | null;
  readonly evidenceUrl?: (incidentId: string, evidence: number) => string | null;
  /** Credentials of this process, which must stand nowhere in what is proposed. */
  readonly own?: readonly string[];
  /** Hides in words, never in files, what must not leave; doing so twice changes nothing more. Default: nothing. */
  readonly redactedFor?: (incidentId: string) => (text: string) => string;
  readonly now?: () => number;
}

type FixDeclined = EventOf<"fix-declined">;
type ChangedByPeople = EventOf<"fix-changed-by-people">;

interface About {
  readonly incidentId: string;
  readonly view: IncidentView;
  readonly title: string;
}

const EFFECT_KEY = "fix-pr";
const EFFECT_KIND = "draft-pull-request";
const COMMIT_KIND = "commit";
/** Put on the pull request where the repository has them. */
const LABELS = ["midwatch", "incident"];
/** What brought code or configuration into production. */
const revertible: ReadonlySet<string> = new Set(["deploy", "config", "migration"]);

const declined = (because: string): FixDeclined => ({ type: "fix-declined", because });
const NOT_CONFIGURED = "GitHub is not configured (GITHUB_TOKEN, or GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY).";

/** What GitHub will refuse again however often it is asked: a missing permission, no drafts in the plan, a branch somebody else made. */
const isFinal = (error: unknown): error is IntegrationError =>
  error instanceof IntegrationError &&
  !error.retryable &&
  !(error instanceof RateLimitedError) &&
  !(error instanceof TimedOutError) &&
  (error.status === null || (error.status >= 400 && error.status < 500));

function notChecked(view: IncidentView): string[] {
  const words = { failed: "failed", "timed-out": "did not answer in time", "not-configured": "is not configured" } as const;
  return view.coverage.flatMap(({ source, status }) =>
    status === "failed" || status === "timed-out" || status === "not-configured" ? [`${source} ${words[status]}`] : [],
  );
}

const isEnded = (what: PullRequestChange | null) => what === "merged" || what === "closed" || what === "branch-deleted";

/** Before CI was asked at all. */
const noProofYet = (commits: Proof["commits"]): Proof => ({
  verdict: "running",
  commits,
  base: null,
  before: null,
  after: null,
  newlyFailed: [],
  improvements: 0,
});

/** Writes the one draft pull request of an incident, adds to it, and tells what becomes of it; or says why there is none. */
export function createFixer(options: FixerOptions) {
  const { github, placeOf, timelineUrl, evidenceUrl, own = [], now = Date.now } = options;

  const redactedFor = (incidentId: string) => options.redactedFor?.(incidentId) ?? ((text: string) => text);

  /** The words of a proposal as they may leave, and as the event log keeps them. */
  function worded<P extends { readonly title: string; readonly body: string; readonly message?: string }>(
    incidentId: string,
    proposal: P,
  ): P {
    const redacted = redactedFor(incidentId);
    const { title, body, message } = proposal;
    return { ...proposal, title: redacted(title), body: redacted(body), ...(message === undefined ? {} : { message: redacted(message) }) };
  }

  /** What a plan tells people of commits and conflicts, likewise: the outbox keeps the plan. Its files stay as they are. */
  function wordedPlan(incidentId: string, plan: RevertPlan): RevertPlan {
    const redacted = redactedFor(incidentId);
    return {
      ...plan,
      commits: plan.commits.map((one) => ({ ...one, title: redacted(one.title) })),
      skipped: plan.skipped.map((file) => ({ ...file, because: redacted(file.because) })),
      conflicts: plan.conflicts.map((file) => ({
        ...file,
        because: redacted(file.because),
        conflict: file.conflict.map((hunk) => ({
          ...hunk,
          deployed: wordedSide(hunk.deployed, redacted),
          ours: wordedSide(hunk.ours, redacted),
          theirs: wordedSide(hunk.theirs, redacted),
        })),
      })),
    };
  }

  /** What a reviewer is told beside the change itself. */
  async function reviewContext(
    client: GithubClient,
    about: About & {
      readonly repository: string;
      readonly ref: string;
      readonly paths: readonly string[];
      readonly service: string;
      /** What is known of its proof, but for the repository. */
      readonly proof: (of: { readonly web: string; readonly isPrivate: boolean }) => ProofPart;
      readonly pullRequest: number | null;
    },
    signal: AbortSignal,
  ): Promise<ReviewContext & { readonly proof: ProofPart }> {
    const { incidentId, view, title, repository, ref, paths, service, proof, pullRequest } = about;
    const [{ value: described }, owners] = await Promise.all([
      client.repository({ repository }, signal),
      readOwners(client, { repository, ref, paths }, signal).catch((error: unknown) => {
        // Whom to mention is good to know, not needed.
        if (error instanceof IntegrationError) return [];
        throw error;
      }),
    ]);
    const symptom = view.analysis?.symptoms[0] ?? null;
    const charts = view.triage?.charts ?? [];
    return {
      publicRepository: !described.private,
      incident: { id: incidentId, number: view.page?.number ?? null, title, link: view.page?.link ?? null },
      symptom,
      chart: charts.find((one) => symptom === null || isChartOf(one, symptom)) ?? null,
      timelineUrl: timelineUrl(incidentId),
      evidenceUrl: (evidence) => evidenceUrl?.(incidentId, evidence) ?? null,
      notChecked: notChecked(view),
      owners: owners.length > 0 ? owners : (placeOf(service)?.owners ?? []),
      proof: proof({ web: described.link, isPrivate: described.private }),
      pullRequest,
      own,
      orderSigns: view.orderSigns,
    };
  }

  async function labelled(client: GithubClient, fix: ProposedFix, signal: AbortSignal): Promise<ProposedFix> {
    const { repository, number } = fix;
    await client.pullRequests.labelPullRequest({ repository, number, labels: LABELS }, signal).catch((error: unknown) => {
      if (!(error instanceof IntegrationError)) throw error;
    });
    return fix;
  }

  /** Of a pull request that is still open: what people merged or closed is not left to anybody. */
  const noteOf = ({ view }: Pick<About, "view">): string | null =>
    view.status === "resolved" && !isEnded(view.fixChange?.what ?? null)
      ? "The incident was resolved before this was merged. It is left here for whoever looks into the cause."
      : null;

  async function revert(
    about: About & { readonly suspect: Suspect; readonly doubt: string | null; readonly approved: string | null },
    effects: Effects,
    signal: AbortSignal,
  ): Promise<ProposedFix | FixDeclined | FixOffer> {
    const { suspect } = about;
    const { change } = suspect;
    if (change === null || change.sha === null || change.repository === null) return declined("No deployed commit is under suspicion.");
    const { sha, repository, previousSha } = change;
    if (change.kind === "rollback") return declined(`The deploy of ${shortSha(sha)} was itself a rollback: it took changes away.`);
    if (!revertible.has(change.kind))
      return declined(`${shortSha(sha)} did not reach production by a deploy, so a revert of it changes nothing there.`);
    if (github === null) return declined(NOT_CONFIGURED);
    try {
      // What was deployed is put back, which need not be the service where it showed.
      const service = change.service ?? suspect.service;
      const planned = await planRevert({ github, repository, sha, previousSha, path: placeOf(service)?.path ?? "" }, signal);
      if (planned.status === "declined") return declined(planned.because);
      const plan = wordedPlan(about.incidentId, planned);
      // Whoever is asked is told all of it at once.
      const payload = await revertPayload(about.incidentId, plan);
      const isApproved = about.approved === (await payloadHash(payload));
      const doubts = isApproved ? [] : [about.doubt, ...revertDoubts(plan, own)].filter((doubt) => doubt !== null);
      if (doubts.length > 0)
        return { type: "fix-offer", kind: "revert", because: doubts.join("; "), payload, summary: revertSummary(plan) };
      const { branch } = plan.base;
      const paths = plan.files.map(({ path }) => path);
      const context = await reviewContext(
        github,
        {
          ...{ ...about, repository, ref: plan.base.sha, paths, service, pullRequest: null },
          proof: (of) => proofPartOf(noProofYet([]), { ...of, kind: "revert", branch, test: null, note: null }),
        },
        signal,
      );
      const proposal = worded(about.incidentId, proposeRevert(plan, { ...context, suspect }));
      const opened = await effects.deliver(EFFECT_KEY, EFFECT_KIND, proposal, {
        find: (kept) => findRevert(github, kept, signal),
        act: (kept) => openRevert(github, kept, signal, own),
      });
      return await labelled(github, opened, signal);
    } catch (error) {
      if (isFinal(error)) return declined(error.message);
      throw error;
    }
  }

  /** Goes on with what an earlier run meant to open, a revert or a patch, whatever people did with it since. */
  async function resume(effects: Effects, signal: AbortSignal): Promise<ProposedFix | FixDeclined | null> {
    if (github === null || !effects.wasMeant(EFFECT_KEY)) return null;
    const client = github;
    // The payload of then is used, not this one.
    const meant = {} as RevertProposal | PatchToOpen;
    try {
      const opened = await effects.deliver(EFFECT_KEY, EFFECT_KIND, meant, {
        find: (kept) => ("draft" in kept ? findPatch(client, kept, signal) : findRevert(client, kept, signal)),
        act: (kept) => ("draft" in kept ? openPatch(client, kept, signal, own) : openRevert(client, kept, signal, own)),
      });
      return await labelled(client, opened, signal);
    } catch (error) {
      if (isFinal(error)) return declined(error.message);
      throw error;
    }
  }

  /** The pull request's own words for a patch, and the part of them that says what is known of its proof. */
  async function patchWords(
    client: GithubClient,
    about: About & {
      readonly draft: PatchDraft;
      readonly proof: Proof;
      readonly fix: ProposedFix | null;
    },
    signal: AbortSignal,
  ) {
    const { draft, proof, fix } = about;
    const reverted = fix === null ? null : revertedOn(fix.branch);
    const { repository, base, service } = draft;
    const context = await reviewContext(
      client,
      {
        ...about,
        repository,
        ref: base.sha,
        paths: draft.files.map(({ path }) => path),
        service,
        proof: (of) =>
          proofPartOf(proof, { ...of, kind: "patch", branch: base.branch, test: draft.test?.name ?? null, note: noteOf(about) }),
        pullRequest: fix?.number ?? null,
      },
      signal,
    );
    const finding = about.view.investigation?.finding ?? null;
    const words = proposePatch(draft, {
      ...context,
      confidence: finding?.confidence ?? null,
      introducedBy: (finding?.change == null ? undefined : changeOfId(about.view.triage?.changes ?? [], finding.change)) ?? null,
      ...(fix === null || reverted === null ? {} : { tookOver: { branch: fix.branch, reverted } }),
    });
    return { words: worded(about.incidentId, words), part: context.proof };
  }

  async function patch(
    about: About & { readonly draft: PatchDraft },
    effects: Effects,
    signal: AbortSignal,
  ): Promise<ProposedFix | FixDeclined | ChangedByPeople> {
    const { view } = about;
    if (github === null) return declined(NOT_CONFIGURED);
    const earlier = view.fix?.type === "fix-proposed" ? view.fix : null;
    try {
      if (earlier !== null) return await takeOver(github, { ...about, fix: earlier }, effects, signal);
      const { words: proposal } = await patchWords(
        github,
        { ...about, proof: noProofYet([{ sha: "", role: firstRole(about.draft) }]), fix: null },
        signal,
      );
      const opened = await effects.deliver(EFFECT_KEY, EFFECT_KIND, proposal, {
        find: (kept) => findPatch(github, kept, signal),
        act: (kept) => openPatch(github, kept, signal, own),
      });
      return await labelled(github, opened, signal);
    } catch (error) {
      if (!isFinal(error)) throw error;
      if (earlier === null) return declined(error.message);
      return { ...declined(`The patch could not be put on its branch. ${error.message}`), stays: earlier.number };
    }
  }

  /** Puts a patch on the branch of the revert that was opened before it: an incident has one pull request. */
  async function takeOver(
    client: GithubClient,
    about: About & { readonly draft: PatchDraft; readonly fix: ProposedFix },
    effects: Effects,
    signal: AbortSignal,
  ): Promise<ProposedFix | ChangedByPeople> {
    const { draft, fix, view } = about;
    const commits = view.proof?.commits ?? fix.commits;
    const role = firstRole(draft);
    const committed = await push(client, { ...about, role, number: commits.length + 1, commits }, effects, signal);
    if (committed.type === "fix-changed-by-people") return committed;
    const all = [...commits, committed.commit];
    const last = view.fixTold ?? fix;
    const written = await takeOverWords(client, { ...about, commits: all, last }, signal).catch((error: unknown) => {
      // The commit is on the branch by now, whatever becomes of the words: they are tried again with the proof.
      if (isFinal(error)) return last;
      throw error;
    });
    return {
      ...fix,
      kind: "patch",
      title: written.title,
      body: written.body,
      files: draft.files.map(({ path, before, after }) => ({ path, before, after })),
      base: { branch: draft.base.branch, sha: draft.base.sha },
      commits: all,
    };
  }

  /** Gives the pull request the patch's words. What people wrote into it stays; then only the branch says that it holds a patch by now. */
  async function takeOverWords(
    client: GithubClient,
    about: About & {
      readonly draft: PatchDraft;
      readonly fix: ProposedFix;
      readonly commits: Proof["commits"];
      readonly last: { readonly title: string; readonly body: string };
    },
    signal: AbortSignal,
  ): Promise<{ readonly title: string; readonly body: string }> {
    const { fix, commits, last } = about;
    const { repository, number, branch } = fix;
    const { words } = await patchWords(client, { ...about, proof: noProofYet(commits) }, signal);
    const pull = await client.pullRequests.readPullRequest({ repository, number }, signal);
    const isOurs = [last, words].some(({ title, body }) => pull.title === title && pull.body === body);
    return isOurs
      ? client.pullRequests.rewritePullRequest({ repository, number, branch, title: words.title, body: words.body }, signal)
      : pull;
  }

  /** One more commit on the pull request's branch, or what people did with the branch. */
  async function push(
    client: GithubClient,
    about: About & {
      readonly draft: PatchDraft;
      readonly fix: ProposedFix;
      readonly role: "test" | "fix" | "improvement";
      readonly number: number;
      readonly commits: Proof["commits"];
    },
    effects: Effects,
    signal: AbortSignal,
  ): Promise<EventOf<"fix-committed"> | ChangedByPeople> {
    const { incidentId, draft, fix, role, number, commits, view, title } = about;
    const parent = commits.at(-1)?.sha ?? draft.base.sha;
    const pull = await client.pullRequests.readPullRequest({ repository: draft.repository, number: fix.number }, signal);
    if (pull.state !== "open")
      return { type: "fix-changed-by-people", what: pull.state, by: pull.by, when: pull.mergedAt ?? pull.closedAt ?? now() };
    const incident = { id: incidentId, number: view.page?.number ?? null, title, link: view.page?.link ?? null };
    const message = redactedFor(incidentId)(patchMessage(draft, role, incident, (view.proof?.improvements ?? 0) + 2));
    const wanted = { incidentId, draft, branch: fix.branch, parent, role, n: number, message };
    const made = await effects.deliver(`fix-commit-${number}`, COMMIT_KIND, wanted, {
      find: (kept) => findFix(client, kept, signal),
      act: (kept) => commitFix(client, kept, signal, own),
    });
    if (made.status === "declined") {
      const { head } = made;
      const what = head === null ? ({ what: "branch-deleted" } as const) : ({ what: "pushed", headSha: head } as const);
      return { type: "fix-changed-by-people", ...what, by: null, when: now() };
    }
    return { type: "fix-committed", commit: made.commit, files: draft.files.map(({ path, before, after }) => ({ path, before, after })) };
  }

  async function commit(
    about: About & { readonly draft: PatchDraft; readonly role: "fix" | "improvement"; readonly number: number },
    effects: Effects,
    signal: AbortSignal,
  ): Promise<EventOf<"fix-committed"> | ChangedByPeople> {
    const { fix, proof } = about.view;
    if (github === null || fix?.type !== "fix-proposed") throw new Error("a further commit needs an open pull request");
    return push(github, { ...about, fix, commits: proof?.commits ?? fix.commits }, effects, signal);
  }

  /** As `patchWords`, for a revert: its words stay as they were opened, but for the proof. */
  async function revertWords(
    client: GithubClient,
    about: About & {
      readonly fix: ProposedFix;
      readonly proof: Proof;
      readonly last: { readonly title: string; readonly body: string };
    },
    signal: AbortSignal,
  ) {
    const { fix, proof, last } = about;
    const { value: described } = await client.repository({ repository: fix.repository }, signal);
    const of = { web: described.link, isPrivate: described.private };
    const part = proofPartOf(proof, { ...of, kind: fix.kind, branch: fix.base.branch, test: null, note: noteOf(about) });
    return { ours: { title: last.title, body: replaceProof(last.body, part) ?? last.body }, part };
  }

  /** Says in the pull request what is known by now. Where people have made the words their own, only the proof's part is replaced. */
  async function tell(about: About & { readonly log: readonly LoggedEvent[] }, signal: AbortSignal): Promise<EventOf<"fix-told">> {
    const { view, log } = about;
    const { fix, proof } = view;
    if (github === null || fix?.type !== "fix-proposed" || proof === null) throw new Error("there is no pull request to tell of");
    const { repository, number, branch } = fix;
    const pull = await github.pullRequests.readPullRequest({ repository, number }, signal);
    // Where a patch took over a revert's branch, its words were written when it was proposed.
    const known = log.findLast(({ event }) => event.type === "fix-told" || event.type === "fix-proposed")?.event;
    const last = known?.type === "fix-told" ? known : fix;
    const draft = committedDraft(log);
    const { ours, part } =
      fix.kind === "patch" && draft !== null
        ? await patchWords(github, { ...about, draft, proof, fix }, signal).then(({ words, part: said }) => ({ ours: words, part: said }))
        : await revertWords(github, { ...about, fix, proof, last }, signal);
    // What people once wrote into it stays, however often something new is said beside it. A run that was cut off here has left its own words.
    const isOurs =
      !(last.type === "fix-told" && last.byPeople === true) &&
      [last, ours].some(({ title, body }) => pull.title === title && pull.body === body);
    // People's own words stay as they are; the log keeps them redacted, so words with anything to hide are never taken for ours.
    const words = isOurs ? worded(about.incidentId, ours) : { title: pull.title, body: replaceProof(pull.body, part) ?? pull.body };
    if (words.title !== pull.title || words.body !== pull.body)
      await github.pullRequests.rewritePullRequest({ repository, number, branch, title: words.title, body: words.body }, signal);
    return { type: "fix-told", title: words.title, body: words.body, seen: log.at(-1)?.seq ?? 0, ...(isOurs ? {} : { byPeople: true }) };
  }

  async function look(
    about: About & { readonly log: readonly LoggedEvent[] },
    signal: AbortSignal,
  ): Promise<{ headSha: string; updatedAt: number; changes: readonly ChangedByPeople[] }> {
    const { fix } = about.view;
    if (github === null || fix?.type !== "fix-proposed") throw new Error("there is no pull request to look at");
    const pull = await github.pullRequests.readPullRequest({ repository: fix.repository, number: fix.number }, signal);
    return {
      headSha: pull.headSha,
      updatedAt: pull.updatedAt ?? 0,
      changes: changesByPeople(about.log, pull, now(), redactedFor(about.incidentId)),
    };
  }

  /** Makes a patch of what the model hands in, within what code allows it to write. */
  async function prepare(
    about: {
      readonly view: IncidentView;
      readonly finding: ModelFinding;
      readonly place: PatchPlace;
      readonly earlier: PatchDraft | null;
      readonly testSeen: boolean;
    },
    proposal: PatchProposal,
    signal: AbortSignal,
  ): Promise<PreparedPatch> {
    const { view, finding, place, earlier, testSeen } = about;
    if (github === null) return { status: "refused", problems: [NOT_CONFIGURED] };
    const named = [finding.service, ...finding.causal_path.map(({ service }) => service)];
    const { repository } = place;
    const paths = [place.folder, ...named.flatMap((service) => inRepository(placeOf(service), repository))];
    const { change } = finding;
    const blamed = change === null ? undefined : changeOfId(view.triage?.changes ?? [], change);
    const files = blamed?.repository?.toLowerCase() === repository.toLowerCase() ? (blamed.files ?? []).map(({ path }) => path) : [];
    const fix = view.fix?.type === "fix-proposed" ? view.fix : null;
    const frozenTests = testSeen && earlier !== null ? earlier.files.filter(({ role }) => role === "test") : null;
    return preparePatch(
      {
        github,
        proposal,
        about: { repository, service: place.service, paths: [...new Set(paths)], files, frozenTests },
        base: fix === null ? null : fix.base,
        own,
      },
      signal,
    );
  }

  return {
    resume,
    revert,
    patch,
    commit,
    readChecks: (question: CheckQuestion, signal: AbortSignal): Promise<ReadChecks> => {
      if (github === null) throw new Error("checks are read of a pull request only");
      return readChecks(github, question, signal);
    },
    tell,
    look,
    prepare,
  };
}

const wordedSide = (side: ConflictSide | null, redacted: (text: string) => string): ConflictSide | null =>
  side === null ? null : { ...side, lines: side.lines.map(redacted) };

/** Folder of another service that lies in the same repository. One without a folder of its own would open all of it. */
const inRepository = (place: Place | null, repository: string): string[] =>
  place !== null && place.repository?.toLowerCase() === repository.toLowerCase() && !/^[./]*$/.test(place.path) ? [place.path] : [];
