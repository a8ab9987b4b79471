import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";

/**
 * Runs the demo for every recorded incident in folders of recordings, two at a time, a line for each and a summary of what went wrong.
 *
 * node test/bench/all-cases.ts [FOLDER...]     default: those of ../shared, where they are
 *
 * A case is wrong when the demo ends with another code than 0, says something on stderr that it says for no other reason, has a source that
 * failed or ran out of time where its access.json does not ask for that, gives up a step, or names no suspect though it sees an incident.
 */

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const MAIN = join(ROOT, "src/cli/main.ts");
const DEFAULT_FOLDERS = ["../shared/incidents/cases", "../shared/cases/recorded"].map((path) => join(ROOT, path));
const AT_ONCE = 2;
const LONGEST_MS = 240_000;

const summarySchema = z.object({
  ackMs: z.number(),
  firstSlackMs: z.number().nullable(),
  briefMs: z.number().nullable(),
  findingMs: z.number().nullable(),
  verdict: z.string().nullable(),
  suspects: z.array(
    z.object({ service: z.string(), fault: z.string().nullable(), commit: z.string().nullable(), probability: z.number() }),
  ),
  pullRequest: z.object({ url: z.string(), draft: z.boolean() }).nullable(),
  coverage: z.array(z.object({ source: z.string(), status: z.string(), detail: z.string().nullable() })),
  report: z.object({ missing: z.array(z.string()) }),
});
type Summary = z.output<typeof summarySchema>;

interface Outcome {
  readonly id: string;
  readonly exitCode: number | null;
  readonly tookMs: number;
  readonly summary: Summary | null;
  readonly problems: readonly string[];
}

const given = process.argv.slice(2);
const folders = given.length > 0 ? given : DEFAULT_FOLDERS;
const cases = folders
  .filter((folder) => existsSync(folder))
  .flatMap((folder) => (existsSync(join(folder, "incident.json")) ? [folder] : readdirSync(folder).map((name) => join(folder, name))))
  .filter((folder) => existsSync(join(folder, "incident.json")));

/** Vendors that the recording itself makes fail, by the beginning of their source's name. */
function expectedFailures(folder: string): string[] {
  const file = join(folder, "access.json");
  if (!existsSync(file)) return [];
  const access = z.record(z.string(), z.string()).parse(JSON.parse(readFileSync(file, "utf8")));
  const names: Record<string, string> = {
    "datadog.metrics": "Datadog metrics",
    "datadog.logs": "Datadog logs",
    "datadog.spans": "Datadog traces",
    "datadog.events": "Datadog events",
    "datadog.monitors": "Datadog monitors",
    sentry: "Sentry",
    github: "GitHub",
    pagerduty: "PagerDuty",
  };
  return Object.entries(access).flatMap(([tool, rule]) => (rule === "empty" ? [] : [names[tool] ?? tool]));
}

/** Lines of stderr that are not the story of the run. */
const isStory = (told: string) => /^( *\d+\.\d s {2}|midwatch demo: |Its repository|No key, |\s*$)/.test(told) && !/ failed {4}/.test(told);

function run(folder: string): Promise<Outcome> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, [MAIN, "demo", "--once", "--json", "--incident", folder], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "pipe"],
    timeout: LONGEST_MS,
    killSignal: "SIGKILL",
  });
  let out = "";
  let err = "";
  child.stdout.on("data", (chunk: Buffer) => void (out += String(chunk)));
  child.stderr.on("data", (chunk: Buffer) => void (err += String(chunk)));
  return new Promise((resolve) => {
    child.on("close", (exitCode) => {
      const problems = err.split("\n").filter((told) => !isStory(told));
      if (exitCode !== 0) problems.push(`exit code ${exitCode}`);
      let summary: Summary | null = null;
      try {
        summary = summarySchema.parse(JSON.parse(out));
      } catch (error) {
        problems.push(`no summary: ${error instanceof Error ? error.message.slice(0, 200) : String(error)}`);
      }
      if (summary !== null) {
        const expected = expectedFailures(folder);
        for (const { source, status, detail } of summary.coverage) {
          const wrong = status === "failed" || status === "timed-out" || status === "not-configured";
          if (wrong && !expected.includes(source)) problems.push(`${source} ${status}: ${detail ?? ""}`);
          if (!wrong && expected.includes(source)) problems.push(`${source} should fail by access.json and is ${status}`);
        }
        if (summary.verdict === "incident" && summary.suspects.length === 0) problems.push("an incident without suspects");
        if (summary.verdict === null) problems.push("no verdict");
        if (summary.pullRequest?.draft === false) problems.push("the pull request is not a draft");
      }
      resolve({ id: basename(folder), exitCode, tookMs: performance.now() - startedAt, summary, problems });
    });
  });
}

const seconds = (ms: number | null) => (ms === null ? "-" : (ms / 1000).toFixed(2));

function line({ id, exitCode, tookMs, summary, problems }: Outcome): string {
  const suspects = (summary?.suspects ?? []).slice(0, 3).map(({ service, fault, commit, probability }) =>
    [service, fault, commit?.slice(0, 7)]
      .filter((part) => part != null)
      .join("/")
      .concat(` ${probability.toFixed(2)}`),
  );
  const parts = [
    id.padEnd(34),
    String(exitCode).padStart(2),
    (summary?.verdict ?? "none").padEnd(13),
    summary?.pullRequest == null ? "no PR" : "PR   ",
    `ack ${summary?.ackMs ?? "-"} ms, first ${seconds(summary?.firstSlackMs ?? null)}, brief ${seconds(summary?.briefMs ?? null)}, finding ${seconds(summary?.findingMs ?? null)} s`,
    `whole ${seconds(tookMs)} s`,
    suspects.join(", ") || "no suspects",
  ];
  return [parts.join("  "), ...problems.map((problem) => `    ! ${problem}`)].join("\n");
}

const outcomes: Outcome[] = [];
const queue = [...cases];
await Promise.all(
  Array.from({ length: AT_ONCE }, async () => {
    for (let folder = queue.shift(); folder !== undefined; folder = queue.shift()) {
      const outcome = await run(folder);
      outcomes.push(outcome);
      console.log(line(outcome));
    }
  }),
);

const count = (test: (outcome: Outcome) => boolean) => outcomes.filter(test).length;
const worst = (pick: (summary: Summary) => number | null) =>
  seconds(Math.max(0, ...outcomes.map(({ summary }) => (summary === null ? 0 : (pick(summary) ?? 0)))));
const wrong = outcomes.filter(({ problems }) => problems.length > 0);
const verdicts = [...new Set(outcomes.map(({ summary }) => summary?.verdict ?? "none"))].map(
  (verdict) => `${verdict} ${count(({ summary }) => (summary?.verdict ?? "none") === verdict)}`,
);
console.log(
  [
    "",
    `${outcomes.length} cases, exit code 0: ${count(({ exitCode }) => exitCode === 0)}; ${verdicts.join(", ")}; draft PRs ${count(({ summary }) => summary?.pullRequest != null)}; without suspects ${count(({ summary }) => summary?.suspects.length === 0)}`,
    `slowest: first words ${worst((summary) => summary.firstSlackMs)} s, brief ${worst((summary) => summary.briefMs)} s, finding ${worst((summary) => summary.findingMs)} s`,
    `${wrong.length} cases with problems${wrong.length === 0 ? "" : ":"}`,
    ...wrong.map(({ id, problems }) => `${id}: ${problems.join(" | ")}`),
  ].join("\n"),
);
process.exitCode = wrong.length === 0 ? 0 : 1;
