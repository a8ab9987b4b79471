import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

const results = process.env["MIDWATCH_TEST_RESULTS"];

/** Files that start whole replays and commands come first, so that none is left alone at the end. Without an earlier run vitest goes by their size. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification) => /\/test\/(?:end-to-end|cli)\//.test(moduleId);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

// The machines that run this have two cores. A third worker uses them while tests wait: for CI of a recording's repository, a browser, a deadline.
export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/support/scratch.ts"],
    // Waits end when what they wait for is there; the limit is for a machine that does other work beside.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 120_000 } },
    sequence: { sequencer: LongestFirst },
    maxWorkers: 3,
    // A worker goes on to the next file with the modules that it has loaded: a fifth of the whole run. No file may leave anything behind in them.
    isolate: false,
    // Node loads the modules, as it does in production: what Vite makes of them costs an eighth of the run.
    experimental: { viteModuleRunner: false, nodeLoader: false },
    // Room in which what is soon garbage dies before it is copied: a tenth of the run.
    execArgv: ["--min-semi-space-size=32", "--max-semi-space-size=64"],
    // Of tests that say they may run at once; most of their time is waits.
    maxConcurrency: 12,
    // CI counts from the runner's own file, not from what it prints.
    reporters: results === undefined || results === "" ? ["default"] : ["default", ["json", { outputFile: results }]],
  },
});
