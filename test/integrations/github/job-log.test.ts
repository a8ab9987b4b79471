import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { ForbiddenError, IntegrationError, TimedOutError } from "../../../src/guard/errors.ts";
import type { Fetch, OutgoingCall } from "../../../src/guard/outgoing.ts";
import { createGithubClient } from "../../../src/integrations/github/client.ts";
import { plainLog } from "../../../src/integrations/github/job-log.ts";
import { listen } from "../../support/loopback.ts";
import { type EmulatedGithub, TOKEN, type TestRepository, emulateGithub } from "../../support/github/github.ts";
import { SIGNATURE } from "../../support/github/storage.ts";

const signal = () => AbortSignal.timeout(120_000);
const name = "acme/shop";
let github: EmulatedGithub;
let repository: TestRepository;
let sha: string;
const calls: OutgoingCall[] = [];

beforeAll(async () => {
  github = await emulateGithub();
  repository = await github.createRepository("shop");
  sha = await repository.commit({ "a.ts": "a\n" });
});
afterAll(async () => github[Symbol.asyncDispose]());
afterEach(() => {
  github.fault = null;
  github.logs = "here";
  github.lacks = [];
});

const clientWith = (over: { fetch?: Fetch; timeoutMs?: number } = {}) =>
  createGithubClient({
    baseUrl: github.url,
    auth: { token: TOKEN },
    fetch: github.fetch,
    sleep: async () => undefined,
    onCall: (call) => void calls.push(call),
    ...over,
  });

const jobWith = (log: string | Uint8Array) => repository.check(sha, { name: "test", state: "failure", log });
const read = (id: number, most = 1_000, client = clientWith()) => client.jobLog({ repository: name, id, most }, signal());
const redirectTo = (location: string) => {
  github.fault = ({ path }) => (path.endsWith("/logs") ? { status: 302, headers: { location }, body: "" } : null);
};

const stored = [
  "\uFEFF2026-05-01T10:00:00.1234567Z ##[group]Run npm test\r",
  "2026-05-01T10:00:01.0000000Z \u001B[36;1mnpm test\u001B[0m\r",
  "2026-05-01T10:00:02.0000000Z \r",
  "2026-05-01T10:00:03.0000000Z \u001B[31m✗ token cache hits\u001B[39m for the same merchant at 2026-05-01T09:59:59Z",
  "2026-05-01T10:00:03.5000000Z \u001B]8;;https://x.example\u0007link\u001B]8;;\u0007 \u001B(Bend",
  "2026-05-01T10:00:04.0000000Z ##[error]Process completed with exit code 1.",
  "",
].join("\n");
const plain = [
  "##[group]Run npm test",
  "npm test",
  "",
  "✗ token cache hits for the same merchant at 2026-05-01T09:59:59Z",
  "link end",
  "##[error]Process completed with exit code 1.",
  "",
].join("\n");

test("a log is read as people read it: without timestamps at line starts, colours and carriage returns", async () => {
  const id = await jobWith(stored);
  expect(await read(id)).toEqual({
    source: "GitHub",
    query: `log of job ${id} of acme/shop`,
    window: null,
    link: `${github.url}/acme/shop/runs/${id}`,
    value: plain,
    raw: plain,
    cut: null,
  });
});

test("lines without a timestamp and progress bars are kept as text; of a broken escape nothing stays", () => {
  expect(plainLog("no time\n2026-05-01 is a day\n10 %\r50 %\r\n\u001B[")).toBe("no time\n2026-05-01 is a day\n10 %\n50 %\n");
});

describe("a redirect", () => {
  test.each(["here", "storage"] as const)("to the log (%s) is followed without our credential", async (place) => {
    github.logs = place;
    const id = await jobWith(stored);
    const [asked, there] = [github.seen.length, github.storage.seen.length];
    expect((await read(id))?.value).toBe(plain);
    const followed = place === "here" ? github.seen.slice(asked + 1) : github.storage.seen.slice(there);
    expect(github.seen[asked]?.headers.authorization).toBe(`token ${TOKEN}`);
    expect(followed).toHaveLength(1);
    expect(followed[0]?.path).toContain(SIGNATURE);
    expect(followed[0]?.headers.authorization).toBeUndefined();
    expect(JSON.stringify(followed[0]?.headers)).not.toContain(TOKEN);
  });

  test("that is relative leads to the API's own host", async () => {
    const id = await jobWith(stored);
    redirectTo(`/actions-results/${name}/${id}?sig=${SIGNATURE}`);
    expect((await read(id))?.value).toBe(plain);
  });

  test.each([
    "http://productionresultssa0.blob.core.windows.net/x",
    "https://productionresultssa0.blob.core.windows.net:8443/x",
    "https://blob.core.windows.net.evil.example/x",
    "https://evilblob.core.windows.net/x",
    "https://actions.githubusercontent.com.evil.example/x",
    "https://raw.githubusercontent.com/x",
    "https://evil.example/x?sig=s3cret",
    "http://127.0.0.1:1/x",
    "http://169.254.169.254/latest/meta-data",
    "file:///etc/passwd",
    "data:text/plain,log",
  ])("to %s is not followed; nothing is sent there", async (location) => {
    const id = await jobWith(stored);
    redirectTo(location);
    const reached: string[] = [];
    const client = clientWith({
      fetch: (input, init) => {
        reached.push(String(input instanceof Request ? input.url : input));
        return github.fetch(input, init);
      },
    });
    const error: unknown = await read(id, 1_000, client).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(IntegrationError);
    expect(String(error)).toMatch(/midwatch does not call GET .*nothing was sent/);
    expect(String(error)).not.toContain("s3cret");
    expect(reached.filter((url) => !url.startsWith(github.url))).toEqual([]);
  });

  test("with a user name in it is refused", async () => {
    const id = await jobWith(stored);
    redirectTo(`https://user:secret@${github.storage.host}/x`);
    const error: unknown = await read(id).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(IntegrationError);
    expect(String(error)).not.toContain("secret");
  });

  test("what is not an address is reported", async () => {
    const id = await jobWith(stored);
    redirectTo("https://");
    await expect(read(id)).rejects.toThrow("something that is not an address");
  });

  test("of a redirect is not followed", async () => {
    const id = await jobWith(stored);
    const other = `${github.url}/elsewhere?sig=${SIGNATURE}`;
    github.fault = ({ path }) =>
      path.endsWith("/logs") || path.startsWith("/elsewhere")
        ? { status: 302, headers: { location: path.endsWith("/logs") ? other : `${github.url}/actions-results/${name}/${id}` }, body: "" }
        : null;
    const from = github.seen.length;
    await expect(read(id)).rejects.toThrow(/redirects GET \/elsewhere/);
    expect(github.seen.length).toBe(from + 2);
  });

  test("of any other call is not followed", async () => {
    github.fault = () => ({ status: 302, headers: { location: `${github.url}/elsewhere` } });
    await expect(clientWith().repository({ repository: name }, signal())).rejects.toThrow(/redirects GET \/repos\/acme\/shop/);
  });
});

test("the signature is in no error and in no audit line", async () => {
  github.logs = "storage";
  const id = await jobWith(stored);
  await read(id);
  const failing: Fetch = async (input, init) =>
    new URL(String(input)).hostname === github.storage.host ? new Response("no", { status: 403 }) : github.fetch(input, init);
  const error: unknown = await read(id, 1_000, clientWith({ fetch: failing })).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(IntegrationError);
  // The storage's refusal says nothing of our permissions.
  expect(error).not.toBeInstanceOf(ForbiddenError);
  expect(String(error)).toContain("which answers 403");
  expect(calls.some(({ url }) => url.includes(github.storage.host))).toBe(true);
  expect(JSON.stringify([String(error), calls])).not.toContain(SIGNATURE);
});

describe("there is no log", () => {
  test("of a check that is no Actions job, or not finished", async () => {
    expect(await read(await repository.check(sha, { name: "other ci", app: "buildkite", state: "failure" }))).toBeNull();
    expect(await read(987_654)).toBeNull();
  });

  test("where GitHub deleted it: 410, or nothing lies at the address", async () => {
    const id = await jobWith(stored);
    github.fault = ({ path }) => (path.endsWith("/logs") ? { status: 410, body: { message: "Gone" } } : null);
    expect(await read(id)).toBeNull();
    redirectTo(`/actions-results/${name}/0?sig=${SIGNATURE}`);
    expect(await read(id)).toBeNull();
  });
});

test("a credential without “actions: read” is a refusal of its own kind, which names the permission", async () => {
  const id = await jobWith(stored);
  github.lacks = ["actions"];
  const error: unknown = await read(id).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ForbiddenError);
  expect(String(error)).toContain(`403 for the log of job ${id} of acme/shop. Give the token or app "actions: read" on acme/shop.`);
});

describe("a long log", () => {
  const line = (index: number) => `2026-05-01T10:00:00.0000000Z line ${index}\n`;

  test("is cut to its last lines, and it is said", async () => {
    const log = Array.from({ length: 50 }, (_, index) => line(index)).join("");
    const answer = await read(await jobWith(log), 30);
    expect(answer?.value).toBe("line 47\nline 48\nline 49\n");
    expect(answer?.raw).toBe(answer?.value);
    expect(answer?.cut).toBe(`last 24 characters of a log of ${log.length} bytes`);
  });

  test("is never held whole: the end of 3 MB is the end", async () => {
    const log = Array.from({ length: 80_000 }, (_, index) => line(index)).join("");
    expect(log.length).toBeGreaterThan(3_000_000);
    const answer = await read(await jobWith(log), 25);
    expect(answer?.value).toBe("line 79998\nline 79999\n");
    expect(answer?.cut).toBe(`last 22 characters of a log of ${log.length} bytes`);
  });

  test("that begins in the middle of a line after the cut loses that part, also within a character of many bytes", async () => {
    const log = `${"ä".repeat(700_000)}\n${"€".repeat(10)}\nend\n`;
    const answer = await read(await jobWith(log), 100);
    expect(answer?.value).toBe(`${"€".repeat(10)}\nend\n`);
  });

  test("of more than 64 MiB is given up, not cut at its beginning", async () => {
    await using endless = await listen((request, response) => {
      if (request.url.includes("/repos/")) {
        response.writeHead(302, { location: "/endless" });
        return void response.end();
      }
      response.writeHead(200, { "content-type": "text/plain" });
      const chunk = Buffer.alloc(4 * 1024 * 1024, "x\n");
      const write = () => {
        while (!response.destroyed && response.write(chunk));
      };
      response.on("drain", write);
      return write();
    });
    const client = createGithubClient({ baseUrl: endless.url, auth: { token: TOKEN }, fetch });
    await expect(client.jobLog({ repository: name, id: 1, most: 100 }, signal())).rejects.toThrow(/more than 67108864 bytes/);
  });

  test("that comes too slowly is given up as a whole, and one that stalls at once", async () => {
    const timers = new Set<NodeJS.Timeout>();
    await using slow = await listen((request, response) => {
      if (request.url.includes("/repos/")) {
        response.writeHead(302, { location: request.url.includes("/1/") ? "/dripping" : "/stalled" });
        return void response.end();
      }
      response.writeHead(200, { "content-type": "text/plain" });
      response.write("first\n");
      if (request.url === "/dripping") timers.add(setInterval(() => response.write("more\n"), 5));
    });
    const client = createGithubClient({ baseUrl: slow.url, auth: { token: TOKEN }, fetch, timeoutMs: 800, sleep: async () => undefined });
    await client.warm();
    await expect(client.jobLog({ repository: name, id: 1, most: 100 }, signal())).rejects.toBeInstanceOf(TimedOutError);
    await expect(client.jobLog({ repository: name, id: 2, most: 100 }, signal())).rejects.toThrow(/sent nothing for 800 ms/);
    timers.forEach(clearInterval);
  });
});

test("the caller's signal ends it with the caller's reason", async () => {
  const controller = new AbortController();
  await using stalling = await listen((request, response) => {
    if (request.url.includes("/repos/")) {
      response.writeHead(302, { location: "/stalled" });
      return void response.end();
    }
    response.writeHead(200, { "content-type": "text/plain" });
    response.write("first\n");
    return controller.abort(new Error("the investigation was stopped"));
  });
  const client = createGithubClient({ baseUrl: stalling.url, auth: { token: TOKEN }, fetch });
  await expect(client.jobLog({ repository: name, id: 1, most: 100 }, controller.signal)).rejects.toThrow("the investigation was stopped");
});

test("a log that a proxy answers with at once is read too", async () => {
  await using proxy = await listen((_request, response) => {
    response.writeHead(200, { "content-type": "text/plain; charset=utf-8" });
    response.end(stored);
  });
  const client = createGithubClient({ baseUrl: proxy.url, auth: { token: TOKEN }, fetch });
  expect((await client.jobLog({ repository: name, id: 1, most: 1_000 }, signal()))?.value).toBe(plain);
});

test("a repository outside the catalog is refused before a call is made", async () => {
  const client = createGithubClient({ baseUrl: github.url, auth: { token: TOKEN }, fetch, repositories: ["acme/other"] });
  const from = github.seen.length;
  await expect(client.jobLog({ repository: name, id: 1, most: 100 }, signal())).rejects.toThrow("not in the catalog");
  expect(github.seen.length).toBe(from);
});
