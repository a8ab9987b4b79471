import type { IntegrationName } from "../guard/errors.ts";
import type { ReplayClock } from "./clock.ts";
import type { GithubReplay, OpenedPullRequest } from "./github/app.ts";
import type { PagerdutyReplay } from "./pagerduty/app.ts";
import type { Delivery, PageEvent } from "./pagerduty/webhook.ts";
import type { Recording } from "./recorded.ts";
import type { SlackMessage, SlackReplay } from "./slack/app.ts";
import type { SlackInbound } from "./slack/inbound.ts";

/** One call that a client made. */
export interface ReplayRequest {
  readonly at: number;
  readonly vendor: IntegrationName;
  readonly method: string;
  /** With its query string. */
  readonly path: string;
  /** null while it is not answered, and for ever when it never was. */
  readonly status: number | null;
  /** When the answer began to leave, epoch milliseconds; null like `status`. */
  readonly endedAt: number | null;
}

/** One recorded incident, served as five vendors (and, where it has one, a database) on loopback. */
export interface Replay extends AsyncDisposable {
  /** The replay's own server: `/_replay` lists what it can do. */
  readonly url: string;
  readonly recording: Recording;
  readonly clock: ReplayClock;
  /** What a client needs to reach it, by the names of its settings. */
  readonly settings: Readonly<Record<ReplaySetting, string>> & { readonly DATABASES?: string };
  /** `owner/name` of the system's code. */
  readonly repository: string;
  /** Every call so far, oldest first. */
  readonly requests: readonly ReplayRequest[];
  /** Sends the page's webhook, or one after the other all of a case that has several. Sending again repeats the same events. */
  page(webhookUrl: string): Promise<readonly Delivery[]>;
  /** Sends another event of a page: acknowledged, resolved, annotated. */
  deliver(webhookUrl: string, event: PageEvent, page?: number): Promise<Delivery>;
  /** Messages of the incidents' channel in order, each with everything it ever said. */
  messages(): readonly SlackMessage[];
  /** Pull requests opened since the start, with their files whole. */
  pullRequests(): Promise<readonly OpenedPullRequest[]>;
  /** What people do on GitHub, and the end of all checks that were begun. */
  readonly github: Pick<GithubReplay, "people" | "checksDone">;
  readonly slack: Pick<
    SlackReplay,
    | "channelId"
    | "channelName"
    | "userIds"
    | "say"
    | "whispers"
    | "views"
    | "canvases"
    | "channels"
    | "make"
    | "invite"
    | "submitted"
    | "file"
  > & { readonly inbound: SlackInbound };
  readonly pagerduty: Pick<PagerdutyReplay, "incidentIds" | "notes" | "event">;
  close(): Promise<void>;
}

export type ReplaySetting =
  | "PAGERDUTY_WEBHOOK_SECRET"
  | "PAGERDUTY_API_TOKEN"
  | "PAGERDUTY_API_URL"
  | "DD_API_KEY"
  | "DD_APP_KEY"
  | "DD_API_URL"
  | "SENTRY_AUTH_TOKEN"
  | "SENTRY_ORG"
  | "SENTRY_API_URL"
  | "GITHUB_TOKEN"
  | "GITHUB_API_URL"
  | "SLACK_BOT_TOKEN"
  | "SLACK_SIGNING_SECRET"
  | "SLACK_API_URL"
  | "CATALOG_PATH";
