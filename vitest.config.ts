import { defineConfig } from "vitest/config";

// Files run in two workers: the machines that run this have two cores, and some suites start a browser or a workerd of their own.
export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
});
