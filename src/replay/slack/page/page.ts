import { html } from "hono/html";
import { people } from "../../people.ts";
import type { SlackMessage, Whisper } from "../app.ts";
import { drawMessage } from "./blocks.ts";
import type { Html, Names } from "./markup.ts";

/** The workspace as a person sees it. */
export interface Seen {
  readonly messages: readonly SlackMessage[];
  /** To the person who looks. */
  readonly whispers: readonly Whisper[];
  readonly names: Names;
}

const clock = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium", timeZone: "UTC" });

function head(name: string, at: number, isApp: boolean, isEdited: boolean): Html {
  return html`<div>
    <span class="by">${name}</span> ${isApp ? html`<span class="app">APP</span>` : ""}
    <time datetime="${new Date(at).toISOString()}">${clock.format(at)}</time> ${isEdited ? html`<span class="muted">(edited)</span>` : ""}
  </div>`;
}

function article({ ts, user, byBot, versions }: SlackMessage, names: Names, replies: number | null): Html {
  const last = versions.at(-1);
  const name = names.get(user) ?? user;
  return html`<article id="m-${ts}" data-version="${versions.length} ${replies}">
    <div class="face ${byBot ? "bot" : ""}" aria-hidden="true">${name.slice(0, 1).toUpperCase()}</div>
    <div>
      ${head(name, Number(ts) * 1000, byBot, versions.length > 1)} ${drawMessage(ts, last?.text ?? "", last?.blocks ?? [], names)}
      ${
        replies === null
          ? ""
          : html`<button class="replies" data-thread="${ts}">
              ${replies === 0 ? "Reply in thread" : `${replies} ${replies === 1 ? "reply" : "replies"}`}
            </button>`
      }
    </div>
  </article>`;
}

const whisperArticle = ({ at, text, blocks, ts }: Whisper, index: number, names: Names): Html =>
  html`<article class="whisper" id="w-${at}-${index}" data-version="1">
    <div class="face bot" aria-hidden="true">M</div>
    <div>
      <div class="muted">Only visible to you</div>
      ${head("midwatch", at, true, false)} ${drawMessage(ts, text, blocks, names)}
    </div>
  </article>`;

/** Messages and whispers by time. */
const byTime = (list: readonly { at: number; drawn: Html }[]): Html =>
  html`${list.toSorted((one, other) => one.at - other.at).map(({ drawn }) => drawn)}`;

/** The channel, and one thread of it. @param thread ts of its first message; "" for none */
export function drawLists({ messages, whispers, names }: Seen, thread: string): { channel: Html; thread: Html } {
  const shown = messages.filter(({ deleted }) => !deleted);
  const repliesOf = (ts: string) => shown.filter(({ threadTs }) => threadTs === ts);
  const drawn = (message: SlackMessage, replies: number | null) => ({
    at: Number(message.ts) * 1000,
    drawn: article(message, names, replies),
  });
  const whispered = (to: string | null) =>
    whispers.flatMap((whisper, index) =>
      whisper.threadTs === to ? [{ at: whisper.at, drawn: whisperArticle(whisper, index, names) }] : [],
    );
  const first = shown.find(({ ts }) => ts === thread);
  return {
    channel: byTime([
      ...shown.filter(({ threadTs }) => threadTs === null).map((one) => drawn(one, repliesOf(one.ts).length)),
      ...whispered(null),
    ]),
    thread: byTime([
      ...(first === undefined ? [] : [drawn(first, null)]),
      ...repliesOf(thread).map((one) => drawn(one, null)),
      ...(thread === "" ? [] : whispered(thread)),
    ]),
  };
}

const composer = (to: "channel" | "thread", hint: string): Html =>
  html`<form class="composer" data-to="${to}">
    <input name="words" autocomplete="off" placeholder="${hint}" aria-label="${hint}" /><button>Send</button>
  </form>`;

export function drawPage(channelName: string, seen: Seen, thread: string): Html {
  const lists = drawLists(seen, thread);
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>#${channelName} · emulated workspace</title>
        <link rel="stylesheet" href="/page.css" />
      </head>
      <body class="${thread === "" ? "no-thread" : ""}">
        <p class="note">
          A workspace emulated on this machine. Buttons, replies and slash commands go to midwatch as Slack would send them, signed.
        </p>
        <nav>
          <h1>Acme</h1>
          <p># ${channelName}</p>
          <label
            >You are
            <select id="as">
              ${people.map(({ name, realName }) => html`<option value="${name}">${realName}</option>`)}
            </select></label
          >
        </nav>
        <main class="pane" id="channel">
          <header># ${channelName}</header>
          <div class="list" tabindex="0" aria-label="Messages of the channel">${lists.channel}</div>
          ${composer("channel", `Message #${channelName}, or /midwatch help`)}
        </main>
        <aside class="pane" id="thread" ${thread === "" ? "hidden" : ""}>
          <header>Thread <button id="close">Close</button></header>
          <div class="list" tabindex="0" aria-label="Messages of the thread">${lists.thread}</div>
          ${composer("thread", "Reply …")}
        </aside>
        <script src="/page.js"></script>
      </body>
    </html>`;
}
