import { type Context, Hono } from "hono";
import { streamSSE } from "hono/streaming";
import { z } from "zod";
import { plainText } from "../../../integrations/slack/mrkdwn.ts";
import { isObject } from "../../json.ts";
import { people } from "../../people.ts";
import { listen, type Listening } from "../../listen.ts";
import type { Replay } from "../../replay.ts";
import type { Whisper } from "../app.ts";
import { messageEvent } from "../inbound.ts";
import { slackApp } from "../workspace.ts";
import { controlAt } from "./blocks.ts";
import { drawLists, drawPage, type Seen } from "./page.ts";
import { script } from "./script.ts";
import { stylesheet } from "./stylesheet.ts";

const person = z.enum(people.map(({ name }) => name) as [string, ...string[]]);
/** "<ts> <block> <element>", as `drawControl` writes it. */
const placeSchema = z
  .string()
  .regex(/^\d+\.\d+ \d+ \d+$/)
  .transform((text) => {
    const [ts = "", block, element] = text.split(" ");
    return { ts, block: Number(block), element: Number(element) };
  });
const actSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("control"), as: person, place: placeSchema, value: z.string().optional() }),
  z.object({ kind: z.literal("say"), as: person, words: z.string().min(1).max(4_000), thread: z.string().optional() }),
]);
type Act = z.output<typeof actSchema>;

/** How often the workspace is looked at for what is new, ms. */
const LOOK_EVERY_MS = 250;
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

export interface WorkspacePageOptions {
  readonly replay: Pick<Replay, "messages" | "slack">;
  /** Where the bot takes what Slack sends. */
  readonly botUrl: string;
}

/**
 * The emulated workspace as a page: a person reads what midwatch says as it comes, opens threads, presses buttons, replies and runs commands.
 * Each of these is a signed request to the bot, as Slack would send it.
 */
function createWorkspacePage({ replay, botUrl }: WorkspacePageOptions): Hono {
  const { slack } = replay;
  const names = new Map<string, string>([
    [slackApp.botUserId, slackApp.botName],
    [slack.channelId, slack.channelName],
    ...people.map(({ name, realName }) => [slack.userIds.get(name) ?? name, realName] as const),
  ]);
  /** What the bot answered to commands: nobody else ever sees it. */
  const answers: Whisper[] = [];
  const whispers = () => [...slack.whispers(), ...answers];
  const idOf = (handle: string) => slack.userIds.get(handle) ?? handle;
  const seenBy = (handle: string): Seen => ({
    messages: replay.messages(),
    whispers: whispers().filter(({ user }) => user === idOf(handle)),
    names,
  });
  const asked = (c: Context) => ({ thread: c.req.query("thread") ?? "", as: person.safeParse(c.req.query("as")).data ?? people[0].name });

  async function command(as: string, words: string): Promise<Response> {
    const [name = "", ...rest] = words.split(/\s+/);
    const { channelId: channel, channelName } = slack;
    const answer = await slack.inbound.command(botUrl, {
      ...{ channel, channelName, user: idOf(as), userName: as, command: name, text: rest.join(" ") },
    });
    const said: unknown = await answer
      .clone()
      .json()
      .catch(() => null);
    const text = isObject(said) && typeof said["text"] === "string" ? said["text"] : "";
    if (text !== "") answers.push({ at: Date.now(), user: idOf(as), threadTs: null, text, blocks: [], ts: "" });
    return answer;
  }

  async function say(as: string, words: string, thread: string | undefined): Promise<Response> {
    const mention = `<@${slackApp.botUserId}>`;
    const text = words.replaceAll(new RegExp(`@${slackApp.botName}\\b`, "gi"), mention);
    const ts = await slack.say(as, text, thread);
    const event = messageEvent({ channel: slack.channelId, user: idOf(as), text, ts, threadTs: thread });
    // An app that is named gets both.
    if (text.includes(mention)) await slack.inbound.event(botUrl, { ...event, type: "app_mention" });
    return slack.inbound.event(botUrl, event);
  }

  async function useControl({ as, place, value }: Extract<Act, { kind: "control" }>): Promise<Response | null> {
    const whisper = slack.whispers().find(({ ts }) => ts === place.ts);
    const message =
      whisper === undefined
        ? replay.messages().find(({ ts }) => ts === place.ts)
        : { ...whisper, channel: slack.channelId, versions: [whisper] };
    const last = message?.versions.at(-1);
    const found = last === undefined ? null : controlAt(last.blocks, place);
    if (message === undefined || last === undefined || found === null) return null;
    const { control, blockId } = found;
    const option = Array.isArray(control["options"])
      ? control["options"].find((one) => isObject(one) && one["value"] === value)
      : undefined;
    if (control["type"] === "static_select" && !isObject(option)) return null;
    return slack.inbound.action(botUrl, {
      ...{ user: idOf(as), channel: message.channel, messageTs: message.ts, actionId: String(control["action_id"]), blockId },
      ...(message.threadTs === null ? {} : { threadTs: message.threadTs }),
      value: isObject(option) ? String(option["value"]) : String(control["value"] ?? ""),
      ...(isObject(option) ? { chosen: isObject(option["text"]) ? String(option["text"]["text"]) : "" } : {}),
      message: { text: plainText(last.text), blocks: last.blocks },
    });
  }

  const app = new Hono();
  app.use(async (c, next) => {
    await next();
    c.header("content-security-policy", POLICY);
    c.header("cache-control", "no-store");
  });
  app.get("/", (c) => {
    const { thread, as } = asked(c);
    return c.html(drawPage(slack.channelName, seenBy(as), thread));
  });
  app.get("/page.css", (c) => c.body(stylesheet, 200, { "content-type": "text/css; charset=utf-8" }));
  app.get("/page.js", (c) => c.body(script, 200, { "content-type": "text/javascript; charset=utf-8" }));
  app.get("/messages", async (c) => {
    const { thread, as } = asked(c);
    const lists = drawLists(seenBy(as), thread);
    return c.json({ channel: String(await lists.channel), thread: String(await lists.thread) });
  });
  app.get("/changes", (c) =>
    streamSSE(c, async (stream) => {
      let before = "";
      while (!stream.aborted && !stream.closed) {
        const now = [
          ...replay.messages().map(({ versions, deleted }) => `${versions.length}${deleted ? "-" : ""}`),
          whispers().length,
        ].join();
        if (now !== before) await stream.writeSSE({ data: "changed" });
        before = now;
        await stream.sleep(LOOK_EVERY_MS);
      }
    }),
  );
  app.post("/act", async (c) => {
    // Other pages that are open in the same browser do not act here.
    if (c.req.header("origin") !== new URL(c.req.url).origin) return c.text("This page acts for itself only.", 403);
    const act = actSchema.safeParse(await c.req.json().catch(() => null));
    if (!act.success) return c.text(z.prettifyError(act.error), 400);
    const { data } = act;
    const answer =
      data.kind === "control"
        ? await useControl(data)
        : data.words.startsWith("/")
          ? await command(data.as, data.words)
          : await say(data.as, data.words, data.thread);
    if (answer === null) return c.text("The message has changed and has this control no more.", 409);
    return answer.ok ? c.text("ok") : c.text(`midwatch answered ${answer.status}: Slack would say that it did not work.`, 502);
  });
  return app;
}

/** Serves the page on loopback, at a port that is free. */
export const startWorkspacePage = (options: WorkspacePageOptions): Promise<Listening> => listen(createWorkspacePage(options), 0);
