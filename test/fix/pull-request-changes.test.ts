import { expect, test } from "vitest";
import { changesByPeople } from "../../src/fix/pull-request-changes.ts";
import { createRedaction } from "../../src/guard/redact.ts";
import type { IncidentEvent, LoggedEvent } from "../../src/incident/event.ts";
import type { FollowedPullRequest } from "../../src/integrations/github/pull-requests.ts";
import { fixProposed } from "../support/example-fix.ts";

const OWN = "a".repeat(40);
const NOW = 9_000;

const proposed = fixProposed({
  kind: "revert",
  branch: "midwatch/Q1-revert-1",
  title: "Revert it",
  body: "Because\nof this",
  commits: [{ sha: OWN, role: "fix" }],
});

const untouched: FollowedPullRequest = {
  number: 7,
  url: "https://github.com/acme/shop/pull/7",
  title: "Revert it",
  body: "Because\nof this",
  draft: true,
  state: "open",
  headSha: OWN,
  branch: "midwatch/Q1-revert-1",
  updatedAt: 1_000,
  mergedAt: null,
  closedAt: null,
  by: null,
};

const logOf = (...events: readonly IncidentEvent[]): LoggedEvent[] =>
  [proposed, ...events].map((event, index) => ({ seq: index + 1, at: index, event }));
const changes = (pull: Partial<FollowedPullRequest>, ...events: readonly IncidentEvent[]) =>
  changesByPeople(logOf(...events), { ...untouched, ...pull }, NOW);
const lookedAt = (headSha: string, updatedAt: number): IncidentEvent => ({ type: "fix-looked-at", headSha, updatedAt });

const known = (event: IncidentEvent | undefined): readonly IncidentEvent[] => (event === undefined ? [] : [event]);

test("a pull request as midwatch left it was changed by nobody", () => {
  expect(changes({})).toEqual([]);
  expect(changes({ body: "Because\r\nof this\r\n" })).toEqual([]);
});

test("a merge is told once, with who and when", () => {
  const pull = { state: "merged", mergedAt: 5_000, closedAt: 5_000, by: "ana" } as const;
  const [merged] = changes(pull);
  expect(merged).toEqual({ type: "fix-changed-by-people", what: "merged", by: "ana", when: 5_000 });
  expect(changes(pull, ...known(merged))).toEqual([]);
});

test("closed, opened again and closed again are three things", () => {
  const closed = { state: "closed", closedAt: 5_000, by: "ana" } as const;
  const [first] = changes(closed);
  expect(first?.what).toBe("closed");
  if (first === undefined) return;
  expect(changes(closed, first)).toEqual([]);
  const [again] = changes({}, first);
  expect(again).toMatchObject({ what: "reopened", when: 1_000 });
  if (again === undefined) return;
  expect(changes(closed, first, again).map(({ what }) => what)).toEqual(["closed"]);
});

test("commits of people on top of ours are told once for each time they push", () => {
  const [pushed] = changes({ headSha: "1".repeat(40) });
  expect(pushed?.what).toBe("pushed");
  if (pushed === undefined) return;
  const seen = [pushed, lookedAt("1".repeat(40), 1_000)];
  expect(changes({ headSha: "1".repeat(40) }, ...seen)).toEqual([]);
  expect(changes({ headSha: "2".repeat(40) }, ...seen).map(({ what }) => what)).toEqual(["pushed"]);
});

test("our own next commit is no push of people", () => {
  const next: IncidentEvent = { type: "fix-committed", commit: { sha: "2".repeat(40), role: "improvement" }, files: [] };
  expect(changes({ headSha: "2".repeat(40) }, next)).toEqual([]);
});

test("other words than ours are an edit, once; our own new words are none", () => {
  const edit = { title: "Revert it, please", updatedAt: 2_000 };
  const [edited] = changes(edit);
  expect(edited).toMatchObject({ what: "edited", when: 2_000 });
  if (edited === undefined) return;
  expect(changes(edit, edited, lookedAt(OWN, 2_000))).toEqual([]);
  const told: IncidentEvent = { type: "fix-told", title: "Revert it", body: "CI passes", seen: 1 };
  expect(changes({ body: "CI passes", updatedAt: 3_000 }, told)).toEqual([]);
});

test("an edit in the second of the last look is seen by the next one", () => {
  const edit = { title: "Revert it, please", updatedAt: 2_000 };
  expect(changes(edit, lookedAt(OWN, 2_000)).map(({ what }) => what)).toEqual(["edited"]);
});

test("the words of a patch that takes over a revert's branch are no edit", () => {
  const told: IncidentEvent = { type: "fix-told", title: "Revert it", body: "CI passes", seen: 1 };
  const patch: IncidentEvent = { ...proposed, kind: "patch", title: "Mend it", body: "Because of that" };
  expect(changes({ title: "Mend it", body: "Because of that" }, told, patch)).toEqual([]);
});

test("an edit that was met while something was told is an edit all the same, once", () => {
  const edited: IncidentEvent = { type: "fix-told", title: "Revert it", body: "Because\nof this, says Ana", byPeople: true, seen: 1 };
  const pull = { body: "Because\nof this, says Ana" };
  const [first, ...more] = changes(pull, edited, lookedAt(OWN, 1_000));
  expect([first?.what, more]).toEqual(["edited", []]);
  expect(changes(pull, edited, ...known(first), lookedAt(OWN, 1_000))).toEqual([]);
  // In what midwatch tells next their words still stand.
  expect(changes(pull, edited, ...known(first), edited)).toEqual([]);
});

test("words of people with an address in them are one edit, though the log keeps them without it", () => {
  const { text: redacted } = createRedaction({ own: [], labelSecret: "of this test alone" }).forIncident("pd-Q1");
  const pull = { ...untouched, body: "Because\nof this, says ana@acme.example", updatedAt: 2_000 };
  const told: IncidentEvent = { type: "fix-told", title: "Revert it", body: redacted(pull.body), byPeople: true, seen: 1 };
  expect(told.body).not.toContain("ana");
  const [first] = changesByPeople(logOf(), pull, NOW, redacted);
  expect(first).toMatchObject({ what: "edited", when: 2_000 });
  const later = { ...pull, updatedAt: 3_000 };
  expect(changesByPeople(logOf(...known(first), told), later, NOW, redacted)).toEqual([]);
  // Without the same view of both it would be another one.
  expect(changesByPeople(logOf(...known(first), told), later, NOW).map(({ what }) => what)).toEqual(["edited"]);
});

test("who marks the draft ready for review is told once", () => {
  const [ready] = changes({ draft: false });
  expect(ready?.what).toBe("ready-for-review");
  expect(changes({ draft: false }, ...known(ready))).toEqual([]);
});
