import { typicalStep } from "./baseline.ts";
import { clockTime, duration, figure } from "../report/words.ts";
import { CHRONIC, chronicFailures, chronicLine, chronicWords } from "./chronic.ts";
import { briefExcursion, newestAway, SOON_MS } from "./excursion.ts";
import type { Reading } from "./reading.ts";
import { CURRENT_MS, silentSince } from "./stale.ts";
import type { Series } from "../incident/telemetry.ts";
import { isQueue, speaksOfFailures } from "./contribution.ts";
import { isTrouble } from "./log-trouble.ts";
import { type Signal, valueWords } from "./signal.ts";
import type { Candidate } from "./suspect.ts";
import { metricWords } from "./words.ts";

/** A clue as strong as this at something the page depends on leaves the question open (about 3 to 1). */
const STRONG_CLUE = 1.2;
/** Whether a signal speaks of requests or jobs: restarts and cache hits, say, show nothing of how many of those fail. */
const ofRequests = ({ resource }: Signal["meaning"]): boolean => resource === null || resource === "queue";
/** What a caller may feel of the service that it calls. */
const FELT: ReadonlySet<string> = new Set(["latency", "errors", "origin", "gap"]);
/** However many services there are, evidence of 20 to 1 leaves it open. */
const MOST_STRONG = 3;
/** As likely as not that an error was never there before. */
const SURE = 0.5;
/** Certainty that the paged service spends or fails more than it used to, from which on that counts as trouble. */
export const MOVED = 0.3;
/** Fewer requests than this, before or now, show nothing. */
const FEWEST_REQUESTS = 5;

/**
 * Why it must not be said that nothing is wrong; null where it is proven: what the page claims was read, is current, and is in range; nothing that
 * the paged service calls left its range strongly; no service on the way logs a new error, and none fails all along.
 * @param wanted what the page speaks of, where it says so
 */
export function whyNotWell(read: Reading, candidates: readonly Candidate[], wanted: "latency" | "errors" | null): string | null {
  const { telemetry, paged, signals, graph, held, alarms } = read;
  const own = signals.filter((signal) => signal.service === paged && signal.edge === null);
  const spansNow = telemetry.spans.filter(
    ({ service, start }) => graph.canonical(service) === paged && start >= telemetry.window.from,
  ).length;
  const hasTraces = spansNow >= FEWEST_REQUESTS && read.traces.tracesBefore >= FEWEST_REQUESTS;
  if (own.length === 0 && !hasTraces && !telemetry.logs.some(({ service }) => graph.canonical(service) === paged))
    return `Nothing is known of ${paged}: no metrics, logs or traces were found under that name`;
  const chronic = failsAllAlong(read);
  if (chronic !== null) return chronic;
  const strong = candidates.find((candidate) => isDoubt(candidate, read));
  if (strong !== undefined) {
    const text = strong.clues[0]?.text ?? "";
    return `Furthest from usual: ${text.includes(strong.service) ? "" : `${strong.service}: `}${text}`;
  }
  const isAboutFailures = speaksOfFailures(`${telemetry.page.title} ${telemetry.page.details}`);
  const line = isAboutFailures ? (newError(read) ?? endsEarly(read, candidates)) : null;
  if (line !== null) return line;
  const brief =
    newestAway(read, wanted) ??
    briefExcursion(read) ??
    (isAboutFailures ? countsAlone(read) : null) ??
    (wanted === null ? unseenQueue(read) : null);
  if (brief !== null) return brief;
  const asked = read.claim.spanMs;
  const covered = telemetry.page.at - Math.min(telemetry.page.at, ...own.map(({ series }) => series.points[0]?.at ?? Infinity));
  if (asked !== null && own.length > 0 && asked > 1.1 * covered)
    return `The page covers ${duration(asked)}, and only ${duration(covered)} were read; in those nothing left its usual range`;
  if (read.pagedMoved >= MOVED)
    return `${paged} ${wanted === "errors" ? "fails more" : "fails more or takes longer"} than usual, and the data do not show why`;
  const newest = Math.max(...own.map(({ series }) => series.points.at(-1)?.at ?? 0), hasTraces ? telemetry.window.to : 0);
  const step = Math.max(0, ...own.map(({ series }) => typicalStep(series.points)));
  if (own.length > 0 && newest < telemetry.window.to - Math.max(CURRENT_MS, 3 * step))
    return `The newest data on ${paged} are from ${clockTime(newest)}, so nothing shows how it is now`;
  const silent = telemetry.series.flatMap(({ service, kind, points }) => {
    const at = graph.canonical(service) === paged ? silentSince(points, telemetry.window.to) : null;
    return at === null ? [] : [{ kind, at }];
  });
  const kinds = new Set(
    own
      .filter(
        ({ borrowed, series, meaning }) => !borrowed && ofRequests(meaning) && silentSince(series.points, telemetry.window.to) === null,
      )
      .map(({ meaning }) => meaning.kind),
  );
  const hasErrors = kinds.has("errors") || kinds.has("availability");
  const failing = hasErrors || wanted === "latency" ? null : failingSpans(read);
  if (failing !== null) return failing;
  const showsErrors = hasErrors || hasTraces;
  const showsLatency = kinds.has("latency") || hasTraces;
  const isClaimRead = held !== null || alarms.some(({ signal }) => signal.service === paged);
  const missing = [
    ...(wanted !== "latency" && !showsErrors ? ["errors"] : []),
    ...(wanted !== "errors" && !showsLatency ? ["latency"] : []),
  ];
  const [gone] = silent.filter(({ kind }) => missing.includes(kind === "availability" ? "errors" : kind)).toSorted((a, b) => b.at - a.at);
  if (gone !== undefined) return `No data on the ${missing.join(" and ")} of ${paged} since ${clockTime(gone.at)}`;
  if (missing.length > 0 && !isClaimRead)
    return `No data on the ${missing.join(" and ")} of ${paged} were read, so nothing shows that all is well${alwaysLogged(read, missing)}`;
  return null;
}

/** The error line that the paged service logs most, where no figure says how many requests fail; nothing where it logs none. */
function alwaysLogged({ paged, graph, rates }: Reading, missing: readonly string[]): string {
  const line = missing.includes("errors") ? chronicLine(paged, rates, graph) : null;
  return line === null
    ? ""
    : `; ${paged} logs an error ${figure(line.now)} times a minute (${figure(line.before)} before): \`${line.sample.slice(0, 120).replaceAll("`", "'")}\``;
}

/** One failing request in a sample is chance. */
const FEWEST_FAILING = 2;

/** Requests of the paged service that fail in the traces, where no metric says how many do: of a sample nobody knows whether they were fewer before. */
function failingSpans({ telemetry, graph, paged }: Reading): string | null {
  const own = telemetry.spans.filter(({ service, error }) => error !== null && graph.canonical(service) === paged);
  const [before, now] = [
    own.filter(({ start }) => start < telemetry.window.from),
    own.filter(({ start }) => start >= telemetry.window.from),
  ];
  const failing = (spans: typeof own) => spans.filter(({ error }) => error === true).length;
  if (failing(now) < FEWEST_FAILING || failing(now) < CHRONIC * now.length) return null;
  return `${failing(now)} of ${now.length} traced requests of ${paged} failed since ${clockTime(telemetry.window.from)}, and ${failing(before)} of ${before.length} before; no metric of its failures was read`;
}

/** Failures of the paged service that are counted while its requests are not: nobody can say whether so many are few. */
function countsAlone({ whole, graph, paged }: Reading): string | null {
  const own = whole.filter(
    ({ service, edge, meaning }) => graph.canonical(service) === paged && edge === null && meaning.resource === null,
  );
  const counted = own.find(({ meaning, series, baseline }) => meaning.kind === "errors" && isCounted(series, meaning) && baseline.low > 0);
  if (counted === undefined || own.some(({ meaning }) => meaning.kind === "traffic" || meaning.kind === "availability")) return null;
  const { series, baseline, latest } = counted;
  return (
    `${metricWords(series.metric, series.tags)} of ${paged} is ${valueWords(counted, latest)}, usually about ${valueWords(counted, baseline.median)}, ` +
    `never zero since our records begin at ${clockTime(series.points[0]?.at ?? 0)}; how many requests it gets was not read`
  );
}

const isCounted = ({ unit }: Series, { isShare }: Signal["meaning"]): boolean => !isShare && unit !== "fraction";

/** A queue that is paged or used and of which no backlog was read: what waits there shows in no request. */
function unseenQueue({ signals, graph, paged, measured }: Reading): string | null {
  const used = [paged, ...(graph.callees.get(paged) ?? [])];
  const unseen = used.find(
    (service) =>
      measured.has(service) &&
      (graph.callees.get(service)?.size ?? 0) === 0 &&
      isQueue(service) &&
      !signals.some(
        (signal) => signal.service === service && (signal.meaning.resource === "queue" || signal.meaning.resource === "replication"),
      ),
  );
  return unseen === undefined ? null : `No data on how much waits in ${unseen} were read, so nothing shows that all is well`;
}

/** Whether what a service shows leaves the question open. Of many services that are looked at, one shows as much by chance (Bonferroni). */
export function isDoubt({ service, clues }: Pick<Candidate, "service" | "clues">, { graph, paged, measured }: Reading): boolean {
  const below = graph.distances(paged);
  // Of a caller only what it feels of the paged service counts: not how busy it is, nor what it says of something else.
  const isCaller = !below.has(service) && graph.reaching(paged).has(service);
  const clue = clues.find(({ family }) => !isCaller || FELT.has(family));
  if (clue === undefined) return false;
  const looked = [...below.keys()].filter((one) => measured.has(one)).length;
  return clue.weight >= (service === paged ? STRONG_CLUE : Math.min(MOST_STRONG, Math.max(STRONG_CLUE, Math.log(Math.max(1, looked)))));
}

/** Of a page about failures: a new error on its way within minutes of it. One line is enough to ask. */
function newError({ patterns, graph, paged, telemetry }: Reading): string | null {
  const below = graph.distances(paged);
  const found = patterns.find(
    ({ kind, service, severity, quote, onset, sure }) =>
      kind === "new" &&
      sure >= SURE &&
      isTrouble(severity, quote) &&
      below.has(graph.canonical(service)) &&
      Math.abs(telemetry.page.at - onset) <= SOON_MS,
  );
  return found === undefined
    ? null
    : `Furthest from usual: a new error in ${graph.canonical(found.service)} since ${clockTime(found.onset)}: \`${found.template.slice(0, 120).replaceAll("`", "'")}\``;
}

/** Requests on the way that end early since minutes before the page: an exception does that, logged or not. */
function endsEarly({ graph, paged, telemetry }: Reading, candidates: readonly Candidate[]): string | null {
  const below = graph.distances(paged);
  const isSoon = (onset: number) => Math.abs(telemetry.page.at - onset) <= SOON_MS;
  for (const { service, clues } of candidates) {
    const found = clues.find(({ family, weight, onset }) => family === "shape" && weight >= STRONG_CLUE && onset !== null && isSoon(onset));
    if (found !== undefined && below.has(service)) return `Furthest from usual: ${found.text}`;
  }
  return null;
}

/** Requests that fail all along, of the paged service or of what it calls; who fails by itself is named. */
function failsAllAlong({ whole, graph, paged, rates, telemetry }: Reading): string | null {
  // What fails below and never reaches those who call is how this system works.
  const worst = chronicFailures(whole, graph, paged).find(({ isPassedOn }) => isPassedOn);
  if (worst === undefined) return null;
  const first = Math.min(...telemetry.series.map(({ points }) => points[0]?.at ?? Infinity), telemetry.baseline.to);
  const line = chronicLine(worst.service, rates, graph);
  return `${chronicWords(worst, first)}${line === null ? "" : `: \`${line.sample.slice(0, 120).replaceAll("`", "'")}\``}`;
}
