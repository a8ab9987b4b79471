import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { chanceOf } from "../bench/worlds/chance.ts";
import type { Effect, Strength } from "../bench/worlds/faults.ts";
import { simulate } from "../bench/worlds/simulate.ts";
import type { Part, System } from "../bench/worlds/system.ts";

/**
 * Makes `shop-storm`, the outage of `npm run demo -- --storm`: `npx node test/scenarios/make-storm.ts`. All of it is made up. Figures come from the
 * simulation of the benches' worlds, with a seed: the same command writes the same files.
 */

const SEED = 2_026;
const minute = 60_000;
const STEP_MS = 30_000;
const at = (time: string): number => Date.parse(`2026-11-25T${time}Z`);
const FROM = at("12:00:00");
const DEPLOYED = at("13:58:20");
const ONSET = at("13:59:00");
const PAGED = at("14:02:00");
const ROLLED_BACK = at("14:12:00");
const RECOVERED = at("14:13:00");
const TO = at("14:26:00");

/** Name, requests a second, own milliseconds; what it calls, with calls of a request. */
const SERVICES: Readonly<
  Record<string, { rate: number; ownMs: number; kind?: "database" | "entry"; calls?: Readonly<Record<string, number>> }>
> = {
  storefront: { rate: 220, ownMs: 24, kind: "entry", calls: { checkout: 0.5, search: 0.35, recommendations: 0.25 } },
  "mobile-api": { rate: 140, ownMs: 12, kind: "entry", calls: { checkout: 0.5, orders: 0.45, search: 0.3 } },
  "partner-api": { rate: 18, ownMs: 15, kind: "entry", calls: { orders: 0.9 } },
  checkout: { rate: 60, ownMs: 18, calls: { orders: 0.9, "gift-cards": 0.45, "shop-db": 1 } },
  orders: { rate: 80, ownMs: 14, calls: { payments: 0.85, "shop-db": 1.2 } },
  subscriptions: { rate: 9, ownMs: 30, calls: { payments: 1 } },
  "gift-cards": { rate: 11, ownMs: 9, calls: { payments: 0.8 } },
  refunds: { rate: 4, ownMs: 22, calls: { payments: 1 } },
  invoices: { rate: 6, ownMs: 40, calls: { orders: 0.9 } },
  loyalty: { rate: 12, ownMs: 11, calls: { orders: 0.8 } },
  payments: { rate: 85, ownMs: 35, calls: { "payments-db": 1.3 } },
  search: { rate: 120, ownMs: 12, calls: { "search-index": 1 } },
  recommendations: { rate: 70, ownMs: 45 },
  "search-index": { rate: 120, ownMs: 7, kind: "database" },
  "payments-db": { rate: 110, ownMs: 2, kind: "database" },
  "shop-db": { rate: 200, ownMs: 2, kind: "database" },
};
const names = Object.keys(SERVICES);
const place = (name: string): number => {
  const found = names.indexOf(name);
  if (found < 0) throw new Error(`no service ${name}`);
  return found;
};

function systemOf(): System {
  const chance = chanceOf(SEED);
  const parts = names.map((name): Part => {
    const { rate, ownMs, kind = "service" } = SERVICES[name] ?? { rate: 1, ownMs: 1 };
    return {
      ...{ name, kind, rate, ownMs, replicas: 2, node: 0, tail: chance.between(2.5, 4), repository: "acme/shop" },
      ...{ failing: chance.between(0.0005, 0.003), cpu: chance.between(0.15, 0.4), memory: chance.between(0.3, 0.6) },
    };
  });
  const calls = names.flatMap((name, from) =>
    Object.entries(SERVICES[name]?.calls ?? {}).map(([callee, share]) => ({ from, to: place(callee), share })),
  );
  return { parts, calls, nodes: 1 };
}

const between =
  (from: number, to: number, rampMs = minute): Strength =>
  (time) =>
    Math.max(0, Math.min(1, (time - from) / rampMs, time < to ? 1 : 1 - (time - to) / rampMs));

/** One cause; a fault elsewhere at the same time; a blip that is over by itself. */
const outage = between(ONSET, RECOVERED);
const searching = between(at("14:01:00"), at("15:00:00"), 30_000);
const blip = between(at("14:02:50"), at("14:06:30"), 20_000);
const effects: readonly Effect[] = [
  { part: place("payments"), strength: outage, failing: 0.55, slower: 5, connections: 0.6 },
  { part: place("search-index"), strength: searching, slower: 45, cpu: 0.55, disk: 0.5 },
  { part: place("recommendations"), strength: blip, slower: 7 },
];

const run = simulate(systemOf(), effects, { page: PAGED, recordFrom: FROM, to: TO }, STEP_MS, chanceOf(SEED));
const six = (value: number): number => Number(value.toPrecision(6));
const measured = (measure: keyof typeof run.rows, part: number, step: number): number => run.rows[measure][part]?.[step] ?? 0;

const metrics = run.instants.flatMap((time, step) =>
  names.flatMap((name, part) => {
    const isStore = SERVICES[name]?.kind === "database";
    const hits = Math.round((measured("rate", part, step) * STEP_MS) / 1000);
    const row = (metric: string, value: number) => `${time / 1000},${name},,${metric},${six(value)}`;
    return [
      row("trace.http.request.hits", hits),
      row("trace.http.request.errors", Math.round(hits * measured("failed", part, step))),
      row("trace.http.request.duration.p50", measured("p50", part, step) / 1000),
      row("trace.http.request.duration.p95", measured("p99", part, step) / 1000),
      row("container.cpu.usage_pct", 100 * measured("cpu", part, step)),
      ...(isStore ? [row("system.disk.in_use_pct", 100 * measured("disk", part, step))] : []),
      ...(name === "payments" ? [row("db.pool.in_use_pct", 100 * measured("connections", part, step))] : []),
    ];
  }),
);

/** Lines of log: some of what goes well, and of what fails. */
function logRows(): Record<string, unknown>[] {
  const chance = chanceOf(SEED + 1);
  const rows: Record<string, unknown>[] = [];
  const say = (time: number, service: string, severity: string, message: string) =>
    rows.push({ time: secondsOf(time), service, instance: `${service}-${chance.whole(1, 2)}`, severity, message });
  const whole = (low: number, high: number) => chance.whole(low, high);
  for (const [step, time] of run.instants.entries()) {
    for (const [part, name] of names.entries()) {
      const { kind, calls = {} } = SERVICES[name] ?? { rate: 1, ownMs: 1 };
      const moment = () => time + chance.between(0, STEP_MS);
      if (kind !== "database" && step % 3 === 0) say(moment(), name, "INFO", `request done status=200 in ${whole(20, 200)} ms`);
      if (chance.maybe(0.02)) say(moment(), name, "WARN", `slow client, response took ${whole(2_000, 4_000)} ms to send`);
      const callee = Object.keys(calls).find((one) => measured("failed", place(one), step) > 0.05);
      const failing = measured("failed", part, step);
      if (kind === "database" || failing < 0.05) continue;
      for (let line = 0; line < Math.ceil(failing * 4); line++)
        if (name === "payments")
          say(moment(), name, "ERROR", `PoolTimeoutError: no connection within 200 ms, pool of 4 in use, ${whole(18, 70)} wait`);
        else if (callee !== undefined) say(moment(), name, "ERROR", `POST http://${callee}/v1 failed: 503 after ${whole(190, 900)} ms`);
    }
  }
  return rows.toSorted((a, b) => Number(a["time"]) - Number(b["time"]));
}
const secondsOf = (time: number): number => Math.round(time) / 1000;

/** A commit by a hash of its words. */
function commitOf(
  time: number,
  author: string,
  title: string,
  number: number,
  files: Record<string, [string | null, string]>,
  parent: string,
) {
  const sha = createHash("sha1").update(`shop-storm ${title}`).digest("hex");
  const email = `${author.toLowerCase().replace(" ", ".")}@acme.example`;
  return {
    sha,
    parents: parent === "" ? [] : [parent],
    time: time / 1000,
    author: { name: author, email },
    message: `${title} (#${number})`,
    pr: { number, title, body: "", merged_at: new Date(time).toISOString() },
    files: Object.entries(files).map(([path, [before, after]]) => ({ path, before, after })),
  };
}

const pool = (most: number) =>
  `${JSON.stringify({ database: "payments-db", pool: { max: most, acquireTimeoutMs: 200 }, provider: { timeoutMs: 4000 } }, null, 2)}\n`;
const banner = (percent: number) => `export const banner = { text: "Black week: ${percent} % off", until: "2026-11-30" };\n`;
const code = (service: string) =>
  `import { serve } from "../lib/serve.ts";\nimport { routes } from "./routes.ts";\n\nserve("${service}", routes);\n`;
const started = commitOf(
  at("09:10:00") - 9 * 86_400_000,
  "Tom Okafor",
  "Start each service from one place",
  310,
  {
    ...Object.fromEntries(
      names.filter((name) => SERVICES[name]?.kind !== "database").map((name) => [`${name}/src/main.ts`, [null, code(name)]]),
    ),
    "payments/config/production.json": [null, pool(40)],
    "storefront/src/banner.ts": [null, banner(10)],
  },
  "",
);
const decoy = commitOf(
  at("13:20:00"),
  "Mara Linde",
  "Banner for black week",
  331,
  { "storefront/src/banner.ts": [banner(10), banner(20)] },
  started.sha,
);
const guilty = commitOf(
  at("13:51:00"),
  "Tom Okafor",
  "payments: keep fewer idle connections to the database",
  334,
  { "payments/config/production.json": [pool(40), pool(4)] },
  decoy.sha,
);
const deploy = (time: number, service: string, sha: string, author: string, kind = "deploy") => ({
  ...{ kind, time: time / 1000, service, sha, environment: "production", author },
});
const changes = [
  deploy(at("09:30:00") - 9 * 86_400_000, "payments", started.sha, "Tom Okafor"),
  deploy(at("09:35:00") - 9 * 86_400_000, "storefront", started.sha, "Tom Okafor"),
  deploy(at("13:31:00"), "storefront", decoy.sha, "Mara Linde"),
  deploy(DEPLOYED, "payments", guilty.sha, "Tom Okafor"),
  deploy(ROLLED_BACK, "payments", started.sha, "Ana Ruiz", "rollback"),
];
const events = [
  {
    time: at("14:00:40") / 1000,
    source: "elasticsearch",
    title: "Disk watermark exceeded",
    text: "high disk watermark [90%] exceeded on search-index-2, shards will be relocated away from this node",
    service: "search-index",
    instance: "search-index-2",
    severity: "warning",
    tags: ["service:search-index"],
  },
];

const failing = (service: string) => ({
  title: `${service}: failing requests above 5 %`,
  details: `[Triggered] More than 5 % of the requests to ${service} fail (last 2 minutes).`,
});
const slow = (service: string, limit: string) => ({
  title: `${service}: slow requests`,
  details: `[Triggered] p95 of ${service} is above ${limit} (last 2 minutes).`,
});
const page = (offset_s: number, service: string, words: { title: string; details: string }) => ({
  offset_s,
  service,
  urgency: "high",
  ...words,
});
/** Twelve of one cause, then the one of another fault and the blip. */
const pages = [
  page(0, "checkout", failing("checkout")),
  page(4, "payments", failing("payments")),
  page(9, "orders", failing("orders")),
  page(15, "storefront", failing("storefront")),
  page(22, "mobile-api", failing("mobile-api")),
  page(31, "subscriptions", failing("subscriptions")),
  page(43, "gift-cards", failing("gift-cards")),
  page(58, "refunds", failing("refunds")),
  page(75, "loyalty", failing("loyalty")),
  page(96, "invoices", failing("invoices")),
  page(130, "partner-api", failing("partner-api")),
  page(170, "checkout", slow("checkout", "1.5 s")),
  page(210, "search", slow("search", "0.3 s")),
  page(240, "recommendations", slow("recommendations", "0.5 s")),
];
/** What people and the pager do after the first page, in seconds. Deploys and roll-backs are in `changes.jsonl.gz`. */
const story = [
  { at_s: 60, page: 0, does: "acknowledged", by: "ana" },
  { at_s: 330, page: 13, does: "resolved" },
  ...pages.flatMap(({ service }, index) =>
    index > 0 && index < 12 ? [{ at_s: 780 + 4 * index, page: index, does: "resolved", service }] : [],
  ),
  { at_s: 1_320, page: 0, does: "resolved", by: "ana" },
].map(({ at_s, page: index, does, ...who }) => ({ at_s, page: index, does, ...("by" in who ? { by: who.by } : {}) }));

const folder = join(import.meta.dirname, "shop-storm");
mkdirSync(join(folder, "repository"), { recursive: true });
const packed = (name: string, rows: readonly string[]) =>
  writeFileSync(join(folder, name), gzipSync(rows.map((row) => `${row}\n`).join(""), { level: 9 }));
const json = (name: string, value: unknown) => writeFileSync(join(folder, name), `${JSON.stringify(value, null, 1)}\n`);
const iso = (time: number) => new Date(time).toISOString().replace(".000", "");
const logs = logRows();
packed("metrics.csv.gz", ["time,service,instance,metric,value", ...metrics]);
packed(
  "logs.jsonl.gz",
  logs.map((row) => JSON.stringify(row)),
);
packed(
  "changes.jsonl.gz",
  changes.map((row) => JSON.stringify(row)),
);
packed(
  "events.jsonl.gz",
  events.map((row) => JSON.stringify(row)),
);
json("repository/commits.json", [started, decoy, guilty]);
json("pages.json", pages);
json("story.json", story);
json("incident.json", {
  ...{ id: "shop-storm", dataset: "midwatch", system: "Shop", ...pages[0], offset_s: undefined, service: undefined },
  ...{ entry_service: "checkout", detected_at: iso(PAGED), window: { start: iso(FROM), end: iso(TO) }, baselines: [], services: names },
  dependencies: names.flatMap((from) => Object.keys(SERVICES[from]?.calls ?? {}).map((to) => ({ from, to }))),
  earlier_incidents: [],
  provenance: {
    recorded: [],
    generated: ["all of it: a simulation with a fixed seed"],
    licence: "Apache-2.0",
    origin: "this repository, test/scenarios/make-storm.ts",
  },
});
console.log(`${metrics.length} figures, ${logs.length} lines of log, ${pages.length} pages`);
