import { defineConfig } from "vitest/config";

const results = process.env["MIDWATCH_TEST_RESULTS"];

// The machines that run this have two cores. A third worker uses them while tests wait: for CI of a recording's repository, a browser, a deadline.
export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/support/scratch.ts"],
    // Waits end when what they wait for is there; the limit is for a machine that does other work beside.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 3,
    // A worker goes on to the next file with the modules that it has loaded: a fifth of the whole run. No file may leave anything behind in them.
    isolate: false,
    // Room in which what is soon garbage dies before it is copied: a tenth of the run.
    execArgv: ["--min-semi-space-size=32", "--max-semi-space-size=64"],
    // Of tests that say they may run at once; most of their time is waits.
    maxConcurrency: 12,
    // CI counts from the runner's own file, not from what it prints.
    reporters: results === undefined || results === "" ? ["default"] : ["default", ["json", { outputFile: results }]],
  },
});
