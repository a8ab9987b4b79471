import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { buildCallGraph } from "../../src/analysis/call-graph.ts";
import { caseFolders } from "../../src/cli/eval-incidents.ts";
import type { Joining } from "../../src/incident/joining.ts";
import type { Call, Point, Series, Telemetry } from "../../src/incident/telemetry.ts";
import { recordedTelemetry } from "../../src/replay/recorded-telemetry.ts";
import { loadRecording } from "../../src/replay/recording.ts";
import { inHalves } from "./worlds/in-halves.ts";
import { judgePair } from "./worlds/judge-pair.ts";

/**
 * Pairs of pages over recorded incidents. Nothing of the rule was set by them.
 *
 * - one cause: the recording's own page, and one of another service that the truth says the fault reaches (the root, or what calls it) and whose latency
 *   or errors moved;
 * - coincident: two recordings of one system laid over each other so that their pages come together, each page of a service that only its own fault
 *   reaches;
 * - quiet: a page of a service that the fault does not reach and that did not move.
 *
 * npm run bench -- joins-recorded [FIRST] [COUNT]     places in ../shared/incidents; default: all
 */

const CASES = fileURLToPath(new URL("../../../shared/incidents", import.meta.url));
if (!existsSync(CASES)) {
  console.error(`${CASES} is not there: it holds the recorded incidents.`);
  process.exit(2);
}
const folders = caseFolders([CASES]);
const minute = 60_000;
const SECOND_AFTER_MS = minute;
const MOST_OF_A_KIND = 2;
/** Recordings after one that are laid over it: some faults show in nothing of their own. */
const MOST_TRIES = 6;
const truthSchema = z.object({ root_cause: z.object({ service: z.string() }) });

interface Case {
  readonly id: string;
  readonly system: string;
  readonly root: string;
  readonly telemetry: Telemetry;
}

/** Cases that were read last: the next one is held against them too. */
const MOST_KEPT = 6;
const kept = new Map<number, Promise<Case>>();

function caseAt(index: number): Promise<Case> {
  const at = index % folders.length;
  const found = kept.get(at) ?? readCase(at);
  kept.delete(at);
  kept.set(at, found);
  for (const oldest of kept.keys()) {
    if (kept.size <= MOST_KEPT) break;
    kept.delete(oldest);
  }
  return found;
}

async function readCase(index: number): Promise<Case> {
  const folder = folders[index] ?? "";
  const id = basename(folder);
  const truth = truthSchema.parse(JSON.parse(readFileSync(join(folder, "truth.json"), "utf8")));
  const telemetry = recordedTelemetry(await loadRecording(folder));
  // The cases of one system are named alike but for the day and the number.
  return { id, system: id.replace(/-(?:\d{4}-\d\d-\d\d-)?\w+$/, ""), root: truth.root_cause.service, telemetry };
}

/** Calls that the spans of recordings show. */
function callsSeen({ spans }: Telemetry): Call[] {
  const services = new Map(spans.map(({ spanId, service }) => [spanId, service]));
  const seen = spans.flatMap(({ parentId, service }) => {
    const from = parentId === null ? undefined : services.get(parentId);
    return from === undefined || from === service ? [] : [{ from, to: service }];
  });
  return [...new Map(seen.map((call) => [`${call.from}\n${call.to}`, call])).values()];
}

/**
 * Services from which calls lead to a root, itself included, under their own names: by the catalog's calls and by the spans of all recordings that are
 * held against each other, for one of them alone shows a part of the system.
 */
function reachedBy(root: string, all: readonly Telemetry[]): Set<string> {
  const [first] = all;
  const graph = buildCallGraph(first?.services ?? [], first?.calls ?? [], all.flatMap(callsSeen));
  return new Set([...graph.reaching(root)].filter((service) => graph.canonical(service) === service));
}

const mean = (points: readonly Point[]) => points.reduce((sum, { value }) => sum + value, 0) / Math.max(1, points.length);
const middle = (points: readonly Point[]) => points.map(({ value }) => value).toSorted((a, b) => a - b)[Math.floor(points.length / 2)] ?? 0;

/** How far each service's latency or errors are from those of before, as a ratio: a monitor's view, not the analysis'. */
function movedBy({ page, series, window }: Telemetry): Map<string, number> {
  const found = new Map<string, number>();
  for (const { service, kind, points } of series) {
    if (kind !== "latency" && kind !== "errors") continue;
    const before = points.filter(({ at }) => at < page.at - 10 * minute);
    const now = points.filter(({ at }) => at >= page.at - minute && at < window.to);
    if (before.length < 3 || now.length === 0) continue;
    const usual = middle(before);
    const ratio = usual > 0 ? mean(now) / usual : 1;
    found.set(service, Math.max(found.get(service) ?? 0, ratio));
  }
  return found;
}
const SHOWS = 1.5;
const UNTOUCHED = 1.1;

const keyOf = ({ service, instance, metric, tags }: Series) => JSON.stringify([service, instance, metric, tags]);

/** One system in which both happened, by what each recording's figures are over their usual ones. */
function overlaid(a: Telemetry, b: Telemetry): Telemetry {
  const moved = a.page.at - b.page.at;
  const ofB = new Map(b.series.map((one) => [keyOf(one), one]));
  const series = a.series.map((one) => {
    const other = ofB.get(keyOf(one));
    if (other === undefined) return one;
    const usual = middle(other.points.filter(({ at }) => at < b.page.at - 10 * minute));
    const excess = new Map(other.points.map(({ at, value }) => [at + moved, value - usual]));
    return { ...one, points: one.points.map(({ at, value }) => ({ at, value: Math.max(0, value + (excess.get(at) ?? 0)) })) };
  });
  const shift = <T extends { readonly at: number }>(rows: readonly T[]) => rows.map((row) => ({ ...row, at: row.at + moved }));
  return {
    ...a,
    series,
    logs: [...a.logs, ...shift(b.logs)],
    spans: [
      ...a.spans,
      ...b.spans.map((span) => ({
        ...span,
        ...{ traceId: `b${span.traceId}`, spanId: `b${span.spanId}`, parentId: span.parentId === null ? null : `b${span.parentId}` },
        start: span.start + moved,
      })),
    ],
    events: [...a.events, ...shift(b.events)],
    changes: [...a.changes, ...shift(b.changes)].toSorted((one, other) => one.at - other.at),
    earlierIncidents: [...a.earlierIncidents, ...b.earlierIncidents.map(({ from, to }) => ({ from: from + moved, to: to + moved }))],
  };
}

type Kind = "one cause" | "coincident" | "quiet";
interface Row {
  readonly kind: Kind;
  readonly system: string;
  readonly cases: readonly string[];
  readonly services: readonly [string, string];
  readonly later: Joining;
}

async function judge(index: number): Promise<{ readonly seed: number; readonly rows: readonly Row[] }> {
  const one = await caseAt(index);
  const { telemetry, id, system } = one;
  const rows: Row[] = [];
  const add = async (kind: Kind, read: Telemetry, services: readonly [string, string], cases: readonly string[]) => {
    const pageOf = (service: string, at: number, usual: boolean) => {
      const title = usual ? read.page.title : `High latency / error rate on ${service}`;
      const page = { service, title, details: usual ? read.page.details : "", at };
      return { ...page, telemetry: { ...read, page: { ...read.page, ...page } } };
    };
    const [first, second] = services;
    const { later } = await judgePair(
      pageOf(first, read.page.at, first === read.page.service),
      pageOf(second, Math.min(read.window.to - 1, read.page.at + SECOND_AFTER_MS), false),
    );
    rows.push({ kind, system, cases, services, later });
  };
  const paged = telemetry.page.service;
  const reached = reachedBy(one.root, [telemetry]);
  const moved = movedBy(telemetry);
  const shows = (of: ReadonlyMap<string, number>, service: string) => (of.get(service) ?? 0) >= SHOWS;
  const others = [...reached].filter((service) => service !== paged && shows(moved, service)).toSorted();
  if (reached.has(paged)) for (const service of others.slice(0, MOST_OF_A_KIND)) await add("one cause", telemetry, [paged, service], [id]);
  const well = [...moved].filter(([service, ratio]) => !reached.has(service) && ratio < UNTOUCHED).map(([service]) => service);
  for (const service of well.toSorted().slice(0, 1)) await add("quiet", telemetry, [paged, service], [id]);

  let found = 0;
  for (let step = 1; step <= MOST_TRIES && found < MOST_OF_A_KIND; step += 1) {
    const next = folders[(index + step) % folders.length] ?? "";
    if (!basename(next).startsWith(system)) continue;
    const other = await caseAt(index + step);
    if (other.root === one.root) continue;
    const both = [telemetry, other.telemetry];
    const [ours, theirs] = [reachedBy(one.root, both), reachedBy(other.root, both)];
    const theirMoved = movedBy(other.telemetry);
    const [mine] = [...ours].filter((service) => !theirs.has(service) && shows(moved, service)).toSorted();
    const [own] = [...theirs].filter((service) => !ours.has(service) && shows(theirMoved, service)).toSorted();
    if (mine !== undefined && own !== undefined) {
      await add("coincident", overlaid(telemetry, other.telemetry), [mine, own], [id, other.id]);
      found += 1;
    }
  }
  return { seed: index, rows };
}

function report(all: readonly { readonly seed: number; readonly rows: readonly Row[] }[]): void {
  const rows = all.flatMap((one) => one.rows);
  const isJoined = ({ later }: Row) => later.how === "joins";
  const percent = (part: number, whole: number) => (whole === 0 ? "-" : `${((100 * part) / whole).toFixed(1)} %`);
  console.log("pairs        system           n  joined");
  for (const kind of ["one cause", "coincident", "quiet"] as const)
    for (const [system, some] of [
      ...Map.groupBy(
        rows.filter((row) => row.kind === kind),
        (row) => row.system,
      ),
    ].toSorted())
      console.log(
        `${kind.padEnd(12)} ${system.padEnd(14)} ${String(some.length).padStart(3)}  ${percent(some.filter(isJoined).length, some.length)}`,
      );
  const [same, others] = [rows.filter(({ kind }) => kind === "one cause"), rows.filter(({ kind }) => kind !== "one cause")];
  const wrong = others.filter(isJoined);
  const missed = same.filter((row) => !isJoined(row));
  console.log(`wrong joins: ${wrong.length} of ${others.length} (${percent(wrong.length, others.length)})`);
  console.log(`missed joins: ${missed.length} of ${same.length} (${percent(missed.length, same.length)})`);
  const codes = (some: readonly Row[]) => Map.groupBy(some, ({ later }) => (later.how === "wait" ? later.how : later.because.code));
  for (const [code, some] of codes(missed)) console.log(`   missed, ${code}: ${some.length}`);
  for (const [code, some] of codes(wrong)) console.log(`   wrong, ${code}: ${some.length}`);
}

await inHalves({ file: import.meta.url, first: 0, count: folders.length, name: "recordings", list: "JOINS_LIST", judge, report });
