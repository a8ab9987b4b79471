import { spawnSync } from "node:child_process";

/**
 * The crash tests at every listed moment and at more random ones, with a seed of their own; the gate takes a part of it with a fixed seed. Joining,
 * splitting, take-over and re-reading are `crash-storm`.
 *
 * npm run bench -- crashes [SEED] [KILLS]     default: any seed, 10 random kills of each story; some minutes
 */
const [seed = String(Math.floor(Math.random() * 1e9)), kills = "10"] = process.argv.slice(2);
console.log(`seed ${seed}, ${kills} random kills`);
const { status } = spawnSync("npx", ["vitest", "run", "test/durable/crash.test.ts", "test/end-to-end/crash.test.ts", "agent-crash"], {
  stdio: "inherit",
  env: { ...process.env, MIDWATCH_CRASH_SEED: seed, MIDWATCH_CRASH_KILLS: kills },
});
process.exitCode = status ?? 1;
