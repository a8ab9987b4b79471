import { isObject, type Json, objectsIn } from "../json.ts";
import { problemsOfView } from "./block-kit.ts";

/** What a bot shows outside messages: dialogs, App Home, canvases. */

export interface Canvas {
  readonly id: string;
  readonly title: string;
  /** The channel of which it is a tab; null: of none. */
  readonly channel: string | null;
  readonly markdown: string;
  /** Who may read it beside its channel. */
  readonly users: readonly string[];
}

type Parameters = Readonly<Record<string, string>>;
const failed = (error: string, more: Json = {}): Json => ({ ok: false, error, ...more });

const parsed = (value: string | undefined): unknown => {
  try {
    return JSON.parse(value ?? "");
  } catch {
    return null;
  }
};

/** What Slack says to a view that it does not take, or null. */
export function refusalOfView(method: string, { view }: Parameters): Json | null {
  if (!["views.open", "views.push", "views.update", "views.publish"].includes(method)) return null;
  const problems = problemsOfView(parsed(view));
  return problems.length === 0
    ? null
    : failed("invalid_arguments", { response_metadata: { messages: problems.map((one) => `[ERROR] ${one}`) } });
}

/** What is open for whom, from the answers of the emulator's `views` methods. */
export class Views {
  /** By person: their open dialogs, the newest last. */
  readonly #dialogs = new Map<string, Json[]>();
  readonly #homes = new Map<string, Json>();
  readonly #owners = new Map<string, string>();
  /** One more with each thing that is not as it was. */
  version = 0;

  /** @param user whose trigger id it was, or whose home it is */
  note(method: string, user: string, answer: Json): void {
    const view = answer["view"];
    if (answer["ok"] !== true || !isObject(view)) return;
    const owner = this.#owners.get(String(view["id"])) ?? user;
    this.#owners.set(String(view["id"]), owner);
    this.version += 1;
    if (method === "views.publish" || view["type"] === "home") this.#homes.set(owner, view);
    else if (method === "views.open") this.#dialogs.set(owner, [view]);
    else if (method === "views.push") this.#dialogs.set(owner, [...this.dialogs(owner), view]);
    else if (method === "views.update") this.replace(owner, view);
  }

  dialogs(user: string): readonly Json[] {
    return this.#dialogs.get(user) ?? [];
  }

  home(user: string): Json | null {
    return this.#homes.get(user) ?? null;
  }

  replace(user: string, view: Json): void {
    this.version += 1;
    this.#dialogs.set(
      user,
      this.dialogs(user).map((one) => (one["id"] === view["id"] ? view : one)),
    );
  }

  /** Closes the newest dialog of a person, or all. */
  close(user: string, which: "newest" | "all"): void {
    this.version += 1;
    this.#dialogs.set(user, which === "all" ? [] : this.dialogs(user).slice(0, -1));
  }
}

/** The `canvases` methods. Source: docs.slack.dev, shared by contract in `web-api-methods`. */
export class Canvases {
  readonly all = new Map<string, Canvas>();

  /** null: no method of these. @param scopes of the token */
  answer(method: string, parameters: Parameters, scopes: readonly string[]): Json | null {
    if (!/^(?:conversations\.)?canvases\./.test(method)) return null;
    if (!scopes.includes("canvases:write")) return failed("missing_scope", { needed: "canvases:write", provided: scopes.join(",") });
    switch (method) {
      case "canvases.create":
      case "conversations.canvases.create":
        return this.#create(parameters);
      case "canvases.edit":
        return this.#edit(parameters);
      case "canvases.access.set": {
        const canvas = this.all.get(parameters["canvas_id"] ?? "");
        if (canvas === undefined) return failed("canvas_not_found");
        const users = parsed(parameters["user_ids"]);
        this.all.set(canvas.id, { ...canvas, users: Array.isArray(users) ? users.map(String) : canvas.users });
        return { ok: true };
      }
      default:
        return failed("unknown_method", { req_method: method });
    }
  }

  #create(parameters: Parameters): Json {
    const content =
      parameters["document_content"] === undefined ? { type: "markdown", markdown: "" } : parsed(parameters["document_content"]);
    if (!isObject(content) || content["type"] !== "markdown" || typeof content["markdown"] !== "string")
      return failed("invalid_arguments", { response_metadata: { messages: ["[ERROR] must be a markdown document"] } });
    const id = `F0CANVAS${String(this.all.size + 1).padStart(3, "0")}`;
    const { title = "Untitled", channel_id: channel = null } = parameters;
    this.all.set(id, { id, title, channel, markdown: content["markdown"], users: [] });
    return { ok: true, canvas_id: id };
  }

  #edit(parameters: Parameters): Json {
    const canvas = this.all.get(parameters["canvas_id"] ?? "");
    if (canvas === undefined) return failed("canvas_not_found");
    const [change] = objectsIn(parsed(parameters["changes"]));
    const content = change?.["document_content"];
    const markdown = isObject(content) ? String(content["markdown"] ?? "") : "";
    const whole = change?.["operation"] === "replace" ? markdown : `${canvas.markdown}\n${markdown}`;
    this.all.set(canvas.id, { ...canvas, markdown: whole });
    return { ok: true };
  }
}
