import { appendFileSync } from "node:fs";
import { flushCompileCache } from "node:module";
import { unstable_startWorker } from "wrangler";

// Runs one Worker until it is killed. Nothing is watched: a test must not see the Worker start anew because a file was saved.
const { config, folder, vars, outgoing, port, inspect } = JSON.parse(process.argv[2] ?? "{}") as {
  config: string;
  folder: string;
  vars: Record<string, string>;
  outgoing: string | null;
  port: number;
  inspect: boolean;
};
/** All that leaves the Worker and its objects, however they call: noted, then passed on. */
const recorded = async (request: {
  url: string;
  method: string;
  headers: Iterable<[string, string]>;
  arrayBuffer(): Promise<ArrayBuffer>;
}) => {
  appendFileSync(outgoing ?? "", `${request.method} ${request.url}\n`);
  const body = ["GET", "HEAD"].includes(request.method) ? {} : { body: await request.arrayBuffer() };
  const answer = await fetch(request.url, { method: request.method, headers: [...request.headers], redirect: "manual", ...body });
  // The body is decoded by now.
  const headers = [...answer.headers].filter(([name]) => !["content-encoding", "content-length", "transfer-encoding"].includes(name));
  return new Response(answer.body, { status: answer.status, headers });
};
const worker = await unstable_startWorker({
  config,
  bindings: Object.fromEntries(Object.entries(vars).map(([name, value]) => [name, { type: "plain_text" as const, value }])),
  dev: {
    ...(outgoing === null ? {} : { outboundService: recorded as never }),
    watch: false,
    liveReload: false,
    persist: folder,
    inspector: inspect ? { hostname: "127.0.0.1", port: 0 } : false,
    logLevel: "warn",
    server: { hostname: "127.0.0.1", port },
  },
});
if (inspect) console.log(`Inspector ${String(await worker.inspectorUrl)}`);
// It is killed, and the next one loads the same.
flushCompileCache();
console.log(`Ready on ${String(await worker.url)}`);
