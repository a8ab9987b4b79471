import type { Series, Telemetry } from "../../../src/incident/telemetry.ts";
import { triageWindows } from "../../../src/investigation/triage.ts";
import { type Chance, chanceOf } from "./chance.ts";
import { type Effect, type Fault, makeFault, type Strength, type Times, type WorldKind } from "./faults.ts";
import { type Run, simulate } from "./simulate.ts";
import { pickStyle } from "./styles.ts";
import { makeSystem, type System } from "./system.ts";
import { changesOf, eventsOf, logsOf, monitorsOf, MOST_POINTS, nameIn, pageOf, seriesOf, spansOf, unseenParts } from "./world.ts";

/** A made-up incident that goes on after its page, and what is true of it. */
export interface WorldCourse {
  readonly seed: number;
  readonly kind: CourseKind;
  readonly fault: WorldKind;
  readonly style: string;
  readonly page: number;
  readonly stepMs: number;
  readonly truth: {
    /** When the first fault was over; null: it goes on. */
    readonly overAt: number | null;
    readonly rolledBackAt: number | null;
    readonly worseAt: number | null;
    /** `isSeen`: a signal of the page that is measured shows it. Callers may feel it where none is. */
    readonly second: { readonly services: readonly string[]; readonly onset: number; readonly isSeen: boolean } | null;
  };
  /** What a triage would read at an instant. */
  readonly readAt: (asOf: number) => Telemetry;
}

export const COURSE_KINDS = [
  "rollback-helps", "rollback-useless", "by-itself", "worse", "second-fault", "unchanged", "wavers",
] as const; // prettier-ignore
export type CourseKind = (typeof COURSE_KINDS)[number];

const CHANGED: readonly WorldKind[] = ["bad-deploy-errors", "bad-deploy-latency", "bad-config"];
const WIDE: readonly WorldKind[] = [...CHANGED, "cpu", "network", "vendor-outage", "lock", "pool", "queue"];
const minute = 60_000;
/** So long after its page a world is played. */
export const PLAYED_MS = 46 * minute;

/** The course of a seed. Kinds take turns. */
export function makeCourse(seed: number): WorldCourse {
  const chance = chanceOf(seed);
  const kind = COURSE_KINDS[seed % COURSE_KINDS.length] ?? "unchanged";
  const page = Date.parse("2026-03-04T00:00:00Z") + Math.round(chance.between(0, 20 * 86_400)) * 1000;
  const { baseline } = triageWindows(page, page + minute);
  const times: Times = { page, recordFrom: baseline.from, to: page + PLAYED_MS };
  const style = pickStyle(chance);
  const isUndone = kind === "rollback-helps" || kind === "rollback-useless" || kind === "second-fault";
  for (let tries = 0; tries < 300; tries += 1) {
    const system = makeSystem(chance);
    const faultKind = chance.pick(isUndone ? CHANGED : WIDE);
    const fault = makeFault(faultKind, system, times, chance);
    if (fault === null) continue;
    const stepMs = Math.max(chance.pick(style.steps) * 1000, Math.ceil((times.to - times.recordFrom) / MOST_POINTS / 1000) * 1000);
    if (shown(system, fault.effects, fault.paged, times, stepMs, seed, [page - minute, page + minute]) < SHOWS) continue;
    const turn = page + chance.between(3, 14) * minute;
    const { effects, second, ...truth } = goOn(kind, system, fault, turn, times, chance);
    if (second !== null) {
      const from = Math.max(second.onset, turn) + 2 * minute;
      if (second.roots.some((root) => fault.roots.includes(root))) continue;
      if (shown(system, second.effects, fault.paged, times, stepMs, seed, [from, from + 6 * minute]) < SHOWS) continue;
    } else if (kind === "second-fault") continue;
    if (kind === "worse") {
      const [early, late] = [page, turn + 2 * minute].map((from) =>
        shown(system, effects, fault.paged, times, stepMs, seed, [from - 2 * minute, from + 2 * minute]),
      );
      if ((late ?? 0) < 2 * (early ?? 0)) continue;
    }
    const whole: Fault = { ...fault, effects, events: [...fault.events, ...(second?.events ?? [])] };
    const run = simulate(system, effects, times, stepMs, chance);
    const { changes } = changesOf(system, fault, times, chance);
    const blamed = changes.find(({ evidence }) => evidence === 1000);
    if (isUndone && blamed !== undefined)
      changes.push({
        ...blamed,
        ...{ kind: chance.maybe(0.5) ? "rollback" : "deploy", at: Math.round(turn), sha: blamed.previousSha, previousSha: blamed.sha },
        ...{ title: "Back to the release before", evidence: 1900, files: null },
      });
    const unseen = new Set([...unseenParts(system, whole, faultKind, chance)].filter((part) => part !== fault.paged));
    const hasLogs = chance.maybe(0.75);
    const hasSpans = style.traces && chance.maybe(0.8);
    const read = {
      page: pageOf(system, fault, run, page, chance),
      services: system.parts.map(({ name }) => name),
      calls: system.calls.map(({ from, to }) => ({ from: nameIn(system, from), to: nameIn(system, to) })),
      series: seriesOf(system, run, style, unseen, stepMs, chance),
      events: eventsOf(system, whole, times, chance),
      monitors: monitorsOf(system, fault, page, chance),
      ...{ issues: [], statements: [], sessions: [], earlierIncidents: [] },
    };
    const readAt = (asOf: number): Telemetry => {
      const part: Run = { ...run, instants: run.instants.filter((at) => at < asOf) };
      const own = chanceOf(seed + Math.round((asOf - page) / 1000));
      return {
        ...read,
        ...triageWindows(page, asOf),
        series: read.series.map((one) => ({ ...one, points: one.points.filter(({ at }) => at < asOf) })),
        logs: hasLogs ? logsOf(system, whole, part, unseen, own) : [],
        spans: hasSpans ? spansOf(system, whole, part, unseen, times, own) : [],
        changes: changes.filter(({ at }) => at < asOf),
        events: read.events.filter(({ at }) => at < asOf),
        // The pager's monitor is only known for the page's own time.
        monitors: asOf < page + 2 * minute ? read.monitors : [],
      };
    };
    return {
      ...{ seed, kind, fault: faultKind, style: style.name, page, stepMs, readAt },
      truth: {
        ...truth,
        rolledBackAt: isUndone ? turn : null,
        second:
          second === null
            ? null
            : {
                ...{ services: second.roots.map((root) => nameIn(system, root)), onset: second.onset },
                isSeen: isSeen(read.series, read.page.service, page - 30 * minute, Math.max(second.onset, turn) + 2 * minute),
              },
      },
    };
  }
  throw new Error(`no system for the course of seed ${seed}`);
}

/** Whether failures or latency of a service are, from then on for some minutes, beyond all but a hundredth of its quiet time, as a person would see on a chart. */
function isSeen(all: readonly Series[], service: string, quietUntil: number, from: number): boolean {
  return all.some(({ service: of, kind, points }) => {
    if (of !== service || (kind !== "errors" && kind !== "latency")) return false;
    const values = (test: (at: number) => boolean) => points.flatMap(({ at, value }) => (test(at) ? [value] : []));
    const quiet = values((at) => at < quietUntil).toSorted((a, b) => a - b);
    const now = values((at) => at >= from && at < from + 6 * minute);
    const mean = now.reduce((sum, value) => sum + value, 0) / now.length;
    return now.length > 0 && mean > (quiet[Math.floor(0.99 * quiet.length)] ?? Infinity);
  });
}

/** What callers of a part notice: times slower, or a twentieth more of the requests that fail. */
const SHOWS = 1;

/** How much effects show at a part, held against the same time without them: 1 is half as slow again, or one request in fifty failing. */
function shown(
  system: System,
  effects: readonly Effect[],
  part: number,
  times: Times,
  stepMs: number,
  seed: number,
  [from, to]: readonly [number, number],
): number {
  const mean = (run: Run, row: Float64Array | undefined): number => {
    const values = run.instants.flatMap((at, step) => (at >= from && at < to ? [row?.[step] ?? 0] : []));
    return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  };
  const near = { ...times, recordFrom: from - 10 * stepMs, to: to + stepMs };
  const [withThem, without] = [simulate(system, effects, near, stepMs, chanceOf(seed)), simulate(system, [], near, stepMs, chanceOf(seed))];
  const failing = mean(withThem, withThem.rows.failed[part]) - mean(without, without.rows.failed[part]);
  const slower = (["p50", "p99"] as const).map((row) => mean(withThem, withThem.rows[row][part]) / mean(without, without.rows[row][part]));
  return Math.max(failing / 0.02, (Math.max(...slower) - 1) / 0.5);
}

/** What the effects are from the turn on. */
function goOn(kind: CourseKind, system: System, fault: Fault, turn: number, times: Times, chance: Chance) {
  const changed = (change: (strength: Strength) => Strength): Effect[] =>
    fault.effects.map((effect) => ({ ...effect, strength: change(effect.strength) }));
  const none = { second: null, overAt: null, worseAt: null };
  // Some end at once, and some over a minute or two.
  const forMs = chance.maybe(0.5) ? 0 : chance.between(0.5, 2) * minute;
  const ends = (strength: Strength): Strength => {
    return (at) => strength(at) * (at < turn ? 1 : forMs === 0 ? 0 : Math.max(0, 1 - (at - turn) / forMs));
  };
  switch (kind) {
    case "rollback-helps":
    case "by-itself":
      return { ...none, effects: changed(ends), overAt: turn + forMs };
    case "worse": {
      const stronger = chance.between(2.5, 5);
      const weak = 1 / stronger;
      return { ...none, effects: changed((strength) => (at) => strength(at) * (at < turn ? weak : 1)), worseAt: turn };
    }
    case "second-fault": {
      const began = turn + chance.between(-3, 14) * minute;
      const second = makeFault(chance.pick(WIDE.filter((one) => one !== "queue")), system, { ...times, page: began + 5 * minute }, chance);
      return { ...none, effects: [...changed(ends), ...(second?.effects ?? [])], second, overAt: turn + forMs };
    }
    case "wavers": {
      const bad: number[] = [times.page + chance.between(0, 3) * minute];
      while ((bad.at(-1) ?? Infinity) < times.to)
        bad.push((bad.at(-1) ?? 0) + (bad.length % 2 === 1 ? chance.between(1, 3.5) : chance.between(1, 6)) * minute);
      const isQuiet = (at: number) => bad.filter((edge) => edge <= at).length % 2 === 1;
      return { ...none, effects: changed((strength) => (at) => (isQuiet(at) ? 0 : strength(at))) };
    }
    case "rollback-useless":
    case "unchanged":
      return { ...none, effects: fault.effects };
  }
}
