import type { Unnumbered } from "../../incident/answer.ts";
import type { ChangeEvent, ChangeKind, PlatformEvent } from "../../incident/telemetry.ts";
import { fieldAt, tagValue, textAt } from "./field.ts";

/** A Datadog event with its fields found, before it is known to be a change or not. */
export interface DatadogEvent {
  readonly id: string | null;
  readonly at: number;
  /** Lower case, words joined by `_`. */
  readonly source: string;
  readonly service: string | null;
  readonly instance: string | null;
  readonly severity: PlatformEvent["severity"];
  readonly title: string;
  readonly text: string;
  readonly tags: readonly string[];
  /** What the event holds beside title and text. */
  readonly attributes: unknown;
}

/** Tools and integrations that post an event when they have changed something. Names as Datadog's integrations and common scripts use them. */
const kindOfSource: ReadonlyMap<string, ChangeKind> = new Map(
  (
    [
      ["deploy", "deploy deploys deployment deployments deployer release releases rollout rollouts argocd argo_cd argo argo_rollouts"],
      [
        "deploy",
        "flux fluxcd spinnaker harness octopus octopus_deploy codedeploy aws_codedeploy helm capistrano samson ecs_deploy kayenta",
      ],
      ["flag", "launchdarkly split split_io flagsmith unleash statsig configcat growthbook optimizely eppo devcycle cloudbees_fm"],
      ["flag", "feature_flag feature_flags feature_flagging feature_flag_tracking featureflag featureflags flag flags"],
      ["config", "config configs configuration config_change configuration_change appconfig aws_appconfig terraform pulumi"],
      ["migration", "migration migrations flyway liquibase alembic"],
      ["other", "change changes change_tracking change_event"],
    ] as const
  ).flatMap(([kind, names]) => names.split(" ").map((name) => [name, kind] as const)),
);

/** Sources that report states of the platform or of monitors, in words that may sound like a change. */
const reportsOnly = new Set(["alert", "monitor", "monitors", "watchdog", "pagerduty", "opsgenie", "sentry", "synthetics"]);

const rollback = /\broll(?:ed|ing|s)?[\s-]?back|\brollbacks?\b|\brevert(?:ed|ing|s)?\b/i;
const deployVerb =
  /\b(?:re-?)?deploy(?:ed|ing|s)\b|\bdeployment\s+(?:of|to|started|finished|succeeded|successful|completed?|created|updated)\b|\brolled\s+out\b|\brolling\s+(?:out|update)\b|\brollout\s+(?:of|to|started|finished|succeeded|completed?)\b|\b(?:released|promoted|shipped)\b.*\b(?:to|in)\s+\w+|\bimage\s+(?:was\s+)?(?:updated|changed)\b|\bnew\s+(?:version|release)\b.*\b(?:live|running|deployed)\b|\bsync(?:ed)?\s+(?:to|succeeded|operation\b.*\bsucceeded)/i;
const flagWords =
  /\b(?:feature[\s-]?flags?|flag|feature\s+toggle|toggle|kill[\s-]?switch)\b.*\b(?:turned|enabled|disabled|on|off|changed|updated|flipped|toggled|rolled\s+out|targeting|set)\b|\b(?:turned|enabled|disabled|changed|updated|flipped|toggled)\b.*\b(?:feature[\s-]?flag|flag|feature\s+toggle|kill[\s-]?switch)\b/i;
const configWords =
  /\b(?:config(?:uration|map)?s?|settings?|secrets?|environment\s+variables?|env\s+vars?|parameter\s+group)\b.*\b(?:changed|updated|applied|rolled\s+out|reloaded|modified|rotated|edited|replaced|deployed|set\s+to)\b|\b(?:changed|updated|applied|modified|rotated|edited|replaced)\b.*\b(?:config(?:uration|map)?s?|settings?|secrets?|environment\s+variables?|parameter\s+group)\b/i;
const migrationWords =
  /\bmigrations?\b.*\b(?:ran|run|applied|executed|completed?|finished|started|succeeded)\b|\b(?:ran|applied|executed)\b.*\bmigrations?\b/i;
/** States that deploy tools report beside what they do: consequences of a change, or none at all. */
const stateWords = /\b(?:degraded|unhealthy|unavailable|stalled|stuck|progress\s*deadline|back-?off|out\s+of\s+sync|outofsync|drift)\b/i;

function kindInWords(words: string): ChangeKind | null {
  if (flagWords.test(words)) return "flag";
  if (migrationWords.test(words)) return "migration";
  if (configWords.test(words)) return "config";
  if (rollback.test(words)) return "rollback";
  return deployVerb.test(words) ? "deploy" : null;
}

/** Datadog's own change events name the thing that changed. */
function kindOfResource(attributes: unknown): ChangeKind | null {
  const type = textAt(attributes, "changed_resource.type");
  if (type !== null) return type === "feature_flag" ? "flag" : type === "configuration" ? "config" : "other";
  return textAt(attributes, "evt.category") === "change" ? "other" : null;
}

/**
 * The kind of change in an event; null if there is none. Most certain sign first: Datadog's change events, then tags that say
 * so, then the source, then the words of the title.
 */
function changeKindOf(event: DatadogEvent): ChangeKind | null {
  // Titles come from outside: none is read further than a title goes.
  const words = event.title.slice(0, 500);
  const resource = kindOfResource(event.attributes);
  if (resource !== null) return resource === "other" ? (kindInWords(words) ?? "other") : resource;
  const tagged = tagValue(event.tags, "event_type", "change_type", "event.type")?.toLowerCase() ?? "";
  if (/^(?:deploy|deployment|release)/.test(tagged)) return rollback.test(words) ? "rollback" : "deploy";
  if (/^rollback/.test(tagged)) return "rollback";
  if (/^(?:feature_?flag|flag)/.test(tagged)) return "flag";
  if (/^config/.test(tagged)) return "config";
  if (reportsOnly.has(event.source) || /^\s*\[(?:triggered|re-triggered|recovered|warn|no data)/i.test(words)) return null;
  if (stateWords.test(words)) return null;
  const source = kindOfSource.get(event.source);
  if (source === "deploy") return rollback.test(words) ? "rollback" : "deploy";
  if (source === "other") return kindInWords(words) ?? "other";
  return source ?? kindInWords(words);
}

const shaKeys = ["git.commit.sha", "git_commit_sha", "commit_sha", "git_sha", "commit", "sha", "revision", "git_revision"];
const versionKeys = ["version", "release", "image_tag", "build", "tag"];

const isFullSha = (text: string | null): text is string => text !== null && /^[0-9a-f]{40}$/i.test(text);

/** `owner/name` out of a URL, an SSH address or the plain words. */
function repositoryOf(text: string | null): string | null {
  const match = text === null ? null : /(?:^|[/:])([\w.-]+)\/([\w.-]+?)(?:\.git)?\/?$/.exec(text.trim());
  return match === null ? null : `${match[1]}/${match[2]}`;
}

function servicesImpacted(attributes: unknown): string | null {
  const resources = fieldAt(attributes, "impacted_resources");
  const first: unknown = Array.isArray(resources) ? resources.find((one) => textAt(one, "type") === "service") : null;
  return textAt(first, "name");
}

/** The event as a change, or null when it is none. @param link page of the event */
export function toChange(event: DatadogEvent, link: string | null): Unnumbered<ChangeEvent> | null {
  const kind = changeKindOf(event);
  if (kind === null) return null;
  const { tags, attributes } = event;
  const of = (...keys: readonly string[]) =>
    tagValue(tags, ...keys) ?? textAt(attributes, ...keys) ?? textAt(fieldAt(attributes, "change_metadata"), ...keys);
  const commit = of(...shaKeys);
  const inWords = /\b[0-9a-f]{40}\b/i.exec(`${event.title}\n${event.text}`)?.[0] ?? null;
  const sha = isFullSha(commit) ? commit : inWords;
  const before = of("previous_sha", "previous_commit", "previous_revision", "prev_sha");
  return {
    kind,
    at: event.at,
    service: event.service ?? servicesImpacted(attributes),
    title: event.title,
    sha: sha?.toLowerCase() ?? null,
    previousSha: isFullSha(before) ? before.toLowerCase() : null,
    // A short commit names a version well enough for people, but not for a revert.
    version: of(...versionKeys) ?? (sha === null ? commit : null),
    repository: repositoryOf(of("git.repository_url", "git.repository.id", "repository_url", "repository", "repo")),
    author: textAt(attributes, "author.name") ?? of("author", "deployed_by", "deployer", "user", "git.commit.author.name"),
    pullRequest: null,
    files: null,
    link,
  };
}
