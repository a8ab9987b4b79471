import type { ChartSeries } from "../incident/chart.ts";
import {
  type ChartMarker,
  type ChartPlot,
  chartSummary,
  finitePoints,
  linePath,
  placeLabels,
  plotOf,
  timeTicks,
} from "../report/chart-plot.ts";
import { visibleText } from "../report/visible-text.ts";
import { dayTime, minuteTime, quantity } from "../report/words.ts";

/** A chart as a picture: for where no page can be drawn, and read on a phone. */

export interface ChartImage {
  readonly svg: string;
  /** Above the picture. */
  readonly title: string;
  /** What is to be seen, in words. */
  readonly alt: string;
}

/** A phone shows pictures about this wide: a letter is as large there as it is written here. */
const WIDTH = 360;
const PAD = 12;
const PLOT = 150;
const TITLE = 15;
const WORDS = 12;
const LINE = 16;
/** Of one row of labels above the line. */
const ROW = 15;
/** A letter of DejaVu Sans is about so wide for its size; of its bold, and where no letter may be lost, wider. */
const LETTER = 0.6;
const WIDE_LETTER = 0.68;
const MOST_VALUES = 4;
const MOST_TIMES = 5;
const LONGEST_TITLE = 100;
/** Slack takes 1,000. */
const LONGEST_ALT = 900;

/** Its own background, so that light and dark clients show the same. */
const COLOURS = {
  ...{ paper: "#ffffff", edge: "#d5dae2", grid: "#e6e9ee", words: "#171b22", muted: "#4b5565" },
  ...{ line: "#2257c5", onset: "#b3261e", after: "#fdeceb", change: "#6a3fb5" },
} as const;

const cut = (text: string, letters: number): string => {
  const whole = [...text];
  return whole.length <= letters ? text : `${whole.slice(0, Math.max(1, letters - 1)).join("")}…`;
};

/** On one line, with what it hides shown. */
const oneLine = (text: string): string => visibleText(text.toWellFormed().replaceAll(/\s+/g, " ").trim());

const escaped = (text: string): string =>
  text
    .replaceAll(/[\uFFFE\uFFFF]/g, "\uFFFD")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");

/** Lines of at most so many letters, broken at blanks where there are some; what is beyond the last one is cut. */
function wrapped(text: string, letters: number, most: number): string[] {
  const lines: string[] = [];
  let rest = text;
  while (rest !== "" && lines.length < most - 1 && [...rest].length > letters) {
    const head = [...rest].slice(0, letters + 1).join("");
    const blank = head.lastIndexOf(" ");
    const line = blank > letters / 3 ? head.slice(0, blank) : [...head].slice(0, letters).join("");
    lines.push(line);
    rest = rest.slice(line.length).trimStart();
  }
  return rest === "" ? lines : [...lines, cut(rest, letters)];
}

/** Round values of an axis: multiples of 1, 2, 2.5 or 5; of bytes, which are said by 1,024, powers of two. */
function valueTicks(low: number, high: number, unit: string | null): number[] {
  const rough = (high - low) / MOST_VALUES;
  const size = 10 ** Math.floor(Math.log10(rough));
  const isBinary = /^(?:b|(?:kibi|mebi|gibi)?bytes?|[kmg]ib?)$/i.test(unit ?? "");
  const step = isBinary ? 2 ** Math.ceil(Math.log2(rough)) : ([1, 2, 2.5, 5, 10].find((times) => times * size >= rough) ?? 10) * size;
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_none, index) => (first + index) * step);
}

const words = (text: string, at: { x: number; y: number }, more: string): string =>
  `<text x="${at.x.toFixed(1)}" y="${at.y.toFixed(1)}" ${more}>${escaped(text)}</text>`;

const rule = (from: readonly [number, number], to: readonly [number, number], more: string): string =>
  `<line x1="${from[0].toFixed(1)}" y1="${from[1].toFixed(1)}" x2="${to[0].toFixed(1)}" y2="${to[1].toFixed(1)}" ${more}/>`;

/** The frame of values and times with the line in it. @param top where the plot begins */
function drawPlot(series: ChartSeries, plot: ChartPlot, top: number): { readonly svg: string; readonly x: (at: number) => number } {
  const { first, last, low, high, points, onset, gapMs } = plot;
  const values = valueTicks(low, high, series.unit).map((value) => ({ value, label: quantity(value, series.unit) }));
  const left = PAD + Math.max(0, ...values.map(({ label }) => label.length)) * WORDS * LETTER + 6;
  const right = WIDTH - PAD;
  const x = (at: number) => left + ((at - first.at) / (last.at - first.at)) * (right - left);
  const y = (value: number) => top + (1 - (value - low) / (high - low)) * PLOT;
  const axis = values.flatMap(({ value, label }) => [
    rule([left, y(value)], [right, y(value)], `stroke="${COLOURS.grid}"`),
    words(label, { x: left - 6, y: y(value) + 4 }, `text-anchor="end" fill="${COLOURS.muted}"`),
  ]);
  const times = timeTicks(first.at, last.at, MOST_TIMES).map((at) => {
    const anchor = x(at) < left + 18 ? "start" : x(at) > right - 18 ? "end" : "middle";
    return words(minuteTime(at), { x: x(at), y: top + PLOT + 17 }, `text-anchor="${anchor}" fill="${COLOURS.muted}"`);
  });
  const after =
    onset === null
      ? ""
      : `<rect x="${x(onset).toFixed(1)}" y="${top}" width="${(right - x(onset)).toFixed(1)}" height="${PLOT}" fill="${COLOURS.after}"/>`;
  const path = `<path d="${linePath(points, x, y, gapMs)}" fill="none" stroke="${COLOURS.line}" stroke-width="2" stroke-linejoin="round" stroke-linecap="round"/>`;
  return { svg: [after, ...axis, ...times, path].join("\n"), x };
}

/** Onset and changes, each a line across the plot with its words above. */
function marksOf({
  onset,
  markers,
}: ChartPlot): readonly { readonly at: number; readonly words: string; readonly kind: "change" | "onset" }[] {
  return [
    ...markers.map(({ at, label }) => ({ at, words: `${oneLine(label)} ${minuteTime(at)}`, kind: "change" as const })),
    ...(onset === null ? [] : [{ at: onset, words: `onset ${minuteTime(onset)}`, kind: "onset" as const }]),
  ];
}

/** Where the labels are cannot be known before the plot, nor where the plot is before the labels: their rows depend on `x` alone. */
function layOut(series: ChartSeries, plot: ChartPlot, headEnd: number): { readonly svg: string; readonly bottom: number } {
  const marks = marksOf(plot);
  const { x } = drawPlot(series, plot, 0);
  const widest = Math.max(0, ...marks.map((mark) => mark.words.length)) * WORDS * WIDE_LETTER + 8;
  const labels = placeLabels(
    marks.map((mark) => ({ ...mark, x: (x(mark.at) / WIDTH) * 100 })),
    (widest / WIDTH) * 100,
  );
  const rows = Math.max(-1, ...labels.map(({ row }) => row)) + 1;
  const top = headEnd + rows * ROW + 8;
  const drawn = labels.map((label) => {
    const at = (label.x / 100) * WIDTH;
    const y = headEnd + (label.row + 1) * ROW - 4;
    const dash = label.kind === "onset" ? ' stroke-dasharray="4 3"' : "";
    const beside = { x: at + (label.anchor === "start" ? 4 : -4), y };
    // Where a line of another label runs behind the words, they stay legible.
    const edge = `paint-order="stroke" stroke="${COLOURS.paper}" stroke-width="4"`;
    return {
      line: rule([at, y - 9], [at, top + PLOT], `stroke="${COLOURS[label.kind]}" stroke-width="1.5"${dash}`),
      words: words(label.words, beside, `text-anchor="${label.anchor}" fill="${COLOURS[label.kind]}" font-weight="bold" ${edge}`),
    };
  });
  const parts = [...drawn.map(({ line }) => line), ...drawn.map((one) => one.words)];
  return { svg: [drawPlot(series, plot, top).svg, ...parts].join("\n"), bottom: top + PLOT };
}

/**
 * Draws one series; null where its points make no line. Pure: the same series is the same picture.
 * @param options.markers changes to be marked
 * @param options.from where to begin, epoch milliseconds; null: draw all
 */
export function chartImage(
  series: ChartSeries,
  options: { readonly markers: readonly ChartMarker[]; readonly from: number | null },
): ChartImage | null {
  const plot = plotOf(series, options);
  if (plot === null) return null;
  const name = oneLine(series.instance === null ? series.service : `${series.service} (${series.instance})`);
  const what = oneLine(series.what);
  const summary = oneLine(chartSummary({ ...series, points: finitePoints(series) }));
  const room = (WIDTH - 2 * PAD) / (WORDS * LETTER);
  const head = [
    ...wrapped(what, room, 2).map((line) => [line, COLOURS.words]),
    // A figure and its unit stay on one line.
    ...wrapped(summary.replaceAll(/(\d) (?=\S)/g, "$1\u00A0"), room, 3).map((line) => [line, COLOURS.muted]),
  ];
  const titleAt = PAD + TITLE;
  const headEnd = titleAt + head.length * LINE + 10;
  const { svg, bottom } = layOut(series, plot, headEnd);
  const height = bottom + 46;
  const { first, last } = plot;
  const span = `${dayTime(first.at)} to ${dayTime(last.at).slice(0, 10) === dayTime(first.at).slice(0, 10) ? minuteTime(last.at) : dayTime(last.at)} UTC`;
  const title = cut(`${name}: ${what}`, LONGEST_TITLE);
  const marked = marksOf(plot).map((mark) => mark.words);
  const alt = `Line chart of ${cut(`${name}, ${what}`, 300)}, ${span}: ${summary}.${marked.length === 0 ? "" : ` Marked: ${marked.join(", ")}.`}`;
  return {
    title,
    alt: cut(alt, LONGEST_ALT),
    svg: [
      `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="DejaVu Sans" font-size="${WORDS}">`,
      `<rect width="${WIDTH}" height="${height}" fill="${COLOURS.paper}"/>`,
      `<rect x="0.5" y="0.5" width="${WIDTH - 1}" height="${height - 1}" fill="none" stroke="${COLOURS.edge}"/>`,
      words(
        cut(name, (WIDTH - 2 * PAD) / (TITLE * WIDE_LETTER)),
        { x: PAD, y: titleAt },
        `font-size="${TITLE}" font-weight="bold" fill="${COLOURS.words}"`,
      ),
      ...head.map(([line = "", fill = ""], place) => words(line, { x: PAD, y: titleAt + (place + 1) * LINE + 2 }, `fill="${fill}"`)),
      svg,
      words(span, { x: WIDTH - PAD, y: bottom + 36 }, `text-anchor="end" fill="${COLOURS.muted}"`),
      "</svg>",
    ].join("\n"),
  };
}
