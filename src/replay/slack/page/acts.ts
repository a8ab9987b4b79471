import { z } from "zod";
import { plainText } from "../../../integrations/slack/mrkdwn.ts";
import { isObject, type Json, objectsIn } from "../../json.ts";
import { people } from "../../people.ts";
import type { Replay } from "../../replay.ts";
import type { Whisper } from "../app.ts";
import { messageEvent, type ViewState } from "../inbound.ts";
import { slackApp } from "../workspace.ts";
import { blockIdOf, controlAt } from "./blocks.ts";
import { choicesOf, stateOf } from "./elements.ts";

/** What a person does on the page, sent to the bot as Slack would send it. */

export const person = z.enum(people.map(({ name }) => name) as [string, ...string[]]);
/** "<message or view> <block> <element>", as the page has it. */
const placeSchema = z
  .string()
  .regex(/^(?:\d+\.\d+|[A-Z0-9]+) \d+ (?:\d+|beside)$/)
  .transform((text) => {
    const [of = "", block, element] = text.split(" ");
    return { of, block: Number(block), element: element === "beside" ? null : Number(element) };
  });
/** Of a dialog: what was filled in, by "<block> <element>" of its place. */
const filled = z.record(z.string(), z.array(z.string().max(10_000)).max(100));

export const actSchema = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("control"),
    as: person,
    place: placeSchema,
    values: z.array(z.string()).default([]),
    filled: filled.default({}),
  }),
  z.object({ kind: z.literal("say"), as: person, at: z.string(), words: z.string().min(1).max(4_000), thread: z.string().optional() }),
  z.object({ kind: z.literal("submit"), as: person, view: z.string(), filled }),
  z.object({ kind: z.literal("dismiss"), as: person, view: z.string() }),
  z.object({ kind: z.literal("shortcut"), as: person, callback: z.string(), ts: z.string() }),
  z.object({ kind: z.literal("home"), as: person }),
  z.object({ kind: z.literal("make"), as: person, name: z.string().regex(/^[a-z0-9_-]{1,80}$/) }),
]);
type Act = z.output<typeof actSchema>;
type Of<K extends Act["kind"]> = Extract<Act, { kind: K }>;

export interface ActContext {
  readonly replay: Pick<Replay, "messages" | "slack">;
  readonly botUrl: string;
  /** Takes what the bot answered to one person. */
  readonly whisper: (whisper: Whisper) => void;
  /** By person: what is wrong with the newest dialog. */
  readonly problems: Map<string, Readonly<Record<string, string>>>;
}

const idOf = ({ replay }: ActContext, handle: string): string => replay.slack.userIds.get(handle) ?? handle;

async function menusOf({ replay }: ActContext) {
  const { slack } = replay;
  return {
    people: people.map(({ name, realName }) => ({ id: slack.userIds.get(name) ?? name, name: realName })),
    channels: await slack.channels(),
  };
}

async function command(context: ActContext, { as, at, words, thread }: Of<"say">): Promise<Response> {
  const { replay, botUrl, whisper } = context;
  const { slack } = replay;
  const [name = "", ...rest] = words.split(/\s+/);
  const channel = (await slack.channels()).find(({ id }) => id === at);
  if (name === "/invite" && channel !== undefined) {
    await slack.invite(at);
    return slack.inbound.event(botUrl, {
      ...{ type: "member_joined_channel", user: slackApp.botUserId, channel: at, channel_type: "C", team: slackApp.teamId },
      ...{ inviter: idOf(context, as), event_ts: (Date.now() / 1000).toFixed(6) },
    });
  }
  const answer = await slack.inbound.command(botUrl, {
    ...{ channel: at, channelName: channel?.name ?? "directmessage", user: idOf(context, as), userName: as },
    // As the manifest asks for (`should_escape`): ids for who is named.
    ...{ command: name, text: withMentions(context, rest.join(" "), (id, handle) => `<@${id}|${handle}>`) },
  });
  const said: unknown = await answer
    .clone()
    .json()
    .catch(() => null);
  if (isObject(said) && (typeof said["text"] === "string" || Array.isArray(said["blocks"])))
    whisper({
      ...{ at: Date.now(), user: idOf(context, as), threadTs: thread ?? null, channel: at },
      ...{ text: String(said["text"] ?? ""), blocks: objectsIn(said["blocks"]), ts: "" },
    });
  return answer;
}

/** "@ana" and "@Ana Ruiz" become who is meant. */
function withMentions(context: ActContext, words: string, written = (id: string, _handle: string) => `<@${id}>`): string {
  const named = [
    { name: slackApp.botName, realName: slackApp.botName, id: slackApp.botUserId },
    ...people.map((one) => ({ ...one, id: idOf(context, one.name) })),
  ];
  let text = words;
  for (const { name, realName, id } of named) text = text.replaceAll(new RegExp(`@(?:${realName}|${name})\\b`, "gi"), written(id, name));
  return text;
}

async function say(context: ActContext, { as, at, words, thread }: Of<"say">): Promise<Response> {
  const { replay, botUrl } = context;
  const { slack } = replay;
  const text = withMentions(context, words);
  const ts = await slack.say(as, text, thread, at);
  const hasBot = (await slack.channels()).find(({ id }) => id === at)?.hasBot ?? false;
  // Of channels that it is not in, an app hears nothing.
  if (!hasBot) return new Response("");
  const event = messageEvent({ channel: at, user: idOf(context, as), text, ts, threadTs: thread });
  // An app that is named gets both.
  if (text.includes(`<@${slackApp.botUserId}>`)) await slack.inbound.event(botUrl, { ...event, type: "app_mention" });
  return slack.inbound.event(botUrl, event);
}

/** What was filled in, by block and action: only what the view asks for. */
function stateOfView(view: Json, values: Readonly<Record<string, readonly string[]>>, menus: Parameters<typeof stateOf>[2]): ViewState {
  const state: Record<string, Record<string, unknown>> = {};
  for (const [index, block] of objectsIn(view["blocks"]).entries()) {
    const inside = [
      ...(isObject(block["element"]) ? [[block["element"], "0"] as const] : []),
      ...(isObject(block["accessory"]) ? [[block["accessory"], "beside"] as const] : []),
      ...(block["type"] === "actions" ? objectsIn(block["elements"]).map((one, element) => [one, String(element)] as const) : []),
    ];
    for (const [element, place] of inside) {
      if (element["type"] === "button" || element["type"] === "image" || element["type"] === "overflow") continue;
      (state[blockIdOf(block, index)] ??= {})[String(element["action_id"])] = stateOf(element, values[`${index} ${place}`] ?? [], menus);
    }
  }
  return state;
}

/** The action's own fields, or null where the control offers no such thing. */
function pressedOf(control: Json, values: readonly string[], menus: Parameters<typeof stateOf>[2]): Json | null {
  if (control["type"] === "button")
    return { type: "button", text: control["text"], ...(control["value"] === undefined ? {} : { value: control["value"] }) };
  const offered = new Set(choicesOf(control, menus).map(({ value }) => value));
  if (offered.size > 0 && !values.every((value) => offered.has(value))) return null;
  if (control["type"] === "overflow")
    return { type: "overflow", selected_option: objectsIn(control["options"]).find((option) => option["value"] === values[0]) };
  return stateOf(control, values, menus);
}

async function useControl(context: ActContext, { as, place, values, filled: all }: Of<"control">): Promise<Response | null> {
  const { replay, botUrl } = context;
  const { slack } = replay;
  const user = idOf(context, as);
  const menus = await menusOf(context);
  const view = [...slack.views.dialogs(user), slack.views.home(user)].find((one) => one?.["id"] === place.of) ?? null;
  const message = replay.messages().find(({ ts }) => ts === place.of);
  const whisper = slack.whispers().find((one) => one.ts === place.of && one.user === user);
  const last = message?.versions.at(-1) ?? whisper;
  const blocks = view === null ? (last?.blocks ?? []) : objectsIn(view["blocks"]);
  const found = controlAt(blocks, place);
  const control = found === null ? null : pressedOf(found.control, values, menus);
  if (found === null || control === null) return null;
  const click = {
    user,
    actionId: String(found.control["action_id"]),
    blockId: found.blockId,
    value: String(control["value"] ?? ""),
    control,
  };
  if (view !== null) return slack.inbound.viewAction(botUrl, { ...click, view, state: stateOfView(view, all, menus) });
  const threadTs = message?.threadTs ?? whisper?.threadTs ?? null;
  return slack.inbound.action(botUrl, {
    ...click,
    ...{ channel: message?.channel ?? whisper?.channel ?? slack.channelId, messageTs: place.of, ephemeral: message === undefined },
    ...(threadTs === null ? {} : { threadTs }),
    message: { text: plainText(last?.text ?? ""), blocks },
  });
}

async function submit(context: ActContext, { as, view: id, filled: values }: Of<"submit">): Promise<Response | null> {
  const { replay, botUrl, problems } = context;
  const { slack } = replay;
  const user = idOf(context, as);
  const view = slack.views.dialogs(user).find((one) => one["id"] === id);
  if (view === undefined) return null;
  const state = stateOfView(view, values, await menusOf(context));
  const answer = await slack.inbound.viewSubmission(botUrl, { user, view, state });
  if (!answer.ok) return answer;
  const said: unknown = await answer
    .clone()
    .json()
    .catch(() => ({}));
  problems.set(user, (await slack.submitted(user, id, isObject(said) ? said : {})) ?? {});
  return answer;
}

/** null: what was pressed is not there any more. */
export async function perform(context: ActContext, act: Act): Promise<Response | null> {
  const { replay, botUrl, problems } = context;
  const { slack } = replay;
  const user = idOf(context, act.as);
  switch (act.kind) {
    case "control":
      return useControl(context, act);
    case "say":
      return act.words.startsWith("/") ? command(context, act) : say(context, act);
    case "submit":
      return submit(context, act);
    case "dismiss": {
      const view = slack.views.dialogs(user).find((one) => one["id"] === act.view);
      slack.views.close(user, "newest");
      problems.delete(user);
      return view?.["notify_on_close"] === true ? slack.inbound.viewClosed(botUrl, { user, view }) : new Response("");
    }
    case "shortcut": {
      const message = replay.messages().find(({ ts }) => ts === act.ts);
      const last = message?.versions.at(-1);
      if (message === undefined || last === undefined) return null;
      const channelName = (await slack.channels()).find(({ id }) => id === message.channel)?.name ?? "";
      const { ts, user: author, threadTs, channel } = message;
      return slack.inbound.shortcut(botUrl, {
        ...{ callbackId: act.callback, user, channel, channelName },
        message: { ts, user: author, text: last.text, blocks: last.blocks, ...(threadTs === null ? {} : { thread_ts: threadTs }) },
      });
    }
    case "home":
      return slack.inbound.event(botUrl, {
        ...{ type: "app_home_opened", user, channel: `D${user.slice(1)}`, tab: "home", event_ts: (Date.now() / 1000).toFixed(6) },
        ...(slack.views.home(user) === null ? {} : { view: slack.views.home(user) }),
      });
    case "make": {
      const made = await slack.make(act.as, act.name);
      return /^C[A-Z0-9]+$/.test(made) ? Response.json({ at: made }) : new Response(made, { status: 409 });
    }
    default:
      return act satisfies never;
  }
}
