import { listen } from "../loopback.ts";

/** A second host, where the fake keeps logs of jobs as GitHub does: reached by signed addresses alone, and never with GitHub's credentials. */
export interface LogStorage extends AsyncDisposable {
  /** The host's name, as GitHub's answers name it. */
  readonly host: string;
  /** What it was asked: path with query string, and the headers. */
  readonly seen: { readonly path: string; readonly headers: Readonly<Record<string, string | string[] | undefined>> }[];
  /** A fetch that reaches the host by its name. */
  readonly fetch: typeof fetch;
  put(path: string, log: string | Uint8Array): void;
  has(path: string): boolean;
  /** What the host answers to a path. */
  answer(path: string, authorization: string | undefined): { status: number; body: string | Uint8Array };
}

/** Is in each signed address, so that a test can look for it where it must not be. */
export const SIGNATURE = "canary-signature";

export const signed = (path: string) => `${path}?se=2026-05-01T10%3A10%3A00Z&sp=r&sig=${SIGNATURE}`;

export async function logStorage(): Promise<LogStorage> {
  const host = "productionresultssa0.blob.core.windows.net";
  const logs = new Map<string, string | Uint8Array>();
  const seen: LogStorage["seen"] = [];
  const answer: LogStorage["answer"] = (path, authorization) => {
    const url = new URL(path, "http://storage");
    const refused = (status: number, code: string) => ({ status, body: `<?xml version="1.0"?><Error><Code>${code}</Code></Error>` });
    if (authorization !== undefined) return refused(400, "InvalidAuthenticationInfo");
    if (url.searchParams.get("sig") !== SIGNATURE) return refused(403, "AuthenticationFailed");
    const log = logs.get(url.pathname);
    return log === undefined ? refused(404, "BlobNotFound") : { status: 200, body: log };
  };
  const server = await listen(({ url, headers }, response) => {
    seen.push({ path: url, headers });
    const { status, body } = answer(url, headers.authorization);
    response.writeHead(status, { "content-type": status === 200 ? "text/plain" : "application/xml" });
    response.end(body);
  });
  return {
    host,
    seen,
    answer,
    put: (path, log) => void logs.set(path, log),
    has: (path) => logs.has(path),
    fetch: (input, init) => {
      const asked = new URL(input instanceof Request ? input.url : String(input));
      if (asked.hostname !== host) return fetch(input, init);
      const there = server.url + asked.pathname + asked.search;
      return fetch(input instanceof Request ? new Request(there, input) : there, init);
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
