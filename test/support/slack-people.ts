import { json, listen, type Loopback } from "./loopback.ts";

export const HOME = { team_id: "T0HOME", user_id: "U0BOT", user: "midwatch", team: "Acme", bot_id: "B0BOT" };
export const CHANNEL = "C0INC";

/** People by their ids, as `users.info` tells of them; unknown ones are not found. */
export type People = Readonly<Record<string, object>>;

const member = (id: string, more: object = {}) => ({
  id,
  name: id.toLowerCase(),
  team_id: HOME.team_id,
  deleted: false,
  is_bot: false,
  ...more,
});

export const everybody: People = {
  U0ANA: member("U0ANA"),
  U0BEN: member("U0BEN"),
  U0GUEST: member("U0GUEST", { is_restricted: true }),
  U0SINGLE: member("U0SINGLE", { is_restricted: true, is_ultra_restricted: true }),
  U0GONE: member("U0GONE", { deleted: true }),
  U0STRANGER: member("U0STRANGER", { team_id: "T0OTHER", is_stranger: true }),
  U0OTHER: member("U0OTHER", { team_id: "T0OTHER" }),
  U0APP: member("U0APP", { is_bot: true }),
  U0FLOW: member("U0FLOW", { is_workflow_bot: true }),
  U0BOT: member("U0BOT", { is_bot: true }),
  U0INVITED: member("U0INVITED", { is_invited_user: true }),
};

export interface FakeSlack extends AsyncDisposable {
  readonly url: string;
  /** What was said to one person alone: who, and the words. */
  readonly whispers: readonly (readonly [string, string])[];
  /** Changes what Slack knows; `down`: it answers nothing any more. */
  set(changed: { readonly people?: People; readonly channel?: object; readonly home?: object; readonly down?: boolean }): void;
}

/** A Slack that knows who people are, and takes messages. @param keeps false: it remembers nothing that was said */
export async function startSlackPeople(keeps = true): Promise<FakeSlack> {
  const state = { people: everybody, channel: {} as object, home: {} as object, down: false };
  const whispers: (readonly [string, string])[] = [];
  let posted = 0;
  const server: Loopback = await listen(({ url, body }, response) => {
    const asked = new URLSearchParams(body);
    const user = state.people[asked.get("user") ?? ""];
    if (state.down) return json(response, 503, {});
    switch (url.replace("/api/", "")) {
      case "auth.test":
        return json(response, 200, { ok: true, ...HOME, url: "https://acme.slack.test/", ...state.home });
      case "users.info":
        return json(response, 200, user === undefined ? { ok: false, error: "user_not_found" } : { ok: true, user });
      case "conversations.info":
        return json(response, 200, { ok: true, channel: { id: CHANNEL, name: "incidents", is_member: true, ...state.channel } });
      case "usergroups.users.list":
        return json(response, 200, { ok: true, users: asked.get("usergroup") === "S0SRE" ? ["U0BEN"] : [] });
      case "chat.postMessage":
        return json(response, 200, { ok: true, channel: CHANNEL, ts: `1700000000.${String(++posted).padStart(6, "0")}` });
      case "chat.update":
        return json(response, 200, { ok: true, channel: CHANNEL, ts: asked.get("ts") ?? "" });
      case "chat.postEphemeral":
        if (keeps) whispers.push([asked.get("user") ?? "", asked.get("text") ?? ""]);
        return json(response, 200, { ok: true, message_ts: "1.1" });
      default:
        return json(response, 200, { ok: false, error: "unknown_method" });
    }
  }, keeps);
  return {
    url: `${server.url}/api`,
    whispers,
    set: (changed) => void Object.assign(state, changed),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
