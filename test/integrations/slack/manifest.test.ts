import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { scopesBeyondNeed } from "../../../src/integrations/slack/scopes.ts";
import { botScopes, channelScopes } from "../../../src/replay/slack/workspace.ts";
import { haveContracts, readContract } from "../../support/contracts.ts";

const manifest = z
  .object({
    features: z.object({ slash_commands: z.array(z.object({ command: z.string(), url: z.string() })) }),
    oauth_config: z.object({ scopes: z.object({ bot: z.array(z.string()) }).strict() }),
    settings: z.object({
      event_subscriptions: z.object({ request_url: z.string(), bot_events: z.array(z.string()) }),
      interactivity: z.object({ request_url: z.string() }),
    }),
  })
  .parse(parse(readFileSync(new URL("../../../docs/slack-manifest.yaml", import.meta.url), "utf8")));
const scopes = manifest.oauth_config.scopes.bot;

test("the app asks for no more than it uses, and all comes to one address", () => {
  expect(scopes.filter((scope) => /^(search|im|mpim|files:read|admin|users\.)|:manage$|chat:write\./.test(scope))).toEqual([]);
  const { features, settings } = manifest;
  const urls = [
    ...features.slash_commands.map(({ url }) => url),
    settings.event_subscriptions.request_url,
    settings.interactivity.request_url,
  ];
  expect(new Set(urls.map((url) => new URL(url).pathname))).toEqual(new Set(["/slack/events"]));
  expect(settings.event_subscriptions.bot_events.filter((event) => event.startsWith("message.im"))).toEqual([]);
});

test("doctor takes what the app asks for as needed, and so has the replay", () => {
  expect(scopesBeyondNeed([...scopes, "usergroups:read"], false)).toEqual({ writes: [], reads: [] });
  expect(scopesBeyondNeed([...scopes, ...channelScopes], true)).toEqual({ writes: [], reads: [] });
  expect(scopesBeyondNeed(["channels:manage"], false).writes).toEqual(["channels:manage"]);
  expect([...botScopes].toSorted()).toEqual(scopes.toSorted());
  expect(scopesBeyondNeed(["chat:write.public", "users:read.email", "admin.users:write", "search:read.private"], false)).toEqual({
    writes: ["chat:write.public", "admin.users:write"],
    reads: ["users:read.email", "search:read.private"],
  });
});

describe.runIf(haveContracts("slack"))("Slack's contract", () => {
  interface Methods {
    methods: Record<string, { scope: { bot?: string[] } }>;
  }
  const called = [
    "auth.test",
    "canvases.create",
    "chat.getPermalink",
    "chat.postMessage",
    "chat.update",
    "conversations.history",
    "conversations.info",
    "conversations.join",
    "conversations.list",
    "conversations.replies",
    "files.completeUploadExternal",
    "files.getUploadURLExternal",
    "users.info",
  ] as const;

  test("the scopes are those of the methods that are called, for public and private channels", () => {
    const { methods } = readContract<Methods>("slack/api-ref-methods.json.gz");
    const needed = called.flatMap((method) => (methods[method]?.scope.bot ?? []).filter((scope) => !/^(im|mpim):/.test(scope)));
    // No method: these let in mentions and commands.
    expect([...new Set([...needed, "app_mentions:read", "commands"])].toSorted()).toEqual(scopes.toSorted());
  });

  test("the scopes to make channels are those of the methods that it takes, and no more", () => {
    const { methods } = readContract<Methods>("slack/api-ref-methods.json.gz");
    const making = [
      "bookmarks.add",
      "bookmarks.list",
      "conversations.create",
      "conversations.setTopic",
      "conversations.invite",
      "users.lookupByEmail",
    ];
    const has = (method: string) => methods[method]?.scope.bot?.some((scope) => [...scopes, ...channelScopes].includes(scope)) === true;
    expect(making.filter((method) => !has(method))).toEqual([]);
    const used = making.flatMap((method) => methods[method]?.scope.bot ?? []);
    expect(channelScopes.filter((scope) => !used.includes(scope))).toEqual([]);
    const text = readFileSync(new URL("../../../docs/slack-manifest.yaml", import.meta.url), "utf8");
    expect(channelScopes.filter((scope) => !text.includes(`# - ${scope}`))).toEqual([]);
  });

  test("the events exist and need no scope that is not asked for", () => {
    const { events } = readContract<{ events: Record<string, { scopes?: string[] }> }>("slack/api-ref-events.json");
    for (const name of manifest.settings.event_subscriptions.bot_events) {
      // One page of the reference writes "app_mentions.read".
      const needed = (events[name]?.scopes ?? ["unknown event"])
        .map((scope) => scope.replace(".", ":"))
        // Of direct messages nothing is asked for.
        .filter((scope) => !/^(im|mpim):/.test(scope));
      expect(scopes).toEqual(expect.arrayContaining(needed));
    }
  });
});
