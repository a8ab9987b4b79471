import { html } from "hono/html";
import type { Json } from "../../json.ts";
import { people } from "../../people.ts";
import type { Channel, SlackMessage, Whisper } from "../app.ts";
import type { AppFeatures } from "../manifest.ts";
import type { Canvas } from "../surfaces.ts";
import { type Drawing, drawMessage } from "./blocks.ts";
import { drawDialog, drawHome } from "./dialog.ts";
import { drawMarkdown } from "./markdown.ts";
import type { Html, Names } from "./markup.ts";

/** Where a person is in the workspace. */
export interface Place {
  /** Id of a channel, `home` for the app's own page, or the id of a canvas. */
  readonly at: string;
  /** ts of a thread's first message; "" for none. */
  readonly thread: string;
  /** Handle of the person. */
  readonly as: string;
}

/** The workspace as a person sees it. */
export interface Seen {
  readonly messages: readonly SlackMessage[];
  /** To the person who looks. */
  readonly whispers: readonly Whisper[];
  readonly names: Names;
  readonly people: Drawing["people"];
  readonly channels: readonly Channel[];
  readonly canvases: readonly Canvas[];
  readonly home: Json | null;
  readonly dialogs: readonly Json[];
  /** Of the newest dialog: what is wrong with what was filled in, by block. */
  readonly problems: Readonly<Record<string, string>>;
  readonly features: AppFeatures;
}

const clock = new Intl.DateTimeFormat("en-GB", { timeStyle: "short", timeZone: "UTC" });
const drawingOf = ({ names, people: all, channels }: Seen, of: string): Drawing => ({ of, names, people: all, channels });
const face = (name: string, kind: string): Html =>
  html`<span class="face ${kind}" aria-hidden="true">${name.slice(0, 1).toUpperCase()}</span>`;
/** Colours of people stay theirs. */
const kindOf = (name: string, byBot: boolean): string =>
  byBot ? "bot" : `c${[...name].reduce((sum, sign) => sum + (sign.codePointAt(0) ?? 0), 0) % 4}`;

function head(name: string, at: number, isApp: boolean, isEdited: boolean): Html {
  return html`<div class="head">
    <span class="by">${name}</span>${isApp ? html` <span class="app">APP</span>` : ""}
    <time datetime="${new Date(at).toISOString()}">${clock.format(at)}</time>${isEdited ? html` <span class="muted">(edited)</span>` : ""}
  </div>`;
}

/** What can be done with a message: seen when it is pointed at, or has the focus. */
const tools = (ts: string, inChannel: boolean, { shortcuts }: AppFeatures): Html =>
  !inChannel && shortcuts.length === 0
    ? html``
    : html`<div class="tools">
        ${inChannel ? html`<button type="button" data-thread="${ts}" title="Reply in thread">Reply in thread</button>` : ""}
        ${shortcuts.map(
          ({ name, callbackId }) => html`<button type="button" data-shortcut="${callbackId}" data-message="${ts}">${name}</button>`,
        )}
      </div>`;

function repliesLine(ts: string, replies: readonly SlackMessage[], names: Names): Html {
  const last = replies.at(-1);
  if (last === undefined) return html``;
  const authors = [...new Map(replies.map(({ user, byBot }) => [user, byBot]))];
  return html`<button type="button" class="replies" data-thread="${ts}">
    <span class="faces"
      >${authors.slice(0, 3).map(([user, byBot]) => face(names.get(user) ?? user, kindOf(names.get(user) ?? user, byBot)))}</span
    >
    ${replies.length} ${replies.length === 1 ? "reply" : "replies"}
    <span class="muted">Last at ${clock.format(Number(last.ts) * 1000)}</span>
  </button>`;
}

function article(message: SlackMessage, seen: Seen, replies: readonly SlackMessage[] | null): Html {
  const { ts, user, byBot, versions } = message;
  const last = versions.at(-1);
  const name = seen.names.get(user) ?? user;
  return html`<article id="m-${ts}" data-version="${versions.length} ${replies?.length ?? "-"}">
    ${face(name, kindOf(name, byBot))}
    <div class="body">
      ${head(name, Number(ts) * 1000, byBot, versions.length > 1)}
      ${drawMessage(last?.text ?? "", last?.blocks ?? [], last?.files ?? [], drawingOf(seen, ts))}
      ${replies === null ? "" : repliesLine(ts, replies, seen.names)}
    </div>
    ${tools(ts, replies !== null, seen.features)}
  </article>`;
}

const whisperArticle = ({ at, ts, text, blocks }: Whisper, index: number, seen: Seen): Html =>
  html`<article class="whisper" id="w-${at}-${index}" data-version="1">
    ${face("midwatch", "bot")}
    <div class="body">
      <div class="muted">Only visible to you</div>
      ${head("midwatch", at, true, false)} ${drawMessage(text, blocks, [], drawingOf(seen, ts))}
    </div>
  </article>`;

/** Messages and whispers by time. */
const byTime = (list: readonly { at: number; drawn: Html }[]): Html =>
  html`${list.toSorted((one, other) => one.at - other.at).map(({ drawn }) => drawn)}`;

const day = new Intl.DateTimeFormat("en-GB", { dateStyle: "full", timeZone: "UTC" });

/** The channel, and one thread of it. */
export function drawLists(seen: Seen, { at, thread }: Place): { channel: Html; thread: Html } {
  const { messages, whispers } = seen;
  const shown = messages.filter(({ deleted, channel }) => !deleted && channel === at);
  const repliesOf = (ts: string) => shown.filter(({ threadTs }) => threadTs === ts);
  const drawn = (message: SlackMessage, replies: readonly SlackMessage[] | null) => ({
    at: Number(message.ts) * 1000,
    drawn: article(message, seen, replies),
  });
  const whispered = (to: string | null) =>
    whispers.flatMap((whisper, index) =>
      whisper.threadTs === to && (whisper.channel ?? at) === at ? [{ at: whisper.at, drawn: whisperArticle(whisper, index, seen) }] : [],
    );
  const first = shown.find(({ ts }) => ts === thread);
  const open = shown.filter(({ threadTs }) => threadTs === null);
  const begins = Math.min(...open.map(({ ts }) => Number(ts) * 1000));
  return {
    channel: byTime([
      ...(Number.isFinite(begins)
        ? [{ at: begins - 1, drawn: html`<div class="day" id="day" data-version="1"><span>${day.format(begins)}</span></div>` }]
        : []),
      ...open.map((one) => drawn(one, repliesOf(one.ts))),
      ...whispered(null),
    ]),
    thread: byTime([
      ...(first === undefined ? [] : [drawn(first, null)]),
      ...repliesOf(thread).map((one) => drawn(one, null)),
      ...(thread === "" ? [] : whispered(thread)),
    ]),
  };
}

/** What is shown in place of a channel's messages: App Home or a canvas; null: the channel. */
export function drawSpecial(seen: Seen, { at }: Place): Html | null {
  if (at === "home") return drawHome(seen.home, drawingOf(seen, String(seen.home?.["id"] ?? "")));
  const canvas = seen.canvases.find(({ id }) => id === at);
  return canvas === undefined
    ? null
    : html`<div class="document canvas">
        <h1>${canvas.title}</h1>
        ${drawMarkdown(canvas.markdown)}
      </div>`;
}

/** The dialog on top; nothing where none is open. */
export function drawOpenDialog(seen: Seen): Html {
  const view = seen.dialogs.at(-1);
  return view === undefined ? html`` : drawDialog(view, { ...drawingOf(seen, String(view["id"])), problems: seen.problems });
}

/** The list of places at the left. */
export function drawPlaces({ channels, canvases, features }: Seen, { at }: Place): Html {
  const place = (id: string, sign: string, name: string, className = "") =>
    html`<button type="button" class="place ${className}" data-place="${id}" ${id === at ? 'aria-current="page"' : ""}>
      <span aria-hidden="true">${sign}</span> ${name}
    </button>`;
  return html`<h2>Channels</h2>
    ${channels.map(({ id, name, hasBot }) => place(id, "#", name, hasBot ? "" : "quiet"))}
    <button type="button" class="place quiet" id="make"><span aria-hidden="true">+</span> Create a channel</button>
    ${
      canvases.length === 0
        ? ""
        : html`<h2>Canvases</h2>
            ${canvases.map(({ id, title }) => place(id, "=", title))}`
    }
    <h2>Apps</h2>
    ${place("home", "M", features.hasHome ? "midwatch" : "midwatch (no home)")}`;
}

/** What the field under a channel says. */
export const hintOf = ({ channels }: Seen, { at }: Place): string =>
  `Message #${channels.find(({ id }) => id === at)?.name ?? "midwatch"}, or /midwatch help`;

export function drawTitle({ channels, canvases }: Seen, { at }: Place): Html {
  const channel = channels.find(({ id }) => id === at);
  if (at === "home") return html`<b>midwatch</b> <span class="muted">Home</span>`;
  if (channel === undefined)
    return html`<b>${canvases.find(({ id }) => id === at)?.title ?? "Canvas"}</b> <span class="muted">Canvas</span>`;
  const quiet = channel.hasBot ? "" : "midwatch is not in this channel: /invite @midwatch";
  return html`<b># ${channel.name}</b> <span class="muted">${quiet === "" ? channel.topic : quiet}</span>`;
}

const drawn = (path: string): Html => html`<svg viewBox="0 0 20 20" width="16" height="16" aria-hidden="true"><path d="${path}" /></svg>`;
const SEND = drawn("M3 3.5 18 10 3 16.5 5 11l7-1-7-1z");
const CLOSE = drawn("M4.5 5.9 5.9 4.5 10 8.6l4.1-4.1 1.4 1.4L11.4 10l4.1 4.1-1.4 1.4-4.1-4.1-4.1 4.1-1.4-1.4L8.6 10z");

const composer = (to: "channel" | "thread", hint: string): Html =>
  html`<form class="composer" data-to="${to}">
    <input name="words" autocomplete="off" placeholder="${hint}" aria-label="${hint}" /><button aria-label="Send" title="Send">
      ${SEND}
    </button>
  </form>`;

export async function drawPage(seen: Seen, place: Place): Promise<Html> {
  const lists = drawLists(seen, place);
  const special = drawSpecial(seen, place);
  const name = seen.channels.find(({ id }) => id === place.at)?.name ?? "midwatch";
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>#${name} · emulated workspace</title>
        <link rel="stylesheet" href="/page.css" />
      </head>
      <body class="${place.thread === "" ? "no-thread" : ""}" data-at="${place.at}">
        <p class="note">
          A workspace emulated on this machine. Buttons, replies and slash commands go to midwatch as Slack would send them, signed.
        </p>
        <nav aria-label="Workspace">
          <h1>Acme</h1>
          <div id="places">${drawPlaces(seen, place)}</div>
          <label class="me"
            >You are
            <select id="as">
              ${people.map(({ name: handle, realName }) => html`<option value="${handle}" ${handle === place.as ? "selected" : ""}>${realName}</option>`)}
            </select></label
          >
        </nav>
        <main class="pane" id="channel">
          <header id="title">${drawTitle(seen, place)}</header>
          <div class="list" id="messages" tabindex="0" aria-label="Messages of the channel" ${special === null ? "" : "hidden"}>
            ${lists.channel}
          </div>
          <div class="list special" id="special" ${special === null ? "hidden" : ""}>${special ?? ""}</div>
          ${composer("channel", hintOf(seen, place))}
        </main>
        <aside class="pane" id="thread" ${place.thread === "" ? "hidden" : ""}>
          <header><b>Thread</b> <button type="button" id="close" aria-label="Close" title="Close">${CLOSE}</button></header>
          <div class="list" tabindex="0" aria-label="Messages of the thread">${lists.thread}</div>
          ${composer("thread", "Reply …")}
        </aside>
        <dialog id="dialog" aria-labelledby="dialog-title">${drawOpenDialog(seen)}</dialog>
        <script src="/page.js"></script>
      </body>
    </html>`;
}
