import { Hono } from "hono";
import { z } from "zod";
import { people } from "./people.ts";
import type { Replay } from "./replay.ts";
import { messageEvent } from "./slack/inbound.ts";

const pageRequest = z.object({
  url: z.url({ protocol: /^https?$/ }),
  event: z.enum(["triggered", "acknowledged", "resolved"]).default("triggered"),
  page: z.int().min(0).optional(),
});
const sayRequest = z.object({
  text: z.string().min(1),
  user: z.enum(people.map(({ name }) => name) as [string, ...string[]]).default(people[0].name),
  thread_ts: z.string().optional(),
  /** Where the bot takes Slack's events; without it nothing is delivered. */
  url: z.url({ protocol: /^https?$/ }).optional(),
});

const help = `What a person can ask of this replay:
GET  /_replay                 this text
GET  /_replay/settings        settings of a client, one a line (JSON with accept: application/json)
POST /_replay/page            {"url": "<webhook URL>"} sends the page; "event": "acknowledged" or "resolved", "page": its index (0 is the first)
POST /_replay/say             {"text": "...", "user": "${people.map(({ name }) => name).join("|")}", "thread_ts": "...", "url": "<Slack events URL>"} writes in the channel
GET  /_replay/messages        what the channel holds, each message with its edits
GET  /_replay/pull-requests   pull requests opened since the start
GET  /_replay/requests        every call that was made
`;

/** The replay's own server: what people (and scripts) steer a replay with. */
export function createControl(replay: Omit<Replay, "url" | typeof Symbol.asyncDispose>): Hono {
  const app = new Hono();
  app.get("/_replay", (c) => c.text(help));
  app.get("/_replay/settings", (c) =>
    c.req.header("accept")?.includes("application/json") === true
      ? c.json(replay.settings)
      : c.text(
          Object.entries(replay.settings)
            .map(([name, value]) => `${name}=${value}\n`)
            .join(""),
        ),
  );
  app.post("/_replay/page", async (c) => {
    const asked = pageRequest.safeParse(await c.req.json().catch(() => null));
    if (!asked.success) return c.json({ error: z.prettifyError(asked.error) }, 400);
    const { url, event, page } = asked.data;
    const count = replay.recording.pages.length;
    if (page !== undefined && page >= count) return c.json({ error: `the recording has ${count} pages; the first is 0` }, 400);
    if (event === "triggered") {
      return c.json(page === undefined ? await replay.page(url) : [await replay.deliver(url, { kind: event }, page)]);
    }
    return c.json([await replay.deliver(url, { kind: event, by: people[0] }, page ?? 0)]);
  });
  app.post("/_replay/say", async (c) => {
    const asked = sayRequest.safeParse(await c.req.json().catch(() => null));
    if (!asked.success) return c.json({ error: z.prettifyError(asked.error) }, 400);
    const { text, user, thread_ts: threadTs, url } = asked.data;
    const ts = await replay.slack.say(user, text, threadTs);
    const event = messageEvent({
      channel: replay.slack.channelId,
      user: replay.slack.userIds.get(user) ?? user,
      ...{ text, ts, threadTs },
    });
    const delivered = url === undefined ? null : (await replay.slack.inbound.event(url, event)).status;
    return c.json({ ts, delivered });
  });
  app.get("/_replay/messages", (c) => c.json(replay.messages()));
  app.get("/_replay/pull-requests", async (c) => c.json(await replay.pullRequests()));
  app.get("/_replay/requests", (c) => c.json(replay.requests));
  app.notFound((c) => c.text(help, 404));
  return app;
}
