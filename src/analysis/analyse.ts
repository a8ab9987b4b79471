import type { Analysis, RuledOut, Symptom } from "../incident/finding.ts";
import type { Telemetry } from "../incident/telemetry.ts";
import { buildCallGraph } from "./call-graph.ts";
import { judgeChanges, type JudgedChange } from "./change.ts";
import type { Clue } from "./clue.ts";
import { contributionClues } from "./contribution.ts";
import { eventClues, issueClues, monitorClues } from "./event-clue.ts";
import { compareLogs, logClues } from "./log-change.ts";
import { suspectPeriod } from "./period.ts";
import { edgeClues, meaningReader, readSeries, type Signal, signalClues, stoppedCalls } from "./signal.ts";
import { rankCandidates, toSuspects } from "./suspect.ts";
import { joinSpans, readTraces } from "./trace.ts";
import { decideVerdict } from "./verdict.ts";
import { metricWords } from "./words.ts";

export interface AnalyseOptions {
  /** Names suspects even where the verdict is that nothing is wrong: for measuring the ranking. */
  readonly always?: boolean;
  /** Milliseconds since any fixed moment, to measure slices; without it `analyseInTurns` yields between all steps. */
  readonly now?: () => number;
}

/** Longest slice between two yields, milliseconds. */
const SLICE_MS = 20;

/**
 * What the data alone say about an incident: whether there is one, since when, who is to blame and why, who is not. Pure: the same telemetry
 * gives the same analysis whatever the order of its rows.
 */
export function analyse(telemetry: Telemetry, options: AnalyseOptions = {}): Analysis {
  const steps = analysis(telemetry, options);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** As {@link analyse}, giving way to other work (`yieldNow`) whenever a slice has run for about 20 ms. */
export async function analyseInTurns(telemetry: Telemetry, yieldNow: () => Promise<void>, options: AnalyseOptions = {}): Promise<Analysis> {
  const steps = analysis(telemetry, options);
  const { now } = options;
  let began = now?.() ?? 0;
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    if (now === undefined || now() - began >= SLICE_MS) {
      await yieldNow();
      began = now?.() ?? 0;
    }
  }
}

function* analysis(telemetry: Telemetry, options: AnalyseOptions): Generator<void, Analysis> {
  const suspect = suspectPeriod(telemetry);
  const { page, earlierIncidents } = telemetry;
  const forest = joinSpans(telemetry.spans);
  yield;
  const graph = buildCallGraph(telemetry.services, telemetry.calls, forest.calls);
  const paged = graph.canonical(page.service);
  const meaning = meaningReader();
  const signals: Signal[] = [];
  let count = 0;
  for (const series of telemetry.series) {
    const signal = readSeries(series, meaning(series.metric, series.unit), graph, suspect, page.at, earlierIncidents);
    if (signal !== null) signals.push(signal);
    count += 1;
    if (count % 100 === 0) yield;
  }
  yield;
  const traces = readTraces(forest, graph, paged, suspect, page.at, earlierIncidents);
  yield;
  const patterns = compareLogs(telemetry.logs, forest, suspect, earlierIncidents);
  yield;
  const clues: Clue[] = [
    ...signalClues(signals),
    ...contributionClues(signals, graph, paged, `${page.title} ${page.details}`, suspect, page.at, earlierIncidents, traces.tracesNow > 0),
    ...edgeClues(signals, suspect, page.at, earlierIncidents),
    ...stoppedCalls(signals, graph, suspect, page.at, earlierIncidents),
    ...traces.clues,
    ...logClues(patterns, graph),
    ...eventClues(telemetry.events, graph, paged, suspect),
    ...issueClues(telemetry.issues, graph, paged, suspect),
    ...monitorClues(telemetry.monitors, graph, suspect),
  ];
  const candidates = rankCandidates(clues, graph, paged);
  yield;
  const [top] = candidates;
  const onset = top?.onset ?? null;
  const symptoms = symptomsOf(signals, paged);
  const ruledOut: RuledOut[] = [];
  let guilty: JudgedChange | null = null;
  let guiltyShare = 0;
  if (telemetry.changes.length > 0) {
    const involved = new Map<string, number>();
    for (const candidate of candidates.slice(0, 8)) involved.set(candidate.service, candidate === top ? 1.5 : 0.5);
    involved.set(paged, Math.max(involved.get(paged) ?? 0, 1));
    const reading = judgeChanges(
      telemetry.changes,
      onset ?? page.at,
      page.at,
      involved,
      {
        texts: [
          { text: `${page.title} ${page.details}`, weight: 1 },
          ...patterns.slice(0, 50).map((pattern) => ({ text: pattern.quote, weight: 0.8 })),
          ...signals
            .filter((signal) => signal.shift !== null)
            .slice(0, 50)
            .map((signal) => ({ text: metricWords(signal.series.metric), weight: 0.6 })),
        ],
        steps: signals.flatMap((signal) => (signal.shift === null ? [] : [{ before: signal.shift.before, now: signal.shift.now }])),
      },
      graph,
    );
    ruledOut.push(...reading.ruledOut);
    const [best] = reading.judged;
    if (best !== undefined && best.weight >= 2.5) {
      guilty = best;
      guiltyShare = Math.min(1, best.weight / 6);
    }
  }
  const suspects = toSuspects(candidates, guilty, guiltyShare);
  const verdict = decideVerdict(telemetry, symptoms, suspects, top?.score ?? 0);
  const calm = verdict.verdict === "nothing-wrong";
  return {
    ...verdict,
    onset: calm ? null : onset,
    symptoms: calm ? [] : symptoms,
    suspects: calm && options.always !== true ? [] : suspects,
    ruledOut,
    consequences: calm
      ? []
      : candidates
          .slice(1)
          .filter((candidate) => candidate.onset !== null && candidate.explained >= 0.3)
          .slice(0, 8)
          .map((candidate) => ({ service: candidate.service, onset: candidate.onset ?? 0 })),
  };
}

/** How the page shows: the paged service's latency, errors and availability that moved, worst first. */
function symptomsOf(signals: readonly Signal[], paged: string): Symptom[] {
  return signals
    .filter(
      (signal) =>
        signal.service === paged &&
        signal.shift !== null &&
        signal.edge === null &&
        ["latency", "errors", "availability", "saturation"].includes(signal.meaning.kind),
    )
    .sort((a, b) => Math.abs(b.shift?.deviation ?? 0) - Math.abs(a.shift?.deviation ?? 0))
    .slice(0, 6)
    .map((signal) => ({
      service: signal.series.service,
      what: metricWords(signal.series.metric, signal.series.tags),
      before: signal.shift?.before ?? 0,
      now: signal.shift?.now ?? 0,
      unit: signal.series.unit,
      since: signal.shift?.onset ?? 0,
      evidence: [signal.series.evidence],
    }));
}
