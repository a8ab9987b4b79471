import { type Listening, listen } from "./emulated-answer.ts";

/** A second host, where the fake keeps logs of jobs as GitHub does: reached by signed addresses alone, and never with GitHub's credentials. */
export interface EmulatedStorage extends AsyncDisposable {
  /** The host's name, as GitHub's answers name it. */
  readonly host: string;
  readonly url: string;
  /** What it was asked: path with query string, and the headers. */
  readonly seen: { readonly path: string; readonly headers: Readonly<Record<string, string | string[] | undefined>> }[];
  put(path: string, log: string | Uint8Array): void;
  has(path: string): boolean;
  /** What the host answers to a path. */
  answer(path: string, authorization: string | undefined): { status: number; body: string | Uint8Array };
}

/** Stands in each signed address, so that a test can look for it where it must not be. */
export const SIGNATURE = "canary-signature";

export const signed = (path: string) => `${path}?se=2026-05-01T10%3A10%3A00Z&sp=r&sig=${SIGNATURE}`;

export async function emulateStorage(): Promise<EmulatedStorage> {
  const logs = new Map<string, string | Uint8Array>();
  const seen: EmulatedStorage["seen"] = [];
  const answer: EmulatedStorage["answer"] = (path, authorization) => {
    const url = new URL(path, "http://storage");
    const refused = (status: number, code: string) => ({ status, body: `<?xml version="1.0"?><Error><Code>${code}</Code></Error>` });
    if (authorization !== undefined) return refused(400, "InvalidAuthenticationInfo");
    if (url.searchParams.get("sig") !== SIGNATURE) return refused(403, "AuthenticationFailed");
    const log = logs.get(url.pathname);
    return log === undefined ? refused(404, "BlobNotFound") : { status: 200, body: log };
  };
  const server: Listening = await listen((request, response) => {
    const path = request.url ?? "/";
    seen.push({ path, headers: request.headers });
    const told = answer(path, request.headers.authorization);
    response.writeHead(told.status, { "content-type": told.status === 200 ? "text/plain" : "application/xml" });
    response.end(told.body);
  });
  return {
    host: "productionresultssa0.blob.core.windows.net",
    url: server.url,
    seen,
    put: (path, log) => void logs.set(path, log),
    has: (path) => logs.has(path),
    answer,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
