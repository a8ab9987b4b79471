import type { Unnumbered } from "../../incident/answer.ts";
import type { ChangeEvent, ChangeKind } from "../../incident/telemetry.ts";
import { flattenDetails } from "./alert-text.ts";
import type { RestChangeEvent } from "./schema.ts";

/** A change event as PagerDuty knows it; its services are PagerDuty's ids, for the caller to name. */
export interface PagerdutyChange extends Unnumbered<ChangeEvent> {
  readonly id: string;
  readonly pagerdutyServiceIds: readonly string[];
  /** Why PagerDuty holds it to be related to an incident ("most_recent", "related_service", …), where it says so. */
  readonly correlation: string | null;
}

/** First fit counts: a rollback is also a deploy, a flag is also config. */
const kinds: readonly (readonly [RegExp, ChangeKind])[] = [
  [/\broll(?:ed|ing)?[ -]?back\b|\brevert(?:ed|s|ing)?\b/i, "rollback"],
  [/\bfeature[ _-]?(?:flag|toggle|gate)s?\b|\bflags?\b|\bkill[ -]?switch\b/i, "flag"],
  [/\bmigrat(?:e|ed|es|ing|ion|ions)\b|\bschema change\b/i, "migration"],
  [
    /\bdeploy(?:s|ed|ing|ment|ments)?\b|\breleas(?:e|ed|es|ing)\b|\broll(?:ed|ing)?[ -]?out\b|\bshipped\b|\bpromoted\b|\bbuild success/i,
    "deploy",
  ],
  [/\bconfig(?:s|ured|uration)?\b|\bsettings?\b|\bscal(?:ed|ing)\b|\bterraform\b|\binfrastructure\b/i, "config"],
  [/\bmerged?\b|\bpull request\b/i, "pull-request"],
];

const changeKind = (text: string): ChangeKind => kinds.find(([words]) => words.test(text))?.[1] ?? "other";

/** Value of the first of these keys that fits; keys are compared without case, `_`, `-` and the path before the last dot. */
function detail(details: ReadonlyMap<string, string>, keys: readonly string[], fits: RegExp = /\S/): string | null {
  for (const key of keys) {
    const value = details.get(key);
    if (value !== undefined && fits.test(value)) return value;
  }
  return null;
}

/** A tool's word for a field, without its way of writing it: "Git-Commit_SHA" and "git.commitSha" are one. */
const plainKey = (key: string) => (key.split(".").at(-1) ?? key).toLowerCase().replaceAll(/[^a-z0-9]/g, "");

function detailsOf(custom: unknown): Map<string, string> {
  const found = new Map<string, string>();
  for (const line of flattenDetails(custom).split("\n")) {
    const at = line.indexOf(": ");
    // First one wins: what a tool writes at the top says more than what is nested.
    if (at > 0 && !line.startsWith(" "))
      found.set(plainKey(line.slice(0, at)), found.get(plainKey(line.slice(0, at))) ?? line.slice(at + 2).trim());
  }
  return found;
}

const SHA = /^[0-9a-f]{7,64}$/i;
const REPOSITORY = /^[\w.-]+\/[\w.-]+$/;
const isWebAddress = (href: string) => /^https?:\/\//i.test(href) && URL.canParse(href);

/** `https://github.com/owner/name/pull/12` → repository and number, on any host: GitHub Enterprise has the same paths. */
function pullRequestOf(href: string): { repository: string; number: number } | null {
  const [, owner, name, kind, number] = new URL(href).pathname.split("/");
  if (owner === undefined || name === undefined || kind !== "pull" || !/^\d+$/.test(number ?? "")) return null;
  return { repository: `${owner}/${name}`, number: Number(number) };
}

/** `…/owner/name/commit/<sha>` → repository and sha. */
function commitOf(href: string): { repository: string; sha: string } | null {
  const [, owner, name, kind, sha] = new URL(href).pathname.split("/");
  if (owner === undefined || name === undefined || kind !== "commit" || !SHA.test(sha ?? "")) return null;
  return { repository: `${owner}/${name}`, sha: sha ?? "" };
}

/**
 * PagerDuty's change event → the bot's. Senders put what they like into `custom_details`; commit, version, author and repository are taken
 * from the names that CI systems use, and from links to commits and pull requests.
 */
export function toChange(event: RestChangeEvent): PagerdutyChange {
  const title = event.summary ?? "(change without a summary)";
  const details = detailsOf(event.custom_details);
  const links = event.links.filter(({ href }) => href !== null && isWebAddress(href)).map(({ href, text }) => ({ href: href ?? "", text }));
  const pull = links.map(({ href }) => pullRequestOf(href)).find((found) => found !== null) ?? null;
  const pullLink = links.find(({ href }) => pullRequestOf(href) !== null);
  const commit = links.map(({ href }) => commitOf(href)).find((found) => found !== null) ?? null;
  const kindWords = `${title} ${detail(details, ["changetype", "kind", "eventtype", "type", "action"]) ?? ""}`;
  return {
    id: event.id,
    kind: changeKind(kindWords),
    at: event.timestamp,
    service: event.services.map(({ summary }) => summary).find((summary) => summary !== null) ?? null,
    title,
    sha:
      detail(
        details,
        ["sha", "commit", "commitsha", "gitsha", "gitcommit", "githash", "revision", "headsha", "commitid", "commithash"],
        SHA,
      ) ??
      commit?.sha ??
      null,
    previousSha: detail(
      details,
      ["previoussha", "previouscommit", "previousrevision", "oldsha", "oldcommit", "oldrevision", "basesha", "before"],
      SHA,
    ),
    version: detail(details, ["version", "releaseversion", "appversion", "tag", "imagetag", "release"]),
    repository:
      detail(details, ["repository", "repo", "repositoryname", "githubrepository"], REPOSITORY) ??
      pull?.repository ??
      commit?.repository ??
      null,
    author: detail(details, ["author", "user", "username", "actor", "deployer", "deployedby", "triggeredby", "committer"]),
    pullRequest:
      pull === null || pullLink === undefined
        ? null
        : { number: pull.number, title: pullLink.text ?? `#${pull.number}`, url: pullLink.href },
    files: null,
    link: links[0]?.href ?? null,
    pagerdutyServiceIds: event.services.flatMap(({ id }) => id ?? []),
    correlation: event.correlation_reason?.reason ?? null,
  };
}
