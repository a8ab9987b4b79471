import { type Context, Hono } from "hono";
import type { ReplayClock } from "../clock.ts";
import type { Json } from "../json.ts";
import { outsideUrl } from "../outside-url.ts";
import type { Recording } from "../recorded.ts";
import { webPage } from "../web-page.ts";
import {
  DAY_MS,
  deployJson,
  eventHead,
  eventIdOf,
  eventJson,
  inList,
  issueJson,
  numberOf,
  releaseJson,
  tagKeys,
  timeText,
  wholeProjectJson,
} from "./answers.ts";
import { issuesOf, projectSlug, releasesOf, type SentryIssue, type SentryRelease } from "./issues.ts";
import { instantOf, parseIssueQuery, periodMs, SearchError } from "./query.ts";

export interface SentryReplayOptions {
  readonly token: string;
  /** Slug of the organisation. */
  readonly organisation: string;
  readonly now?: () => number;
}

const MOST_PER_PAGE = 100;

const isWeb = (c: Context) => c.req.header("authorization") === undefined && c.req.header("accept")?.includes("text/html") === true;

/** An issue as it is by then: its events come at an even pace. */
function asOf(issue: SentryIssue, now: number): SentryIssue {
  const { firstSeen, lastSeen, count } = issue;
  return lastSeen <= now
    ? issue
    : { ...issue, lastSeen: now, count: Math.max(1, Math.round((count * (now - firstSeen)) / (lastSeen - firstSeen))) };
}

/** What is served. */
interface SentryData {
  readonly issues: readonly SentryIssue[];
  readonly releases: readonly SentryRelease[];
  readonly organisation: string;
  readonly now: () => number;
}

const missing = (c: Context) => c.json({ detail: "The requested resource does not exist" }, 404);
const wrong = (c: Context, detail: string) => c.json({ detail }, 400);

/** A page of a list with Sentry's Link header, which names a next page even where there is none. */
const paged = (c: Context, items: readonly unknown[], sizeKey: "limit" | "per_page") => {
  const size = Math.min(MOST_PER_PAGE, Math.max(1, Number(c.req.query(sizeKey) ?? (sizeKey === "limit" ? 25 : MOST_PER_PAGE)) || 25));
  const cursor = c.req.query("cursor");
  const offset = cursor === undefined ? 0 : /^-?\d+:(\d+):[01]$/.exec(cursor)?.[1];
  if (offset === undefined) return wrong(c, "Invalid cursor parameter.");
  const start = Number(offset);
  const link = (rel: string, at: number, results: boolean) => {
    const url = new URL(c.req.url);
    const to = `0:${at}:${rel === "previous" ? 1 : 0}`;
    url.searchParams.set("cursor", to);
    return `<${outsideUrl(c)}${url.pathname}${url.search}>; rel="${rel}"; results="${results}"; cursor="${to}"`;
  };
  c.header(
    "link",
    [link("previous", Math.max(0, start - size), start > 0), link("next", start + size, start + size < items.length)].join(", "),
  );
  return c.json(items.slice(start, start + size));
};

/** The time asked for, [from, to] in milliseconds. Sentry takes a period back from now, or a start with an end. */
const timesOf = (c: Context, now: number): { from: number; to: number } => {
  const [period, start, end] = [c.req.query("statsPeriod"), c.req.query("start"), c.req.query("end")];
  if (period !== undefined && period !== "") {
    const length = periodMs(period);
    if (length === null) throw new SearchError(`Invalid statsPeriod: ${JSON.stringify(period)}`);
    return { from: now - length, to: now };
  }
  if ((start === undefined) !== (end === undefined)) throw new SearchError("start and end are both required");
  if (start === undefined || end === undefined) return { from: now - 90 * DAY_MS, to: now };
  const times = { from: instantOf(start), to: instantOf(end) };
  if (times.from > times.to) throw new SearchError("start must be before end");
  return times;
};

const find = ({ issues }: SentryData, c: Context): SentryIssue | undefined =>
  issues.find(({ id, shortId }) => id === c.req.param("issue") || shortId === c.req.param("issue"));
const releaseOf = ({ releases, issues }: SentryData, version: string | null): Json | null => {
  const release = releases.find((one) => one.version === version);
  return release === undefined ? null : releaseJson(release, issues);
};

function issueRoutes(org: Hono, data: SentryData): void {
  const { organisation, now } = data;
  const shown = (c: Context, issue: SentryIssue) =>
    issueJson(issue, `${outsideUrl(c)}/organizations/${organisation}/issues/${issue.id}/`, now());
  org.get("/issues/", (c) => {
    const times = timesOf(c, now());
    const matches = parseIssueQuery(c.req.query("query") ?? "is:unresolved", now());
    const wanted = c.req.queries("project") ?? [];
    const sort = c.req.query("sort") ?? "date";
    const orders: Readonly<Record<string, (a: SentryIssue, b: SentryIssue) => number>> = {
      date: (a, b) => b.lastSeen - a.lastSeen,
      new: (a, b) => b.firstSeen - a.firstSeen,
      freq: (a, b) => b.count - a.count,
    };
    const order = orders[sort];
    if (order === undefined) return wrong(c, `Invalid sort: ${sort}; the replay knows ${Object.keys(orders).join(", ")}`);
    const found = data.issues
      .filter(({ firstSeen, lastSeen }) => lastSeen >= times.from && firstSeen <= times.to)
      .filter(
        ({ project }) =>
          wanted.length === 0 || wanted.includes("-1") || wanted.includes(String(numberOf(project))) || wanted.includes(project),
      )
      .filter(matches)
      .toSorted((a, b) => order(a, b) || a.shortId.localeCompare(b.shortId));
    return paged(
      c,
      found.map((issue) => ({ ...shown(c, issue), ...inList(issue) })),
      "limit",
    );
  });
  org.get("/issues/:issue/", (c) => {
    const issue = find(data, c);
    if (issue === undefined) return missing(c);
    return c.json({
      ...shown(c, issue),
      activity: [{ id: "0", type: "first_seen", user: null, data: {}, dateCreated: timeText(issue.firstSeen) }],
      seenBy: [],
      participants: [],
      pluginActions: [],
      pluginIssues: [],
      pluginContexts: [],
      userReportCount: 0,
      firstRelease: releaseOf(data, issue.release),
      lastRelease: releaseOf(data, issue.release),
      tags: tagKeys(issue).map(([key, values]) => ({ key, name: key, totalValues: values.reduce((sum, { count }) => sum + count, 0) })),
    });
  });
  org.get("/issues/:issue/events/", (c) => {
    const issue = find(data, c);
    if (issue === undefined) return missing(c);
    // Of each issue one event is known; its full form is the latest event.
    return paged(
      c,
      [
        {
          ...eventHead(issue),
          "event.type": "error",
          culprit: issue.culprit,
          crashFile: null,
          metadata: { type: issue.type, value: issue.value },
        },
      ],
      "per_page",
    );
  });
  org.get("/issues/:issue/events/:event/", (c) => {
    const issue = find(data, c);
    const known = issue !== undefined && ["latest", "oldest", "recommended", eventIdOf(issue)].includes(c.req.param("event"));
    return known ? c.json(eventJson(issue, releaseOf(data, issue.release))) : missing(c);
  });
  tagRoutes(org, data);
}

function tagRoutes(org: Hono, data: SentryData): void {
  const tagOf = (c: Context) => find(data, c)?.tags[c.req.param("key") ?? ""];
  org.get("/issues/:issue/tags/:key/", (c) => {
    const values = tagOf(c);
    const key = c.req.param("key");
    if (values === undefined || values.length === 0) return missing(c);
    const totalValues = values.reduce((sum, { count }) => sum + count, 0);
    return c.json({ key, name: key, totalValues, uniqueValues: values.length, topValues: tagValues(c) });
  });
  const tagValues = (c: Context): Json[] => {
    const issue = find(data, c);
    const key = c.req.param("key") ?? "";
    return (tagOf(c) ?? []).map(({ value, count }) => ({
      key,
      name: value,
      value,
      count,
      firstSeen: timeText(issue?.firstSeen ?? 0),
      lastSeen: timeText(issue?.lastSeen ?? 0),
    }));
  };
  org.get("/issues/:issue/tags/:key/values/", (c) => (tagOf(c) === undefined ? missing(c) : paged(c, tagValues(c), "per_page")));
}

function releaseRoutes(org: Hono, data: SentryData): void {
  org.get("/releases/", (c) => {
    const [query, wanted] = [c.req.query("query") ?? "", c.req.queries("project") ?? []];
    const found = data.releases
      .filter(({ version }) => version.includes(query))
      .filter(
        ({ projects: of }) => wanted.length === 0 || wanted.includes("-1") || of.some((slug) => wanted.includes(String(numberOf(slug)))),
      );
    return paged(
      c,
      found.map((release) => releaseJson(release, data.issues)),
      "per_page",
    );
  });
  org.get("/releases/:version/", (c) => {
    const release = releaseOf(data, c.req.param("version"));
    return release === null ? missing(c) : c.json(release);
  });
  org.get("/releases/:version/deploys/", (c) => {
    const release = data.releases.find(({ version }) => version === c.req.param("version"));
    return release === undefined ? missing(c) : paged(c, release.deploys.map(deployJson), "per_page");
  });
}

/**
 * Sentry's web API for one recording: issues (its own, or made of its error lines), releases and deploys.
 * Source of shapes, paging and errors: Sentry's OpenAPI document and docs.sentry.io/api.
 */
export function createSentryReplay(recording: Recording, clock: ReplayClock, options: SentryReplayOptions): Hono {
  const { token, organisation, now = Date.now } = options;
  const empty = recording.access["sentry"]?.kind === "empty";
  const issues = empty ? [] : issuesOf(recording, clock);
  const releases = empty ? [] : releasesOf(recording, clock, issues);
  const projects = [
    ...new Set([
      projectSlug(recording.incident.entryService),
      ...recording.incident.services.map(projectSlug),
      ...issues.map(({ project }) => project),
    ]),
  ].toSorted();
  // What is recorded of the time to come does not exist yet.
  const context: SentryData = {
    ...{ organisation, now },
    get issues() {
      return issues.filter(({ firstSeen }) => firstSeen <= now()).map((issue) => asOf(issue, now()));
    },
    get releases() {
      return releases.filter(({ createdAt }) => createdAt <= now());
    },
  };

  const app = new Hono({ strict: true });
  app.use("/api/*", async (c, next) => {
    const given = c.req.header("authorization");
    if (given === undefined) return c.json({ detail: "Authentication credentials were not provided." }, 401);
    if (given !== `Bearer ${token}`) return c.json({ detail: "Invalid token" }, 401);
    const url = new URL(c.req.url);
    if (url.pathname.endsWith("/")) return next();
    // As Sentry does: a read is sent on to the path with a slash, anything else is not there.
    return c.req.method === "GET" ? c.redirect(`${outsideUrl(c)}${url.pathname}/${url.search}`, 301) : missing(c);
  });
  app.onError((error, c) => {
    if (error instanceof SearchError) return wrong(c, error.message);
    throw error;
  });

  const organisationJson = { id: "1", slug: organisation, name: organisation, status: { id: "active", name: "active" } };
  // Of an internal integration: a user that belongs to nobody.
  app.get("/api/0/", (c) => c.json({ version: "0", auth: { scopes: ["event:read", "org:read", "project:read"] }, user: null }));
  app.get("/api/0/organizations/", (c) => paged(c, [organisationJson], "per_page"));
  const org = new Hono({ strict: true });
  org.get("/", (c) => c.json(organisationJson));
  org.get("/projects/", (c) => paged(c, projects.map(wholeProjectJson), "per_page"));
  issueRoutes(org, context);
  releaseRoutes(org, context);
  app.route(`/api/0/organizations/${organisation}`, org);

  // What a permalink opens in a browser.
  app.get(`/organizations/${organisation}/issues/:issue/`, (c) => {
    const issue = find(context, c);
    if (issue === undefined || !isWeb(c)) return missing(c);
    const frames = issue.frames
      .toReversed()
      .map((frame) => `  at ${frame.function ?? "?"} (${frame.filename ?? "?"}:${frame.lineno ?? "?"})`);
    return c.html(
      webPage({
        title: issue.title,
        about: `${issue.shortId}, ${issue.level}, ${issue.count} events, ${timeText(issue.firstSeen)} to ${timeText(issue.lastSeen)}`,
        text: [issue.culprit, ...frames].join("\n"),
        files: [],
      }),
    );
  });
  app.notFound(missing);
  return app;
}
