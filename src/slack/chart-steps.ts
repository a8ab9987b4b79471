import { ForbiddenError, IntegrationError } from "../guard/errors.ts";
import { dataWithoutOrders, trustedWords } from "../guard/untrusted.ts";
import type { ChartSeries } from "../incident/chart.ts";
import type { LoggedEvent } from "../incident/event.ts";
import { stepIds } from "../incident/step-id.ts";
import { isFindingOld } from "../incident/unshown.ts";
import type { IncidentView } from "../incident/view.ts";
import { viewOf } from "../incident/view.ts";
import type { SlackClient } from "../integrations/slack/client.ts";
import { chartsFrom, decidingSeries, markersOf } from "../report/deciding-chart.ts";
import type { Step, StepContext } from "../store/incident-store.ts";
import { type ChartImage, chartImage } from "./chart-image.ts";

/** The chart of the fact that the cause rests on, as a picture under the words. Words never wait for it, and what fails of it is dropped. */
export interface ChartDependencies {
  readonly slack: Pick<SlackClient, "uploadFile" | "shareFile" | "findSharedFile">;
  /** An SVG as a PNG. */
  readonly draw: (svg: string) => Promise<Uint8Array<ArrayBuffer>>;
  /** The last look at what is written, before it leaves. */
  readonly redactedFor: (incidentId: string) => (text: string) => string;
  /** What only who runs midwatch can change. */
  readonly tellOperator: (line: string) => void;
}

/** Crashes that it outlives; a failure is not tried again. */
const TRIES = 3;
const LIMIT_MS = 10_000;
/** Pictures of one incident, however often the belief changes. */
const MOST = 3;

/** The series to be drawn now: once the first belief is said as a whole, and again where another service is blamed since; null: none. */
function dueSeries(log: readonly LoggedEvent[], view: IncidentView): ChartSeries | null {
  const { statusMessage, brief, coverage, joining, withdrawn, investigation, finding } = view;
  if (statusMessage === null || brief === null || joining.lead !== null || withdrawn !== null) return null;
  if (coverage.some(({ pending }) => pending === true)) return null;
  // A model's belief is said first.
  if (investigation?.finding != null && (finding === null || isFindingOld(view))) return null;
  const drawn = drawnFor(log);
  const series = drawn.length < MOST ? decidingSeries(view) : null;
  return series === null || drawn.includes(series.service) ? null : series;
}

/** Services whose picture is in the thread, or was dropped. */
const drawnFor = (log: readonly LoggedEvent[]): readonly string[] =>
  log.flatMap(({ event }) => (event.type === "chart-shared" || event.type === "chart-dropped" ? [event.service] : []));

/** The step that is due; null: none is. */
export function chartStep(deps: ChartDependencies, log: readonly LoggedEvent[], view: IncidentView): Step | null {
  const series = dueSeries(log, view);
  if (series === null) return null;
  const number = drawnFor(log).length + 1;
  return {
    id: stepIds.chart(number),
    attempts: TRIES,
    timeLimitMs: 2 * LIMIT_MS,
    async run(context) {
      const image = imageOf(deps, context, series);
      if (image === null) return [{ type: "chart-dropped", service: series.service, because: null }];
      const limit = AbortSignal.any([context.signal, AbortSignal.timeout(LIMIT_MS)]);
      try {
        const id = await shared(deps, { ...context, signal: limit }, number, image);
        return [{ type: "chart-shared", service: series.service, id, alt: image.alt }];
      } catch (error) {
        if (context.signal.aborted) throw error;
        return [{ type: "chart-dropped", service: series.service, because: whyDropped(error, deps) }];
      }
    },
  };
}

/** What people read of a failure; null: they can do nothing about it, and the operator hears of it. */
function whyDropped(error: unknown, { tellOperator }: ChartDependencies): string | null {
  const words = error instanceof Error ? error.message : String(error);
  if (error instanceof IntegrationError && !(error instanceof ForbiddenError)) return words;
  if (error instanceof DOMException && error.name === "TimeoutError") return `Slack took longer than ${LIMIT_MS / 1_000} s`;
  tellOperator(`No chart in Slack: ${words}`);
  return null;
}

/** What orders from outside say is not drawn, as it is not said. */
function imageOf({ redactedFor }: ChartDependencies, { log, incidentId }: StepContext, series: ChartSeries): ChartImage | null {
  const view = viewOf(log);
  const redacted = redactedFor(incidentId);
  const safe = (text: string) => redacted(dataWithoutOrders(text, view.orderSigns, trustedWords(view.trusted)));
  const { service, instance, what, unit } = series;
  return chartImage(
    {
      ...series,
      service: safe(service),
      instance: instance === null ? null : safe(instance),
      what: safe(what),
      unit: unit === null ? null : safe(unit),
    },
    { markers: markersOf(view, series.service), from: chartsFrom(log) },
  );
}

/**
 * Uploads the picture and shares it, as two effects: an upload that is repeated after a crash leaves a file that nobody sees, and what was shared is
 * found again by its file. @returns the file's id
 */
async function shared(
  { slack, draw }: ChartDependencies,
  { log, effects, signal }: StepContext,
  number: number,
  image: ChartImage,
): Promise<string> {
  const { statusMessage, openedAt } = viewOf(log);
  if (statusMessage === null) throw new Error("a chart needs a thread");
  const { channel, ts: threadTs } = statusMessage;
  const file = await effects.deliver(`chart-file:${number}`, "slack-file", image, {
    find: async () => null,
    act: async ({ svg, alt }) => ({ id: await slack.uploadFile({ name: "chart.png", alt, bytes: await draw(svg) }, signal) }),
  });
  const share = { channel, threadTs, file: file.id, title: image.title };
  await effects.deliver(`chart:${number}`, "slack-file-share", share, {
    find: async (kept) => ((await slack.findSharedFile({ ...kept, since: openedAt }, signal)) ? kept : null),
    async act(kept) {
      await slack.shareFile(kept, signal);
      return kept;
    },
  });
  return file.id;
}
