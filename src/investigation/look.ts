import type { Analysed } from "../analysis/analyse.ts";
import { packAnswer, type PackedAnswer } from "../store/evidence.ts";
import type { SealedValue } from "../guard/pseudonym.ts";
import type { Answer } from "../incident/answer.ts";
import type { IncidentEvent } from "../incident/event.ts";
import type { Analysis } from "../incident/finding.ts";
import { pageTrigger, type Trigger } from "../incident/trigger.ts";
import type { Question, Source, UnconfiguredSource } from "../incident/source.ts";
import type { Call, Telemetry } from "../incident/telemetry.ts";
import { chartsOf } from "./charts.ts";
import { ordersIn } from "./orders-in.ts";
import { CHANGES_MS, gather, type GatherOptions, temper, toTelemetry } from "./triage.ts";

export interface LookDependencies {
  readonly question: (trigger: Trigger, windows: Pick<Question, "window" | "baseline" | "changesFrom">) => Question;
  /** Who calls whom, by the catalog. */
  readonly calls: readonly Call[];
  readonly sources: readonly Source[];
  /** The same ones as one incident asks them: what they say comes redacted under the incident's own labels. Default: `sources`. */
  readonly sourcesFor?: (incidentId: string) => readonly Source[];
  /** What was hidden in one incident's answers since it was last asked, sealed. Default: nothing. */
  readonly takeHidden?: (incidentId: string) => readonly SealedValue[];
  readonly unconfigured: readonly UnconfiguredSource[];
  readonly analyse: (telemetry: Telemetry) => Promise<Analysed>;
  readonly runbooksFor: (trigger: Trigger, analysis: Analysis) => readonly { name: string; title: string; steps: readonly string[] }[];
  /** Lets other work in between pieces of work that keep the processor busy. */
  readonly yieldNow?: () => Promise<void>;
}

/** What a look brings: the events of a triage and its answers for the ledger. Plain data. */
export interface Looked {
  /** See LookDependencies.takeHidden. */
  readonly hidden: readonly SealedValue[];
  readonly events: readonly IncidentEvent[];
  readonly packed: readonly PackedAnswer[];
}

export interface LookOptions extends GatherOptions {
  readonly incidentId: string;
}

export type Look = (
  trigger: Trigger,
  windows: Pick<Question, "window" | "baseline">,
  first: number,
  options: LookOptions,
) => Promise<Looked>;

/**
 * Asks all sources once and analyses what they say, without a message to anyone: the events of a triage and the raw answers behind them.
 * @param first number of the first answer in the evidence ledger
 */
export async function lookOnce(
  deps: LookDependencies,
  trigger: Trigger,
  { window, baseline }: Pick<Question, "window" | "baseline">,
  first: number,
  options: LookOptions,
): Promise<{ events: IncidentEvent[]; answers: Answer<unknown>[] }> {
  const startedAt = options.now();
  const question = deps.question(trigger, { window, baseline, changesFrom: window.from - CHANGES_MS });
  const { yieldNow = () => Promise.resolve() } = deps;
  const sources = deps.sourcesFor?.(options.incidentId) ?? deps.sources;
  const gathered = await gather(sources, deps.unconfigured, question, first, { ...options, yieldNow });
  const telemetry = toTelemetry(question, gathered, deps.calls);
  await yieldNow();
  const { analysis: found, digest } = await deps.analyse(telemetry);
  const analysis = temper(found, deps.sources, gathered.coverage);
  const answers = gathered.facts.map(({ fact }) => fact.answer);
  const links = answers.flatMap(({ link, source }) => (link === null ? [] : [{ title: source, url: link }]));
  const known = gathered.page === null ? trigger : pageTrigger(gathered.page);
  const events: IncidentEvent[] = [
    ...(gathered.page === null ? [] : [{ type: "page-read", page: gathered.page } as const]),
    {
      type: "triage-finished",
      analysis,
      digest,
      coverage: gathered.coverage,
      tookMs: options.now() - startedAt,
      calls: answers.length,
      links: [...new Map(links.map((link) => [link.title, link])).values()],
      charts: chartsOf(telemetry, analysis),
      runbooks: deps.runbooksFor(known, analysis),
      changes: telemetry.changes.map((change) => ({ ...change, files: change.files?.map((file) => ({ ...file, patch: null })) ?? null })),
    },
    ...ordersRead(known, digest),
  ];
  return { events, answers };
}

const ordersRead = ({ title, details }: Trigger, digest: string) =>
  ordersIn(
    [
      { source: "the page", evidence: [], text: `${title}\n${details.replaceAll(/\s+/g, " ")}` },
      { source: "what triage read", evidence: [], text: digest },
    ],
    [],
  );

/** As `lookOnce`, with the answers packed. */
export async function lookAndPack(deps: LookDependencies, ...[trigger, windows, first, options]: Parameters<Look>): Promise<Looked> {
  const { events, answers } = await lookOnce(deps, trigger, windows, first, options);
  const packed = await Promise.all(
    answers.map(async (answer) => {
      await deps.yieldNow?.();
      return packAnswer(answer);
    }),
  );
  return { events, packed, hidden: deps.takeHidden?.(options.incidentId) ?? [] };
}
