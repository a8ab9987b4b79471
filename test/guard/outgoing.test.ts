import { describe, expect, test } from "vitest";
import { ForbiddenError, IntegrationError, RateLimitedError, TimedOutError } from "../../src/guard/errors.ts";
import { type Fetch, type OutgoingCall, type OutgoingOptions, outgoingFetch, sleepFor } from "../../src/guard/outgoing.ts";
import { onceOnly, openToAll, readsOnly } from "./gates.ts";
import { json, listen } from "../support/loopback.ts";

/** A wrapped fetch whose waits are noted instead of slept. */
function wrapped(options: Partial<OutgoingOptions> = {}): { fetch: Fetch; waits: number[]; calls: OutgoingCall[] } {
  const waits: number[] = [];
  const calls: OutgoingCall[] = [];
  const fetch = outgoingFetch({
    vendor: "datadog",
    fetch: globalThis.fetch,
    gate: openToAll,
    sleep: async (ms) => void waits.push(ms),
    random: () => 0,
    onCall: (call) => calls.push(call),
    ...options,
  });
  return { fetch, waits, calls };
}

const failure = async (promise: Promise<unknown>): Promise<Error> => {
  const error = await promise.then(
    () => new Error("it did not fail"),
    (cause: unknown) => cause,
  );
  return error instanceof Error ? error : new Error(String(error));
};

/** Everything a logger could print of an error. */
function printed(error: unknown): string {
  let text = "";
  for (let at = error; at instanceof Error; at = at.cause)
    text += `${at.message}\n${at.stack}\n${JSON.stringify(at, Object.getOwnPropertyNames(at))}\n`;
  return text;
}

test.each(["X-HTTP-Method-Override", "x-method-override", "x-original-url", "X-Rewrite-URL"])(
  "nothing leaves with the header %s, by which a server takes it for another request",
  async (name) => {
    let sent = 0;
    const { fetch, calls } = wrapped({ fetch: async () => (sent++, new Response("")) });
    await expect(fetch("https://api.example/x", { headers: { [name]: "DELETE" } })).rejects.toThrow(
      /a header asks for another method or path/,
    );
    expect([sent, calls.map(({ outcome }) => outcome)]).toEqual([0, ["refused"]]);
  },
);

describe("answers", () => {
  test("come back whole, with status, headers, url and text", async () => {
    await using server = await listen((_request, response) => json(response, 404, { errors: ["none"] }, { "x-thing": "7", "x-empty": "" }));
    const { fetch, calls } = wrapped();
    const response = await fetch(`${server.url}/a/b?c=d`);
    expect(response.status).toBe(404);
    expect(response.headers.get("x-thing")).toBe("7");
    expect(response.url).toBe(`${server.url}/a/b?c=d`);
    expect(await response.json()).toEqual({ errors: ["none"] });
    expect(calls).toEqual([
      {
        vendor: "datadog",
        method: "GET",
        url: `${server.url}/a/b`,
        outcome: "answered",
        effect: "read",
        purpose: "a test",
        status: 404,
        bytesOut: 0,
        bytesIn: JSON.stringify({ errors: ["none"] }).length,
        tookMs: expect.any(Number),
        attempt: 1,
        seen: { lane: "GET /{path...}" },
      },
    ]);
  });

  test("without a body are fine", async () => {
    await using server = await listen((_request, response) => void response.writeHead(204).end());
    const response = await wrapped().fetch(server.url);
    expect(response.status).toBe(204);
    expect(await response.text()).toBe("");
  });

  test("are decompressed, and do not claim to be compressed any more", async () => {
    await using server = await listen(async (_request, response) => {
      const { gzipSync } = await import("node:zlib");
      response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync("plain words"));
    });
    const response = await wrapped().fetch(server.url);
    expect(response.headers.get("content-encoding")).toBeNull();
    expect(await response.text()).toBe("plain words");
  });

  test("larger than the limit are refused, once", async () => {
    await using server = await listen((_request, response) => void response.end("x".repeat(2_000)));
    const error = await failure(wrapped({ largestAnswerBytes: 1_000 }).fetch(`${server.url}/big`));
    expect(error).toBeInstanceOf(IntegrationError);
    expect(error.message).toContain("GET /big with more than 1000 bytes");
    expect(server.seen).toHaveLength(1);
  });

  test("that redirect are not followed, and the credentials stay here", async () => {
    await using other = await listen((_request, response) => json(response, 200, {}));
    await using server = await listen(
      (_request, response) => void response.writeHead(302, { location: `${other.url}/there?token=s3cret` }).end(),
    );
    const error = await failure(wrapped().fetch(`${server.url}/here`, { headers: { authorization: "Bearer s3cret" } }));
    expect(error).toBeInstanceOf(IntegrationError);
    expect(error.message).toContain(`redirects GET /here to ${other.url}/there (302)`);
    expect(printed(error)).not.toContain("s3cret");
    expect(other.seen).toHaveLength(0);
  });

  test("that redirect where the caller wants to judge for itself are handed to it, and still nobody follows", async () => {
    await using other = await listen((_request, response) => json(response, 200, {}));
    await using server = await listen((_request, response) => void response.writeHead(302, { location: `${other.url}/there?sig=x` }).end());
    const options = { returnsRedirect: (method: string, url: URL) => method === "GET" && url.pathname === "/logs" };
    const answer = await wrapped(options).fetch(`${server.url}/logs`);
    expect([answer.status, answer.headers.get("location")]).toEqual([302, `${other.url}/there?sig=x`]);
    expect((await failure(wrapped(options).fetch(`${server.url}/others`))).message).toContain("redirects GET /others");
    expect((await failure(wrapped(options).fetch(`${server.url}/logs`, { method: "POST" }))).message).toContain("redirects POST /logs");
    expect(other.seen).toHaveLength(0);
  });

  test("304 is an answer, not a redirect", async () => {
    await using server = await listen((_request, response) => void response.writeHead(304).end());
    expect((await wrapped().fetch(server.url)).status).toBe(304);
  });
});

describe("what is sent", () => {
  test("a Request is sent again with its method, headers and body", async () => {
    let tries = 0;
    await using server = await listen((_request, response) => json(response, ++tries === 1 ? 503 : 200, {}));
    const { fetch } = wrapped({ gate: readsOnly });
    await fetch(new Request(`${server.url}/search`, { method: "POST", headers: { "x-key": "k" }, body: '{"a":1}' }));
    expect(server.seen.map((r) => [r.method, r.url, r.headers["x-key"], r.body])).toEqual([
      ["POST", "/search", "k", '{"a":1}'],
      ["POST", "/search", "k", '{"a":1}'],
    ]);
  });

  test("a streamed body is sent again too", async () => {
    let tries = 0;
    await using server = await listen((_request, response) => json(response, ++tries === 1 ? 429 : 200, {}));
    await wrapped().fetch(server.url, { method: "POST", body: new Blob(["streamed"]).stream() });
    expect(server.seen.map((r) => r.body)).toEqual(["streamed", "streamed"]);
  });

  test("the given fetch is called as a plain function, as workerd demands of its own", async () => {
    const plain = function (this: unknown) {
      if (this !== undefined) throw new TypeError("Illegal invocation");
      return Promise.resolve(new Response("ok"));
    };
    const response = await outgoingFetch({ vendor: "slack", gate: openToAll, fetch: plain })("https://slack.example/api");
    expect(await response.text()).toBe("ok");
  });
});

describe("tries", () => {
  test("a 5xx is asked again with growing waits, then fine", async () => {
    let tries = 0;
    await using server = await listen((_request, response) => json(response, ++tries < 3 ? 502 : 200, { tries }));
    const { fetch, waits, calls } = wrapped({ random: () => 0.9 });
    expect(await (await fetch(server.url)).json()).toEqual({ tries: 3 });
    expect(waits).toHaveLength(2);
    expect(waits[1]).toBeGreaterThan(waits[0] ?? Infinity);
    expect(calls.map((c) => [c.status, c.attempt])).toEqual([
      [502, 1],
      [502, 2],
      [200, 3],
    ]);
  });

  test("a 5xx that stays is returned after the last try, with its body", async () => {
    await using server = await listen((_request, response) => json(response, 500, { errors: ["boom"] }));
    const response = await wrapped({ retries: 1 }).fetch(server.url);
    expect(response.status).toBe(500);
    expect(await response.json()).toEqual({ errors: ["boom"] });
    expect(server.seen).toHaveLength(2);
  });

  test("a POST that may change something is not sent twice after a 5xx or a lost connection", async () => {
    await using failing = await listen((_request, response) => json(response, 500, {}));
    await using cutting = await listen((_request, response) => void response.destroy());
    const { fetch } = wrapped();
    expect((await fetch(failing.url, { method: "POST", body: "x" })).status).toBe(500);
    await failure(fetch(cutting.url, { method: "POST", body: "x" }));
    expect([failing.seen.length, cutting.seen.length]).toEqual([1, 1]);
  });

  test("a write is told to the audit before it leaves, and does not leave when that fails", async () => {
    await using server = await listen((_request, response) => json(response, 200, {}));
    const { fetch, calls } = wrapped();
    await fetch(server.url, { method: "POST", body: "naïve" });
    expect(calls).toMatchObject([
      { outcome: "begun", effect: "output", status: null, bytesOut: 6 },
      { outcome: "answered", effect: "output", status: 200, bytesOut: 6, bytesIn: 2 },
    ]);
    const full = wrapped({
      onCall: ({ outcome }) => {
        if (outcome === "begun") throw new Error("the disk is full");
      },
    });
    await expect(full.fetch(server.url, { method: "POST", body: "x" })).rejects.toThrow("the disk is full");
    expect(server.seen).toHaveLength(1);
  });

  test("a POST that only searches is", async () => {
    await using server = await listen((request, response) => json(response, request.url === "/search" ? 500 : 503, {}));
    const { fetch } = wrapped({ gate: (call) => (call.url.pathname === "/search" ? readsOnly(call) : openToAll(call)), retries: 1 });
    await fetch(`${server.url}/search`, { method: "POST", body: "x" });
    await fetch(`${server.url}/write`, { method: "POST", body: "x" });
    expect(server.seen.map((r) => r.url)).toEqual(["/search", "/search", "/write"]);
  });

  test("a 5xx that names a wait is asked again after it", async () => {
    let tries = 0;
    await using server = await listen((_request, response) => json(response, ++tries === 1 ? 503 : 200, {}, { "retry-after": "4" }));
    const { fetch, waits } = wrapped();
    await fetch(server.url);
    expect(waits).toEqual([4_000]);
  });

  test("a 5xx that names a wait longer than a page can wait is returned at once", async () => {
    await using server = await listen((_request, response) => json(response, 503, {}, { "retry-after": "600" }));
    const { fetch, waits } = wrapped();
    expect((await fetch(server.url)).status).toBe(503);
    expect(waits).toEqual([]);
  });

  test("a 5xx that carries rate-limit headers as all answers do is asked again after the usual wait", async () => {
    let tries = 0;
    await using server = await listen((_request, response) => json(response, ++tries === 1 ? 500 : 200, {}, { "x-reset": "3000" }));
    const { fetch, waits } = wrapped({ retryAfterMs: (response) => Number(response.headers.get("x-reset")) * 1000 });
    expect((await fetch(server.url)).status).toBe(200);
    expect(waits[0]).toBeLessThan(1_000);
  });

  test("an answer that breaks off is asked again", async () => {
    let tries = 0;
    await using server = await listen((_request, response) => {
      if (++tries > 1) return json(response, 200, { whole: true });
      response.writeHead(200, { "content-length": "1000" });
      response.write('{"who');
      setTimeout(() => response.destroy(), 5);
    });
    expect(await (await wrapped().fetch(server.url)).json()).toEqual({ whole: true });
  });

  test("a vendor that cannot be reached is named, with the reason and the number of tries", async () => {
    const gone = await listen(() => undefined);
    await gone[Symbol.asyncDispose]();
    const { fetch, calls } = wrapped();
    const error = await failure(fetch(`${gone.url}/api/v1/validate?api_key=s3cret`));
    expect(error).toMatchObject({ vendor: "datadog", status: null, retryable: true });
    expect(error.message).toBe("datadog could not be reached, or its answer broke off: GET /api/v1/validate (3 tries): ECONNREFUSED");
    expect(calls.map((c) => c.status)).toEqual([null, null, null]);
    expect(printed(error)).not.toContain("s3cret");
  });

  test.each(["ENOTFOUND", "EAI_AGAIN"])("a host that has no address is named (%s)", async (code) => {
    const { fetch } = wrapped({
      fetch: () => Promise.reject(new TypeError("fetch failed", { cause: Object.assign(new Error("dns"), { code }) })),
    });
    const error = await failure(fetch("https://api.vendor.example/v1/logs?who=jane"));
    expect(error.message).toContain(`GET /v1/logs (3 tries): ${code} (no address for the host api.vendor.example)`);
  });

  test("a port that fetch itself refuses is told as such", async () => {
    const { fetch } = wrapped();
    const error = await failure(fetch("http://127.0.0.1:1/api/v1/validate"));
    expect(error.message).toMatch(/\(3 tries\): bad port: fetch never connects to it$/);
  });
});

describe("rate limits", () => {
  test("a 429 is tried again after the seconds of retry-after, even for a POST that changes something", async () => {
    let tries = 0;
    await using server = await listen((_request, response) => json(response, ++tries === 1 ? 429 : 200, {}, { "retry-after": "3" }));
    const { fetch, waits } = wrapped();
    expect((await fetch(server.url, { method: "POST", body: "once" })).status).toBe(200);
    expect(waits).toEqual([3_000]);
  });

  test("retry-after may be a date", async () => {
    let tries = 0;
    const at = Date.parse("2026-11-23T10:00:00Z");
    await using server = await listen((_request, response) =>
      json(
        response,
        ++tries === 1 ? 429 : 200,
        {},
        { date: new Date(at).toUTCString(), "retry-after": new Date(at + 7_000).toUTCString() },
      ),
    );
    const { fetch, waits } = wrapped({ now: () => at });
    await fetch(server.url);
    expect(waits).toEqual([7_000]);
  });

  test("the vendor's own header beats retry-after", async () => {
    let tries = 0;
    await using server = await listen((_request, response) =>
      json(response, ++tries === 1 ? 429 : 200, {}, { "retry-after": "9", "x-reset": "2" }),
    );
    const { fetch, waits } = wrapped({ retryAfterMs: (response) => Number(response.headers.get("x-reset")) * 1000 });
    await fetch(server.url);
    expect(waits).toEqual([2_000]);
  });

  test("a wait longer than a page can wait ends the call and says when", async () => {
    await using server = await listen((_request, response) => json(response, 429, {}, { "retry-after": "1800" }));
    const { fetch, waits } = wrapped();
    const error = await failure(fetch(server.url));
    expect(error).toBeInstanceOf(RateLimitedError);
    expect(error).toMatchObject({ retryAfterMs: 1_800_000, status: 429, message: "datadog limits our rate; next try in 1800 s" });
    expect(waits).toEqual([]);
  });

  test.each([
    [429, "RateLimitedError"],
    [503, "503"],
  ])("what is good for one try is sent once, whatever is answered (%i)", async (status, outcome) => {
    await using server = await listen((_request, response) => json(response, status, {}, { "retry-after": "1" }));
    const { fetch, waits } = wrapped({ gate: onceOnly });
    const ended = await fetch(server.url, { method: "POST", body: "code=1" }).then(
      (response) => String(response.status),
      (error: unknown) => (error instanceof Error ? error.name : "no error"),
    );
    expect(ended).toBe(outcome);
    expect([server.seen.length, waits]).toEqual([1, []]);
  });

  test("what is good for one try is not sent again when no answer came", async () => {
    await using server = await listen((_request, response) => void response.destroy());
    await failure(wrapped({ gate: onceOnly }).fetch(server.url, { method: "POST", body: "code=1" }));
    expect(server.seen).toHaveLength(1);
  });

  test("a 429 that stays after the last try is a RateLimitedError, not an answer", async () => {
    await using server = await listen((_request, response) => json(response, 429, {}, { "retry-after": "1" }));
    const error = await failure(wrapped().fetch(server.url));
    expect(error).toBeInstanceOf(RateLimitedError);
    expect(server.seen).toHaveLength(3);
  });

  test("a vendor may say it with another status", async () => {
    let tries = 0;
    await using server = await listen((_request, response) =>
      ++tries === 1 ? json(response, 403, {}, { "x-ratelimit-remaining": "0", "retry-after": "1" }) : json(response, 200, {}),
    );
    const { fetch, waits } = wrapped({ rateLimited: (response) => response.headers.get("x-ratelimit-remaining") === "0" });
    expect((await fetch(server.url)).status).toBe(200);
    expect(waits).toEqual([1_000]);
  });
});

describe("time limits", () => {
  test("a vendor that never answers ends in TimedOutError after all tries", async () => {
    await using server = await listen(() => undefined);
    const error = await failure(wrapped({ timeoutMs: 400, retries: 1 }).fetch(`${server.url}/slow?who=jane`));
    expect(error).toBeInstanceOf(TimedOutError);
    expect(error.message).toBe("datadog did not answer GET /slow (2 tries) within 400 ms");
    expect(server.seen).toHaveLength(2);
  });

  test("a body that stalls counts as no answer, and is asked again", async () => {
    let tries = 0;
    await using server = await listen((_request, response) => {
      if (++tries > 1) return json(response, 200, { whole: true });
      response.writeHead(200).write("{");
    });
    const { fetch, calls } = wrapped({ timeoutMs: 200 });
    expect(await (await fetch(server.url)).json()).toEqual({ whole: true });
    expect(calls.map((c) => c.status)).toEqual([null, 200]);
  });

  test("hold even where the given fetch heeds no signal", async () => {
    const error = await failure(
      outgoingFetch({ vendor: "sentry", gate: openToAll, fetch: () => new Promise(() => undefined), timeoutMs: 20, retries: 0 })(
        "https://x.example/",
      ),
    );
    expect(error).toBeInstanceOf(TimedOutError);
  });
});

describe("abort", () => {
  test("ends a running call at once with the caller's reason, and is not tried again", async () => {
    const controller = new AbortController();
    await using server = await listen(() => controller.abort(new Error("the run was stopped")));
    const { fetch, calls } = wrapped();
    const error = await failure(fetch(server.url, { signal: controller.signal }));
    expect(error.message).toBe("the run was stopped");
    expect(server.seen).toHaveLength(1);
    expect(calls).toMatchObject([{ outcome: "cut off", status: null, attempt: 1 }]);
  });

  test("ends a call whose body is being read", async () => {
    const controller = new AbortController();
    await using server = await listen((_request, response) => {
      response.writeHead(200).write("{");
      setTimeout(() => controller.abort(new Error("the run was stopped")), 5);
    });
    const error = await failure(wrapped().fetch(server.url, { signal: controller.signal }));
    expect(error.message).toBe("the run was stopped");
  });

  test("ends the wait between two tries", async () => {
    const controller = new AbortController();
    await using server = await listen((_request, response) => {
      json(response, 503, {});
      setTimeout(() => controller.abort(new Error("the run was stopped")), 20);
    });
    const fetch = outgoingFetch({
      vendor: "github",
      gate: openToAll,
      fetch: globalThis.fetch,
      sleep: (ms, signal) => sleepFor(ms * 1000, signal),
    });
    const error = await failure(fetch(server.url, { signal: controller.signal }));
    expect(error.message).toBe("the run was stopped");
    expect(server.seen).toHaveLength(1);
  });

  test("before the call sends nothing", async () => {
    await using server = await listen((_request, response) => json(response, 200, {}));
    const error = await failure(wrapped().fetch(server.url, { signal: AbortSignal.abort(new Error("too late")) }));
    expect(error.message).toBe("too late");
    expect(server.seen).toHaveLength(0);
  });
});

describe("what errors never hold", () => {
  test.each([
    ["a header that HTTP refuses", "http://127.0.0.1:9/", { authorization: "Bearer s3cret\nx" }],
    ["a header beyond Latin-1", "http://127.0.0.1:9/", { authorization: "Bearer s3cret…" }],
    ["a base URL with a password", "http://user:s3cret@127.0.0.1:9/", {}],
    ["a base URL with a token for a user's name", "http://s3cret@127.0.0.1:9/", {}],
    ["a base URL that is none", "s3cret", {}],
  ])("%s: the value", async (_name, url, headers) => {
    const error = await failure(wrapped().fetch(url, { headers }));
    expect(error).toBeInstanceOf(IntegrationError);
    expect(error.message).toMatch(/Check|Put|Look/);
    expect(printed(error)).not.toContain("s3cret");
  });

  test("the message of an unknown error, which may hold the whole URL", async () => {
    const broken: Fetch = (url) => Promise.reject(new TypeError(`request to ${String(url)} failed`));
    const { fetch } = wrapped({ fetch: broken });
    expect(printed(await failure(fetch("https://x.example/a?token=s3cret")))).not.toContain("s3cret");
  });

  test("a ForbiddenError says what was refused and what to do", () => {
    expect(new ForbiddenError("datadog", 403, "logs_read_data", "Add the scope.").message).toBe(
      "datadog: 403 for logs_read_data. Add the scope.",
    );
  });

  test.each([
    ["Bearer", { authorization: "Bearer s3cret-token" }],
    ["PagerDuty's scheme", { authorization: "Token token=s3cret-token" }],
    ["a scheme that no vendor of ours uses yet", { authorization: "OAuth s3cret-token" }],
    ["no scheme", { authorization: "s3cret-token" }],
    ["a header that no vendor of ours uses yet", { "private-token": "s3cret-token" }],
    ["Datadog's key", { "dd-application-key": "s3cret-token" }],
  ])("nor answers: a gateway that repeats the request, %s", async (_name, headers) => {
    await using server = await listen((request, response) => {
      // Once with the name of the scheme and once without.
      const echo = JSON.stringify({ ...request.headers, "no-scheme": "s3cret-token" });
      response.writeHead(403, { "content-type": "text/plain", "x-debug": echo });
      // In two pieces, the credential across both.
      const at = echo.indexOf("s3cret") + 3;
      response.write(`é ${echo.slice(0, at)}`, () => response.end(echo.slice(at)));
    });
    const response = await wrapped().fetch(server.url, { headers });
    const text = await response.text();
    expect(text).toContain("<credential>");
    expect(text).toMatch(/^é \{/);
    expect(text + JSON.stringify([...response.headers])).not.toContain("s3cret");
  });

  test("an error names where a redirect leads, without a credential in that address", async () => {
    await using server = await listen((_request, response) => void response.writeHead(302, { location: "/login/s3cret-token" }).end());
    const error = await failure(wrapped().fetch(server.url, { headers: { authorization: "Bearer s3cret-token" } }));
    expect(error.message).toContain("/login/");
    expect(printed(error)).not.toContain("s3cret");
  });

  test("bytes that are no text come as they were", async () => {
    const bytes = Buffer.from([0xff, 0x00, 0xfe, 0x80]);
    await using server = await listen((_request, response) => void response.end(bytes));
    const response = await wrapped().fetch(server.url, { headers: { authorization: "Bearer s3cret-token" } });
    expect(Buffer.from(await response.arrayBuffer())).toEqual(bytes);
  });
});
