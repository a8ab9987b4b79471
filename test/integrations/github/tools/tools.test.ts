import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ForbiddenError, RateLimitedError } from "../../../../src/guard/errors.ts";
import type { Question } from "../../../../src/incident/source.ts";
import { createGithubClient } from "../../../../src/integrations/github/client.ts";
import { githubTools } from "../../../../src/integrations/github/tools/index.ts";
import { type Replay, type ReplayOptions, startReplay } from "../../../../src/replay/server.ts";
import { replayedQuestion } from "../../replayed-question.ts";
import { type Ran, runTool } from "../../../support/run-tool.ts";
import { TRAIN_TICKET } from "../../../support/bot.ts";
import { windowWords } from "../../../support/window-words.ts";

// The recording ends at 2023-01-29T09:07:00Z, which is served as this: 09:02:31 there is 07:55:31 here.
const now = Date.parse("2026-06-01T08:00:00Z");
const basic = "ts-basic-service/src/main/java/fdse/microservice/service/BasicServiceImpl.java";
const deployed = "370b991a3571547058b40c4f35b0d87382d3d88c";
const first = "9c94b87fd463071f1c57ce52066bac020d6cad41";

let replay: Replay;
let question: Question;

const toolsOf = ({ settings }: Replay) =>
  new Map(
    githubTools(
      createGithubClient({
        baseUrl: settings.GITHUB_API_URL,
        auth: { token: settings.GITHUB_TOKEN },
        fetch,
        sleep: async () => undefined,
      }),
    ).map((tool) => [tool.name, tool]),
  );
const run = (name: string, input: object = {}): Promise<Ran> => runTool(toolsOf(replay).get(name), input, question, now);
const failing = async <T>(faults: NonNullable<ReplayOptions["faults"]>, work: (other: Replay) => Promise<T>): Promise<T> => {
  await using other = await startReplay({ folder: TRAIN_TICKET, now: () => now, faults });
  return await work(other);
};

beforeAll(async () => {
  replay = await startReplay({ folder: TRAIN_TICKET, now: () => now });
  question = await replayedQuestion(replay, now);
});
afterAll(async () => replay.close());

describe("github_changes", () => {
  test("tells deploys with what they brought, and what is only merged apart from them", async () => {
    const { lines, fact, result } = await run("github_changes", { from: "-24h" });
    expect(lines[0]).toBe(
      "E1 E2: Changes of acme/train-ticket, 2026-05-31T07:58:00Z to 2026-06-01T08:00:00Z (UTC): 2 reached production, 1 merged and not seen in production.",
    );
    expect(lines.filter((line) => line.startsWith("- "))).toEqual([
      '- 2026-06-01T07:55:31Z · deploy · ts-basic-service · 370b991 · (before: 9c94b87) · PR #43 · "Answer from the route cache" · by Mei Tan · 1 file +5 -0',
      '- 2026-06-01T04:48:00Z · deploy · ts-food-service · 466b3e3 · PR #41 · "Wait longer for station food" · by Jonas Weber · 1 file +1 -1',
      '- 2026-06-01T07:50:10Z · merge · (service unknown) · 3de2ad4 · PR #44 · "docs: tell new colleagues where to begin (#44)" · by Ana Ruiz · 1 file +2 -0',
    ]);
    expect(lines.findIndex((line) => line.startsWith("Merged, not seen in production"))).toBe(
      lines.findIndex((line) => line.includes("3de2ad4")) - 1,
    );
    expect(fact).toContain("latest deploy ts-basic-service 370b991 at 2026-06-01T07:55:31Z");
    expect(result.answers[0]?.raw).toContain(deployed);
  });

  test("keeps to a window relative to the page and to a service", async () => {
    const late = await run("github_changes", { from: "-10m", service: "ts-basic-service" });
    expect(late.lines[0]).toContain("service ts-basic-service, 2026-06-01T07:48:00Z to");
    expect(late.lines.filter((line) => line.startsWith("- ")).map((line) => line.split(" · ")[3])).toEqual(["370b991"]);
    const none = await run("github_changes", { from: "-60d", to: "-59d" });
    expect(none.lines[0]).toContain(": 0 reached production, 0 merged and not seen in production.");
  });

  test("says in words what is no time, no service and no window", async () => {
    await expect(run("github_changes", { from: "yesterday\u0000" })).rejects.toThrow(
      '"yesterday\\u{0}" is not a time. Write it as ISO 8601',
    );
    await expect(run("github_changes", { from: "-1h", to: "-2h" })).rejects.toThrow("before it begins");
    await expect(run("github_changes", { service: "billing" })).rejects.toThrow('"billing" is not a service');
  });

  test("deployments that may not be read are named, and the merges are still told", async () =>
    failing([{ vendor: "github", path: /\/deployments/, kind: "status", status: 403 }], async (other) => {
      const ran = await runTool(toolsOf(other).get("github_changes"), { from: "-24h" }, question, now);
      expect(ran.view).toContain('Note: github: 403 for the deployments of acme/train-ticket. Give the token or app "deployments: read"');
      expect(ran.lines[0]).toContain("0 reached production, 3 merged");
    }));
});

describe("github_diff", () => {
  const added = "  | +        if (!routeCache.isWarm()) {";

  test("of a deploy is the comparison with what was live before", async () => {
    const { lines, fact } = await run("github_diff", { base: first.slice(0, 7), head: deployed.slice(0, 7) });
    expect(lines[0]).toBe('E1: Comparison 9c94b87...370b991 of acme/train-ticket: 2 files +6 -1. Lines of the diff are after "|".');
    expect(lines[1]).toContain("2 commits in head and not in base");
    expect(lines).toContain(`File modified ${basic} +5 -0`);
    expect(lines).toContain(added);
    expect(fact).toContain("2 files +6 -1");
  });

  test("of a commit and of its pull request are the same", async () => {
    const [commit, pull] = [await run("github_diff", { commit: deployed }), await run("github_diff", { pull_request: 43 })];
    for (const { lines } of [commit, pull]) expect(lines).toContain(added);
    expect(pull.lines.slice(0, 4)).toEqual([
      'E1: Pull request #43 of acme/train-ticket: 1 file +5 -0. Lines of the diff are after "|".',
      "merged 2026-06-01T07:42:30Z as 370b991, pull-43 into main, by mei-tan. Its title and text:",
      "  | Answer from the route cache",
      "  | Saves one call to ts-route-service per search. Until the cache is warm we answer without routes, which is rare.",
    ]);
  });

  test("path keeps to some files, and says when there are none", async () => {
    const only = await run("github_diff", { base: first, head: deployed, path: "ts-food-service/" });
    expect(only.lines[0]).toContain("1 file +1 -1 under ts-food-service (of 2)");
    expect(only.view).not.toContain("routeCache");
    expect((await run("github_diff", { commit: deployed, path: "other" })).view).toContain("no file of this change lies under other");
  });

  test("says of which change it has shown changed lines", async () => {
    const shown = async (input: object, cut = Infinity) => {
      const { result, view } = await run("github_diff", input);
      return result.shows?.(view.slice(0, cut));
    };
    expect(await shown({ commit: deployed.slice(0, 7) })).toEqual([deployed]);
    expect(await shown({ pull_request: 43 })).toEqual(["#43", deployed]);
    expect(await shown({ base: first.slice(0, 7), head: deployed.slice(0, 7) })).toEqual([deployed.slice(0, 7), deployed]);
    expect(await shown({ commit: deployed, path: "other" })).toEqual([]);
    expect(await shown({ commit: deployed, path: basic, skip_lines: 1_000 })).toEqual([]);
    const { lines } = await run("github_diff", { commit: deployed });
    expect(await shown({ commit: deployed }, lines.slice(0, lines.indexOf(added)).join("\n").length)).toEqual([]);
  });

  test("takes one way of asking, and names of commits only", async () => {
    await expect(run("github_diff")).rejects.toThrow("exactly one of");
    await expect(run("github_diff", { commit: first, pull_request: 1 })).rejects.toThrow("exactly one of");
    await expect(run("github_diff", { base: first })).rejects.toThrow("base and head together");
    await expect(run("github_diff", { base: "a..b", head: first })).rejects.toThrow('"a..b" is not a commit sha, branch or tag');
    await expect(run("github_diff", { commit: "0".repeat(40) })).rejects.toThrow("acme/train-ticket");
  });
});

describe("github_file", () => {
  test("shows lines with their numbers, at the commit that is asked for", async () => {
    const { lines } = await run("github_file", { path: basic, ref: deployed, start_line: 30, end_line: 31 });
    expect(lines).toEqual([
      `E1: ${basic} of acme/train-ticket at ${deployed}: text, 46 lines, 1848 bytes; lines 30 to 31.`,
      "30  |         if (!routeCache.isWarm()) {",
      "31  |             // The cache fills itself in the background; until then answer without asking the route service.",
      "Note: 15 more lines: start_line=32",
    ]);
    expect((await run("github_file", { path: basic, ref: first })).lines[0]).toContain("text, 41 lines");
  });

  test("lists a folder, and says what is not there", async () => {
    expect((await run("github_file", { path: "" })).lines.slice(1)).toEqual([
      "- docs/",
      "- README.md 257 bytes",
      "- ts-basic-service/",
      "- ts-food-service/",
    ]);
    expect((await run("github_file", { path: "no/such.ts" })).view).toContain("there is no such path");
    expect((await run("github_file", { path: basic, start_line: 400 })).view).toContain("there is no line 400");
  });

  test("never leaves the repository", async () => {
    const asked = replay.requests.length;
    for (const path of ["../../orgs/acme", "a/../../x", "a//b"])
      await expect(run("github_file", { path })).rejects.toThrow("is not a path inside the repository");
    expect(replay.requests.length).toBe(asked);
  });
});

describe("github_file_history", () => {
  test("tells commits newest first, and which of them last changed some lines", async () => {
    const whole = await run("github_file_history", { path: basic });
    expect(whole.lines.slice(1)).toEqual([
      '- 2026-06-01T07:42:30Z 370b991 "Answer from the route cache (#43)" by Mei Tan',
      '- 2026-05-15T08:53:00Z 9c94b87 "Import the services" by Mei Tan',
    ]);
    const added = await run("github_file_history", { path: basic, start_line: 31, end_line: 32 });
    expect(added.lines[1]).toContain("Lines 31 to 32 were last changed by 370b991");
    // Line 44 stood at 39 before the five lines came.
    const old = await run("github_file_history", { path: basic, start_line: 44 });
    expect(old.lines[1]).toContain("Lines 44 to 44 were last changed by 9c94b87");
    expect(old.fact).toContain("9c94b87");
  });

  test("says when nothing touched the path in that time", async () => {
    const { lines } = await run("github_file_history", { path: "docs", from: "page" });
    expect(lines[0]).toContain("0 commits touched docs of acme/train-ticket since 2026-06-01T07:58:00Z");
    expect(lines[1]).toContain("Nothing found");
  });
});

test("github_search_code finds the line that a log message comes from", async () => {
  const { lines } = await run("github_search_code", { query: '"Get Route By Ids Failed" routeCache' });
  expect(lines[0]).toContain('Code search for "Get Route By Ids Failed" "routeCache" in acme/train-ticket: 1 file');
  expect(lines).toContain(`- ${basic}`);
  expect(
    lines.some((line) => line.startsWith("  | ") && line.includes('LOGGER.error("[getRoutesByRouteIds][Get Route By Ids Failed]")')),
  ).toBe(true);
  expect((await run("github_search_code", { query: "nowhere_to_be_found repo:other/name" })).view).toContain("Nothing found");
});

describe("github_checks", () => {
  test("tells of CI, and of what failed the messages", async () => {
    expect((await run("github_checks", { ref: first })).lines[0]).toBe(
      `E1: Checks of acme/train-ticket at ${first}: no CI reported on it.`,
    );
    const add = async (body: object) => {
      const answer = await fetch(`${replay.settings.GITHUB_API_URL}/repos/acme/train-ticket/check-runs`, {
        method: "POST",
        headers: { authorization: `Bearer ${replay.settings.GITHUB_TOKEN}`, "content-type": "application/json" },
        body: JSON.stringify({ head_sha: deployed, status: "completed", completed_at: "2026-06-01T07:45:00Z", ...body }),
      });
      expect(answer.status).toBe(201);
    };
    await add({ name: "lint", conclusion: "success" });
    await add({
      name: "unit tests",
      conclusion: "failure",
      output: {
        title: "1 test failed",
        summary: "RouteCacheTest",
        annotations: [
          {
            path: "src/RouteCacheTest.java",
            start_line: 12,
            end_line: 12,
            annotation_level: "failure",
            message: 'expected 2 routes\n- passed "lint"',
          },
        ],
      },
    });
    const { lines, fact, result } = await run("github_checks", { ref: deployed });
    expect(fact).toBe(`Checks of acme/train-ticket at ${deployed}: 1 failed, 0 running, 1 passed, 0 skipped (failed: unit tests)`);
    expect(lines[1]).toBe("E1: all checks, E2: why unit tests failed.");
    expect(lines[2]).toMatch(/^- failed "unit tests" \(check run: failure\) at 2026-06-01T07:45:00Z http/);
    expect(lines.slice(3)).toEqual([
      '    it says: "1 test failed: RouteCacheTest"',
      "    failure at src/RouteCacheTest.java:12",
      "  | expected 2 routes",
      '  | - passed "lint"',
      '- passed "lint" (check run: success) at 2026-06-01T07:45:00Z',
    ]);
    expect(result.answers).toHaveLength(2);
  });
});

describe("every tool", () => {
  const inputs: Record<string, object> = {
    github_changes: {},
    github_diff: { commit: first },
    github_file: { path: "README.md" },
    github_file_history: { path: "README.md" },
    github_search_code: { query: "return" },
    github_checks: { ref: first },
  };

  test("refuses a repository outside of the question's before any call", async () => {
    const asked = replay.requests.length;
    const tools = toolsOf(replay);
    expect([...tools.keys()].toSorted()).toEqual(Object.keys(inputs).toSorted());
    for (const [name, input] of Object.entries(inputs))
      await expect(run(name, { ...input, repository: "acme/secrets" })).rejects.toThrow(
        '"acme/secrets" is not a repository of this incident\'s services and is not read. There are: acme/train-ticket.',
      );
    expect(replay.requests.length).toBe(asked);
  });

  test("says so where no service has a repository", async () => {
    const without = { ...question, services: question.services.map((service) => ({ ...service, names: {} })) };
    for (const [name, input] of Object.entries(inputs))
      await expect(runTool(toolsOf(replay).get(name), input, without, now)).rejects.toThrow("has a repository in the catalog");
  });

  test("tells a refusal and a rate limit in words", async () => {
    await failing([{ vendor: "github", kind: "status", status: 403 }], async (other) => {
      for (const [name, input] of Object.entries(inputs))
        await expect(runTool(toolsOf(other).get(name), input, question, now)).rejects.toThrow(ForbiddenError);
    });
    await failing([{ vendor: "github", kind: "status", status: 429 }], async (other) => {
      for (const [name, input] of Object.entries(inputs))
        await expect(runTool(toolsOf(other).get(name), input, question, now)).rejects.toThrow(RateLimitedError);
    });
  });

  test("describes each of its inputs", () => {
    for (const { name, description, input } of toolsOf(replay).values()) {
      expect(name).toMatch(/^[a-z0-9_]{1,64}$/);
      expect(description.length).toBeGreaterThan(60);
      for (const [field, schema] of Object.entries(input.shape))
        expect([name, field, windowWords(field, schema.description)]).not.toContain("");
    }
  });
});
