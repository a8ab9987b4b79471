import type { Fact, Question, Source } from "../../incident/source.ts";
import type { Series, SignalKind, TimeWindow } from "../../incident/telemetry.ts";
import type { Answer } from "../../incident/answer.ts";
import { spanIn } from "../../analysis/page-claim.ts";
import { minuteTime } from "../../report/words.ts";
import { askParts } from "../ask-parts.ts";
import type { DatadogClient, DatadogEvents } from "./client.ts";
import { errorCounts } from "./error-counts.ts";
import { pagedEnv } from "./names.ts";
import { type MetricSeries, metricOf } from "./metrics.ts";
import type { LogSample, SpanSample } from "./sample.ts";
import { gapWords, smallWords } from "./thin.ts";

/** Distance of points that is asked for, ms: fine enough to order onsets by the minute. */
const INTERVAL_MS = 60_000;
/** The incident's own lines and spans are worth more requests than the quiet time's. */
const WINDOW_LINES = 8_000;
const BASELINE_LINES = 5_000;
const WINDOW_SPANS = 10_000;
const BASELINE_SPANS = 5_000;
const EVENTS = 1_000;
/** One for each minute under suspicion, so that none is missed, and one page each: a second page would have to wait for the first. */
const SPAN_STRETCHES = 15;
/** A cause is looked for so long before the time under suspicion, at the least. */
const LEAST_CHANGES_MS = 3_600_000;
/** Points further apart than this make the quiet time too short to say what is usual: then as much again as a day holds is read. */
const SPARSE_MS = 4 * 60_000;
const LONG_HISTORY_MS = 20 * 3_600_000;

/** Datadog's group value for series that lack a tag. */
const UNTAGGED = "N/A";
const tag = (series: MetricSeries, name: string): string | null => {
  const value = series.tags[name];
  return value === undefined || value === "" || value === UNTAGGED ? null : value;
};
const instanceTags = ["pod_name", "container_name", "host", "dbinstanceidentifier", "functionname"] as const;

function toSeries(question: Question, found: MetricSeries, evidence: number): Series[] {
  const service = tag(found, "service");
  // A series of no service can be held against none.
  if (service === null || found.points.length === 0) return [];
  const signal = question.signals.find((one) => one.query === found.query);
  const unit = signal?.unit ?? found.unit;
  const instanceTag = instanceTags.find((name) => tag(found, name) !== null);
  const rest = Object.entries(found.tags).filter(
    ([name, value]) => name !== "service" && name !== instanceTag && value !== UNTAGGED && value !== "",
  );
  return [
    {
      service,
      instance: instanceTag === undefined ? null : tag(found, instanceTag),
      metric: found.metric,
      kind: signal?.kind ?? question.kindOf(found.metric, unit),
      unit,
      tags: Object.fromEntries(rest),
      points: found.points,
      evidence,
    },
  ];
}

const ofEnv = (question: Question) => {
  const env = pagedEnv(question);
  return env === null ? "*" : `env:${env}`;
};

/** How far apart most points are, ms; 0 where there is nothing to tell it from. */
function spacingOf(found: readonly MetricSeries[]): number {
  const gaps = found.flatMap(({ points }) => {
    const [first, last] = [points[0], points.at(-1)];
    return first === undefined || last === undefined || points.length < 2 ? [] : [(last.at - first.at) / (points.length - 1)];
  });
  return gaps.toSorted((a, b) => a - b)[Math.floor(gaps.length / 2)] ?? 0;
}

/** Events come newest first: what was cut off is older than all that is there. */
function oldestWords({ value: { events, changes }, cut }: Answer<DatadogEvents>, from: number): { readonly thin?: string } {
  const oldest = Math.min(...events.map(({ at }) => at), ...changes.map(({ at }) => at));
  return cut === null || oldest <= from ? {} : { thin: `events since ${minuteTime(oldest)} alone` };
}

const inEvents = (answer: Answer<DatadogEvents>, { window }: Question): Fact => ({
  answer,
  ...oldestWords(answer, window.from - LEAST_CHANGES_MS),
  telemetry: (evidence) => ({
    events: answer.value.events.map((event) => ({ ...event, evidence })),
    changes: answer.value.changes.map((change) => ({ ...change, evidence })),
  }),
});

// What waits for the other sources' answers holds neither the text of its own nor fields that triage does not read.
function inLogs(answer: LogSample, thin: string | null): Fact {
  const lines = answer.value.map(({ fields: _fields, ...line }) => line);
  return {
    answer,
    telemetry: (evidence) => ({ logs: lines.map((line) => ({ ...line, evidence })) }),
    ...(thin === null ? {} : { thin }),
  };
}

function inTraces(answer: SpanSample, thin: string | null): Fact {
  const { value: spans } = answer;
  return { answer, telemetry: (evidence) => ({ spans: spans.map((span) => ({ ...span, evidence })) }), ...(thin === null ? {} : { thin }) };
}

/** One page of events: of a minute or a few. */
const EVENTS_PEEKED = 200;
/** Kubernetes' own codes for more or fewer instances. */
const SCALING = /\b(?:ScalingReplicaSet|SuccessfulRescale)\b/i;
const isScaling = ({ source, title, tags }: { source: string; title: string; tags: readonly string[] }) =>
  source === "kubernetes" && [title, ...tags].some((text) => SCALING.test(text));

/** How far back the same hour is asked for: where weekends differ from weekdays, a day is not enough. */
const DAYS_BACK = { day: 1, week: 7 } as const;
/** Of what is asked of earlier days, so much before the time under suspicion: analysis looks for onsets an hour before the page. */
const HOUR_BEFORE_MS = 50 * 60_000;
const DAILY: ReadonlySet<SignalKind> = new Set(["traffic", "errors", "availability", "latency", "saturation"]);

/** Requests, failures, latency and how full things are, of the same hours a day and a week before, in steps of the same length: counts of longer steps are larger. */
async function askEarlierDays(datadog: DatadogClient, question: Question, emit: (fact: Fact) => void, signal: AbortSignal): Promise<void> {
  const { signals, kindOf, window } = question;
  const asked = signals.filter(({ query, kind, unit }) => DAILY.has(kind ?? kindOf(metricOf(query), unit ?? null)));
  if (asked.length === 0) return;
  const queries = asked.map(({ query }) => query);
  const read = (days: number) => async (): Promise<Fact> => {
    const back = days * 24 * 3_600_000;
    const hours = { from: window.from - HOUR_BEFORE_MS - back, to: window.to - back };
    const answer = await datadog.queryMetrics({ queries, window: hours, intervalMs: INTERVAL_MS, urgency: "later" }, signal);
    return { answer, telemetry: (evidence) => ({ history: answer.value.flatMap((series) => toSeries(question, series, evidence)) }) };
  };
  // An empty answer is no fact that a number in the ledger would stand for.
  const emitFound = (fact: Fact) => void ((fact.telemetry(0).history ?? []).length > 0 && emit(fact));
  await askParts(question, emitFound, { day: read(DAYS_BACK.day), week: read(DAYS_BACK.week) });
}

/** Datadog as triage asks it: one line of the coverage for each kind of data, all at once. */
export function datadogSources(datadog: DatadogClient): Source[] {
  const whole = (question: Question): TimeWindow => ({ from: question.baseline.from, to: question.window.to });
  return [
    {
      name: "Datadog metrics",
      brings: ["metrics"],
      again: true,
      ask: async (question, emit, signal) => {
        const queries = question.signals.map((one) => one.query);
        const read = async (part: string, window: TimeWindow): Promise<readonly MetricSeries[]> => {
          const answer = await datadog.queryMetrics({ queries, window, intervalMs: INTERVAL_MS }, signal);
          const lost = answer.failed.filter(({ error }) => error.retryable);
          emit({
            answer,
            ...(lost.length === 0 ? {} : { thin: `${lost.length} of ${queries.length} queries were not answered` }),
            telemetry: (evidence) => ({ series: answer.value.flatMap((series) => toSeries(question, series, evidence)) }),
            part,
          });
          return answer.value;
        };
        // Whether more history is needed shows in what came first, or in the page: what it says of a day is read for a day. Where what came first is
        // known and all else is not, it was.
        const { from } = question.baseline;
        const isFirst = question.answered?.has("recent") !== true;
        const isLong = (spanIn(question.trigger.title) ?? 0) > question.window.to - from;
        if (isFirst && spacingOf(await read("recent", whole(question))) < SPARSE_MS && !isLong) return;
        await read("history", { from: from - LONG_HISTORY_MS, to: from });
      },
    },
    {
      // Of no kind: without it nothing is less sure, and what it says only makes less of a level.
      name: "Datadog metrics of earlier days",
      ask: (question, emit, signal) => askEarlierDays(datadog, question, emit, signal),
    },
    {
      name: "Datadog logs",
      brings: ["logs"],
      again: true,
      ask: (question, emit, signal) => {
        if (question.again === true) return askParts(question, emit, { counts: () => errorCounts(datadog, "logs", question, signal) });
        const sample = (window: TimeWindow, maxLines: number, isIncident: boolean) => async (): Promise<Fact> => {
          const urgency = isIncident ? "first" : "later";
          const answer = await datadog.sampleLogs({ query: ofEnv(question), window, maxLines, urgency }, signal);
          return inLogs(answer, (isIncident ? gapWords : smallWords)(answer, "lines"));
        };
        return askParts(question, emit, {
          window: sample(question.window, WINDOW_LINES, true),
          baseline: sample(question.baseline, BASELINE_LINES, false),
        });
      },
    },
    {
      name: "Datadog traces",
      brings: ["traces"],
      again: true,
      ask: (question, emit, signal) => {
        if (question.again === true) return askParts(question, emit, { counts: () => errorCounts(datadog, "spans", question, signal) });
        const sample = (window: TimeWindow, maxSpans: number, isIncident: boolean) => async (): Promise<Fact> => {
          const urgency = isIncident ? "first" : "later";
          const answer = await datadog.sampleSpans({ query: ofEnv(question), window, maxSpans, slices: SPAN_STRETCHES, urgency }, signal);
          return inTraces(answer, (isIncident ? gapWords : smallWords)(answer, "spans"));
        };
        return askParts(question, emit, {
          window: sample(question.window, WINDOW_SPANS, true),
          baseline: sample(question.baseline, BASELINE_SPANS, false),
        });
      },
    },
    {
      name: "Datadog events",
      brings: ["changes"],
      again: true,
      ask: async (question, emit, signal) => {
        const window = { from: question.changesFrom, to: question.window.to };
        emit(inEvents(await datadog.searchEvents({ query: "*", window, limit: EVENTS, sort: "-timestamp" }, signal), question));
      },
      changedAt: async (question, signal) => {
        const window = { from: question.changesFrom, to: question.window.to };
        const { value } = await datadog.searchEvents({ query: "*", window, limit: EVENTS_PEEKED, sort: "-timestamp" }, signal);
        const isOurs = (service: string | null) =>
          service !== null && question.services.some(({ name }) => name === question.nameOf(service));
        return [
          // A flag is rarely of one service.
          ...value.changes.filter(({ kind, service }) => isOurs(service) || (service === null && kind === "flag")),
          ...value.events.filter((event) => isScaling(event) && isOurs(event.service)),
        ].map(({ at }) => at);
      },
    },
    {
      name: "Datadog monitors",
      ask: async (_question, emit, signal) => {
        const answer = await datadog.listMonitors({}, signal);
        emit({ answer, telemetry: (evidence) => ({ monitors: answer.value.map((monitor) => ({ ...monitor, evidence })) }) });
      },
    },
    {
      name: "Datadog catalog",
      ask: async (_question, emit, signal) => {
        const answer = await datadog.listCatalogServices({}, signal);
        emit({
          answer,
          telemetry: () => ({
            services: answer.value.map((service) => service.name),
            calls: answer.value.flatMap((service) => service.dependsOn.map((to) => ({ from: service.name, to }))),
          }),
        });
      },
    },
  ];
}
