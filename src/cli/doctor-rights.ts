import type { DatadogClient } from "../integrations/datadog/client.ts";
import type { KeyOwner } from "../integrations/pagerduty/client.ts";
import type { SentryClient } from "../integrations/sentry/client.ts";
import { scopesBeyondNeed } from "../integrations/slack/scopes.ts";
import type { Check } from "./doctor-check.ts";

/** What a credential could do that midwatch never does. */
export interface Excess {
  /** Changes something. */
  readonly writes: readonly string[];
  readonly reads: readonly string[];
}

/**
 * One line for what could be changed (a problem) and one for what could be read (a warning).
 * @param who "the token has scopes", "the role"
 * @param todo what to do about it, a sentence
 */
export function excessChecks(name: string, who: string, { writes, reads }: Excess, todo: string): Check[] {
  return [
    ...(writes.length === 0
      ? []
      : [
          {
            name,
            state: "problem",
            detail: `${who} that midwatch never needs and that can change things: ${writes.join(", ")}. ${todo}`,
          } as const,
        ]),
    ...(reads.length === 0
      ? []
      : [{ name, state: "warning", detail: `${who} that midwatch never needs: ${reads.join(", ")}. ${todo}` } as const]),
  ];
}

/** The same of a role in a database. @param than "than midwatch needs" */
export function roleChecks(name: string, { writes, reads }: Excess, than: string, where: string): Check[] {
  const line = (state: Check["state"], can: string, words: readonly string[]): Check[] =>
    words.length === 0 ? [] : [{ name, state, detail: `the role can ${can}: it ${words.join("; it ")}. Take that away (${where})` }];
  return [...line("problem", "change things, and midwatch only reads", writes), ...line("warning", `do more ${than}`, reads)];
}

/** What is unknown about a credential, and where a person can look. */
const untold = (name: string, detail: string): Check => ({ name, state: "ok", detail });

export const slackRights = (scopes: readonly string[] | null): Check[] =>
  scopes === null || scopes.length === 0
    ? [untold("Slack", "Slack did not report what the token can do: compare its scopes with docs/slack-manifest.yaml")]
    : excessChecks(
        "Slack",
        "the token has scopes",
        scopesBeyondNeed(scopes),
        "Take them away under OAuth & Permissions, and install the app again",
      );

/** Roles of PagerDuty whose people change no incident. */
const READING_ROLES: readonly (string | null)[] = ["read_only_user", "read_only_limited_user"];
/** Those who change none, but in teams that give them another role. */
const TEAM_ROLES: readonly (string | null)[] = ["observer", "restricted_access"];

/** PagerDuty reports a user's role, but not whether a key is read-only. Only an attempt to write would show that, and we make none. */
export function pagerdutyRights(owner: KeyOwner): Check {
  const name = "PagerDuty";
  if (owner.kind === "account")
    return untold(
      name,
      "account key; PagerDuty does not tell whether it is read-only: see that Integrations → API Access Keys says so of it",
    );
  const of = `key of ${owner.name} (${owner.role ?? "unknown role"})`;
  if (READING_ROLES.includes(owner.role)) return untold(name, of);
  const better = "Make an account key with Read-only API Key checked (docs/setup.md#pagerduty)";
  if (TEAM_ROLES.includes(owner.role))
    return { name, state: "warning", detail: `${of}: PagerDuty does not tell whether a team lets that person change incidents. ${better}` };
  return {
    name,
    state: "problem",
    detail: `${of}: a user's key can change whatever that person can, incidents among it, and midwatch only reads. ${better}`,
  };
}

export async function datadogRights(datadog: DatadogClient, signal: AbortSignal): Promise<Check[]> {
  const rights = await datadog.keyRights(signal);
  const name = "Datadog";
  const todo = "Give DD_APP_KEY the scopes of docs/setup.md#datadog alone";
  switch (rights.state) {
    case "untold":
      return [
        untold(
          name,
          `Datadog shows the scopes of DD_APP_KEY only to keys that can manage keys (${rights.because}): compare them with docs/setup.md#datadog`,
        ),
      ];
    case "unscoped":
      return [{ name, state: "problem", detail: `DD_APP_KEY has no scopes, so it can change whatever its owner can. ${todo}` }];
    case "scoped":
      return excessChecks(name, "DD_APP_KEY has scopes", rights.excess, todo);
  }
}

export async function sentryRights(sentry: SentryClient, signal: AbortSignal): Promise<Check[]> {
  const excess = await sentry.tokenRights(signal);
  const name = "Sentry";
  return excess === null
    ? [untold(name, "Sentry did not report what SENTRY_AUTH_TOKEN can do: compare its permissions with docs/setup.md#sentry")]
    : excessChecks(name, "the token has scopes", excess, "Make one with the permissions of docs/setup.md#sentry alone");
}
