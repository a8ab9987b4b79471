/** All that midwatch uses, as `docs/slack-manifest.yaml` asks for it; `usergroups:read` only with user groups among `responders`. */
const needed: ReadonlySet<string> = new Set([
  "app_mentions:read",
  "canvases:write",
  "channels:history",
  "channels:join",
  "channels:read",
  "chat:write",
  "commands",
  "files:write",
  "groups:history",
  "groups:read",
  "usergroups:read",
  "users:read",
]);

const READS = /:(read|history)(\.|$)|^identi(fy|ty\.)/;

/** What midwatch needs beside them to make an incident's channel (`incident_channels.create`), each with what it is for. */
export const makingScopes: Readonly<Record<string, string>> = {
  "channels:manage": "make the channel, set its topic, invite people",
  "bookmarks:read": "see whether the link is there",
  "bookmarks:write": "add the link to the incident's page",
  "users:read.email": "find paged people by their e-mail address",
};

/**
 * What of a bot token's scopes midwatch has no use for: those that change something, and those that read.
 * @param makes whether midwatch makes channels
 */
export function scopesBeyondNeed(
  scopes: readonly string[],
  makes: boolean,
): { readonly writes: readonly string[]; readonly reads: readonly string[] } {
  const more = scopes.filter((scope) => !needed.has(scope) && !(makes && Object.hasOwn(makingScopes, scope)));
  return { writes: more.filter((scope) => !READS.test(scope)), reads: more.filter((scope) => READS.test(scope)) };
}
