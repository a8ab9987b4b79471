import { parseCode } from "../../../src/node/code-parser.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fixProposed } from "../../support/example-fix.ts";
import type { EventOf, IncidentEvent, LoggedEvent } from "../../../src/incident/event.ts";
import { toTimeline } from "../../../src/report/timeline.ts";
import { viewOf } from "../../../src/incident/view.ts";
import { FIX_LIMITS } from "../../../src/investigation/agent/agent-budget.ts";
import type { PreparePatch } from "../../../src/investigation/agent/judge-patch.ts";
import {
  apiError,
  type Script,
  type ScriptedAnswer,
  type ScriptedModel,
  startScriptedModel,
} from "../../../src/replay/anthropic/server.ts";
import { calls, says, toldIn, turnsOf } from "../../end-to-end/agent.ts";
import { eventsOf } from "../../support/bot.ts";
import { createFixer } from "../../../src/fix/fixer.ts";
import { createGithubClient } from "../../../src/integrations/github/client.ts";
import { type EmulatedGithub, emulateGithub, TOKEN } from "../../support/github/github.ts";
import {
  CACHE,
  type DeskOptions,
  draftOf,
  FILES,
  finding,
  freshStore,
  openPatchDesk,
  type PatchDesk,
  proposal,
  TEST,
} from "./patch-desk.ts";

let github: EmulatedGithub;
let deployed = "";
let branch = "";
beforeAll(async () => {
  github = await emulateGithub();
  const repository = await github.createRepository("shop");
  deployed = await repository.commit(FILES);
  branch = await repository.commit({ [TEST]: "other\n" }, { branch: "feature" });
});
afterAll(async () => github?.[Symbol.asyncDispose]());

const read = (path: string, more: { readonly [key: string]: string } = {}) => calls("github_file", { path, ...more });
const proposes = (more: { readonly [key: string]: unknown } = {}) => calls("propose_fix", { ...proposal, ...more } as typeof proposal);

/** Reads the cache, hands the finding in, and goes on with the patch: `fix` has the answers of that, the last one again and again. */
const patching =
  (...fix: readonly (ScriptedAnswer | Script)[]): Script =>
  (request, turn) => {
    if (turn === 0) return says(read(CACHE));
    if (turn === 1) return says({ thinking: "The key holds the request." }, calls("submit_finding", finding));
    const answer = fix[Math.min(turn - 2, fix.length - 1)] ?? says();
    return typeof answer === "function" ? answer(request, turn) : answer;
  };

interface Run extends AsyncDisposable {
  readonly desk: PatchDesk;
  readonly model: ScriptedModel;
}

async function start(script: Script, options: Partial<DeskOptions> = {}): Promise<Run> {
  const model = await startScriptedModel({ script });
  const desk = openPatchDesk({ modelUrl: model.url, modelKey: model.apiKey, githubUrl: github.url, prepare: draftOf, ...options });
  await desk.begin();
  return {
    desk,
    model,
    [Symbol.asyncDispose]: async () => {
      await desk.close();
      await model.close();
    },
  };
}

/** Types of the log's events from the finding on. */
const typesAfterFinding = (log: readonly LoggedEvent[]) => {
  const types = log.map(({ event }) => event.type);
  return types.slice(types.indexOf("finding-submitted"));
};

const closedOf = (log: readonly LoggedEvent[]): EventOf<"fix-work-closed"> | undefined => eventsOf(log, "fix-work-closed").at(-1);

/** Lines of the timeline that say what the model was kept from. */
const stoppedIn = (log: readonly LoggedEvent[]) =>
  toTimeline(log).flatMap(({ text, tone }) => (text.startsWith("rejected a patch") && tone === "bad" ? [text] : []));

/** The agent wants nothing more by itself, however late it is. */
function expectNothingToDo({ agent }: PatchDesk, log: readonly LoggedEvent[]): void {
  const [view, late] = [viewOf(log), Date.now() + 86_400_000];
  expect([agent.next(log, view, late), agent.fix?.next(log, view, late), agent.retryAt(view)]).toEqual([null, null, null]);
}

/** Whatever became of the patch: one finding, said once, of one round, whose end is as it was. */
function expectFindingUntouched(log: readonly LoggedEvent[]): void {
  const of = (type: IncidentEvent["type"]) => log.filter(({ event }) => event.type === type).length;
  expect([of("investigation-started"), of("finding-submitted"), of("investigation-closed"), of("finding-posted")]).toEqual([1, 1, 1, 1]);
  expect(eventsOf(log, "investigation-closed")).toMatchObject([{ how: "submitted", retry: false }]);
}

describe("a patch that code lets pass", () => {
  test("is written after the finding was posted, in the same transcript, and is paid by the same incident", async () => {
    await using run = await start(patching(says(read("AGENTS.md"), read(TEST)), says(proposes())));
    const log = await run.desk.ended();
    expect(typesAfterFinding(log)).toEqual([
      "finding-submitted",
      "investigation-closed",
      "finding-posted",
      "fix-work-started",
      "model-turn",
      "tools-answered",
      "model-turn",
      "tools-answered",
      "fix-drafted",
      "fix-work-closed",
    ]);
    expectFindingUntouched(log);
    expect(eventsOf(log, "fix-drafted")).toMatchObject([
      { attempt: 1, draft: { repository: "acme/shop", title: proposal.title, evidence: [1], files: [{ path: TEST }, { path: CACHE }] } },
    ]);
    expect(closedOf(log)).toMatchObject({ attempt: 1, how: "drafted" });

    const turns = turnsOf(run.model);
    expect(turns).toHaveLength(4);
    expect(run.model.requests.map(({ problem }) => problem).filter((problem) => problem !== null)).toEqual([]);
    // What is asked for stands after the result of the finding, in one message.
    const asked = toldIn(turns[2]!.body, -1);
    expect(asked.results).toMatchObject([{ text: "Accepted.", failed: false }]);
    expect(asked.notes).toHaveLength(1);
    expect(asked.notes[0]).toContain("in acme/shop, under payments/");
    expect(asked.notes[0]).toContain("AGENTS.md, CONTRIBUTING.md");

    const investigation = (await run.desk.view()).investigation;
    const cost = eventsOf(log, "model-turn").reduce((sum, turn) => sum + turn.cost, 0);
    expect(investigation).toMatchObject({ round: 1, turns: 4 });
    expect(investigation?.cost).toBeCloseTo(cost, 10);
    expect(investigation?.closedAt).toBe(log.find(({ event }) => event.type === "investigation-closed")?.at);
  });

  test("goes on from the bytes of the investigation: system, tools and all messages before are the same", async () => {
    await using run = await start(patching(says(read(TEST)), says(proposes())));
    await run.desk.ended();
    const bodies = turnsOf(run.model).map(({ body }) => body);
    for (const [index, body] of bodies.slice(1).entries()) {
      const before = bodies[index]!;
      expect(JSON.stringify([body.system, body.tools])).toBe(JSON.stringify([before.system, before.tools]));
      const plain = (messages: typeof body.messages) => JSON.stringify(messages).replaceAll(/,"cache_control":\{[^}]*\}/g, "");
      // The last message of a request may only grow at its end, and none does: the next turn adds messages.
      expect(plain(body.messages.slice(0, before.messages.length))).toBe(plain(before.messages));
    }
    const usage = eventsOf(await run.desk.log(), "model-turn").map((turn) => turn.usage);
    for (const [index, { cacheReadTokens }] of usage.slice(1).entries()) {
      const before = usage[index]!;
      expect(cacheReadTokens).toBeGreaterThanOrEqual(before.cacheReadTokens + before.cacheWrite5mTokens + before.cacheWrite1hTokens);
    }
  });

  test("may be an edit of a file that was read at the deployed commit, and a new file that nobody could read", async () => {
    const edits = [
      { ...proposal.edits[0]!, path: "payments/test/hits.test.ts", search: "" },
      { ...proposal.edits[1]!, path: `./${CACHE}` },
    ];
    const script = patching(says(proposes({ edits })));
    await using run = await start(
      (request, turn) => (turn === 0 ? says(read(CACHE, { ref: deployed.slice(0, 8) })) : script(request, turn)),
      { deployed },
    );
    expect(closedOf(await run.desk.ended())).toMatchObject({ how: "drafted" });
  });

  test("may touch the files that the finding cites: those whose text it rests on, not all that were read", async () => {
    const cited: unknown[] = [];
    const script = patching(says(read("AGENTS.md"), read(TEST)), says(proposes()));
    await using run = await start((request, turn) => (turn === 0 ? says(read(CACHE), read("AGENTS.md")) : script(request, turn)), {
      prepare: (about, given, signal) => {
        cited.push(about.cited);
        return draftOf(about, given, signal);
      },
    });
    expect(closedOf(await run.desk.ended())).toMatchObject({ how: "drafted" });
    expect(cited).toEqual([[CACHE]]);
  });

  test("goes to the paged service's repository, as the model was told, where the service at fault has none in the catalog", async () => {
    const client = createGithubClient({ baseUrl: github.url, auth: { token: TOKEN }, fetch, sleep: async () => undefined });
    const fixer = createFixer({
      parseCode,
      github: client,
      repositoryOf: (named) => named,
      placeOf: (service) => ({
        repository: service === "payments" ? "acme/shop" : null,
        path: service === "payments" ? "payments" : "",
        owners: [],
      }),
      timelineUrl: () => null,
    });
    const script: Script = (request, turn) =>
      turn === 1
        ? says(calls("submit_finding", { ...finding, service: "payments-db" }))
        : patching(says(read(TEST)), says(proposes()))(request, turn);
    await using run = await start(script, { prepare: fixer.prepare });
    const log = await run.desk.ended();
    expect(viewOf(log).investigation?.finding?.service).toBe("payments-db");
    expect(toldIn(turnsOf(run.model)[2]!.body, -1).notes[0]).toContain("It is for payments, in acme/shop, under payments/");
    expect(eventsOf(log, "fix-refused")).toEqual([]);
    expect(eventsOf(log, "fix-drafted")).toMatchObject([{ draft: { repository: "acme/shop", service: "payments" } }]);
  });

  test.each([
    ["the test is closed to change where CI named it", true, "passed", true],
    ["not where it is not known what failed", null, "passed", false],
    ["not where its check fails on main too, so that the test may be wrong", true, "failed", false],
  ] as const)("is asked for again after CI was red, with what stands on the branch: %s", async (_case, named, mainState, isFrozen) => {
    const opened = fixProposed({ commits: [{ sha: "test", role: "test" }] });
    const pushed: IncidentEvent = { type: "fix-committed", commit: { sha: "fix", role: "fix" }, files: [] };
    const about: Parameters<PreparePatch>[0][] = [];
    await using run = await start(patching(says(read(TEST)), says(proposes()), says(proposes({ title: "Better" }))), {
      prepare: (asked, given, signal) => {
        about.push(asked);
        return draftOf(asked, given, signal);
      },
      then: (agent, log) => {
        const checks = (role: "test" | "fix", namesTest: boolean | null): IncidentEvent => ({
          type: "checks-read",
          read: { sha: role, role, state: "failed", checks: [{ name: "unit", state: "failed", link: null }], failure: null, namesTest },
        });
        const base: IncidentEvent = {
          type: "checks-read",
          read: {
            sha: "base",
            role: "base",
            state: mainState,
            checks: [{ name: "unit", state: mainState, link: null }],
            failure: null,
            namesTest: null,
          },
        };
        if (eventsOf(log, "fix-work-started").length > 1) return null;
        return eventsOf(log, "checks-read").length === 0
          ? { id: "ci", run: async () => [opened, base, checks("test", named), pushed, checks("fix", null)] }
          : (agent.fix?.start(2, "CI is red.") ?? null);
      },
    });
    const log = await run.desk.until(({ event }) => event.type === "fix-work-closed" && event.attempt === 2);
    expect(eventsOf(log, "fix-drafted")).toMatchObject([
      { attempt: 1, draft: { title: proposal.title } },
      { attempt: 2, draft: { title: "Better" } },
    ]);
    expect(about.map(({ attempt, earlier, testSeen }) => [attempt, earlier?.title ?? null, testSeen])).toEqual([
      [1, null, false],
      [2, proposal.title, isFrozen],
    ]);
    const asked = toldIn(turnsOf(run.model).at(-1)!.body, -1);
    expect(asked.results.map(({ text }) => text)).toEqual([expect.stringMatching(/^Accepted\./)]);
    expect(asked.notes).toEqual([expect.stringMatching(/^CI is red\.\nYou have about 5 min, 12 turns and 60,000 characters/)]);
    expectFindingUntouched(log);
  });
});

describe("a patch that code refuses", () => {
  const refusing =
    (...problems: readonly string[]): PreparePatch =>
    async () => ({ status: "refused", problems });

  test("goes back with all its reasons; the third time is the last, and each is on record", async () => {
    await using run = await start(patching(says(read(TEST)), says(proposes())), {
      prepare: refusing("payments/src/cache.ts: edit 2 matches 0 times", "402 lines are changed; at most 400"),
    });
    const log = await run.desk.ended();
    const because = ["payments/src/cache.ts: edit 2 matches 0 times", "402 lines are changed; at most 400"];
    expect(eventsOf(log, "fix-refused").map((event) => event.because)).toEqual([because, because, because]);
    expect(closedOf(log)).toMatchObject({
      how: "limit",
      because: "code refused the patch 3 times, at last because payments/src/cache.ts: edit 2 matches 0 times",
    });
    expect(eventsOf(log, "fix-drafted")).toEqual([]);
    expect(turnsOf(run.model)).toHaveLength(6);
    const answers = turnsOf(run.model)
      .slice(4)
      .map(({ body }) => toldIn(body, -1).results[0]);
    for (const answer of answers) {
      expect(answer?.failed).toBe(true);
      for (const reason of because) expect(answer?.text).toContain(`- ${reason}`);
    }
    expect(answers[0]?.text).not.toContain("one more refusal");
    expect(answers[1]?.text).toContain("one more refusal ends the work");
    expectFindingUntouched(log);
  });

  test("because it asks for what code decides is told by name, though all else of it would do", async () => {
    const prepared: unknown[] = [];
    const edits = [proposal.edits[0]!, { ...proposal.edits[1]!, mode: "120000" }];
    await using run = await start(
      patching(
        says(read(TEST)),
        says(proposes({ repository: "evil/other", branch: "main", draft: false, force: true, base: "x", edits })),
        says(proposes()),
      ),
      {
        prepare: (about, given, signal) => {
          prepared.push(given);
          return draftOf(about, given, signal);
        },
      },
    );
    const log = await run.desk.ended();
    expect(eventsOf(log, "fix-refused").map((event) => event.because)).toEqual([
      ["repository", "branch", "draft", "force", "base", "edits.mode"].map((name) => `propose_fix takes no ${name}: code decides it`),
    ]);
    expect(toldIn(turnsOf(run.model)[4]!.body, -1).results[0]?.text).toContain("propose_fix takes no repository: code decides it");
    expect(closedOf(log)).toMatchObject({ how: "drafted" });
    for (const one of prepared) expect(JSON.stringify(one)).not.toMatch(/evil|force|120000/);
  });

  test("because a file was not read says which; a read at another branch or of another repository is none", async () => {
    await using run = await start(
      patching(
        says(read(TEST, { ref: branch }), read(TEST, { ref: "feature" }), read(TEST, { repository: "acme/ledger" })),
        says(proposes()),
        says(read(TEST)),
        says(proposes()),
      ),
    );
    const log = await run.desk.ended();
    expect(eventsOf(log, "fix-refused").map((event) => event.because)).toEqual([
      [`${TEST} was not read: read it with github_file without ref, then write the block from its lines`],
    ]);
    expect(closedOf(log)).toMatchObject({ how: "drafted" });
  });

  test("because it rests on evidence that does not exist, or changes nothing, says so", async () => {
    await using run = await start(
      patching(says(read(TEST)), says(proposes({ evidence: [1, 99] })), says(proposes({ edits: [] })), says(proposes())),
    );
    const log = await run.desk.ended();
    expect(eventsOf(log, "fix-refused").map((event) => event.because)).toEqual([
      ["E99 does not exist: cite evidence by the number that a tool gave it"],
      ["it changes nothing: hand in edits, or decline"],
    ]);
    expect(closedOf(log)).toMatchObject({ how: "drafted" });
  });

  test("for an input that does not fit is no refusal: nothing of it was looked at", async () => {
    await using run = await start(patching(says(read(TEST)), says(calls("propose_fix", { title: "x" })), says(proposes())));
    const log = await run.desk.ended();
    expect(eventsOf(log, "fix-refused")).toEqual([]);
    expect(toldIn(turnsOf(run.model)[4]!.body, -1).results[0]?.text).toContain("The input does not fit: ");
    expect(stoppedIn(log)).toEqual(["rejected a patch of the model: its input does not fit the tool propose_fix"]);
    expect(closedOf(log)).toMatchObject({ how: "drafted" });
  });

  test("because another one came in the same answer is told, and nothing of it is kept", async () => {
    const workflow = { path: ".github/workflows/ci.yml", role: "fix", search: "", replace: "on: push", delete: false };
    await using run = await start(patching(says(read(TEST)), says(proposes({ edits: [workflow] }), proposes())));
    const log = await run.desk.ended();
    expect(stoppedIn(log)).toEqual(["rejected a patch of the model: another one came in the same answer, and the last one counts"]);
    expect(JSON.stringify(eventsOf(log, "fix-drafted"))).not.toContain("workflows");
  });

  test("because it came before the finding is told", async () => {
    const script = patching(says(read(TEST)), says(proposes()));
    await using run = await start((request, turn) => (turn === 0 ? says(read(CACHE), proposes()) : script(request, turn)));
    expect(stoppedIn(await run.desk.ended())).toEqual(["rejected a patch of the model: it came before the finding"]);
  });
});

describe("the order of finding and patch", () => {
  test("a patch that comes before the finding is not taken, and the finding is asked for first", async () => {
    const script = patching(says(read(TEST)), says(proposes()));
    await using run = await start((request, turn) => (turn === 0 ? says(read(CACHE), proposes()) : script(request, turn)));
    const log = await run.desk.ended();
    const [early] = toldIn(turnsOf(run.model)[1]!.body, -1).results.slice(1);
    expect(early).toMatchObject({ failed: true, text: expect.stringContaining("Hand in the finding first (submit_finding)") });
    expect(eventsOf(log, "fix-refused")).toEqual([]);
    expect(closedOf(log)).toMatchObject({ how: "drafted" });
  });

  test("a finding that is handed in again while the patch is written changes nothing", async () => {
    await using run = await start(
      patching(says(calls("submit_finding", { do_not: null, ...finding, verdict: "nothing-wrong" }), read(TEST)), says(proposes())),
    );
    const log = await run.desk.ended();
    expect(toldIn(turnsOf(run.model)[3]!.body, -1).results[0]?.text).toContain("The finding was accepted and posted, and does not change.");
    expect((await run.desk.view()).investigation?.finding?.verdict).toBe("incident");
    expectFindingUntouched(log);
  });

  test("where nobody checks patches the model is not offered to write one", async () => {
    await using run = await start(patching(says()), { prepare: null });
    const log = await run.desk.until(({ event }) => event.type === "finding-posted");
    expect(run.desk.agent.fix).toBeNull();
    const { tools, system } = turnsOf(run.model)[0]!.body;
    expect(JSON.stringify([tools?.map(({ name }) => name), system])).not.toMatch(/propose_fix|asked for it/);
    expect(eventsOf(log, "finding-submitted")[0]?.finding.fix).toBe("patch");
  });
});

test("an investigation that began without the tool is not asked for a patch, and it is said why", async () => {
  const database = freshStore();
  const before = await start(patching(says()), { prepare: null, database });
  await before.desk.until(({ event }) => event.type === "finding-posted");
  await before[Symbol.asyncDispose]();
  await using run = await start(patching(says()), { database });
  const log = await run.desk.ended();
  expect(closedOf(log)).toMatchObject({ how: "declined", because: "the investigation began before patches could be written" });
  expect(run.model.requests).toHaveLength(0);
  expectFindingUntouched(log);
});

describe("what ends the work on a patch leaves the finding as it is", () => {
  const overloaded: ScriptedAnswer = { status: 529, body: apiError("overloaded_error", "Overloaded") };
  const tooLong: ScriptedAnswer = {
    status: 400,
    body: apiError("invalid_request_error", "prompt is too long: 1000001 tokens > 1000000 maximum"),
  };
  const cases: Readonly<
    Record<
      string,
      {
        readonly fix: readonly (ScriptedAnswer | Script)[];
        readonly options?: Partial<DeskOptions>;
        readonly how: string;
        readonly because: RegExp;
      }
    >
  > = {
    "the model declines": {
      fix: [says(proposes({ decline: "The file\nis mended on main already.", edits: [] }))],
      how: "declined",
      because: /^The file is mended on main already\.$/,
    },
    "the provider is down": { fix: [overloaded], how: "provider", because: /anthropic answered 529 \(overloaded\): Overloaded/ },
    "the provider asks for a long wait": {
      fix: [{ status: 429, headers: { "retry-after": "3600" }, body: apiError("rate_limit_error", "slow down") }],
      how: "provider",
      because: /429/,
    },
    "a refusal": { fix: [{ blocks: [], stopReason: "refusal" }], how: "provider", because: /the model refused to answer/ },
    "a transcript that grew too long": { fix: [tooLong], how: "limit", because: /longer than the model can read/ },
    "a window that is full": {
      fix: [{ ...says({ text: "And" }), stopReason: "model_context_window_exceeded" }],
      how: "limit",
      because: /longer than the model can read/,
    },
    "talk and no patch": { fix: [says({ text: "All is well." })], how: "silent", because: /without handing anything in/ },
    "the same question again": { fix: [says(read(TEST))], how: "limit", because: /repeated one call of github_file 4 times/ },
    "dollars of both": { fix: [says(read(TEST))], options: { limits: { dollars: 0.000_001 } }, how: "limit", because: /^cost budget of/ },
  };
  test.concurrent.each(Object.entries(cases))("%s", async (_name, { fix, options, how, because }) => {
    // The investigation itself must get through: only the patch is to come to the limit.
    const dollars = options?.limits?.dollars;
    const limits = dollars === undefined ? {} : { dollars: await costOfInvestigation() };
    await using run = await start(patching(...fix), { ...options, limits: { ...options?.limits, ...limits } });
    const log = await run.desk.ended();
    const closed = closedOf(log);
    expect(closed).toMatchObject({ attempt: 1, how });
    expect(closed?.because).toMatch(because);
    expectFindingUntouched(log);
    expect(eventsOf(log, "fix-drafted")).toEqual([]);
    expectNothingToDo(run.desk, log);
  });

  /** What the two turns before the patch cost. */
  async function costOfInvestigation(): Promise<number> {
    await using run = await start(patching(says()), { prepare: null });
    await run.desk.until(({ event }) => event.type === "finding-posted");
    return ((await run.desk.view()).investigation?.cost ?? 0) * 1.2;
  }

  test("turns of its own: those of the investigation do not count, and the model is told before", async () => {
    const looksOn: Script = (_request, turn) => says(calls("github_file", { path: CACHE, start_line: turn }));
    await using run = await start(patching(looksOn), { limits: { turns: 2 } });
    const log = await run.desk.ended();
    expect(closedOf(log)).toMatchObject({ how: "limit", because: `turn budget of ${FIX_LIMITS.turns} turns is used up` });
    const turns = turnsOf(run.model);
    expect(turns).toHaveLength(2 + FIX_LIMITS.turns);
    expect(toldIn(turns.at(-1)!.body, -1).notes.join("\n")).toMatch(/^Left of the budget: 1 turn of 12 turns\. Hand the patch in/);
    expectFindingUntouched(log);
  });

  test("time of its own: it begins with the patch", async () => {
    let passedMs = 0;
    const slow: Script = (_request, turn) => {
      passedMs += 60_000;
      return says(read(["AGENTS.md", TEST, "payments", "payments/src", "payments/test", ""][turn % 6] ?? ""));
    };
    const script = patching(slow);
    await using run = await start(
      (request, turn) => {
        if (turn < 2) passedMs += 120_000;
        return script(request, turn);
      },
      { now: () => Date.now() + passedMs },
    );
    const log = await run.desk.ended();
    expect(closedOf(log)).toMatchObject({ how: "limit", because: "time budget of 5 min is used up" });
    expect(turnsOf(run.model)).toHaveLength(2 + 5);
    const warned = toldIn(turnsOf(run.model).at(-1)!.body, -1).notes.join("\n");
    expect(warned).toMatch(/^Left of the budget: .*\. Hand the patch in with propose_fix, or decline with the reason\.$/m);
    expect(warned).not.toContain("submit_finding");
    expectFindingUntouched(log);
  });

  test("a person's “stop”; “resume” after it begins no second investigation", async () => {
    const asked = Promise.withResolvers<PatchDesk>();
    const stops: Script = async () => {
      await (await asked.promise).say("stop");
      return says(read(TEST));
    };
    await using run = await start(patching(stops));
    asked.resolve(run.desk);
    const log = await run.desk.ended();
    expect(closedOf(log)).toMatchObject({ how: "stopped", because: "a person stopped it" });
    expect(turnsOf(run.model)).toHaveLength(3);
    await run.desk.say("resume");
    await run.desk.until(({ event }) => event.type === "slack-message-received" && event.text === "resume");
    const resumed = await run.desk.log();
    expectNothingToDo(run.desk, resumed);
    expectFindingUntouched(resumed);
  });

  test("a round that would be due waits until the work on the patch has ended", async () => {
    await using run = await start(patching(says(proposes({ decline: "no", edits: [] }))));
    const log = (await run.desk.ended()).map(({ event, ...logged }): LoggedEvent => ({
      ...logged,
      event: event.type === "investigation-closed" ? { ...event, how: "provider", retry: true } : event,
    }));
    const next = (part: readonly LoggedEvent[]) => run.desk.agent.next(part, viewOf(part), Date.now() + 86_400_000)?.id ?? null;
    expect(next(log)).toBe("begin-investigation");
    expect(next(log.filter(({ event }) => event.type !== "fix-work-closed"))).toBeNull();
  });

  test("what a person says meanwhile is told to the model with its next turn", async () => {
    const asked = Promise.withResolvers<PatchDesk>();
    const steered: Script = async () => {
      await (await asked.promise).say("Please leave the test of the miss alone.");
      return says(read(TEST));
    };
    await using run = await start(patching(steered, says(proposes())));
    asked.resolve(run.desk);
    expect(closedOf(await run.desk.ended())).toMatchObject({ how: "drafted" });
    expect(toldIn(turnsOf(run.model)[3]!.body, -1).notes).toEqual([expect.stringContaining("leave the test of the miss alone")]);
  });

  test("the vendor that is asked to prepare it fails: tried again, then said", async () => {
    let tries = 0;
    await using run = await start(patching(says(read(TEST)), says(proposes())), {
      prepare: async (about, given, signal) => {
        if (++tries < 2) throw new Error("github answered 502");
        return draftOf(about, given, signal);
      },
    });
    expect(closedOf(await run.desk.ended())).toMatchObject({ how: "drafted" });
    expect(turnsOf(run.model)).toHaveLength(4);
  });
});
