import type { z } from "zod";
import { ForbiddenError, IntegrationError, RateLimitedError, UnexpectedAnswerError } from "../../guard/errors.ts";
import { type Caller, type Fetch, callerOf, outgoingFetch } from "../../guard/outgoing.ts";
import { openGate } from "../../guard/policy.ts";
import { type AppIdentity, type GithubAuth, createTokenSource } from "./auth.ts";
import type { Access } from "./permissions.ts";
import { githubPolicy } from "./policy.ts";
import { SECONDARY_LIMIT_WAIT_MS, isRateLimited, rateLimitWaitMs } from "./rate-limit.ts";
import { type RepositoryName, parseRepository } from "./repository-name.ts";
import { type Download, signedDownloads } from "./signed-download.ts";

export interface GithubSettings extends Caller {
  /** REST root: `https://api.github.com`, `https://HOST/api/v3` for Enterprise Server, or a proxy. */
  readonly baseUrl?: string | undefined;
  readonly auth: GithubAuth;
  /** The catalog's repositories. Given, every other name is refused before a call is made. */
  readonly repositories?: readonly string[] | undefined;
}

/** One call: which, for what, with which right. */
export interface Call<T> {
  /** Octokit's form: `GET /repos/{owner}/{repo}/commits`. */
  readonly route: string;
  readonly repository: string;
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly schema: z.ZodType<T>;
  /** What is asked, in words: "the commits". */
  readonly what: string;
  /** The permission of the token that it needs, as GitHub names it: "contents: read". */
  readonly permission: string;
  readonly access?: Access;
  readonly mediaType?: string;
}

/** A parsed answer with the text it came in. */
export interface Reply<T> {
  readonly value: T;
  readonly raw: string;
  /** There is another page. */
  readonly more: boolean;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Connection {
  /** Loads octokit ahead of the first call. */
  warm(): Promise<void>;
  call<T>(call: Call<T>, signal: AbortSignal): Promise<Reply<T>>;
  /** Pages of a list, oldest call first, until `enough` says so, there are no more, or `most` pages were read. */
  pages<T>(
    call: Call<readonly T[]>,
    limits: { perPage: number; most: number; enough?: (items: readonly T[]) => boolean },
    signal: AbortSignal,
  ): Promise<Reply<readonly T[]>>;
  /** What lies at the address that a redirect named, asked for without any credential. */
  readonly download: Download;
  /** The GitHub App that is asking; null where a token is. */
  app(): Promise<AppIdentity | null>;
  /** Checks a name against the catalog. */
  repository(name: string): RepositoryName;
  /** Root of the web pages people open, without a slash at its end. */
  readonly web: string;
}

/** Logs lie elsewhere, behind a signed address that is good for a minute. */
const redirectsToLog = (method: string, url: URL) => method === "GET" && /\/actions\/jobs\/\d+\/logs$/.test(url.pathname);

// A later version removes fields we do not read, but is not on every Enterprise Server yet.
const API_VERSION = "2022-11-28";
const USER_AGENT = "midwatch";

/** `https://api.github.com` → `https://github.com`; Enterprise Server and others: the API's own origin. */
export function webRoot(baseUrl: string): string {
  const url = new URL(baseUrl);
  return url.hostname === "api.github.com" ? "https://github.com" : url.origin;
}

type Octokit = {
  request: (route: string, parameters: Record<string, unknown>) => Promise<{ status: number; headers: object; data: unknown }>;
};

/** The calls' common part: octokit without its own retries, one token per repository and access, errors in words for people. */
export function connect(settings: GithubSettings): Connection {
  const { auth, repositories, now = Date.now } = settings;
  const baseUrl = (settings.baseUrl ?? "https://api.github.com").replace(/\/+$/, "");
  const send = outgoingFetch({
    ...callerOf(settings),
    vendor: "github",
    rateLimited: isRateLimited,
    limitHeader: "x-ratelimit-resource",
    returnsRedirect: redirectsToLog,
    retryAfterMs: rateLimitWaitMs,
    gate: openGate(githubPolicy, baseUrl, { repositories }),
  });
  const tokens = createTokenSource(auth, { baseUrl, fetch: send, now });
  const repository = (name: string) => parseRepository(name, repositories);
  let octokit: Promise<Octokit> | null = null;
  const load = () =>
    (octokit ??= import("@octokit/core").then(({ Octokit: Client }) => {
      const quiet = () => undefined;
      return new Client({
        baseUrl,
        userAgent: USER_AGENT,
        log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
      });
    }));

  const call = async <T>(asked: Call<T>, signal: AbortSignal): Promise<Reply<T>> => {
    const name = repository(asked.repository);
    signal.throwIfAborted();
    const [client, authorization] = await untilAborted(Promise.all([load(), tokens.authorization(name, asked.access ?? "read")]), signal);
    let raw = "";
    // What our own fetch throws is what the caller shall see; octokit would wrap it as if GitHub had answered 500.
    let failure: { readonly error: unknown } | null = null;
    const capture: Fetch = async (input, init) => {
      try {
        const response = await send(input, init);
        raw = await response.clone().text();
        return response;
      } catch (error) {
        failure = { error };
        throw error;
      }
    };
    let answer: { headers: object; data: unknown };
    try {
      answer = await client.request(asked.route, {
        ...(asked.route.includes("{owner}") ? { owner: name.owner, repo: name.repo } : {}),
        ...asked.parameters,
        headers: {
          authorization,
          "x-github-api-version": API_VERSION,
          accept: asked.mediaType ?? "application/vnd.github+json",
        },
        request: { fetch: capture, signal },
      });
    } catch (error) {
      const own = failure as { readonly error: unknown } | null;
      if (own !== null) throw own.error;
      if (statusOf(error) === 401) tokens.forget(name);
      throw refused(error, asked, name);
    }
    const parsed = asked.schema.safeParse(answer.data);
    if (!parsed.success) {
      const problem = parsed.error.issues[0];
      throw new UnexpectedAnswerError(
        "github",
        `${asked.what} of ${name.fullName}`,
        problem === undefined ? "no reason given" : `${problem.path.join(".") || "the answer"}: ${problem.message}`,
        parsed.error,
      );
    }
    const headers = answer.headers as Record<string, string>;
    return { value: parsed.data, raw, headers, more: /\brel="next"/.test(headers.link ?? "") };
  };

  return {
    warm: async () => void (await load()),
    call,
    download: signedDownloads({ ...settings, baseUrl, userAgent: USER_AGENT }),
    app: () => tokens.app(),
    repository,
    web: webRoot(baseUrl),
    async pages(asked, { perPage, most, enough }, signal) {
      const items: Awaited<ReturnType<typeof asked.schema.parseAsync>>[number][] = [];
      const raws: string[] = [];
      for (let page = 1; ; page++) {
        const reply = await call({ ...asked, parameters: { ...asked.parameters, per_page: perPage, page } }, signal);
        items.push(...reply.value);
        raws.push(reply.raw);
        if (!reply.more || page >= most || enough?.(items) === true) {
          return { value: items, raw: raws.join("\n"), more: reply.more, headers: reply.headers };
        }
      }
    },
  };
}

/** A token is shared by all calls, so asking for it does not end with one call's signal; waiting for it does. */
async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

const statusOf = (error: unknown): number | null =>
  typeof error === "object" && error !== null && "response" in error && "status" in error && typeof error.status === "number"
    ? error.status
    : null;

function messageOf(error: unknown): string {
  if (typeof error !== "object" || error === null || !("response" in error)) return "";
  const data = (error.response as { data?: unknown } | undefined)?.data;
  if (typeof data !== "object" || data === null) return "";
  const parts = "message" in data && typeof data.message === "string" ? [data.message] : [];
  if ("errors" in data && Array.isArray(data.errors)) {
    for (const item of data.errors as unknown[]) {
      if (typeof item === "string") parts.push(item);
      else if (typeof item === "object" && item !== null && "message" in item && typeof item.message === "string") parts.push(item.message);
    }
  }
  return parts.join(": ").slice(0, 300);
}

function headerOf(error: unknown, name: string): string | null {
  if (typeof error !== "object" || error === null || !("response" in error)) return null;
  const headers = (error.response as { headers?: Record<string, unknown> } | undefined)?.headers;
  const value = headers?.[name];
  return typeof value === "string" ? value : null;
}

/** GitHub's refusal in words for people: what was asked, what came back, what to do. */
function refused(error: unknown, call: Call<unknown>, { fullName }: RepositoryName): unknown {
  const status = statusOf(error);
  const what = `${call.what} of ${fullName}`;
  if (status === null) return error;
  const said = messageOf(error);
  if (status === 401) {
    const todo = "The token is not valid (any more): renew GITHUB_TOKEN, or check GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY.";
    return new ForbiddenError("github", 401, what, todo);
  }
  if (status === 403) {
    // A secondary limit may come without any header that says so.
    if (/secondary rate limit|abuse detection/i.test(said)) return new RateLimitedError("github", SECONDARY_LIMIT_WAIT_MS);
    if (headerOf(error, "x-github-sso") !== null) {
      return new ForbiddenError("github", 403, what, "The organisation uses single sign-on: authorise the token for it.");
    }
    const needed = headerOf(error, "x-accepted-github-permissions")?.replaceAll("=", ": ").replaceAll(";", " and ") ?? call.permission;
    return new ForbiddenError("github", 403, what, `Give the token or app "${needed}" on ${fullName}.`);
  }
  if (status === 404) {
    const todo = `It does not exist, or the credential may not see it (needs "${call.permission}").`;
    return new IntegrationError("github", `github: 404 for ${what}. ${todo}`, { status, cause: error });
  }
  const words = said === "" ? "" : `: ${said}`;
  return new IntegrationError("github", `github: ${status} for ${what}${words}`, { status, retryable: status >= 500, cause: error });
}
