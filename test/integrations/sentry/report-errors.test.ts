import { execFile } from "node:child_process";
import { describe, expect, test, vi } from "vitest";
import { createErrorReporter, type ErrorReporterOptions, withoutCommonSecrets } from "../../../src/integrations/sentry/report-errors.ts";
import { listen } from "../../support/loopback.ts";

const loadSdk = () => import("../../../src/integrations/sentry/sdk-node.ts");

/** A server that takes envelopes, and a reporter that sends to it. */
async function reporting(options: Partial<ErrorReporterOptions> = {}) {
  const server = await listen((_request, response) => void response.end("{}"));
  const problems: string[] = [];
  const dsn = server.url.replace("://", "://public@") + "/42";
  const reporter = await createErrorReporter({
    dsn,
    loadSdk,
    release: "midwatch@1",
    environment: "test",
    fetch: globalThis.fetch,
    onProblem: (one) => problems.push(one),
    ...options,
  });
  /** The event in each envelope: newline-separated JSON, of which the third line is the event. */
  const events = () => server.seen.map(({ body }) => JSON.parse(body.split("\n")[2] ?? "{}") as SentEvent);
  return { server, reporter, problems, events, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

interface SentEvent {
  readonly exception: {
    readonly values: {
      readonly type: string;
      readonly value: string;
      readonly stacktrace?: { readonly frames: { filename?: string }[] };
    }[];
  };
  readonly tags: Record<string, string>;
  readonly release: string;
  readonly environment: string;
}

describe("an error of ours", () => {
  test("reaches the project of the DSN with its causes, release and tags", async () => {
    await using own = await reporting();
    const { server, reporter, events } = own;
    reporter.report(new Error("step failed", { cause: new RangeError("no such row") }), { incident: "P1" });
    await reporter.flush();
    expect(server.seen[0]).toMatchObject({ method: "POST", url: expect.stringMatching(/^\/api\/42\/envelope\/\?.*sentry_key=public/) });
    const [event] = events();
    expect(event?.exception.values.map(({ type, value }) => [type, value])).toEqual([
      ["RangeError", "no such row"],
      ["Error", "step failed"],
    ]);
    expect(event).toMatchObject({ tags: { incident: "P1" }, release: "midwatch@1", environment: "test" });
  });

  test("says nothing of this machine, of requests, people or what was printed", async () => {
    await using own = await reporting();
    const { server, reporter } = own;
    vi.spyOn(console, "info").mockImplementation(() => undefined);
    console.info("a line with secret-console");
    vi.restoreAllMocks();
    await fetch(`${server.url}/before?secret-query=1`);
    const secretLocal = "secret-local";
    reporter.report(new Error(`boom ${secretLocal.length}`));
    await reporter.flush();
    const sent = server.seen.at(-1)?.body ?? "";
    expect(sent).toContain("boom 12");
    expect(sent).not.toMatch(/secret-|server_name|breadcrumbs|"user"|"request"|"vars"|abs_path|context_line|pre_context/);
    expect(sent).not.toContain(process.cwd());
  });

  test("loses credentials, query strings and addresses, in causes and tags too, and what the caller redacts", async () => {
    await using own = await reporting({ redact: (text) => text.replaceAll("Jane", "<person:1>") });
    const { reporter, events } = own;
    const cause = new Error("GET https://api.example/x?token=canary-1 with Bearer canary-2-abcdef");
    reporter.report(new Error("Jane (jane@customer.example) at https://u:canary-3@host.example/a", { cause }), {
      where: "for jane@customer.example",
    });
    await reporter.flush();
    expect(JSON.stringify(events())).not.toMatch(/canary|jane@|Jane/);
    expect(events()[0]?.exception.values.map(({ value }) => value)).toEqual([
      "GET https://api.example/x?<query> with Bearer <credential>",
      "<person:1> (<email>) at https://<credentials>@host.example/a",
    ]);
    expect(events()[0]?.tags).toEqual({ where: "for <email>" });
  });

  test("of a message without end is cut, so that making it holds up nothing, and no cut lets half a credential through", async () => {
    await using own = await reporting({ redact: (text) => text.replaceAll("canary-credential", "[redacted]") });
    const { reporter, events } = own;
    reporter.report(new Error(`${"a".repeat(3_990)}canary-credential${"b.".repeat(100_000)}`));
    await reporter.flush();
    const value = events()[0]?.exception.values[0]?.value ?? "";
    expect([...value].length).toBeLessThan(5_000);
    expect(value).not.toContain("canary");
  });

  test("need not be an Error", async () => {
    await using own = await reporting();
    const { reporter, events } = own;
    reporter.report("just words");
    await reporter.flush();
    expect(JSON.stringify(events())).toContain("just words");
  });

  test("is not lost when several come before the SDK is there", async () => {
    await using own = await reporting();
    const { reporter, events } = own;
    for (const n of [1, 2, 3]) reporter.report(new Error(`number ${n}`));
    await reporter.flush();
    expect(new Set(events().map(({ exception }) => exception.values[0]?.value))).toEqual(new Set(["number 1", "number 2", "number 3"]));
  });
});

describe("a reporter", () => {
  test("leaves the process's own handlers alone", async () => {
    await using own = await reporting();
    const { reporter } = own;
    const handlers = () => (["uncaughtException", "unhandledRejection"] as const).map((name) => process.listenerCount(name));
    const before = handlers();
    reporter.report(new Error("x"));
    await reporter.flush();
    expect(handlers()).toEqual(before);
  });

  test("that cannot reach Sentry neither throws nor waits", async () => {
    const fetch = () => Promise.reject(new TypeError("fetch failed"));
    const reporter = await createErrorReporter({ dsn: "http://public@127.0.0.1:9/42", loadSdk, fetch });
    expect(() => reporter.report(new Error("x"))).not.toThrow();
    await expect(reporter.flush()).resolves.toBeUndefined();
  });

  test("refuses a DSN that is none, without printing it", async () => {
    for (const dsn of ["canary", "https://sentry.example/42", "https://canary@sentry.example/project"]) {
      const error = await createErrorReporter({ dsn, loadSdk, fetch: globalThis.fetch }).catch((cause: unknown) => cause);
      expect(String(error)).toMatch(/^Error: SENTRY_DSN is not a DSN/);
      expect(String(error)).not.toContain("canary");
    }
  });

  test("without a DSN, or before the first error, does not load the SDK", async () => {
    const program = `
      import { createErrorReporter } from "./src/integrations/sentry/report-errors.ts";
      import { createRequire } from "node:module";
      const loads = [];
      (await import("node:module")).registerHooks({ load: (url, context, next) => (loads.push(url), next(url, context)) });
      const loadSdk = () => import("./src/integrations/sentry/sdk-node.ts");
      const count = () => loads.filter((url) => url.includes("@sentry/")).length > 0;
      const none = await createErrorReporter({ loadSdk, fetch: globalThis.fetch });
      none.report(new Error("x"));
      await none.flush();
      const one = await createErrorReporter({ dsn: "http://public@127.0.0.1:9/42", loadSdk, fetch: async () => new Response() });
      await one.flush();
      const before = count();
      one.report(new Error("x"));
      await one.flush();
      console.log(JSON.stringify([before, count()]));`;
    const output = await new Promise<string>((resolve, reject) => {
      const args = ["--input-type=module", "-e", program];
      execFile(process.execPath, args, { cwd: new URL("../../../", import.meta.url) }, (error, stdout) =>
        error ? reject(error) : resolve(stdout),
      );
    });
    expect(JSON.parse(output)).toEqual([false, true]);
  });
});

describe("common secrets", () => {
  test.each([
    ["connect ECONNREFUSED 127.0.0.1:5432", "connect ECONNREFUSED 127.0.0.1:5432"],
    ["postgres://bot:pa$$@db.example/app failed", "postgres://<credentials>@db.example/app failed"],
    ["see https://x.example/a?b=c#d and (https://y.example/?q=1)", "see https://x.example/a?<query> and (https://y.example/?<query>"],
    ["token abcdefgh12345678", "token <credential>"],
    ["what? is this", "what? is this"],
  ])("%s becomes %s", (text, expected) => {
    expect(withoutCommonSecrets(text)).toBe(expected);
  });
});
