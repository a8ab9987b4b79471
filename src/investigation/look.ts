import type { Analysed } from "../analysis/analyse.ts";
import type { PackedAnswer } from "../store/evidence.ts";
import type { SealedValue } from "../guard/pseudonym.ts";
import type { IncidentEvent } from "../incident/event.ts";
import type { Analysis, CoverageLine } from "../incident/finding.ts";
import { urgency } from "../guard/urgency.ts";
import { pageRank } from "../incident/page.ts";
import { pageTrigger, type Trigger } from "../incident/trigger.ts";
import type { Question, Source, UnconfiguredSource } from "../incident/source.ts";
import type { FittingRunbook } from "../incident/trouble.ts";
import type { Call, ChangeEvent, Telemetry } from "../incident/telemetry.ts";
import { withoutPatches } from "../incident/without-patches.ts";
import type { Asked, StillAsked } from "./asking.ts";
import { chartsOf } from "./charts.ts";
import { packedOf } from "./coverage-line.ts";
import { packFacts, unpackFacts } from "./kept-facts.ts";
import { measureImpact } from "./measure-impact.ts";
import { ordersIn } from "./orders-in.ts";
import { type Again, readAgain } from "./read-again.ts";
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
  /** Best first. `changes`: all that triage has read. */
  readonly runbooksFor: (trigger: Trigger, analysis: Analysis, changes: readonly ChangeEvent[]) => readonly FittingRunbook[];
  /** The catalog's command that rolls a service back, or null. Default: it has none. */
  readonly rollbackOf?: (service: string) => string | null;
  /** Lets other work in between pieces of work that keep the processor busy. */
  readonly yieldNow?: () => Promise<void>;
  /** Where calls of a step outlive it: sources that are late go on in here. Default: they are stopped, and asked again. */
  readonly stillAsked?: StillAsked;
}

/** What a look brings: the events of a triage and its answers for the ledger. Plain data. */
export interface Looked {
  /** See LookDependencies.takeHidden. */
  readonly hidden: readonly SealedValue[];
  readonly events: readonly IncidentEvent[];
  readonly packed: readonly PackedAnswer[];
  /** What was read, where some sources are read on; empty where none is. */
  readonly kept: readonly Uint8Array[];
}

export interface LookOptions extends Omit<GatherOptions, "goOn" | "underWay" | "readsOn"> {
  readonly incidentId: string;
  /** How long sources that are late may be read on after this look, ms. Default: they are not. */
  readonly readOnMs?: number;
  /** The look that this one goes on from. Default: it is the first. */
  readonly earlier?: EarlierLook;
  /** How an open incident goes on is asked, and not what its cause is. Default: it is a triage. */
  readonly again?: Again;
}

/** What an earlier look has left for a later one. Plain data. */
export interface EarlierLook {
  readonly kept: readonly Uint8Array[];
  readonly coverage: readonly CoverageLine[];
  /** When it began, epoch milliseconds. */
  readonly startedAt: number;
}

export type Look = (
  trigger: Trigger,
  windows: Pick<Question, "window" | "baseline">,
  first: number,
  options: LookOptions,
) => Promise<Looked>;

export interface LookedAt {
  readonly events: IncidentEvent[];
  /** New answers, in the order of their numbers. */
  readonly packed: Promise<readonly PackedAnswer[]>;
  readonly kept: readonly Uint8Array[];
}

/** How a look deals with sources that are late. */
function lateness({ stillAsked }: LookDependencies, { incidentId, readOnMs, earlier }: LookOptions): Partial<GatherOptions> {
  return {
    readsOn: readOnMs !== undefined,
    ...(stillAsked === undefined || readOnMs === undefined ? {} : { goOn: (asked: Asked) => stillAsked.keep(incidentId, asked, readOnMs) }),
    ...(stillAsked === undefined || earlier === undefined ? {} : { underWay: (source: string) => stillAsked.take(incidentId, source) }),
  };
}

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
): Promise<LookedAt> {
  const { earlier } = options;
  const startedAt = earlier?.startedAt ?? options.now();
  const question = deps.question(trigger, { window, baseline, changesFrom: window.from - CHANGES_MS });
  const { yieldNow = () => Promise.resolve() } = deps;
  const sources = deps.sourcesFor?.(options.incidentId) ?? deps.sources;
  const before = earlier === undefined ? undefined : { facts: await unpackFacts(earlier.kept), coverage: earlier.coverage };
  const gathered = await gather(sources, deps.unconfigured, question, first, { ...options, yieldNow, ...lateness(deps, options) }, before);
  // Compressed while the analysis runs: the brief waits for both.
  const isPending = gathered.coverage.some(({ pending }) => pending === true);
  const packing = isPending ? packFacts(gathered.facts) : Promise.resolve([]);
  const telemetry = toTelemetry(question, gathered, deps.calls);
  await yieldNow();
  const { analysis: found, digest, footprint } = await deps.analyse(telemetry);
  const analysis = temper(found, deps.sources, gathered.coverage);
  const news = gathered.facts.slice(before?.facts.length ?? 0);
  const links = gathered.facts.flatMap(({ fact: { answer } }) =>
    answer.link === null ? [] : [{ title: answer.source, url: answer.link }],
  );
  const known = gathered.page === null ? trigger : pageTrigger(gathered.page);
  const isPageNew = gathered.page !== null && news.some(({ fact }) => fact.page !== undefined);
  const events: IncidentEvent[] = [
    ...(isPageNew ? [{ type: "page-read", page: gathered.page } as const] : []),
    {
      type: "triage-finished",
      analysis,
      ...{ digest, footprint },
      coverage: gathered.coverage,
      tookMs: options.now() - startedAt,
      calls: gathered.facts.length,
      links: [...new Map(links.map((link) => [link.title, link])).values()],
      charts: chartsOf(telemetry, analysis),
      impact: measureImpact(telemetry, analysis.onset, analysis.recoveredAt ?? null),
      runbooks: deps.runbooksFor(known, analysis, telemetry.changes),
      ...rollbacksOf(deps, telemetry.changes),
      changes: withoutPatches(telemetry.changes),
      ...(earlier === undefined ? {} : { late: [...new Set(news.map(({ from }) => from))] }),
    },
    ...ordersRead(known, digest),
  ];
  return { events, packed: packedOf(news), kept: await packing };
}

/** The commands of services that were deployed: of others none is needed. */
function rollbacksOf({ rollbackOf }: LookDependencies, changes: readonly ChangeEvent[]) {
  const deployed = new Set(changes.flatMap(({ kind, service }) => (kind === "deploy" && service !== null ? [service] : [])));
  const rollbacks = [...deployed].flatMap((service) => {
    const command = rollbackOf?.(service) ?? null;
    return command === null ? [] : [{ service, command }];
  });
  return rollbacks.length === 0 ? {} : { rollbacks };
}

const ordersRead = ({ title, details }: Trigger, digest: string) =>
  ordersIn(
    [
      { source: "the page", evidence: [], text: `${title}\n${details.replaceAll(/\s+/g, " ")}` },
      { source: "what triage read", evidence: [], text: digest },
    ],
    [],
  );

/** As `lookOnce`, once the answers are packed; or an open incident is read again. */
export async function lookAndPack(deps: LookDependencies, ...[trigger, windows, first, options]: Parameters<Look>): Promise<Looked> {
  const { again } = options;
  const rank = trigger.page === null ? 0 : pageRank(trigger.page);
  const looked = urgency.run({ rank }, () =>
    again === undefined ? lookOnce(deps, trigger, windows, first, options) : readAgain(deps, trigger, windows, first, options, again),
  );
  const { events, packed, kept } = await looked;
  return { events, packed: await packed, kept, hidden: deps.takeHidden?.(options.incidentId) ?? [] };
}
