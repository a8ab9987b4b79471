import type { ChartSeries } from "../incident/chart.ts";
import { cut } from "../report/cut.ts";
import type { EntryKind, TimelineEntry } from "../report/timeline.ts";
import { clockTime, dayTime, minuteTime } from "../report/words.ts";
import { linePath, median, scaleOf, thinOut, timeTicks } from "../report/chart-plot.ts";
import { type Html, html } from "./html.ts";

/** Lanes of the axis from top to bottom, each with the kinds of entry that lie in it. Those that `stays` are there also while empty. */
export const LANES = [
  { name: "change", title: "Changes", kinds: ["change"], stays: true },
  { name: "signal", title: "Signals", kinds: ["signal"], stays: true },
  { name: "alert", title: "Alerts", kinds: ["page"], stays: true },
  { name: "person", title: "People", kinds: ["person", "note"], stays: true },
  { name: "fix", title: "Fix", kinds: ["fix"], stays: false },
  { name: "midwatch", title: "midwatch", kinds: ["midwatch"], stays: false },
] as const satisfies readonly { name: string; title: string; kinds: readonly EntryKind[]; stays: boolean }[];

type Lane = (typeof LANES)[number];

const MINUTE_MS = 60_000;
/** Time before it began that the axis shows, so that the eye has something to compare with. */
const BEFORE_MS = 15 * MINUTE_MS;
/** An entry this long before it began is in the list only: it would press all others into a corner. */
const EARLIEST_MS = 60 * MINUTE_MS;
/** Time without an entry that the axis shows at its end. */
const QUIET_END_MS = 30 * MINUTE_MS;
/** Marks of a lane: those that would fall into one column are one, so that thousands stay quick to draw. */
const COLUMNS = 600;
const SPARKS = 3;
const SPARK_WIDTH = 400;
const SPARK_HEIGHT = 26;
/** Ticks at each step of the zoom; the stylesheet shows those that there is room for. */
const TICKS = [3, 6, 24, 96] as const;
/** About the width of one letter of a mark's words on a wide screen, percent of the axis. */
const LETTER = 0.95;
const LONGEST_LABEL = 28;

/** What of the incident the axis is laid out by. Instants are epoch milliseconds. */
export interface AxisTimes {
  /** When it began by the data, or the page's time. */
  readonly since: number;
  /** By the data; null while not known. */
  readonly onset: number | null;
  /** When the page was resolved; null while it is open. */
  readonly until: number | null;
  readonly now: number;
}

/** The time that the axis covers. */
export function axisRange(entries: readonly TimelineEntry[], { since, until, now }: AxisTimes): { from: number; to: number } {
  const instants = entries.map(({ at }) => at).filter((at) => Number.isFinite(at) && at >= since - EARLIEST_MS && at <= now + MINUTE_MS);
  const first = instants.reduce((least, at) => Math.min(least, at), since - BEFORE_MS);
  const newest = instants.reduce((most, at) => Math.max(most, at), until ?? since);
  // An incident that nobody has touched for days is drawn by what happened, not by how long it has been open.
  const last = until === null ? Math.max(newest, Math.min(now, newest + Math.max(QUIET_END_MS, (newest - first) / 2))) : newest;
  // A little room behind the last mark.
  return { from: first, to: last + Math.max(MINUTE_MS / 2, (last - first) * 0.02) };
}

interface Mark {
  readonly x: number;
  readonly entry: TimelineEntry;
  /** Further entries in the same column. */
  readonly more: number;
}

/** One mark a column, at most; of several entries in one the last, for it says how things are by then. */
export function marksOf(entries: readonly TimelineEntry[], from: number, to: number): Mark[] {
  const columns = new Map<number, Mark>();
  for (const entry of entries) {
    if (!(entry.at >= from && entry.at <= to)) continue;
    const x = ((entry.at - from) / (to - from)) * 100;
    const column = Math.floor((x / 100) * COLUMNS);
    const known = columns.get(column);
    columns.set(column, { x, entry, more: known === undefined ? 0 : known.more + 1 });
  }
  return [...columns.values()].toSorted((a, b) => a.x - b.x);
}

const percentOf = (value: number) => `${value.toFixed(2)}%`;

const SHAPES: Readonly<Record<EntryKind, string>> = {
  change: "M0-6 6 0 0 6-6 0z",
  signal: "M-5 0a5 5 0 1 0 10 0a5 5 0 1 0-10 0z",
  page: "M0-6 6 5-6 5z",
  person: "M-5 0a5 5 0 1 0 10 0a5 5 0 1 0-10 0z",
  note: "M-4-5h8v10h-8z",
  fix: "M-5-5h10v10h-10z",
  midwatch: "M-3 0a3 3 0 1 0 6 0a3 3 0 1 0-6 0z",
};

function markItem({ x, entry, more }: Mark, next: number): Html {
  const words = `${clockTime(entry.at)} ${entry.service ?? ""} ${entry.text}`.replace(/\s+/g, " ");
  const label = cut(entry.service ?? entry.text, LONGEST_LABEL);
  const width = label.length * LETTER + 2;
  const fits = more === 0 && entry.kind !== "midwatch" && next - x > width && 100 - x > width;
  return html`<a href="#t-${entry.key}" tabindex="-1" class="mark k-${entry.kind} ${entry.tone ?? ""}"
    ><title>${cut(words, 200)}${more === 0 ? "" : ` (and ${more} more at this time)`}</title
    ><svg x="${percentOf(x)}" y="50%" overflow="visible"><path d="${SHAPES[entry.kind]}" /></svg>${
      fits ? html`<text x="${percentOf(x)}" y="50%" dx="11" dy="4">${label}</text>` : null
    }</a
  >`;
}

function laneRow(lane: Lane, entries: readonly TimelineEntry[], from: number, to: number): Html | null {
  const kinds: readonly EntryKind[] = lane.kinds;
  const own = entries.filter(({ kind }) => kinds.includes(kind));
  if (own.length === 0 && !lane.stays) return null;
  const marks = marksOf(own, from, to);
  return html`<div class="lane l-${lane.name}">
    <span class="lane-name">${lane.title}</span>
    <svg>${marks.map((mark, index) => markItem(mark, marks[index + 1]?.x ?? 100))}</svg>
  </div>`;
}

/** One series as a line without an axis, over the time that the lanes cover; null where it has no two points in it. */
function sparkRow({ service, what, points, onset }: ChartSeries, from: number, to: number): Html | null {
  const inside = points.filter(({ at, value }) => Number.isFinite(value) && at >= from && at <= to);
  const drawn = thinOut(inside, SPARK_WIDTH);
  if (drawn.length < 2) return null;
  const { low, high } = scaleOf(drawn);
  const x = (at: number) => ((at - from) / (to - from)) * SPARK_WIDTH;
  const y = (value: number) => (1 - (value - low) / (high - low)) * SPARK_HEIGHT;
  const steps = inside.slice(1).map((point, index) => point.at - (inside[index]?.at ?? point.at));
  const gapMs = (median(steps) ?? MINUTE_MS) * 2.5 * Math.max(1, inside.length / drawn.length);
  return html`<div class="lane spark l-signal">
    <span class="lane-name" title="${service} ${what}">${cut(service, LONGEST_LABEL)} <small>${cut(what, LONGEST_LABEL)}</small></span>
    <svg>
      <svg
        y="3"
        width="100%"
        height="${SPARK_HEIGHT}"
        viewBox="0 0 ${SPARK_WIDTH} ${SPARK_HEIGHT}"
        preserveAspectRatio="none"
        overflow="visible"
      >
        <path class="line" d="${linePath(drawn, x, y, gapMs)}" />
      </svg>
      ${
        onset === null || onset < from || onset > to
          ? null
          : html`<line
              class="onset"
              x1="${percentOf(((onset - from) / (to - from)) * 100)}"
              x2="${percentOf(((onset - from) / (to - from)) * 100)}"
              y1="0"
              y2="100%"
            />`
      }
    </svg>
  </div>`;
}

function tickRow(from: number, to: number): Html {
  const words = to - from > 24 * 60 * MINUTE_MS ? dayTime : minuteTime;
  const at = (instant: number) => ((instant - from) / (to - from)) * 100;
  const levels = TICKS.map((most, level) => ({ level, ticks: timeTicks(from, to, most) }));
  return html`<div class="lane ticks">
    <span class="lane-name">UTC</span>
    <svg>
      ${levels.map(
        ({ level, ticks }) =>
          html`<g class="t${level}">
            ${ticks.map(
              (tick) =>
                html`<text x="${percentOf(at(tick))}" y="14" text-anchor="${at(tick) < 3 ? "start" : at(tick) > 97 ? "end" : "middle"}"
                  >${words(tick)}</text
                >`,
            )}
          </g>`,
      )}
    </svg>
  </div>`;
}

/**
 * All that happened on one time axis, a lane for each kind of it. It repeats the list below for the eye, so screen readers and the keyboard pass it
 * by; a mark leads to its entry. The script widens it to zoom.
 */
export function timeAxis(entries: readonly TimelineEntry[], charts: readonly ChartSeries[], times: AxisTimes): Html {
  const { from, to } = axisRange(entries, times);
  const at = (instant: number) => percentOf(((instant - from) / (to - from)) * 100);
  const earlier = entries.filter((entry) => entry.at < from).length;
  const onset = times.onset !== null && times.onset >= from && times.onset <= to ? times.onset : null;
  const rows = LANES.flatMap((lane) => [
    laneRow(lane, entries, from, to),
    ...(lane.name === "signal" ? charts.slice(0, SPARKS).map((series) => sparkRow(series, from, to)) : []),
  ]);
  return html`<div
      class="axis"
      aria-hidden="true"
      data-from="${from}"
      data-to="${to}"
      ${onset === null ? null : html`data-onset="${onset}"`}
    >
      <div class="axis-body">
        <svg class="axis-lines">
          ${timeTicks(from, to, TICKS[1]).map((tick) => html`<line x1="${at(tick)}" x2="${at(tick)}" y1="0" y2="100%" />`)}
          ${onset === null ? null : html`<line class="onset" x1="${at(onset)}" x2="${at(onset)}" y1="0" y2="100%" />`}
        </svg>
        ${rows} ${tickRow(from, to)}
      </div>
    </div>
    ${earlier === 0 ? null : html`<p class="muted earlier">${earlier} earlier ${earlier === 1 ? "entry is" : "entries are"} in the list only.</p>`}`;
}
