import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { parseArgs } from "node:util";
import * as fc from "fast-check";
import { hostileRequest } from "../fuzz/hostile-requests.ts";
import { allowed, startTarget } from "../fuzz/target.ts";

/**
 * Hostile requests to the webhook and to Slack's endpoint of a whole bot on a real store: no 5xx, no crash, memory flat. Bursts of up to eight at
 * once; a failure is made smaller and printed with its seed.
 *
 * npm run bench -- fuzz [--requests 100000] [--seed 1]
 */
const { values } = parseArgs({ options: { requests: { type: "string", default: "100000" }, seed: { type: "string", default: "1" } } });
const wanted = Number(values.requests);
const seed = Number(values.seed);
const LOOKS = 10;
/** What the heap may hold more at the end than after the first tenth, when everything is loaded and warm, MB. */
const FLAT_MB = 16;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;
const megabytes = (bytes: number) => Math.round(bytes / 1024 / 1024);
const memory = () => {
  collect();
  const { heapUsed, rss } = process.memoryUsage();
  return { heap: megabytes(heapUsed), rss: megabytes(rss) };
};

await using target = await startTarget();
const counts = new Map<string, number>();
const logged = new Map<string, number>();
let sent = 0;
const startedAt = performance.now();
const looks: { heap: number; rss: number }[] = [];

const look = () => {
  for (const line of target.newLines()) {
    const kind = line.slice(0, 160).replace(/\d+/g, "#");
    logged.set(kind, (logged.get(kind) ?? 0) + 1);
  }
  looks.push(memory());
  const { heap, rss } = looks.at(-1) ?? { heap: 0, rss: 0 };
  const tookS = Math.round((performance.now() - startedAt) / 1_000);
  console.log(`${sent} requests, ${tookS} s, ${target.incidents()} incidents, heap ${heap} MB, rss ${rss} MB`);
};

for (let round = 0; round < LOOKS; round++) {
  await fc.assert(
    fc.asyncProperty(fc.array(hostileRequest, { minLength: 8, maxLength: 8 }), async (burst) => {
      const answers = await Promise.all(burst.map(async (request) => ({ request, answer: await target.send(request) })));
      sent += answers.length;
      const wrong = answers.find(({ request, answer }) => !allowed(request, answer));
      for (const { request, answer } of answers) {
        const key = `${request.path} ${request.signature === "right" ? "signed" : "unsigned"} ${answer}`;
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
      if (wrong !== undefined)
        throw new Error(`${wrong.request.path} answered ${wrong.answer}; logged: ${target.newLines().at(-1) ?? "nothing"}`);
    }),
    { seed: seed + round, numRuns: Math.ceil(wanted / 8 / LOOKS) },
  );
  look();
}

const health = await target.health();
const [warm] = looks;
const last = looks.at(-1);
const grown = (last?.heap ?? 0) - (warm?.heap ?? 0);
const mistakes = [...logged].filter(([line]) => /^error in (GET|POST|webhook)/.test(line));
const met = health === 200 && grown <= FLAT_MB && mistakes.length === 0;
for (const [key, count] of [...counts].toSorted()) console.log(`${key}: ${count}`);
for (const [line, count] of [...logged].toSorted((a, b) => b[1] - a[1]).slice(0, 15)) console.log(`log: ${count} × ${line}`);
console.log(
  `${sent} requests of seed ${seed} in ${Math.round((performance.now() - startedAt) / 1_000)} s: no 5xx, no crash; health ${health}; ` +
    `heap ${warm?.heap} MB after a tenth, ${last?.heap} MB at the end; ${mistakes.length} kinds of mistakes logged`,
);
console.log(`bar (no 5xx, no crash, heap at most ${FLAT_MB} MB more): ${met ? "met" : "missed"}`);
process.exitCode = met ? 0 : 1;
