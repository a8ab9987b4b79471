import { createEmulator } from "emulate";

export interface BackendAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed JSON, or bytes where it is none, or null. */
  readonly body: unknown;
}

/** The emulated GitHub, which holds git's objects and the pull requests that clients open. */
export interface Backend {
  /** Base of URLs that the emulator writes into its answers. */
  readonly ownUrl: string;
  call(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<BackendAnswer>;
  close(): Promise<void>;
}

/** Login of the account that the token belongs to. */
export const botLogin = "midwatch-bot";
/** The emulator answers 5,000 calls an hour for each token and takes any token for this account's, so a new one is used in time. */
const CALLS_PER_TOKEN = 4_000;

/** What the emulator begins with, in its own words. */
export interface GithubSeed {
  readonly users: readonly [{ readonly login: string; readonly name: string; readonly email?: string }];
  readonly [part: string]: unknown;
}

/** Starts the emulator. A call with an unknown token is its first user. */
export async function startBackend(seed: GithubSeed): Promise<Backend> {
  const emulator = await createEmulator({
    service: "github",
    port: 0,
    // None of these is used: an unknown token stands for the first user, with all that is needed.
    seed: { tokens: { unused: { login: seed.users[0].login } }, github: seed },
  });
  const inside = `http://127.0.0.1:${new URL(emulator.url).port}`;
  let calls = 0;
  return {
    ownUrl: emulator.url,
    close: () => emulator.close(),
    async call(method, path, body, headers = {}) {
      const response = await fetch(inside + path, {
        method,
        headers: {
          authorization: `Bearer inside-${Math.floor(calls++ / CALLS_PER_TOKEN)}`,
          ...headers,
          ...(body === undefined ? {} : { "content-type": "application/json" }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        redirect: "manual",
      });
      const bytes = Buffer.from(await response.arrayBuffer());
      const isJson = response.headers.get("content-type")?.includes("json") === true;
      const parsed: unknown = bytes.length === 0 ? null : isJson ? JSON.parse(bytes.toString()) : bytes;
      return { status: response.status, headers: response.headers, body: parsed };
    },
  };
}
