import { execFileSync, spawn } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";
import { command, untilExported } from "../support/command.ts";

/**
 * From an empty folder to a self-host that answers a page, by the steps of README and docs/setup.md: seconds for each step. A replay on this machine
 * stands for the vendors, so the keys are at hand. What a person types takes no time here.
 *
 * npm run bench -- self-host [--modules DIR] [--incident DIR]
 *
 * `--modules`: an installed node_modules that is linked instead of `npm ci`. Tests what is committed.
 */
const ROOT = resolve(import.meta.dirname, "../..");
const { values } = parseArgs({
  options: { modules: { type: "string" }, incident: { type: "string", default: join(ROOT, "test/scenarios/orders-bad-timeout") } },
});
const home = join(mkdtempSync(join(tmpdir(), "midwatch-self-host-")), "midwatch");
const beganAt = performance.now();
let steps = 0;

async function step<T>(what: string, work: () => T | Promise<T>): Promise<T> {
  const startedAt = performance.now();
  const done = await work();
  console.log(`${String(++steps).padStart(2)}. ${((performance.now() - startedAt) / 1_000).toFixed(1).padStart(6)} s  ${what}`);
  return done;
}
const here = (program: string, ...words: string[]) =>
  execFileSync(program, words, { cwd: home, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });

await using replay = command(["replay", values.incident, "--json"]);
const [, control = ""] = await replay.said("stderr", / at (http:\/\/\S+);/);
const keys = z.record(z.string(), z.string()).parse(JSON.parse(replay.stdout()));

await step("git clone", () => execFileSync("git", ["clone", "--quiet", ROOT, home]));
const { modules } = values;
if (modules === undefined) await step("npm ci", () => here("npm", "ci", "--no-audit", "--no-fund"));
else await step(`node_modules linked from ${modules}`, () => here("cp", "-al", resolve(modules), "node_modules"));
await step("cp .env.example .env && chmod 600 .env", () => (here("cp", ".env.example", ".env"), here("chmod", "600", ".env")));
await step("fill in .env", () => {
  const given = { ...keys, CATALOG_PATH: "catalog.yaml", PORT: "39310" };
  const filled = Object.entries(given).reduce(
    (text, [name, value]) => text.replace(new RegExp(`^(?:# )?${name}=.*$`, "m"), () => `${name}=${value}`),
    readFileSync(join(home, ".env"), "utf8"),
  );
  writeFileSync(join(home, ".env"), filled);
});
await step("write catalog.yaml", () => copyFileSync(keys["CATALOG_PATH"] ?? "", join(home, "catalog.yaml")));
await step("npm run midwatch -- doctor", () => here("npm", "run", "--silent", "midwatch", "--", "doctor"));

const serve = spawn("node_modules/.bin/node", ["src/cli/main.ts", "serve"], { cwd: home, stdio: ["ignore", "ignore", "pipe"] });
try {
  const url = await step("npm run midwatch -- serve", async () => {
    let said = "";
    for await (const part of serve.stderr.setEncoding("utf8")) {
      said += String(part);
      const listens = /listens on (http:\/\/[\d.:]+)/.exec(said);
      if (listens !== null) return listens[1] ?? "";
    }
    throw new Error(said);
  });
  serve.stderr.resume();
  await step("a page is answered, and its finding is there", async () => {
    const body = JSON.stringify({ url: `${url}/webhooks/pagerduty` });
    await fetch(`${control}/_replay/page`, { method: "POST", headers: { "content-type": "application/json" }, body });
    const list = await (await fetch(`${url}/incidents`)).text();
    const path = /\/incidents\/pd-\w+/.exec(list)?.[0] ?? "";
    const { finding } = await untilExported(`${url}${path}.json`);
    if (finding?.verdict !== "incident") throw new Error(`the finding is ${String(finding?.verdict)}`);
  });
} finally {
  serve.kill("SIGTERM");
}
console.log(`${steps} steps, ${((performance.now() - beganAt) / 1_000).toFixed(0)} s`);
