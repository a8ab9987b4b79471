import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { judge, scoreTotals } from "../../src/cli/agent-score.ts";
import { CommandError } from "../../src/cli/command-error.ts";
import type { DoneCase } from "../../src/cli/done-case.ts";
import { evalAgent } from "../../src/cli/eval-agent.ts";
import { caseFolders } from "../../src/cli/eval-incidents.ts";
import { apiError, type ScriptedModel, startScriptedModel } from "../../src/replay/anthropic/server.ts";
import { startReplay } from "../../src/replay/server.ts";
import { sampled } from "../support/sampled.ts";
import { changedFile, commitRow, incidentJson, recordingFolder } from "../support/recording-folder.ts";
import { scriptedInvestigator } from "../../src/replay/anthropic/scripted-investigator.ts";
import { ORDERS_TIMEOUT } from "../support/bot.ts";

const CASES = fileURLToPath(new URL("../../../shared/cases/recorded", import.meta.url));

const folders: string[] = [];
const newFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "eval-agent-"));
  folders.push(folder);
  return folder;
};

let model: ScriptedModel;
beforeAll(async () => {
  model = await startScriptedModel({ script: scriptedInvestigator });
});
afterAll(async () => {
  await model.close();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

const printed = z.object({
  cases: z.array(
    z.looseObject({
      case: z.string(),
      verdict: z.string().nullable(),
      serviceRight: z.boolean().nullable(),
      commitRight: z.boolean().nullable(),
      pathRight: z.boolean().nullable(),
      verdictRight: z.boolean().nullable(),
      requiredMissing: z.array(z.string()).nullable(),
      forbiddenSaid: z.array(z.string()).nullable(),
      gapsMissing: z.array(z.string()).nullable(),
      invented: z.array(z.string()),
      run: z.looseObject({
        ended: z.string(),
        dollars: z.number(),
        dropped: z.array(z.string()),
        characters: z.object({ digest: z.number(), tools: z.number(), longest: z.number() }),
      }),
    }),
  ),
  failed: z.array(z.object({ case: z.string(), error: z.string() })),
  totals: z.array(z.looseObject({ n: z.number() })),
});

async function evaluated(
  cases: readonly string[],
  out: string,
  over: {
    readonly from?: ScriptedModel;
    readonly signal?: AbortSignal;
    readonly concurrency?: number;
    readonly settings?: Readonly<Record<string, string>>;
  } = {},
) {
  const { from = model, signal = new AbortController().signal, concurrency = 2 } = over;
  const lines: string[] = [];
  const progress: string[] = [];
  const code = await evalAgent({
    ...{ folders: cases, out, concurrency, json: true, signal },
    settings: { ...over.settings, ANTHROPIC_BASE_URL: from.url, ANTHROPIC_API_KEY: from.apiKey },
    print: (line) => lines.push(line),
    tell: (line) => progress.push(line),
  });
  return { code, progress, ...printed.parse(JSON.parse(lines.join("\n"))) };
}

/** The scenario with the truth of its fault beside it. */
function withTruth(truth: object): string {
  const folder = join(newFolder(), "orders-bad-timeout");
  cpSync(ORDERS_TIMEOUT, folder, { recursive: true });
  writeFileSync(join(folder, "truth.json"), JSON.stringify(truth));
  return folder;
}

const guiltyCommit = (): string => {
  const commits = z
    .array(z.looseObject({ sha: z.string(), pr: z.looseObject({ number: z.number() }).nullable() }))
    .parse(JSON.parse(readFileSync(join(ORDERS_TIMEOUT, "repository/commits.json"), "utf8")));
  return commits.find(({ pr }) => pr?.number === 142)?.sha ?? "";
};

test("a recorded incident is run through the agent, judged by its truth, and not run again", async () => {
  const out = newFolder();
  const folder = withTruth({ root_cause: { service: "orders", fault_type: "config_change", commit: guiltyCommit() } });
  const first = await evaluated([folder], out);
  expect(first).toMatchObject({
    code: 0,
    failed: [],
    cases: [
      {
        ...{ case: "orders-bad-timeout", verdict: "incident", serviceRight: true, faultRight: true, commitRight: true, pathRight: true },
        ...{ verdictRight: true, requiredMissing: null, invented: [] },
        run: { ended: "submitted: the finding was handed in", dropped: [] },
      },
    ],
  });
  const [run] = first.cases.map((one) => one.run);
  expect(run?.dollars).toBeGreaterThan(0);
  expect((run?.characters.digest ?? Infinity) + (run?.characters.tools ?? 0)).toBeLessThanOrEqual(60_000);
  expect(run?.characters.longest).toBeLessThanOrEqual(12_000);
  expect(readdirSync(out)).toEqual(["orders-bad-timeout.json"]);

  const asked = model.requests.length;
  const again = await evaluated([folder], out);
  expect(again.cases).toEqual(first.cases);
  expect(model.requests.length).toBe(asked);

  const lines: string[] = [];
  await evalAgent({
    ...{ folders: [folder], out, concurrency: 1, json: false, settings: { ANTHROPIC_API_KEY: "made-up-key-of-sixteen-and-more" } },
    ...{ signal: new AbortController().signal, print: (line) => lines.push(line), tell: () => undefined },
  });
  expect(lines[0]).toMatch(/^orders-bad-timeout +incident +service yes fault yes commit yes path yes verdict yes {2}\$0\.\d\d /);
  expect(lines.slice(2).map((line) => line.split(/\s{2,}/).slice(0, 4))).toEqual([
    ["data set", "n", "service", "fault"],
    ["midwatch", "1", "1/1", "1/1"],
  ]);

  // The model, of all people, must not have seen the truth.
  expect(model.requests.filter(({ text }) => text.includes("root_cause"))).toEqual([]);
});

test("what the provider failed at is told, and run again by the next call", async () => {
  await using down = await startScriptedModel({
    script: () => ({ status: 401, body: apiError("authentication_error", "invalid x-api-key") }),
  });
  await using quiet = await recordingFolder({ "incident.json": incidentJson() });
  const out = newFolder();
  const { code, cases, totals } = await evaluated([quiet.path], out, { from: down });
  expect(code).toBe(1);
  expect(totals).toEqual([expect.objectContaining({ n: 1, "no finding": 1 })]);
  expect(cases.map(({ run }) => run.ended)).toEqual([expect.stringMatching(/^provider: /)]);
  const asked = down.requests.length;
  await evaluated([quiet.path], out, { from: down });
  expect(down.requests.length).toBeGreaterThan(asked);
});

test("a report with a quote that nobody wrote is no success", async () => {
  await using quiet = await recordingFolder({ "incident.json": incidentJson() });
  const out = newFolder();
  await evaluated([quiet.path], out);
  const [name = ""] = readdirSync(out);
  const report = z.looseObject({ evidence: z.array(z.unknown()) }).parse(JSON.parse(readFileSync(join(out, name), "utf8")));
  expect((await evaluated([quiet.path], out)).code).toBe(0);
  writeFileSync(join(out, name), JSON.stringify({ ...report, evidence: [{ quote: "nobody wrote this line", claim: "" }] }));
  expect(await evaluated([quiet.path], out)).toMatchObject({ code: 1, cases: [{ invented: ["nobody wrote this line"] }] });
});

test("the team's repository of skills reaches the runs, read with its own GitHub credential", async () => {
  const skill = "---\nname: cache-trouble\ndescription: How our cache fails.\n---\n\nLook at the cache.\n";
  await using team = await recordingFolder({
    "incident.json": incidentJson(),
    "repository/commits.json": [commitRow("1".repeat(40), [changedFile("skills/cache-trouble/SKILL.md", null, skill)])],
  });
  await using github = await startReplay({ folder: team.path });
  await using quiet = await recordingFolder({ "incident.json": incidentJson() });
  await using asked = await startScriptedModel({ script: scriptedInvestigator });
  const { GITHUB_API_URL, GITHUB_TOKEN } = github.settings;
  const settings = { GITHUB_API_URL, GITHUB_TOKEN, SKILLS_REPOSITORY: github.repository };
  await evaluated([quiet.path], newFolder(), { from: asked, settings });
  expect(asked.requests[0]?.text).toContain("cache-trouble: How our cache fails.");
  await expect(evaluated([quiet.path], newFolder(), { settings: { ...settings, SKILLS_REPOSITORY: "acme/none" } })).rejects.toThrow(
    /^SKILLS_REPOSITORY: /,
  );
});

test("a run that is broken off leaves no half report and says how to go on", async () => {
  const stop = new AbortController();
  await using slow = await startScriptedModel({
    script: () => {
      stop.abort();
      return { blocks: [], delayMs: Infinity };
    },
  });
  await using quiet = await recordingFolder({ "incident.json": incidentJson() });
  const out = newFolder();
  const { code, cases, progress } = await evaluated([quiet.path], out, { from: slow, signal: stop.signal });
  expect([code, cases, readdirSync(out)]).toEqual([130, [], []]);
  expect(progress.at(-1)).toContain("the same command continues");
});

test("without a key, without a case, or with two cases of one name nothing is started", async () => {
  const call = (settings: Record<string, string>, cases: readonly string[]) =>
    evalAgent({
      ...{ folders: cases, out: newFolder(), concurrency: 1, json: false, settings, signal: new AbortController().signal },
      print: () => undefined,
      tell: () => undefined,
    });
  await expect(call({}, [ORDERS_TIMEOUT])).rejects.toThrow(/ANTHROPIC_API_KEY/);
  await expect(call({ ANTHROPIC_API_KEY: "made-up-key-of-sixteen-and-more" }, [import.meta.dirname])).rejects.toThrow(CommandError);
  await expect(call({ ANTHROPIC_API_KEY: "made-up-key-of-sixteen-and-more" }, [ORDERS_TIMEOUT, ORDERS_TIMEOUT])).rejects.toThrow(
    /name of its own/,
  );
});

describe("the judge", () => {
  const answer = {
    nothing_wrong: false,
    inconclusive_ok: false,
    required: [["pool", "connections"], ["leak"]],
    forbidden: ["dns"],
    ruled_out: [["cpu"]],
    must_say_missing: [["audit"]],
    fix: { kind: "none" },
  };
  const report: DoneCase = {
    cause: "The pool of shop leaks connections; it is not DNS.",
    summary: "",
    confidence: 0.8,
    ruled_out: ["CPU: as ever"],
    missing: ["audit log: 403"],
    evidence: [{ quote: 'pool of "shop" has 20 of 20', claim: "the pool is full" }],
    run: {
      ...{
        verdict: "incident",
        service: "shop",
        fault: "overload",
        change: null,
        path: ["shop"],
        found: true,
        ended: "submitted",
        retry: false,
      },
      ...{ dropped: [], sentBack: 0, dollars: 0.1, tokens: { read: 1, cached: 0, written: 1 }, turns: 1, toolCalls: 1, failedCalls: 0 },
      ...{ seconds: 1, characters: { digest: 1, tools: 1, longest: 1 } },
    },
  };
  const judged = (changed: Partial<DoneCase>, key: object = {}, truth: object = { root_cause: { service: "shop" } }) => {
    const folder = newFolder();
    writeFileSync(join(folder, "answer.json"), JSON.stringify({ ...answer, ...key }));
    writeFileSync(join(folder, "truth.json"), JSON.stringify(truth));
    writeFileSync(join(folder, "logs.jsonl"), JSON.stringify({ message: 'pool of "shop"\nhas 20 of 20' }));
    return judge(folder, { ...report, ...changed });
  };

  test("finds nothing to say against a report that says what it should", () => {
    expect(judged({})).toMatchObject({
      ...{ serviceRight: true, commitRight: true, pathRight: true, verdictRight: true, invented: [] },
      ...{ requiredMissing: [], forbiddenSaid: [], ruledOutMissing: [], gapsMissing: [] },
    });
  });

  test("names what is not said, what is claimed and what stands nowhere", () => {
    const wrong = judged({
      cause: "DNS of shop is down.",
      ruled_out: [],
      missing: [],
      evidence: [
        { quote: "pool of … 20 of 20", claim: "" },
        { quote: "pool of … 21 of 21", claim: "" },
        { quote: "required", claim: "" },
      ],
    });
    expect(wrong).toMatchObject({
      requiredMissing: ["pool", "leak"],
      forbiddenSaid: ["dns"],
      ruledOutMissing: ["cpu"],
      gapsMissing: ["audit"],
    });
    expect(wrong.invented).toEqual(["pool of … 21 of 21", "required"]);
  });

  test("takes a blamed change for wrong where none is guilty, and for right only where it is the one", () => {
    const blaming = { run: { ...report.run, change: "0123456789abcdef0123456789abcdef01234567" } };
    const guilty = (commit: string) => ({ root_cause: { service: "shop", commit } });
    expect(judged(blaming).commitRight).toBe(false);
    expect(judged(blaming, {}, guilty("none")).commitRight).toBe(false);
    expect(judged({}, {}, guilty("none")).commitRight).toBe(true);
    expect(judged(blaming, {}, guilty("0123456789abcdef0123456789abcdef01234567")).commitRight).toBe(true);
    expect(judged({}, {}, guilty("0123456789abcdef0123456789abcdef01234567")).commitRight).toBe(false);
    // The key knows of a fix in the repository, and not in which commit the fault is.
    expect(judged(blaming, { fix: { kind: "revert" } }).commitRight).toBeNull();
  });

  test("wants a calm end where nothing is wrong, and an open one where nothing can be known", () => {
    const ending = (verdict: "incident" | "nothing-wrong" | "inconclusive", key: object) =>
      judged({ run: { ...report.run, verdict } }, key).verdictRight;
    expect(ending("nothing-wrong", { nothing_wrong: true })).toBe(true);
    expect(ending("incident", { nothing_wrong: true })).toBe(false);
    expect(ending("inconclusive", { inconclusive_ok: true })).toBe(true);
    expect(ending("incident", { inconclusive_ok: true })).toBe(false);
  });

  test("counts only what a case has a truth for", () => {
    const open = judged({}, { inconclusive_ok: true });
    expect(scoreTotals([judged({}), { ...open, dataset: "other" }]).map((row) => [row["data set"], row["n"], row["service"]])).toEqual([
      [expect.any(String), 1, "1/1"],
      ["other", 1, "-"],
      ["all", 2, "1/1"],
    ]);
  });
});

const key = z
  .looseObject({ nothing_wrong: z.boolean(), inconclusive_ok: z.boolean() })
  .transform((answer) => answer.nothing_wrong || answer.inconclusive_ok);

const present = existsSync(CASES);
if (!present) console.log("../shared/cases is not here: the agent is not run over the third-party cases");

describe.runIf(present)("third-party cases with a scripted investigator", () => {
  test("end in findings that hold, invent nothing and stay within the reading budget", async () => {
    const recorded = caseFolders([CASES]);
    expect(recorded.length).toBeGreaterThanOrEqual(12);
    // Few have no cause to be found: all of those, and of the others one in six, the small ones first.
    const size = (folder: string) => statSync(join(folder, "logs.jsonl.gz"), { throwIfNoEntry: false })?.size ?? 0;
    const hasNoCause = (folder: string) => key.parse(JSON.parse(readFileSync(join(folder, "answer.json"), "utf8")));
    const taken = [
      ...recorded.filter(hasNoCause),
      ...sampled(
        recorded.filter((folder) => !hasNoCause(folder)).toSorted((a, b) => size(a) - size(b)),
        6,
      ),
    ];
    const { code, cases } = await evaluated(taken, newFolder());
    expect(code).toBe(0);
    expect(cases).toHaveLength(taken.length);
    const wrong = cases.filter(
      ({ verdictRight, serviceRight, commitRight, forbiddenSaid, gapsMissing, invented }) =>
        [verdictRight, serviceRight, commitRight].includes(false) ||
        [forbiddenSaid, gapsMissing, invented].some((list) => list !== null && list.length > 0),
    );
    expect(wrong).toEqual([]);
    // The checks still cut the one hop of cache-slow, a true one.
    expect(cases.filter(({ pathRight }) => pathRight === false).length).toBeLessThanOrEqual(1);
    expect(cases.flatMap(({ run }) => run.dropped)).toEqual([]);
    // The page of a healthy database, and the one whose sources refuse.
    expect(new Set(cases.map(({ verdict }) => verdict))).toEqual(new Set(["incident", "nothing-wrong", "inconclusive"]));
    for (const { run } of cases) {
      expect(run.ended).toMatch(/^submitted/);
      expect(run.characters.digest + run.characters.tools).toBeLessThanOrEqual(60_000);
      expect(run.characters.longest).toBeLessThanOrEqual(12_000);
    }
  });
});
