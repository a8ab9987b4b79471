import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { arrivals, fillOrders, visitorCall } from "../recorder/load.ts";
import { type CommitRow, readHistory } from "../recorder/repository.ts";
import { createShop, type ServiceName } from "../recorder/shop.ts";
import { type TracedLog, Tracer } from "../recorder/tracer.ts";
import { VirtualTime } from "../recorder/virtual-time.ts";
import { sentryIssues, writeRecording } from "../recorder/write-recording.ts";

/**
 * Makes the three recorded incidents of acme/shop by running its services: `node test/scenarios/record-orders.ts [NAME]...`
 *
 * Real: the services' code at each deployed commit (imported from `repository/commits.json`), every status, total, log line, exception and statement,
 * the time that SQLite takes (times `STATEMENT_FACTOR`), and that a process which waits for SQLite does nothing else.
 * Drawn from seeded distributions: when visitors come and what they want, the network, the card provider. Time is virtual. Two runs ask the same and get
 * the same answers; what differs is how long statements take on the day, and the instants that follow from it.
 */

const DAY = "2026-10-14";
const at = (time: string, day = DAY): number => Date.parse(`${day}T${time}Z`);
const FROM = at("10:00:00");
const DEPLOYED = at("10:44:00");
/** A release starts one instance, waits until it is up, then the other. */
const INSTANCES_AFTER_MS = [65_000, 92_000] as const;
const DETECTED = at("10:48:00");
const TO = at("10:49:00");
const VISITORS_PER_SECOND = 3;
/** Production's rows are wider and lie on a disk; ours are narrow and in memory. */
const STATEMENT_FACTOR = 40;
const SHARE = 0.2;

interface Scenario {
  readonly name: string;
  readonly seed: string;
  readonly title: string;
  readonly details: string;
  /** Orders that are there at the start. */
  readonly orders: number;
  /** The pull requests of which the merges were deployed: the guilty one, and one of another service, with its time. */
  readonly guilty: number;
  readonly other: { readonly pull: number; readonly service: ServiceName; readonly time: string };
  readonly monitors: readonly Readonly<Record<string, unknown>>[];
}

const monitor = (id: number, service: string, name: string, query: string, message: string, alert = false) => ({
  id,
  name,
  type: "query alert",
  query,
  message,
  service,
  tags: [`service:${service}`, "env:production", "team:shop"],
  state: alert ? "Alert" : "OK",
  triggered_at: alert ? new Date(DETECTED).toISOString().replace(".000", "") : null,
});

const errorShare = (service: string, above: number) =>
  `sum(last_2m):sum:trace.http.request.errors{service:${service}}.as_count() / sum:trace.http.request.hits{service:${service}}.as_count() > ${above}`;
const p95 = (service: string, above: number) => `avg(last_2m):avg:trace.http.request.duration.p95{service:${service}} > ${above}`;
const webErrors = (alert: boolean) =>
  monitor(9101, "web", "web: failing requests", errorShare("web", 0.05), "More than 5 % of the shop's requests fail.", alert);
const webSlow = (alert: boolean) =>
  monitor(9102, "web", "web: slow pages", p95("web", 0.8), "95 % of pages should be there within 0.8 s.", alert);
const paymentsErrors = monitor(9103, "payments", "payments: errors", errorShare("payments", 0.02), "Payments answers with errors.");

const scenarios: readonly Scenario[] = [
  {
    name: "orders-wrong-total",
    seed: "wrong-total-1",
    title: "web: failing requests above 5 %",
    details:
      '[Triggered] web: failing requests. More than 5 % of the shop\'s requests fail (last 2 minutes). Customers see "Something went wrong" at checkout.',
    orders: 20_000,
    guilty: 118,
    other: { pull: 117, service: "web", time: "10:29:00" },
    monitors: [webErrors(true), webSlow(false), paymentsErrors],
  },
  {
    name: "orders-missing-index",
    seed: "missing-index-1",
    title: "web: slow pages, p95 above 0.8 s",
    details: "[Triggered] web: slow pages. p95 of all pages is above 0.8 s (last 2 minutes); it is usually below 0.3 s.",
    orders: 300_000,
    guilty: 131,
    other: { pull: 127, service: "web", time: "10:27:00" },
    monitors: [webErrors(false), webSlow(true), paymentsErrors],
  },
  {
    name: "orders-bad-timeout",
    seed: "bad-timeout-1",
    title: "web: failing requests above 5 %",
    details:
      "[Triggered] web: failing requests. More than 5 % of the shop's requests fail (last 2 minutes). No checkout has succeeded since 10:46.",
    orders: 20_000,
    guilty: 142,
    other: { pull: 138, service: "payments", time: "10:31:00" },
    monitors: [webErrors(true), webSlow(false), paymentsErrors],
  },
];

function mergeOf(commits: readonly CommitRow[], pull: number): string {
  const found = commits.find(({ pr }) => pr?.number === pull);
  if (found === undefined) throw new Error(`no commit merges #${pull}`);
  return found.sha;
}

async function record(scenario: Scenario): Promise<void> {
  const { name, seed, orders, guilty, other } = scenario;
  const folder = join(import.meta.dirname, name);
  const commits = readHistory(join(folder, "repository", "commits.json"));
  const scratch = mkdtempSync(join(tmpdir(), "record-orders-"));
  try {
    const time = new VirtualTime(FROM);
    const tracer = new Tracer(time, seed);
    const database = new DatabaseSync(":memory:");
    const shop = createShop({ commits, folder: scratch, database, tracer, seed, statementFactor: STATEMENT_FACTOR });
    const first = mergeOf(commits, 104);
    for (const service of ["payments", "orders", "web"] as const) await shop.release(service, first);
    tracer.logs.length = 0;
    fillOrders(database, orders, FROM, seed);

    let index = 0;
    for (const when of arrivals(FROM, TO, VISITORS_PER_SECOND, seed)) {
      const visitor = index++;
      void time.at(when).then(() => shop.call("web", visitorCall(visitor, orders, seed)));
    }
    const roll = (service: ServiceName, sha: string, begins: number) =>
      INSTANCES_AFTER_MS.forEach((after, side) => void time.at(begins + after).then(() => shop.release(service, sha, side === 0 ? 0 : 1)));
    roll(other.service, mergeOf(commits, other.pull), at(other.time));
    roll("orders", mergeOf(commits, guilty), DEPLOYED);
    await time.run(TO);

    const deploy = (service: ServiceName, sha: string, time_: number) => ({
      kind: "deploy",
      time: time_ / 1000,
      service,
      sha,
      environment: "production",
      author: commits.find((commit) => commit.sha === sha)?.author.name,
    });
    const changes = [
      ...(["payments", "orders", "web"] as const).map((service, place) =>
        deploy(service, first, at("13:25:00", "2026-09-22") + place * 60_000),
      ),
      deploy(other.service, mergeOf(commits, other.pull), at(other.time)),
      deploy("orders", mergeOf(commits, guilty), DEPLOYED),
    ];
    const releaseAt = (log: TracedLog) => `${log.service}@${mergeOf(commits, guilty).slice(0, 7)}`;
    writeRecording({
      folder,
      incident: {
        id: name,
        dataset: "midwatch",
        system: "Shop",
        title: scenario.title,
        details: scenario.details,
        urgency: "high",
        entry_service: "web",
        detected_at: new Date(DETECTED).toISOString().replace(".000", ""),
        window: { start: new Date(FROM).toISOString().replace(".000", ""), end: new Date(TO).toISOString().replace(".000", "") },
        baselines: [],
        services: ["web", "orders", "payments"],
        dependencies: [
          { from: "web", to: "orders" },
          { from: "orders", to: "payments" },
        ],
        earlier_incidents: [],
        provenance: {
          recorded: [
            "statuses, totals, log lines, exceptions, statements and their time: the services' own code, run at each deployed commit",
          ],
          generated: ["visitors, network and card provider: seeded distributions", "time is virtual"],
          derived: [`time of statements: measured, times ${STATEMENT_FACTOR}`, "the page and the monitors"],
          licence: "Apache-2.0",
          origin: "this repository, test/scenarios/record-orders.ts",
        },
      },
      monitors: scenario.monitors,
      changes,
      spans: tracer.spans,
      logs: tracer.logs,
      sentry: sentryIssues(tracer.logs, releaseAt),
      from: FROM,
      to: TO,
      share: SHARE,
    });
    database.close();
    console.log(`${name}: ${index} visitors, ${tracer.spans.length} spans, ${tracer.logs.length} lines`);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

const wanted = process.argv.slice(2);
for (const scenario of scenarios) if (wanted.length === 0 || wanted.includes(scenario.name)) await record(scenario);
