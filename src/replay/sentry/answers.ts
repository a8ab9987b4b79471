import { createHash } from "node:crypto";
import type { Json } from "../json.ts";
import type { SentryIssue, SentryRelease } from "./issues.ts";

/** Products of Sentry that a project may use; these use none but errors. */
const projectFeatures = [
  "hasFeedbacks",
  "hasFlags",
  "hasInsightsAgentMonitoring",
  "hasInsightsAppStart",
  "hasInsightsAssets",
  "hasInsightsCaches",
  "hasInsightsDb",
  "hasInsightsHttp",
  "hasInsightsMCP",
  "hasInsightsQueues",
  "hasInsightsScreenLoad",
  "hasInsightsVitals",
  "hasLogs",
  "hasMinifiedStackTrace",
  "hasMonitors",
  "hasNewFeedbacks",
  "hasProfiles",
  "hasReplays",
  "hasSessions",
  "hasTraceMetrics",
  "hasUserReports",
] as const;

const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

export const timeText = (at: number): string => new Date(at).toISOString();
export const numberOf = (slug: string): number => Number.parseInt(createHash("sha256").update(slug).digest("hex").slice(0, 7), 16);
export const eventIdOf = (issue: SentryIssue): string => createHash("md5").update(`event ${issue.shortId}`).digest("hex");
const platformOf = (issue: SentryIssue): string => {
  const file = issue.frames.at(-1)?.filename ?? "";
  const byEnding = { java: "java", py: "python", js: "javascript", ts: "javascript", go: "go", rb: "ruby" };
  return byEnding[(file.split(".").at(-1) ?? "") as keyof typeof byEnding] ?? "other";
};
const projectJson = (slug: string): Json => ({ id: String(numberOf(slug)), name: slug, slug, platform: null });

export const wholeProjectJson = (slug: string): Json => ({
  ...projectJson(slug),
  platforms: [],
  access: ["project:read", "event:read"],
  dateCreated: "2020-01-01T00:00:00Z",
  environments: ["production"],
  features: [],
  firstEvent: null,
  firstTransactionEvent: false,
  hasAccess: true,
  isBookmarked: false,
  isMember: true,
  latestRelease: null,
  team: null,
  teams: [],
  ...Object.fromEntries(projectFeatures.map((feature) => [feature, false])),
});

/** What a list adds to an issue. */
export const inList = (issue: SentryIssue): Json => ({
  sessionCount: 0,
  integrationIssues: [],
  sentryAppIssues: [],
  matchingEventId: null,
  matchingEventEnvironment: null,
  latestEventHasAttachments: false,
  inbox: { reason: 0, reason_details: null, date_added: timeText(issue.firstSeen) },
  owners: { type: "ownershipRule", owner: "team:1", date_added: timeText(issue.firstSeen) },
  derivedData: {
    blocker: "none",
    progress: "none",
    status: "open",
    viewCount: 0,
    hasOpenFixPr: false,
    isAssigned: false,
    hasRootCause: false,
    lastCompletedAutofixStep: "none",
    lastProgressedAt: null,
  },
});

/** @param permalink where a person sees it */
export const issueJson = (issue: SentryIssue, permalink: string, now: number): Json => {
  const lastHour = Math.floor(now / HOUR_MS);
  const stats = Array.from({ length: 24 }, (_none, index) => {
    const hour = lastHour - 23 + index;
    return [hour * 3600, Math.floor(issue.lastSeen / HOUR_MS) === hour ? issue.count : 0];
  });
  return {
    id: issue.id,
    shareId: null,
    shortId: issue.shortId,
    title: issue.title,
    culprit: issue.culprit,
    permalink,
    logger: null,
    level: issue.level,
    status: "unresolved",
    statusDetails: {},
    substatus: now - issue.firstSeen < 7 * DAY_MS ? "new" : "ongoing",
    isPublic: false,
    platform: platformOf(issue),
    priority: issue.level === "fatal" ? "high" : "medium",
    priorityLockedAt: null,
    seerFixabilityScore: null,
    seerAutofixLastTriggered: null,
    seerExplorerAutofixLastTriggered: null,
    project: { ...projectJson(issue.project), platform: platformOf(issue) },
    type: "error",
    issueType: "error",
    issueCategory: "error",
    metadata: {
      type: issue.type,
      value: issue.value,
      filename: issue.frames.at(-1)?.filename ?? "",
      function: issue.frames.at(-1)?.function ?? "",
    },
    numComments: 0,
    assignedTo: null,
    isBookmarked: false,
    isSubscribed: false,
    subscriptionDetails: null,
    hasSeen: false,
    annotations: [],
    isUnhandled: true,
    count: String(issue.count),
    userCount: 0,
    firstSeen: timeText(issue.firstSeen),
    lastSeen: timeText(issue.lastSeen),
    stats: { "24h": stats },
    lifetime: {
      count: String(issue.count),
      userCount: 0,
      firstSeen: timeText(issue.firstSeen),
      lastSeen: timeText(issue.lastSeen),
      stats: null,
    },
    filtered: null,
  };
};

export const tagKeys = (issue: SentryIssue) => Object.entries(issue.tags).filter(([, values]) => values.length > 0);

/** What an event shows in lists and by itself. */
export const eventHead = (issue: SentryIssue): Json => ({
  id: eventIdOf(issue),
  groupID: issue.id,
  eventID: eventIdOf(issue),
  projectID: String(numberOf(issue.project)),
  message: "",
  title: issue.title,
  location: issue.frames.at(-1)?.filename ?? null,
  user: null,
  tags: tagKeys(issue).map(([key, values]) => ({ key, value: values[0]?.value ?? "" })),
  platform: platformOf(issue),
  dateCreated: timeText(issue.lastSeen),
});
export const eventJson = (issue: SentryIssue, release: Json | null): Json => ({
  ...eventHead(issue),
  dateReceived: timeText(issue.lastSeen),
  contexts: {},
  size: null,
  entries: [
    {
      type: "exception",
      data: {
        values: [
          {
            type: issue.type,
            value: issue.value,
            module: null,
            mechanism: null,
            threadId: null,
            rawStacktrace: null,
            stacktrace:
              issue.frames.length === 0
                ? null
                : {
                    frames: issue.frames.map((frame) => ({
                      filename: frame.filename,
                      absPath: frame.filename,
                      module: null,
                      package: null,
                      platform: null,
                      function: frame.function,
                      lineNo: frame.lineno,
                      colNo: null,
                      inApp: frame.inApp,
                      context: [],
                      vars: null,
                    })),
                    framesOmitted: null,
                    registers: null,
                    hasSystemFrames: issue.frames.some(({ inApp }) => !inApp),
                  },
          },
        ],
        hasSystemFrames: issue.frames.some(({ inApp }) => !inApp),
        excOmitted: null,
      },
    },
  ],
  dist: null,
  sdk: null,
  context: {},
  packages: {},
  type: "error",
  metadata: { type: issue.type, value: issue.value },
  errors: [],
  occurrence: null,
  _meta: {},
  crashFile: null,
  culprit: issue.culprit,
  fingerprints: [createHash("md5").update(issue.shortId).digest("hex")],
  groupingConfig: { id: "newstyle:2023-01-11", enhancements: "" },
  release,
  userReport: null,
  sdkUpdates: [],
  resolvedWith: [],
  nextEventID: null,
  previousEventID: null,
});

export const releaseJson = (release: SentryRelease, issues: readonly SentryIssue[]): Json => {
  const [latest] = release.deploys;
  return {
    id: numberOf(release.version),
    version: release.version,
    shortVersion: release.version.slice(0, 12),
    status: "open",
    versionInfo: null,
    ref: release.sha,
    url: null,
    dateReleased: latest === undefined ? null : timeText(latest.at),
    dateCreated: timeText(release.createdAt),
    dateStarted: null,
    data: {},
    newGroups: issues.filter((issue) => issue.release === release.version).length,
    owner: null,
    commitCount: release.sha === null ? 0 : 1,
    lastCommit: release.sha === null ? null : { id: release.sha },
    deployCount: release.deploys.length,
    lastDeploy: latest === undefined ? null : deployJson(latest),
    authors: [],
    projects: release.projects.map((slug) => ({
      ...projectJson(slug),
      id: numberOf(slug),
      newGroups: 0,
      platforms: [],
      hasHealthData: false,
    })),
    firstEvent: null,
    lastEvent: null,
    currentProjectMeta: null,
    userAgent: null,
    adoptionStages: null,
  };
};

export const deployJson = (deploy: SentryRelease["deploys"][number]): Json => ({
  id: deploy.id,
  environment: deploy.environment,
  dateStarted: null,
  dateFinished: timeText(deploy.at),
  name: `Deploy ${deploy.id}`,
  url: null,
});
