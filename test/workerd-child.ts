import { unstable_startWorker } from "wrangler";

// Runs one Worker until it is killed. Nothing is watched: a test must not see the Worker start anew because a file was saved.
const { config, folder, vars } = JSON.parse(process.argv[2] ?? "{}") as { config: string; folder: string; vars: Record<string, string> };
const worker = await unstable_startWorker({
  config,
  bindings: Object.fromEntries(Object.entries(vars).map(([name, value]) => [name, { type: "plain_text" as const, value }])),
  dev: { watch: false, liveReload: false, persist: folder, inspector: false, logLevel: "warn", server: { hostname: "127.0.0.1", port: 0 } },
});
console.log(`Ready on ${String(await worker.url)}`);
