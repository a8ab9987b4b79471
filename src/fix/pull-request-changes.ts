import type { EventOf, LoggedEvent } from "../incident/event.ts";
import { newestOf } from "../incident/newest-event.ts";
import type { PullRequestChange } from "../incident/fix.ts";
import { proofOf } from "../incident/proof.ts";
import type { FollowedPullRequest } from "../integrations/github/pull-requests.ts";

type Changed = EventOf<"fix-changed-by-people">;

/**
 * What people did with the incident's pull request since the log's last record of it. Pure: the same answer of GitHub gives the same changes.
 * @param now epoch milliseconds, for what GitHub does not date
 * @param redacted words of GitHub as the log would keep them
 */
export function changesByPeople(
  log: readonly LoggedEvent[],
  pull: FollowedPullRequest,
  now: number,
  redacted: (words: string) => string = (words) => words,
): Changed[] {
  const opened = newestOf(log, "fix-proposed");
  if (opened === null) return [];
  const told = log.flatMap(({ event }) => (event.type === "fix-changed-by-people" ? [event] : []));
  const last = (...what: readonly PullRequestChange[]) => told.findLast((one) => what.includes(one.what))?.what ?? null;
  const looked = newestOf(log, "fix-looked-at")?.event;
  const changes: Changed[] = [];
  // GitHub reports who merged or closed it. Who pushed or edited it may be somebody else.
  const add = (what: PullRequestChange, when: number | null, more: { readonly headSha?: string } = {}) =>
    changes.push({
      type: "fix-changed-by-people",
      what,
      ...more,
      by: what === "merged" || what === "closed" ? pull.by : null,
      when: when ?? pull.updatedAt ?? now,
    });

  const ownHead = proofOf(log)?.commits.at(-1)?.sha;
  const theirHead = told.findLast(({ what }) => what === "pushed")?.headSha;
  const knownHead = theirHead ?? (looked !== undefined && last("pushed") !== null ? looked.headSha : ownHead);
  if (knownHead !== undefined && pull.headSha !== knownHead) add("pushed", null, { headSha: pull.headSha });
  const words = log.findLast(({ event }) => event.type === "fix-told" || event.type === "fix-proposed")?.event;
  // GitHub's times are whole seconds: an edit may come within that of the last look.
  const editedAt = told.findLast(({ what }) => what === "edited")?.when;
  if (words?.type !== "fix-told" && words?.type !== "fix-proposed") return [];
  const differs = !sameText(redacted(pull.title), words.title) || !sameText(redacted(pull.body), words.body);
  // The last update may have met people's words before anybody looked.
  const metFirst = words.type === "fix-told" && words.byPeople === true && last("edited") === null;
  if (metFirst || (differs && (pull.updatedAt === null || pull.updatedAt !== editedAt))) add("edited", null);
  if (opened.event.draft && !pull.draft && last("ready-for-review") === null) add("ready-for-review", null);
  const ended = last("merged", "closed", "reopened");
  if (pull.state === "merged" && ended !== "merged") add("merged", pull.mergedAt);
  else if (pull.state === "closed" && ended !== "closed") add("closed", pull.closedAt);
  else if (pull.state === "open" && ended === "closed") add("reopened", null);
  return changes;
}

/** GitHub keeps a text's line ends as they came from a browser. */
const sameText = (one: string, other: string) => one.replace(/\r\n/g, "\n").trim() === other.replace(/\r\n/g, "\n").trim();
