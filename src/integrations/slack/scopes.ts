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

/** What of a bot token's scopes midwatch has no use for: those that change something, and those that read. */
export function scopesBeyondNeed(scopes: readonly string[]): { readonly writes: readonly string[]; readonly reads: readonly string[] } {
  const more = scopes.filter((scope) => !needed.has(scope));
  return { writes: more.filter((scope) => !READS.test(scope)), reads: more.filter((scope) => READS.test(scope)) };
}
