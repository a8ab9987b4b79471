import type { Elsewhere } from "../incident/finding.ts";
import type { CallGraph } from "./call-graph.ts";
import type { Clue } from "./clue.ts";
import type { Candidate } from "./suspect.ts";

/** Candidates by whether anything leads from the page to them. */
export interface Attribution {
  /** The paged service, what it calls, who calls it, and who uses a store that moved and that it uses too. Best first. */
  readonly linked: readonly Candidate[];
  readonly elsewhere: readonly Elsewhere[];
  /** Nobody knows who calls whom, so no candidate is linked or apart: none may be sure. */
  readonly isBlind: boolean;
}

/** A shorter name may be part of any word. */
const LEAST_NAME = 6;
/** Trouble elsewhere that is worth a line: it would have been blamed at once had it been linked. */
const WORTH_A_LINE = 3;
const MOST_ELSEWHERE = 3;

/**
 * Parts candidates by the call graph. Blame needs a way from the page to the suspect; the rest is reported apart. Where the graph has no call at
 * all, everything stays a candidate.
 */
export function attribute(candidates: readonly Candidate[], graph: CallGraph, paged: string): Attribution {
  if (graph.edges === 0) return { linked: candidates, elsewhere: [], isBlind: candidates.some(({ service }) => service !== paged) };
  const below = graph.distances(paged);
  const above = graph.reaching(paged);
  const moved = new Set(candidates.filter(({ score }) => score >= WORTH_A_LINE / 2).map(({ service }) => service));
  const isLinked = (service: string): boolean => {
    if (below.has(service) || above.has(service)) return true;
    // Both use what moved: one of them may wear it out for the other.
    return [...(graph.callees.get(service) ?? [])].some((shared) => moved.has(shared) && below.has(shared));
  };
  // Who logs errors that name the paged service, or what it calls, calls it.
  const named = [...new Set([paged, ...below.keys()])].filter((name) => name.length >= LEAST_NAME).map((name) => name.toLowerCase());
  const namesThem = ({ code, quote }: Clue): boolean =>
    (code === "log-new" || code === "log-surged" || code === "error-new") &&
    named.some((name) => quote?.toLowerCase().includes(name) === true);
  const linked = candidates.filter(
    ({ service, clues }) =>
      isLinked(service) ||
      clues.some((clue) => namesThem(clue)) ||
      clues.some(({ code, about }) => code === "outside-fails" && about.some((caller) => isLinked(caller))),
  );
  const isIn = new Set(linked);
  const apart = candidates.filter((candidate) => candidate.score >= WORTH_A_LINE && candidate.onset !== null && !isIn.has(candidate));
  const beside = linked.slice(1).filter((candidate) => hasOwnCause(candidate));
  return {
    linked,
    elsewhere: [...beside, ...apart].slice(0, MOST_ELSEWHERE).map((candidate) => ({
      service: candidate.service,
      since: candidate.onset === null ? null : Math.round(candidate.onset),
      why: candidate.clues[0]?.text ?? "",
      fails: candidate.clues.some(({ family, code, weight }) => weight >= FAIR && (FAILS.has(family) || code === "log-new")),
      isLinked: isIn.has(candidate),
      evidence: candidate.clues[0]?.evidence ?? [],
    })),
    isBlind: false,
  };
}

const FAILS: ReadonlySet<string> = new Set(["errors", "origin"]);

/** Whether a suspect beside the first has trouble that neither it nor what it calls accounts for: two causes may come at once. */
export const hasOwnCause = ({ score, onset, explained, clues }: Candidate): boolean =>
  score >= WORTH_A_LINE &&
  onset !== null &&
  explained < 0.5 &&
  clues.some(({ family, weight, own, code }) => weight >= FAIR && (OWN_CAUSES.has(family) || code === "log-new" || (own ?? 0) >= OWN));

/** At least so many services that fail by themselves at once have something in common that fails. */
const FEWEST_ALIKE = 3;
const AT_ONCE_MS = 3 * 60_000;
/** From this share on a service's failures are its own. */
const OWN = 0.6;
const FAIR = 0.8;

/** Several services that fail by themselves, in the same way and at once. */
export interface Alike {
  readonly services: readonly string[];
  /** What all of them call and nothing measures: a vendor, a store without metrics. null: what they share is no service. */
  readonly shared: string | null;
}

/**
 * Services that began to fail alike within minutes, each by itself: what they share (a node, a zone, name resolution, a gateway, a vendor) is likelier
 * to blame than any one of them. Alike means that new errors read the same, or that no callee accounts for them. null where they are fewer than three.
 */
export function alike(ranked: readonly Candidate[], graph: CallGraph, measured: ReadonlySet<string>): Alike | null {
  const [first] = ranked;
  if (first?.onset == null) return null;
  const atOnce = (onset: number | null) => onset !== null && Math.abs(onset - (first.onset ?? 0)) <= AT_ONCE_MS;
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
  const groups = [byThemselves, ...byLine.values()].filter(({ size }) => size >= FEWEST_ALIKE);
  const [largest] = groups.toSorted((a, b) => b.size - a.size);
  if (largest === undefined) return null;
  const services = ranked.map(({ service }) => service).filter((service) => largest.has(service));
  const [one = "", ...others] = services;
  const shared = [...(graph.callees.get(one) ?? [])].find(
    (callee) => !measured.has(callee) && others.every((other) => graph.callees.get(other)?.has(callee) === true),
  );
  return { services, shared: shared ?? null };
}

/** A cause of its own, rather than what a callee's failure looks like from above. */
const OWN_CAUSES: ReadonlySet<string> = new Set(["saturation", "shape", "gap", "statement", "sessions", "event", "origin"]);

/**
 * Whether the first suspect may only show what something below it does of which nothing was read: it calls such a part, and nothing speaks for a cause
 * of its own.
 */
export function mayBeBelow({ service, clues }: Candidate, graph: CallGraph, measured: ReadonlySet<string>): boolean {
  const isDark = [...(graph.callees.get(service) ?? [])].some((callee) => !measured.has(callee));
  return isDark && !clues.some(({ family, weight, code }) => weight >= FAIR && (OWN_CAUSES.has(family) || code === "log-new"));
}

/** How much less likely all dark parts together are than the one that calls them: that one is where the failures are seen. */
const DARK = 1;

/**
 * Adds the parts below the first suspect of which nothing was read: what they do wrong shows in it alone, so that they are possible too. Only where
 * {@link mayBeBelow}.
 */
export function withDark(candidates: readonly Candidate[], graph: CallGraph, measured: ReadonlySet<string>): Candidate[] {
  const [top, ...rest] = candidates;
  if (top === undefined) return [];
  const known = new Set(candidates.map(({ service }) => service));
  const dark = [...(graph.callees.get(top.service) ?? [])].filter((callee) => !measured.has(callee) && !known.has(callee)).toSorted();
  const added = dark.map((service): Candidate => {
    const score = top.score - DARK - Math.log(dark.length);
    return {
      service,
      score,
      fault: "dependency",
      instance: null,
      onset: top.onset,
      slackMs: top.slackMs,
      explained: 0,
      clues: [
        {
          service,
          instance: null,
          fault: "dependency",
          family: "monitor",
          code: "may-be-below",
          about: [top.service],
          weight: Math.max(0, score),
          onset: top.onset,
          text: `nothing measures ${service}, which ${top.service} calls: its failures would show only in ${top.service}`,
          evidence: top.clues[0]?.evidence ?? [],
          quote: null,
        },
      ],
    };
  });
  return [top, ...[...rest, ...added].toSorted((a, b) => b.score - a.score || (a.service < b.service ? -1 : 1))];
}
