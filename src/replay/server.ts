import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Hono, type MiddlewareHandler } from "hono";
import type { IntegrationName } from "../guard/errors.ts";
import type { Fetch } from "../guard/outgoing.ts";
import { catalogText } from "./catalog-file.ts";
import { replayClock } from "./clock.ts";
import { type ConditionsOptions, createConditions } from "./conditions.ts";
import { createControl } from "./control.ts";
import { createDatadogReplay } from "./datadog/datadog-replay.ts";
import { createGithubReplay, repositoryOf } from "./github/app.ts";
import { listen } from "./listen.ts";
import { startPostgresReplay } from "./postgres/postgres-replay.ts";
import { createPagerdutyReplay } from "./pagerduty/app.ts";
import type { Delivery } from "./pagerduty/webhook.ts";
import { loadRecording } from "./recording.ts";
import type { Replay, ReplayRequest } from "./replay.ts";
import { createSentryReplay } from "./sentry/app.ts";
import { createSlackReplay } from "./slack/app.ts";
import { createSlackInbound } from "./slack/inbound.ts";

export type { Replay } from "./replay.ts";

const ORGANISATION = "acme";

/** What the replayed vendors accept. They guard nothing: the replay listens on loopback and holds a recording. */
const credentials = {
  webhookSecret: "replay-pagerduty-webhook-secret",
  pagerduty: "replay-pagerduty-token",
  datadogApi: "replay-datadog-api-key",
  datadogApp: "replay-datadog-app-key",
  sentry: "replay-sentry-token",
  github: "replay-github-token",
  slackBot: "xoxb-replay-slack-bot",
  slackSigning: "replay-slack-signing-secret",
} as const;

export interface ReplayOptions extends Pick<ConditionsOptions, "latencyMs" | "rateLimits" | "faults"> {
  /** Folder of one recorded incident. */
  readonly folder: string;
  /** First of six ports in a row: control, PagerDuty, Datadog, Sentry, GitHub, Slack. Default: any six that are free. */
  readonly port?: number;
  readonly now?: () => number;
  /** Instant of the recording that is now when the replay starts; what comes after it happens as time passes. Default: the recording's end. */
  readonly startsAt?: number;
  /** Runs the checks of `repository/ci.json` for pushed commits: code of the recording, and what was pushed, on this machine. Default false. */
  readonly ci?: boolean;
  /** With which webhooks are sent. */
  readonly fetch?: Fetch;
}

type Noted = { -readonly [K in keyof ReplayRequest]: ReplayRequest[K] };

/** A vendor as clients meet it: under the replay's conditions, with every call noted. */
function underConditions(
  vendor: IntegrationName,
  vendorApp: Hono,
  conditions: MiddlewareHandler,
  requests: Noted[],
  now: () => number,
): Hono {
  const app = new Hono();
  app.use(async (c, next) => {
    const url = new URL(c.req.url);
    const entry: Noted = { at: now(), vendor, method: c.req.method, path: url.pathname + url.search, status: null, endedAt: null };
    requests.push(entry);
    await next();
    if (c.req.raw.signal.aborted) return;
    entry.status = c.res.status;
    entry.endedAt = now();
  });
  app.use(conditions);
  app.route("/", vendorApp);
  return app;
}

/**
 * Serves one recorded incident. As a rule the end of the recording is now: a client on the real clock sees an incident that just happened.
 * @throws RecordingError when the folder can't be read; an Error of the system when a port is taken
 */
export async function startReplay(options: ReplayOptions): Promise<Replay> {
  const { folder, port, now = Date.now, ci = false, fetch: send = fetch } = options;
  const recording = await loadRecording(folder);
  const clock = replayClock(options.startsAt ?? recording.incident.window.to, now());
  const conditions = createConditions({ ...options, access: recording.access, now });
  const repository = repositoryOf(recording);
  const requests: Noted[] = [];
  const closers: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const closer of closers.splice(0).toReversed()) await closer();
  };

  const under = (vendor: IntegrationName, vendorApp: Hono) => underConditions(vendor, vendorApp, conditions(vendor), requests, now);
  const start = async (app: Hono, index: number): Promise<string> => {
    const server = await listen(app, port === undefined ? 0 : port + index);
    closers.push(() => server.close());
    return server.url;
  };

  try {
    // A database takes a second to start, so it starts first; most recordings have none.
    const starting = startPostgresReplay(recording);
    closers.push(async () => (await starting.catch(() => null))?.close());
    const [github, slack, postgres] = await Promise.all([
      createGithubReplay(recording, clock, { token: credentials.github, repository, ci, now }),
      createSlackReplay({ botToken: credentials.slackBot, now }),
      starting,
    ]);
    closers.push(
      () => github.close(),
      () => slack.close(),
    );
    const githubUrl = await start(under("github", github.app), 4);
    const datadog = createDatadogReplay(recording, clock, {
      apiKey: credentials.datadogApi,
      appKey: credentials.datadogApp,
      repositoryUrl: () => `${githubUrl}/${repository}`,
      now,
    });
    const sentry = createSentryReplay(recording, clock, { token: credentials.sentry, organisation: ORGANISATION, now });
    const pagerduty = createPagerdutyReplay(recording, clock, {
      token: credentials.pagerduty,
      webhookSecret: credentials.webhookSecret,
      repository,
      commitUrl: (sha) => `${githubUrl}/${repository}/commit/${sha}`,
      now,
      fetch: send,
    });
    const [pagerdutyUrl, datadogUrl, sentryUrl, slackUrl] = await Promise.all([
      start(under("pagerduty", pagerduty.app), 1),
      start(under("datadog", datadog), 2),
      start(under("sentry", sentry), 3),
      start(under("slack", slack.app), 5),
    ]);
    const home = await mkdtemp(join(tmpdir(), "midwatch-replay-"));
    closers.push(() => rm(home, { recursive: true, force: true }));
    const catalogPath = join(home, "catalog.yaml");
    await writeFile(catalogPath, catalogText(recording, { repository, slackChannel: slack.channelName, database: postgres }));

    const running: Omit<Replay, "url" | typeof Symbol.asyncDispose> = {
      recording,
      clock,
      repository,
      requests,
      settings: {
        PAGERDUTY_WEBHOOK_SECRET: credentials.webhookSecret,
        PAGERDUTY_API_TOKEN: credentials.pagerduty,
        PAGERDUTY_API_URL: pagerdutyUrl,
        DD_API_KEY: credentials.datadogApi,
        DD_APP_KEY: credentials.datadogApp,
        DD_API_URL: datadogUrl,
        SENTRY_AUTH_TOKEN: credentials.sentry,
        SENTRY_ORG: ORGANISATION,
        SENTRY_API_URL: sentryUrl,
        GITHUB_TOKEN: credentials.github,
        GITHUB_API_URL: githubUrl,
        SLACK_BOT_TOKEN: credentials.slackBot,
        SLACK_SIGNING_SECRET: credentials.slackSigning,
        SLACK_API_URL: `${slackUrl}/api`,
        CATALOG_PATH: catalogPath,
        ...(postgres === null || postgres.url === null ? {} : { DATABASES: `${postgres.database}=${postgres.url}` }),
      },
      page: async (webhookUrl) => {
        const deliveries: Delivery[] = [];
        for (const [index] of recording.pages.entries())
          deliveries.push(await pagerduty.deliver(webhookUrl, pagerdutyUrl, { kind: "triggered" }, index));
        return deliveries;
      },
      deliver: (webhookUrl, event, page = 0) => pagerduty.deliver(webhookUrl, pagerdutyUrl, event, page),
      messages: () => slack.messages(),
      pullRequests: () => github.pullRequests(),
      github,
      slack: {
        channelId: slack.channelId,
        channelName: slack.channelName,
        userIds: slack.userIds,
        say: slack.say,
        whispers: slack.whispers,
        views: slack.views,
        canvases: slack.canvases,
        channels: slack.channels,
        make: slack.make,
        invite: slack.invite,
        submitted: slack.submitted,
        file: slack.file,
        inbound: createSlackInbound({ signingSecret: credentials.slackSigning, fetch: send, now, trigger: slack.trigger }),
      },
      pagerduty,
      close,
    };
    const url = await start(createControl(running), 0);
    return { ...running, url, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}
