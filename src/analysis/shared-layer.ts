import type { Elsewhere } from "../incident/finding.ts";
import { FAIR, failsSince, hasCauseOfItself, OWN, SHOWN } from "./attribution.ts";
import type { CallGraph } from "./call-graph.ts";
import type { Clue } from "./clue.ts";
import { RESOLVER_FAILED } from "./log-trouble.ts";
import { sharedPlace } from "./shared-place.ts";
import type { Signal } from "./signal.ts";
import type { Candidate } from "./suspect.ts";

/** At least so many services that fail by themselves at once have something in common that fails. */
const FEWEST_ALIKE = 3;
const AT_ONCE_MS = 3 * 60_000;
const ONE_STEP_MS = 60_000;
/** A caller of a service that fails fails with it, and hardly by itself. */
const GOOD_PART = 0.3;
/** Several services that fail by themselves, in the same way and at once. */
export interface Alike {
  readonly services: readonly string[];
  /** What all of them call and nothing measures (a vendor, a store without metrics), or the one node or zone where they fail. null: not known. */
  readonly shared: string | null;
}

/**
 * Services that began to fail alike within minutes, each by itself: what they share (a node, a zone, name resolution, a gateway, a vendor) is likelier
 * to blame than any one of them. Alike means that new errors read the same, or that no callee accounts for them. null where they are fewer than three;
 * two are enough where their new errors read the same and neither calls the other.
 */
export function alike(
  ranked: readonly Candidate[],
  graph: CallGraph,
  measured: ReadonlySet<string>,
  signals: readonly Signal[],
): Alike | null {
  const [first] = ranked;
  // When it began to fail, rather than its first sign of anything.
  const since = first === undefined ? null : (failsSince(first) ?? first.onset);
  if (since === null) return null;
  const atOnce = (onset: number | null) => onset !== null && Math.abs(onset - since) <= AT_ONCE_MS;
  const byLine = new Map<string, Set<string>>();
  const byThemselves = new Set<string>();
  for (const { service, clues } of ranked) {
    for (const { family, own, weight, onset, code, about } of clues) {
      if (!atOnce(onset) || weight < FAIR) continue;
      if (family === "errors" && own !== undefined && own >= OWN) byThemselves.add(service);
      const [line] = about;
      if (code === "log-new" && line !== undefined) byLine.set(line, (byLine.get(line) ?? new Set()).add(service));
    }
  }
  // A few lines say as much where the first suspect is full of them.
  for (const { service, clues } of ranked)
    for (const { code, weight, onset, about } of clues) {
      const group = code === "log-new" && weight >= SHOWN && atOnce(onset) ? byLine.get(about[0] ?? "") : undefined;
      if (group?.has(first?.service ?? "") === true && !hasCauseOfItself(clues)) group.add(service);
    }
  // A cause of its own sets the first suspect apart, unless most of the others have one too.
  const itself = new Set(ranked.filter(({ clues }) => hasCauseOfItself(clues)).map(({ service }) => service));
  for (const group of byLine.values())
    if (itself.has(first?.service ?? "") && [...group].filter((service) => itself.has(service)).length <= group.size / 2)
      group.delete(first?.service ?? "");
  // Callers of the first suspect may only say what it does to them, unless it says so itself.
  for (const services of byLine.values())
    if (!services.has(first?.service ?? ""))
      for (const service of services) if (graph.distances(service).has(first?.service ?? "")) services.delete(service);
  // A resolver that does not answer fails each that asks it: such a line is never what a callee's failure looks like from above.
  const pairs = [...byLine].flatMap(([line, pair]) =>
    pair.size === 2 && (areApart([...pair], graph) || RESOLVER_FAILED.test(line)) ? [pair] : [],
  );
  // Where what they share is the first suspect itself, it is found.
  const beside =
    byThemselves.size === 2 && byThemselves.has(first?.service ?? "") && sharedBy([...byThemselves], graph, measured, signals) !== null;
  const alone = beside && areApart([...byThemselves], graph) ? [byThemselves] : [];
  const groups = [...[byThemselves, ...byLine.values()].filter(({ size }) => size >= FEWEST_ALIKE), ...pairs, ...alone];
  const [largest] = groups.toSorted((a, b) => b.size - a.size);
  if (largest === undefined) return null;
  const services = ranked.map(({ service }) => service).filter((service) => largest.has(service));
  const isResolver = [...byLine].some(([line, group]) => group === largest && RESOLVER_FAILED.test(line));
  return {
    services,
    shared: sharedPlace(services, signals) ?? (isResolver ? "name resolution" : sharedBy(services, graph, measured, signals)),
  };
}

/** What services have in common that may fail them: the one place where they fail, or a part that all of them call and nothing measures. */
function sharedBy(services: readonly string[], graph: CallGraph, measured: ReadonlySet<string>, signals: readonly Signal[]): string | null {
  const [one = "", ...others] = services;
  const shared = [...(graph.callees.get(one) ?? [])].find(
    (callee) => !measured.has(callee) && others.every((other) => graph.callees.get(other)?.has(callee) === true),
  );
  return sharedPlace(services, signals) ?? shared ?? null;
}

/**
 * Whether the first suspect may only be one of those that a shared layer fails, though no other is seen to. Nothing of its own is wrong, and its lines say that the resolver did not
 * answer, a service without a link begins to fail in the same step, or one with a link does of which the first does not account for a good part.
 * @param linked candidates that are linked to the page
 */
export function mayBeShared({ service, clues }: Candidate, linked: readonly Candidate[], elsewhere: readonly Elsewhere[]): boolean {
  const isOwnLine = ({ code, weight, about: [line = ""] }: Clue) =>
    code === "log-new" &&
    weight >= FAIR &&
    !RESOLVER_FAILED.test(line) &&
    !linked.some((one) => one.service !== service && logs(one, line));
  if (hasCauseOfItself(clues) || clues.some(isOwnLine)) return false;
  const own = clues.find(({ family, weight, onset }) => family === "errors" && weight >= FAIR && onset !== null);
  const atOnce = (since: number | null) =>
    since !== null && own?.onset != null && Math.abs(since - own.onset) <= (own.stepMs ?? ONE_STEP_MS);
  return (
    clues.some(({ code, weight, quote }) => code === "log-new" && weight >= FAIR && RESOLVER_FAILED.test(quote ?? "")) ||
    elsewhere.some((one) => one.service !== service && one.isLinked !== true && one.fails === true && atOnce(one.since)) ||
    linked.some(
      (one) =>
        one.service !== service &&
        one.clues.some((clue) => clue.family === "errors" && clue.weight >= SHOWN && (clue.own ?? 0) >= GOOD_PART && atOnce(clue.onset)),
    )
  );
}

const logs = ({ clues }: Candidate, line: string) => clues.some(({ code, about }) => code === "log-new" && about[0] === line);

/** Whether no call leads from one of two services to the other: where one does, the caller may only repeat what its callee says. */
function areApart([one = "", other = ""]: readonly string[], graph: CallGraph): boolean {
  return graph.edges > 0 && !graph.distances(one).has(other) && !graph.distances(other).has(one);
}
