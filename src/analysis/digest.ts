import { type Analysis, lookedAt, type RuledOut } from "../incident/finding.ts";
import type { ChangeEvent, PlatformEvent, Point, Span } from "../incident/telemetry.ts";
import { clockTime, figure, symptomWords } from "../report/words.ts";
import { fit, marks, type Section, section, unmarked } from "./digest-section.ts";
import type { Reading } from "./reading.ts";
import { deviation } from "./baseline.ts";
import type { PatternChange } from "./log-reading.ts";
import type { PatternRate } from "./log-reading.ts";
import { isTrouble } from "./log-trouble.ts";
import { type Signal, valueWords } from "./signal.ts";
import { climbToEnd, stepStart } from "./step-start.ts";
import { counted, duration, extract, shorten } from "./words.ts";

/** Fewer lines than these make no rate. */
const FEW = 5;
const minuteRate = (rate: number) => `${figure(rate)}/min`;

/**
 * All that was read about an incident as one text for a reader who pays for each character: suspects with their reasons, changes, log patterns,
 * the slowest and the failing requests, events, monitors, errors, signals. Lines carry the numbers of the evidence they come from; every
 * section says how much it leaves out. At most `LONGEST_DIGEST` characters.
 */
export function digestOf(reading: Reading, analysis: Analysis): string {
  const { telemetry } = reading;
  const { page, window, baseline } = telemetry;
  const head = [
    `Page: ${page.service}: ${shorten(page.title, 200)} at ${clockTime(page.at)} UTC`,
    page.details.trim() === "" ? "" : `Alert text: ${shorten(page.details, 700)}`,
    `Under suspicion ${new Date(window.from).toISOString().slice(0, 10)} ${clockTime(window.from)} to ${clockTime(window.to)}, held against ${clockTime(baseline.from)} to ${clockTime(baseline.to)}.`,
  ]
    .filter((line) => line !== "")
    .map(unmarked);
  const sections = [
    symptomLines(analysis),
    suspectLines(analysis),
    innocentLines("RULED OUT BY THE DATA", analysis.ruledOut),
    innocentLines("NOT RULED OUT (live before the onset; nothing proves or disproves it)", analysis.unproven ?? []),
    innocentLines("AS USUAL (no proof that it is innocent)", lookedAt(analysis)),
    innocentLines(
      "TROUBLE ELSEWHERE (no call leads from the page to it)",
      (analysis.elsewhere ?? []).map(({ service, why, evidence }) => ({ what: service, why, evidence })),
    ),
    changeLines(telemetry.changes, page.at),
    pageLines(telemetry),
    patternLines(reading),
    requestLines(reading),
    eventLines(telemetry.events),
    monitorLines(reading),
    issueLines(reading),
    signalLines(
      reading,
      page.service,
      analysis.suspects.slice(0, 3).map(({ service }) => service),
    ),
  ];
  return fit(head, sections);
}

const symptomLines = ({ symptoms }: Analysis) =>
  section(
    "HOW THE PAGE SHOWS",
    1,
    symptoms.map((one) => `${one.service}: ${symptomWords(one)}${marks(...one.evidence)}`),
  );

const suspectLines = ({ suspects }: Analysis) =>
  section(
    "SUSPECTS BY THE DATA ALONE (a ranking to test, not a finding)",
    3,
    suspects.flatMap((one, index) => [
      unmarked(
        `${index + 1}. ${one.service}${one.instance === null ? "" : ` (${one.instance})`} ${one.fault ?? ""} ${one.probability.toFixed(2)}${one.onset === null ? "" : `, left its baseline ${clockTime(one.onset)}`}`,
      ),
      ...one.reasons.slice(0, index === 0 ? 5 : 2).map((why) => `   - ${withSample(why.text, why.quote)}${marks(...why.evidence)}`),
    ]),
  );

const innocentLines = (title: string, items: readonly RuledOut[]) =>
  section(
    title,
    1,
    items.map((one) => `${one.what}: ${one.why}${marks(...one.evidence)}`),
  );

const PAGES = 8;
const minuteOf = (at: number) => new Date(at).toISOString().slice(0, 16).replace("T", " ");

/** What else paged: open pages first, then those of the paged service, then the newest. */
function pageLines({ pages = [], equalPages = [], relatedPages = [], page }: Reading["telemetry"]): Section {
  const shown = pages.toSorted(
    (a, b) =>
      Number(b.resolvedAt === null) - Number(a.resolvedAt === null) ||
      Number(b.service === page.service) - Number(a.service === page.service) ||
      b.at - a.at,
  );
  const equal = equalPages.toSorted((a, b) => b - a);
  return section("OTHER PAGES, open ones first", 1, [
    ...(equal.length === 0
      ? []
      : [
          unmarked(
            `the same alert paged ${counted(equal.length, "time")} before, at ${equal.slice(0, PAGES).map(minuteOf).join(", ")}${equal.length > PAGES ? ", …" : ""}`,
          ),
        ]),
    ...relatedPages
      .slice(0, PAGES)
      .map(
        ({ id, at, title, because, evidence }) =>
          `the pager relates ${id}${at === null ? "" : ` of ${clockTime(at)}`} to this page${because.length === 0 ? "" : ` (${because.join(", ")})`}: ${shorten(title, 140)}${marks(evidence)}`,
      ),
    ...shown.slice(0, PAGES).map(({ id, at, resolvedAt, service, title, evidence }) => {
      const state = resolvedAt === null ? "open" : `resolved after ${duration(Math.max(0, resolvedAt - at))}`;
      return `${clockTime(at)} ${id} ${service ?? ""} ${state}: ${shorten(title, 140)}${marks(evidence)}`;
    }),
    ...(shown.length > PAGES ? [`(${shown.length - PAGES} older pages: pagerduty_related)`] : []),
  ]);
}

/** Of the newest changes the lines of their diffs too. */
const DIFFS = 3;
const PATCH_LINES = 14;

function changeLines(changes: readonly ChangeEvent[], pageAt: number): Section {
  const newest = changes.filter(({ at }) => Number.isFinite(at)).toSorted((a, b) => b.at - a.at);
  return section(
    "CHANGES, newest first (only what was deployed can be to blame)",
    3,
    newest.flatMap((change, index) => {
      const code = change.sha === null ? change.version : change.sha.slice(0, 7);
      const pull = change.pullRequest === null ? "" : ` #${change.pullRequest.number}`;
      const files = change.files?.map(({ path, additions, deletions }) => `${path} +${additions} -${deletions}`) ?? [];
      const before = pageAt - change.at;
      return [
        `${clockTime(change.at)} (${before >= 0 ? `${duration(before)} before the page` : `${duration(-before)} after the page`}) ${change.kind} ${change.service ?? ""} ${code ?? ""}${pull}: ${shorten(change.title, 160)}${marks(change.evidence)}`,
        ...(files.length === 0
          ? []
          : [unmarked(`   files: ${files.slice(0, 6).join(", ")}${files.length > 6 ? ` and ${files.length - 6} more` : ""}`)]),
        ...(index < DIFFS ? patchLines(change) : []),
      ];
    }),
  );
}

const patchLines = ({ files }: ChangeEvent): string[] =>
  (files ?? [])
    .flatMap(({ patch }) => (patch ?? "").split("\n").filter((line) => /^[+-]/.test(line)))
    .slice(0, PATCH_LINES)
    .map((line) => unmarked(`   | ${line.slice(0, 200)}`));

/** Lines that a person would read first: trouble that is new or more, then what is gone, then the rest by how much it moved. */
function patternLines({ patterns, rates, stretches, logHole, forest, graph, telemetry }: Reading): Section {
  // Of lines that stand for others an earlier one may not have been read.
  const since = telemetry.logs.some(({ weight }) => weight > 1) ? ", first read at" : " since";
  const changed = new Set(patterns.map((one) => `${one.service}\n${one.template}`));
  const silent = new Set(stretches.filter(({ fellSilent }) => fellSilent).map(({ service }) => service));
  const quoted = patterns
    // Of a service that logs nothing any more one line says it all.
    .filter(({ service, kind }) => !silent.has(service) || kind === "new" || kind === "surged")
    .toSorted(
      (a, b) =>
        Number(isTrouble(b.severity, b.quote)) - Number(isTrouble(a.severity, a.quote)) ||
        b.sure * Math.abs(b.now - b.before) - a.sure * Math.abs(a.now - a.before),
    );
  const singles = new Set(tellingSingles(quoted));
  const shown = [...singles, ...quoted.filter((one) => !singles.has(one))].map((one) => {
    const share = one.kind === "broken-pair" || one.kind === "missing-statement";
    const often = share
      ? `${figure(one.before * 100)} % → ${figure(one.now * 100)} % of runs since`
      : one.count < FEW && one.before === 0
        ? `(${one.count === 1 ? "one line" : `${figure(one.count)} lines`}) at`
        : `${figure(one.before)} → ${minuteRate(one.now)}${since}`;
    const words = { new: "new", surged: "surged", "broken-pair": "no longer reached", "missing-statement": "no longer logged" } as const;
    return `${one.service} ${words[one.kind]} ${often} ${clockTime(one.onset)}: ${one.quote ?? one.template}${marks(one.evidence)}`;
  });
  const lastSpans = new Map<string, number>();
  if (silent.size > 0)
    for (const span of forest.spans) {
      const service = graph.canonical(span.service);
      lastSpans.set(service, Math.max(lastSpans.get(service) ?? -Infinity, span.start));
    }
  const ends = stretches.flatMap(({ service, last, before, patterns: many, fellSilent }) => {
    const lastSpan = lastSpans.get(graph.canonical(service));
    const spans =
      lastSpan === undefined ? "" : lastSpan > last + 60_000 ? "; its spans go on" : `; its last span at ${clockTime(lastSpan)}`;
    return fellSilent
      ? [
          `${service}: no log line since ${clockTime(last)} (before ${minuteRate(before)}, ${many} ${many === 1 ? "pattern" : "patterns"})${spans}`,
        ]
      : [];
  });
  if (logHole !== null)
    ends.push(
      `No log line of any service from ${clockTime(logHole.from)} to ${clockTime(logHole.to)}: what is first seen after it may have begun in it`,
    );
  const late = stretches.filter(({ beginsLate }) => beginsLate);
  if (late.length > 0)
    ends.push(
      `Before their first line nothing is known of: ${late.map(({ service, first }) => `${service} (logs begin ${clockTime(first)})`).join(", ")}`,
    );
  const steady = rates
    .filter((one) => !silent.has(one.service) && !changed.has(`${one.service}\n${one.template}`))
    .toSorted((a, b) => Number(b.isTrouble) - Number(a.isTrouble) || moved(b) - moved(a))
    .map(
      (one) =>
        `${one.service} ${one.severity ?? ""} ${oftenWords(one)}: ${shorten(one.isTrouble ? one.sample : one.template, 200)}${marks(one.evidence)}`,
    );
  return section("LOG PATTERNS, lines a minute before → now, each by one of its lines (<*> stands for what varies)", 4, [
    ...ends,
    ...shown,
    ...steady,
  ]);
}

/** `12 → 3/min`; of a few lines their number, for these make no rate. */
function oftenWords({ countBefore, count, before, now }: PatternRate): string {
  const lines = (many: number) => (many === 0 ? "none" : counted(Math.round(many), "line"));
  return countBefore + count < FEW ? `${lines(countBefore)} before, ${lines(count)} now` : `${figure(before)} → ${minuteRate(now)}`;
}

/** Single lines that go before all that is counted. */
const SINGLES = 6;

/**
 * Lines that came once or a few times and never before: a file that could not be parsed, a certificate, a quota, a name that no longer resolves.
 * One of them often says what hundreds of later errors only follow from. Trouble first, then the earliest.
 */
const tellingSingles = (patterns: readonly PatternChange[]): PatternChange[] =>
  patterns
    .filter((one) => one.kind === "new" && one.before === 0 && one.count < FEW)
    .toSorted((a, b) => Number(isTrouble(b.severity, b.quote ?? "")) - Number(isTrouble(a.severity, a.quote ?? "")) || a.onset - b.onset)
    .slice(0, SINGLES);

/** Without what white space and marks make of it: a line and its pattern often differ by these alone. */
const bare = (text: string) => text.slice(0, 600).replaceAll(/[\s`]+/g, "");
const moved = (rate: PatternRate) => Math.abs(Math.log((rate.now + 0.1) / (rate.before + 0.1)));

/** With one line as it was logged: in place of a pattern with other blanks, for only the line itself can be quoted, else behind it. */
function withSample(shown: string, quote: string | null): string {
  if (quote === null) return shown;
  const wanted = bare(quote);
  if (bare(shown) === wanted) return quote;
  const inside = shown.replaceAll(/`([^`]+)`/g, (code, pattern: string) => (bare(pattern) === wanted ? `\`${quote}\`` : code));
  return bare(shown).includes(wanted) ? inside : `${shown} | ${quote}`;
}

/** Spans of one request that are worth a line each. */
const SHOWN_SPANS = 18;

/** The slowest request since the suspect time began and the first one in which something failed, each as a tree. */
function requestLines({ forest, telemetry }: Reading): Section {
  const { spans, parent, firstChild } = forest;
  const { from } = telemetry.window;
  let slowest = -1;
  let failing = -1;
  for (let index = 0; index < spans.length; index += 1) {
    const span = spans[index];
    if (span === undefined || span.start < from) continue;
    if (span.error === true && failing < 0) failing = rootOf(parent, index);
    // A lone span is no request that anybody can look into.
    if (parent[index] !== -1 || firstChild[index] === -1) continue;
    if (slowest < 0 || span.durationMs > (spans[slowest]?.durationMs ?? 0)) slowest = index;
  }
  const lines: string[] = [];
  for (const [words, root] of [
    ["slowest request", slowest],
    ["failing request", failing],
  ] as const) {
    const top = spans[root];
    if (top === undefined || (words === "failing request" && root === slowest)) continue;
    lines.push(
      `${words}, trace ${extract(top.traceId).slice(0, 64)} at ${clockTime(top.start)}${marks(top.evidence)}:`,
      ...treeOf(forest, root),
    );
  }
  return section("REQUESTS", 3, lines);
}

/** The span at the top; spans that are each other's parents have none, so the way up is bounded. */
function rootOf(parent: Int32Array, index: number): number {
  let root = index;
  for (let steps = 0; steps < 1_000; steps += 1) {
    const up = parent[root] ?? -1;
    if (up < 0) break;
    root = up;
  }
  return root;
}

/** The spans of a request in order, deepest times kept when there are too many. */
function treeOf({ spans, firstChild, nextSibling }: Reading["forest"], root: number): string[] {
  const rows: { span: Span; depth: number }[] = [];
  const open = [{ index: root, depth: 0 }];
  for (let next = open.pop(); next !== undefined && rows.length < 2000; next = open.pop()) {
    const span = spans[next.index];
    if (span === undefined) continue;
    rows.push({ span, depth: next.depth });
    const children: number[] = [];
    for (let child = firstChild[next.index] ?? -1; child >= 0; child = nextSibling[child] ?? -1) children.push(child);
    for (const child of children.toReversed()) open.push({ index: child, depth: next.depth + 1 });
  }
  const bar = rows.map(({ span }) => (span.error === true ? Infinity : span.durationMs)).toSorted((a, b) => b - a)[SHOWN_SPANS - 1] ?? 0;
  const kept = rows.filter(({ span }) => span.error === true || span.durationMs >= bar).slice(0, SHOWN_SPANS);
  const left = rows.length - kept.length;
  return [
    ...kept.map(({ span, depth }) => {
      const wrong = span.error === true ? ` FAILED${span.errorMessage === null ? "" : ` ${shorten(span.errorMessage, 120)}`}` : "";
      const statement = span.statement === null || span.statement === span.operation ? "" : ` | ${span.statement}`;
      return unmarked(
        `${"  ".repeat(Math.min(8, depth) + 1)}${duration(span.durationMs)} ${span.service} ${extract(span.operation).slice(0, 120)}${statement}${wrong}`,
      );
    }),
    ...(left > 0 ? [`  (${left} shorter spans not shown)`] : []),
  ];
}

/** Repeats of one event become one line. */
function eventLines(events: readonly PlatformEvent[]): Section {
  const groups = new Map<string, { event: PlatformEvent; count: number; first: PlatformEvent }>();
  for (const event of events) {
    const key = `${event.source}\n${event.service ?? ""}\n${event.title}`;
    const known = groups.get(key);
    if (known === undefined) groups.set(key, { event, count: 1, first: event });
    else
      groups.set(key, {
        event: event.at > known.event.at ? event : known.event,
        count: known.count + 1,
        first: event.at < known.first.at ? event : known.first,
      });
  }
  const weight = { error: 2, warning: 1, info: 0 } as const;
  return section(
    "EVENTS, worst and newest first",
    2,
    [...groups.values()]
      .toSorted((a, b) => weight[b.event.severity] - weight[a.event.severity] || b.event.at - a.event.at)
      .map(({ event, count, first }) => {
        const repeated = count === 1 ? "" : `, ${count} times since ${clockTime(first.at)}`;
        const began = count === 1 || first.text === event.text ? "" : ` | first: ${shorten(first.text, 160)}`;
        const where = [event.service, event.instance].filter((name) => name !== null).join(" ");
        const said = event.text.startsWith(event.title)
          ? shorten(event.text, 400)
          : `${shorten(event.title, 140)}${event.text.trim() === "" ? "" : `: ${shorten(event.text, 260)}`}`;
        return `${clockTime(event.at)} ${event.source} ${event.severity} ${where}${repeated}: ${said}${began}${marks(event.evidence, ...(began === "" ? [] : [first.evidence]))}`;
      }),
  );
}

const monitorLines = ({ telemetry }: Reading): Section =>
  section(
    "MONITORS",
    1,
    telemetry.monitors
      .toSorted((a, b) => Number(b.state === "Alert") - Number(a.state === "Alert") || (b.triggeredAt ?? 0) - (a.triggeredAt ?? 0))
      .map(
        (one) =>
          `${one.state}${one.triggeredAt === null ? "" : ` since ${clockTime(one.triggeredAt)}`} ${shorten(one.name, 100)}: ${withEnd(one.query)}${marks(one.evidence)}`,
      ),
  );

/** A long query keeps its end too: that is the threshold. */
function withEnd(query: string): string {
  const flat = query.replaceAll(/\s+/g, " ").trim();
  return flat.length <= LONGEST_QUERY ? flat : `${shorten(flat, LONGEST_QUERY - END_OF_QUERY)} ${flat.slice(-END_OF_QUERY).toWellFormed()}`;
}
const LONGEST_QUERY = 240;
const END_OF_QUERY = 40;

const issueLines = ({ telemetry }: Reading): Section =>
  section(
    "ERRORS, grouped by the error tracker",
    1,
    telemetry.issues
      .toSorted((a, b) => b.firstSeen - a.firstSeen)
      .map(
        (one) =>
          `${one.id} ${one.service ?? ""} ${counted(one.count, "time")}, ${clockTime(one.firstSeen)} to ${clockTime(one.lastSeen)}${one.release === null ? "" : `, release ${one.release}`}: ${shorten(one.title, 200)}${one.culprit === null ? "" : ` in ${shorten(one.culprit, 80)}`}${marks(one.evidence)}`,
      ),
  );

/** Steady series of services beside the paged one that are worth a line each; of a suspect they clear what it was not. */
const SHOWN_STEADY = 6;
/** Spreads from which a first point is not of the time that is taken for usual, as in `onset.ts`. */
const AWAY = 3.5;

/** Spreads from which a last point outside of its usual range makes a series not steady: a short history strays widely. */
const BEYOND = 1;

/** Of the services that matter first. */
function signalLines({ signals, telemetry }: Reading, paged: string, suspects: readonly string[]): Section {
  const size = ({ shift }: Signal) => Math.abs(shift?.deviation ?? 0);
  const isOf = ({ service, series }: Signal, name: string) => service === name || series.service === name;
  const matters = (signal: Signal) => Number(isOf(signal, paged) || suspects.some((name) => isOf(signal, name)));
  const ordered = signals.toSorted((a, b) => matters(b) - matters(a) || size(b) - size(a) || (a.series.metric < b.series.metric ? -1 : 1));
  const steady = ordered.filter((signal) => signal.shift === null && !isOf(signal, paged));
  const unseen = new Set(steady.slice(SHOWN_STEADY));
  return section("SIGNALS, usual → now: of the paged service and the first suspects, then those that moved most", 3, [
    ...ordered.filter((signal) => !unseen.has(signal)).map((signal) => signalLine(signal, telemetry.window.to)),
    ...(unseen.size === 0 ? [] : [`(${unseen.size.toLocaleString("en-US")} more are steady)`]),
  ]);
}

/** A last point so much older than the end of the window is not how it is now. */
const STALE_MS = 3 * 60_000;
const STALE_STEPS = 3;

/** ` at 14:22:28` of a last point that is not of now. */
function staleWords(points: readonly Point[], end: number): string {
  const last = points.at(-1);
  const first = points[0];
  if (last === undefined || first === undefined) return "";
  const step = (last.at - first.at) / Math.max(1, points.length - 1);
  return end - last.at > Math.max(STALE_MS, STALE_STEPS * step) ? ` at ${clockTime(last.at)}` : "";
}

function signalLine(signal: Signal, end: number): string {
  const { series, shift, baseline, borrowed, latest } = signal;
  const value = (number: number) => valueWords(signal, number);
  const tags = Object.entries(series.tags).map(([name, tag]) => `${name}:${tag}`);
  const name = `${series.service} ${series.metric}${tags.length === 0 ? "" : `{${tags.slice(0, 3).join(",")}}`}${series.instance === null ? "" : ` ${series.instance}`}`;
  const [first] = series.points;
  // Where history is short, what is taken for usual may hold the fault already; the first point then shows it.
  const oldest =
    first !== undefined && Math.abs(deviation(baseline, first.value)) >= AWAY
      ? `, but first recorded ${value(first.value)} at ${clockTime(first.at)}`
      : "";
  const away = Math.abs(deviation(baseline, latest));
  const isBeyond = latest < baseline.low || latest > baseline.high;
  const isAway = away >= AWAY || (isBeyond && away >= BEYOND) || latest > 2 * baseline.median || latest < baseline.median / 2;
  const last = `last ${value(latest)}${staleWords(series.points, end)}`;
  const climb = shift === null ? climbToEnd(series.points) : null;
  const start = shift === null ? null : stepStart(series.points, { before: shift.before, now: shift.now, since: shift.onset });
  const level =
    climb !== null && value(climb.value) !== value(latest)
      ? `${value(baseline.median)}, climbed ${value(climb.value)} → ${value(latest)} since ${clockTime(climb.at)}`
      : `${value(baseline.median)}${isAway ? "" : `, steady${borrowed ? " since its first point" : ""}`}`;
  const said =
    shift === null || start === null
      ? `${level}${oldest}, ${last}`
      : `${value(start.before)} → ${value(shift.now)} since ${clockTime(start.since)}, ${last}`;
  return `${name}: ${said}${marks(series.evidence)}`;
}
