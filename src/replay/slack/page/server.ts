import { type Context, Hono } from "hono";
import { streamSSE } from "hono/streaming";
import { z } from "zod";
import { people } from "../../people.ts";
import { listen, type Listening } from "../../listen.ts";
import type { Replay } from "../../replay.ts";
import type { Whisper } from "../app.ts";
import { appFeatures } from "../manifest.ts";
import { slackApp } from "../workspace.ts";
import { type ActContext, actSchema, perform, person } from "./acts.ts";
import { drawLists, drawOpenDialog, drawPage, drawPlaces, drawSpecial, drawTitle, hintOf, type Place, type Seen } from "./page.ts";
import { script } from "./script.ts";
import { stylesheet } from "./stylesheet.ts";

/** How often the workspace is looked at for what is new, ms. */
const LOOK_EVERY_MS = 250;
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

export interface WorkspacePageOptions {
  readonly replay: Pick<Replay, "messages" | "slack">;
  /** Where the bot takes what Slack sends. */
  readonly botUrl: string;
}

/**
 * The emulated workspace as a page: a person reads what midwatch says as it comes, opens threads, App Home and canvases, presses buttons, fills
 * dialogs, replies and runs commands. Each of these is a signed request to the bot, as Slack would send it.
 */
function createWorkspacePage({ replay, botUrl }: WorkspacePageOptions): Hono {
  const { slack } = replay;
  const features = appFeatures();
  /** What the bot answered to commands: nobody else ever sees it. */
  const answers: Whisper[] = [];
  const whispers = () => [...slack.whispers(), ...answers];
  const idOf = (handle: string) => slack.userIds.get(handle) ?? handle;
  const context: ActContext = { replay, botUrl, whisper: (whisper) => void answers.push(whisper), problems: new Map() };
  async function seenBy(handle: string): Promise<Seen> {
    const channels = await slack.channels();
    const user = idOf(handle);
    return {
      ...{ messages: replay.messages(), channels, features, canvases: [...slack.canvases.values()] },
      whispers: whispers().filter((one) => one.user === user),
      names: new Map([
        [slackApp.botUserId, slackApp.botName],
        ...channels.map(({ id, name }) => [id, name] as const),
        ...people.map(({ name, realName }) => [idOf(name), realName] as const),
      ]),
      people: people.map(({ name, realName }) => ({ id: idOf(name), name: realName })),
      ...{ home: slack.views.home(user), dialogs: slack.views.dialogs(user), problems: context.problems.get(user) ?? {} },
    };
  }
  const asked = (c: Context): Place => ({
    at: c.req.query("at") ?? slack.channelId,
    thread: c.req.query("thread") ?? "",
    as: person.safeParse(c.req.query("as")).data ?? people[0].name,
  });

  const app = new Hono();
  app.use(async (c, next) => {
    await next();
    c.header("content-security-policy", POLICY);
    c.header("cache-control", "no-store");
    c.header("x-content-type-options", "nosniff");
  });
  app.get("/", async (c) => c.html(await drawPage(await seenBy(asked(c).as), asked(c))));
  app.get("/page.css", (c) => c.body(stylesheet, 200, { "content-type": "text/css; charset=utf-8" }));
  app.get("/page.js", (c) => c.body(script, 200, { "content-type": "text/javascript; charset=utf-8" }));
  app.get("/file/:id", async (c) => {
    const file = await slack.file(c.req.param("id"));
    const type = file?.headers.get("content-type") ?? "";
    if (file === null || !file.ok) return c.text("There is no such file.", 404);
    // Nothing that a browser would run.
    return c.body(await file.arrayBuffer(), 200, {
      "content-type": /^image\/(?:png|jpeg|gif|webp)$/.test(type) ? type : "text/plain; charset=utf-8",
    });
  });
  app.get("/messages", async (c) => {
    const place = asked(c);
    const seen = await seenBy(place.as);
    const lists = drawLists(seen, place);
    return c.json({
      channel: String(await lists.channel),
      thread: String(await lists.thread),
      special: String((await drawSpecial(seen, place)) ?? ""),
      dialog: String(await drawOpenDialog(seen)),
      places: String(await drawPlaces(seen, place)),
      title: String(await drawTitle(seen, place)),
      hint: hintOf(seen, place),
    });
  });
  app.get("/changes", (c) =>
    streamSSE(c, async (stream) => {
      let before = "";
      while (!stream.aborted && !stream.closed) {
        const now = [
          ...replay.messages().map(({ versions, deleted }) => `${versions.length}${deleted ? "-" : ""}`),
          ...[whispers().length, slack.views.version, slack.canvases.size],
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
    const answer = await perform(context, act.data);
    if (answer === null) return c.text("It has changed, and this control is gone.", 409);
    if (act.data.kind === "make") return answer;
    return answer.ok ? c.text("ok") : c.text(`midwatch answered ${answer.status}: Slack would say that it did not work.`, 502);
  });
  return app;
}

/** Serves the page on loopback, at a port that is free. */
export const startWorkspacePage = (options: WorkspacePageOptions): Promise<Listening> => listen(createWorkspacePage(options), 0);
