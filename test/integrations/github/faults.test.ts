import { describe, expect, test } from "vitest";
import { ForbiddenError, IntegrationError, RateLimitedError, TimedOutError, UnexpectedAnswerError } from "../../../src/guard/errors.ts";
import type { OutgoingCall } from "../../../src/guard/outgoing.ts";
import { createGithubClient } from "../../../src/integrations/github/client.ts";
import { type Loopback, json, listen } from "../../support/loopback.ts";

const token = "ghp_canary0000000000000000000000000000";
const now = Date.parse("2026-05-01T10:00:00Z");
const signal = () => AbortSignal.timeout(120_000);

const repository = {
  full_name: "acme/shop",
  default_branch: "main",
  private: true,
  html_url: "https://github.com/acme/shop",
};

interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

/** A server that gives these answers in turn, the last one for ever, and a client that never really waits. */
async function answering(...answers: readonly Answer[]) {
  let index = 0;
  const server: Loopback = await listen((_request, response) => {
    const answer = answers[Math.min(index++, answers.length - 1)];
    json(response, answer?.status ?? 500, answer?.body ?? {}, { date: new Date(now).toUTCString(), ...answer?.headers });
  });
  const waits: number[] = [];
  const calls: OutgoingCall[] = [];
  const client = createGithubClient({
    baseUrl: server.url,
    auth: { token },
    fetch,
    now: () => now,
    sleep: async (ms) => void waits.push(ms),
    random: () => 0,
    onCall: (call) => void calls.push(call),
  });
  return { server, client, waits, calls, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

const ok: Answer = { status: 200, body: repository };
const read = (client: ReturnType<typeof createGithubClient>) => client.repository({ repository: "acme/shop" }, signal());

describe("rate limits", () => {
  const primary = (resetAt: number): Answer => ({
    status: 403,
    body: { message: "API rate limit exceeded for user ID 1." },
    headers: { "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(resetAt / 1000), "x-ratelimit-resource": "core" },
  });

  test("a primary limit that ends soon is waited out, to the second after its reset", async () => {
    await using github = await answering(primary(now + 4_000), ok);
    expect((await read(github.client)).value.defaultBranch).toBe("main");
    expect(github.waits).toEqual([5_000]);
    expect(github.calls.map(({ status, attempt }) => [status, attempt])).toEqual([
      [403, 1],
      [200, 2],
    ]);
  });

  test("a primary limit of half an hour is not waited for, and its end is told", async () => {
    await using github = await answering(primary(now + 1_800_000));
    const error = await read(github.client).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(RateLimitedError);
    expect((error as RateLimitedError).retryAfterMs).toBe(1_801_000);
    expect(github.server.seen).toHaveLength(1);
  });

  test("a secondary limit that names its wait is waited out", async () => {
    const limited = { status: 403, body: { message: "You have exceeded a secondary rate limit." }, headers: { "retry-after": "3" } };
    await using github = await answering(limited, ok);
    await read(github.client);
    expect(github.waits).toEqual([3_000]);
  });

  test.each([403, 429])("a secondary limit (%i) without a header means a minute, which a page cannot wait", async (status) => {
    await using github = await answering({
      status,
      body: { message: "You have exceeded a secondary rate limit. Please wait a few minutes." },
    });
    const error = await read(github.client).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(RateLimitedError);
    expect((error as RateLimitedError).retryAfterMs).toBe(60_000);
    expect(github.waits).toEqual([]);
  });

  test("a refused write is sent again after the wait: nothing was done", async () => {
    const limited = { status: 429, headers: { "retry-after": "1" } };
    await using github = await answering(limited, { status: 201, body: { sha: "a".repeat(40) } });
    const made = await github.client.git.createTree({ repository: "acme/shop", base: "b".repeat(40), changes: [] }, signal());
    expect(made).toBe("a".repeat(40));
  });
});

describe("refusals name what to do", () => {
  const message = async (answer: Answer) => {
    await using github = await answering(answer);
    const error = await read(github.client).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(IntegrationError);
    return error as IntegrationError;
  };

  test("401: the token", async () => {
    const error = await message({ status: 401, body: { message: "Bad credentials" } });
    expect(error).toBeInstanceOf(ForbiddenError);
    expect(error.message).toBe(
      "github: 401 for the repository of acme/shop. The token is not valid (any more): renew GITHUB_TOKEN, or check GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY.",
    );
  });

  test("403: the permission, as the call needs it or as GitHub names it", async () => {
    const plain = {
      status: 403,
      body: { message: "Resource not accessible by integration" },
      headers: { "x-ratelimit-remaining": "4999" },
    };
    expect((await message(plain)).message).toBe(
      'github: 403 for the repository of acme/shop. Give the token or app "metadata: read" on acme/shop.',
    );
    const named = { ...plain, headers: { "x-accepted-github-permissions": "contents=read" } };
    expect((await message(named)).message).toContain('"contents: read"');
  });

  test("403 of single sign-on: to authorise the token", async () => {
    const sso = { status: 403, body: { message: "Resource protected" }, headers: { "x-github-sso": "required; url=https://x" } };
    expect((await message(sso)).message).toContain("single sign-on");
  });

  test("404: that it may only be invisible", async () => {
    const error = await message({ status: 404, body: { message: "Not Found" } });
    expect(error.status).toBe(404);
    expect(error.message).toBe(
      'github: 404 for the repository of acme/shop. It does not exist, or the credential may not see it (needs "metadata: read").',
    );
  });

  test("409 and 422: what GitHub said", async () => {
    expect((await message({ status: 409, body: { message: "Git Repository is empty." } })).message).toBe(
      "github: 409 for the repository of acme/shop: Git Repository is empty.",
    );
    const invalid = {
      status: 422,
      body: { message: "Validation Failed", errors: [{ message: "No commits between a and b" }, { code: "x" }] },
    };
    expect((await message(invalid)).message).toContain("Validation Failed: No commits between a and b");
  });

  test("a moved repository: its new place is not followed with our credentials", async () => {
    await using github = await answering({ status: 301, headers: { location: "https://elsewhere.example/repositories/1" } });
    await expect(read(github.client)).rejects.toThrow(/redirects GET \/repos\/acme\/shop to https:\/\/elsewhere\.example/);
    expect(github.server.seen).toHaveLength(1);
  });
});

describe("broken answers", () => {
  test("a 502 of a read is asked again, that of a write is not", async () => {
    await using github = await answering({ status: 502 }, ok);
    expect((await read(github.client)).value.defaultBranch).toBe("main");
    await using writing = await answering({ status: 502 }, { status: 201, body: { sha: "a".repeat(40) } });
    const write = writing.client.git.createTree({ repository: "acme/shop", base: "b".repeat(40), changes: [] }, signal());
    await expect(write).rejects.toMatchObject({ status: 502, retryable: true });
    expect(writing.server.seen).toHaveLength(1);
  });

  test("a shape that is not known names the field", async () => {
    await using github = await answering({ status: 200, body: { ...repository, default_branch: 7 } });
    const error = await read(github.client).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UnexpectedAnswerError);
    expect((error as Error).message).toMatch(/the repository of acme\/shop in a shape midwatch does not know: default_branch: /);
  });

  test("HTML instead of JSON is no repository", async () => {
    await using server = await listen((_request, response) => {
      response.writeHead(200, { "content-type": "text/html" });
      response.end("<html>Unicorn!</html>");
    });
    const client = createGithubClient({ baseUrl: server.url, auth: { token }, fetch });
    await expect(read(client)).rejects.toBeInstanceOf(UnexpectedAnswerError);
  });

  test("no answer at all ends in words that hold no credential", async () => {
    const gone = await listen(() => undefined);
    await gone[Symbol.asyncDispose]();
    const client = createGithubClient({ baseUrl: gone.url, auth: { token }, fetch, sleep: async () => undefined });
    await expect(read(client)).rejects.toThrow(
      /^github could not be reached, or its answer broke off: GET \/repos\/acme\/shop \(3 tries\): ECONNREFUSED$/,
    );
  });

  test("a stalled answer ends at the time limit", async () => {
    await using server = await listen(() => undefined);
    const client = createGithubClient({ baseUrl: server.url, auth: { token }, fetch, timeoutMs: 20, sleep: async () => undefined });
    await expect(read(client)).rejects.toBeInstanceOf(TimedOutError);
    expect(server.seen).toHaveLength(3);
  });
});

describe("abort", () => {
  test("ends a call under way with the caller's reason", async () => {
    await using server = await listen(() => undefined);
    const client = createGithubClient({ baseUrl: server.url, auth: { token }, fetch });
    const controller = new AbortController();
    const asked = client.productionChanges({ repository: "acme/shop", services: [], window: { from: 0, to: 1 } }, controller.signal);
    setTimeout(() => controller.abort(new Error("the deadline of triage")), 30);
    await expect(asked).rejects.toThrow("the deadline of triage");
  });

  test("before a call: nothing is sent", async () => {
    await using github = await answering(ok);
    const aborted = AbortSignal.abort(new Error("stopped"));
    await expect(github.client.repository({ repository: "acme/shop" }, aborted)).rejects.toThrow("stopped");
    expect(github.server.seen).toHaveLength(0);
  });
});

test("calls carry our name, the API's version and the token, and nothing else holds the token", async () => {
  await using github = await answering(ok, { status: 500 });
  await read(github.client);
  expect(github.server.seen[0]?.headers).toMatchObject({
    authorization: `token ${token}`,
    accept: "application/vnd.github+json",
    "x-github-api-version": "2022-11-28",
    "user-agent": expect.stringMatching(/^midwatch/),
  });
  const error: unknown = await read(github.client).catch((reason: unknown) => reason);
  const told = JSON.stringify([
    github.calls,
    error instanceof Error ? [error.message, error.stack, String(error.cause), JSON.stringify(error.cause)] : error,
  ]);
  expect(told).not.toContain(token);
  expect(told).toContain("github: 500");
});
