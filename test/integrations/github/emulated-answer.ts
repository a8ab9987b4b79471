import { once } from "node:events";
import { type IncomingMessage, type RequestListener, createServer } from "node:http";

// oxlint-disable-next-line typescript/no-explicit-any -- answers of a test server, looked into by tests only
export type Json = any;

export interface SeenCall {
  readonly method: string;
  /** Path with query string. */
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: unknown;
}

export interface EmulatedAnswer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string | Buffer;
}

export const iso = (at: number) => `${new Date(at).toISOString().slice(0, 19)}Z`;

export const json = (status: number, body: unknown, headers: Record<string, string> = {}): EmulatedAnswer => ({
  status,
  headers: { "content-type": "application/json; charset=utf-8", ...headers },
  body: JSON.stringify(body),
});

export const parsed = (answer: EmulatedAnswer): Json => JSON.parse(String(answer.body)) as Json;

/** GitHub's words of an error. */
export const problem = (status: number, message: string): EmulatedAnswer =>
  json(status, { message, documentation_url: "https://docs.github.com/rest", status: String(status) });

/** One page of a list, with GitHub's Link header; `wrap` is what stands around the page. */
export function paged(
  base: string,
  call: SeenCall,
  items: readonly Json[],
  wrap: (page: readonly Json[]) => unknown = (page) => page,
): EmulatedAnswer {
  const url = new URL(call.path, base);
  const page = Number(url.searchParams.get("page") ?? 1);
  const size = Number(url.searchParams.get("per_page") ?? 30);
  url.searchParams.set("page", String(page + 1));
  const more = items.length > page * size;
  return json(200, wrap(items.slice((page - 1) * size, page * size)), more ? { link: `<${url.href}>; rel="next"` } : {});
}

/** An account as it stands in answers. */
export const account = (login: string): Json => {
  const api = `https://api.github.com/users/${login}`;
  return {
    login,
    id: [...login].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 7) % 1_000_000,
    node_id: `U_${login}`,
    avatar_url: `https://avatars.githubusercontent.com/${login}`,
    gravatar_id: "",
    url: api,
    html_url: `https://github.com/${login}`,
    followers_url: `${api}/followers`,
    following_url: `${api}/following{/other_user}`,
    gists_url: `${api}/gists{/gist_id}`,
    starred_url: `${api}/starred{/owner}{/repo}`,
    subscriptions_url: `${api}/subscriptions`,
    organizations_url: `${api}/orgs`,
    repos_url: `${api}/repos`,
    events_url: `${api}/events{/privacy}`,
    received_events_url: `${api}/received_events`,
    type: "User",
    site_admin: false,
  };
};

/** The emulator tells organisations with fewer fields than GitHub does where they stand as somebody's account. */
export function completed(value: Json): Json {
  if (Array.isArray(value)) return value.map(completed);
  if (typeof value !== "object" || value === null) return value;
  const all = Object.fromEntries(Object.entries(value as Record<string, Json>).map(([key, part]) => [key, completed(part)]));
  return typeof all["login"] === "string" && !("followers_url" in all) ? { ...account(all["login"]), ...all } : all;
}

export interface Listening extends AsyncDisposable {
  readonly url: string;
}

/** An HTTP server on a free loopback port. */
export async function listen(handler: RequestListener): Promise<Listening> {
  const server = createServer(handler);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
