import type { Elsewhere } from "../incident/finding.ts";
import type { ChangeEvent } from "../incident/telemetry.ts";
import type { CallGraph } from "./call-graph.ts";
import type { Clue } from "./clue.ts";
import { SOON_MS } from "./excursion.ts";
import { beganAt, type Candidate } from "./suspect.ts";

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
  const scores = new Map(candidates.map(({ service, score }) => [service, score]));
  const most = (services: readonly string[]) =>
    Math.max(0, ...services.flatMap((service) => [...graph.distances(service).keys()]).map((service) => scores.get(service) ?? 0));
  /** A caller that shows what another of its callees does to it: that reaches the caller, and not whom else it calls. */
  const isEffectOfAnother = ({ service, explained }: Candidate): boolean => {
    if (below.has(service) || !above.has(service) || explained < 0.5) return false;
    const callees = [...(graph.callees.get(service) ?? [])];
    const isOnWay = (callee: string) => below.has(callee) || above.has(callee);
    return most(callees.filter((callee) => !isOnWay(callee))) > most(callees.filter(isOnWay));
  };
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
  const linked = candidates.filter((candidate) => {
    const { service, clues } = candidate;
    if (isEffectOfAnother(candidate)) return false;
    return (
      isLinked(service) ||
      clues.some((clue) => namesThem(clue)) ||
      // What a caller loses at a vendor does not reach whom else it calls.
      clues.some(({ code, about }) => code === "outside-fails" && about.some((caller) => below.has(caller)))
    );
  });
  const isIn = new Set(linked);
  const apart = candidates.filter(
    (candidate) => candidate.score >= WORTH_A_LINE && candidate.onset !== null && !isIn.has(candidate) && !isEffectOfAnother(candidate),
  );
  const beside = linked.slice(1).filter((candidate) => hasOwnCause(candidate));
  return {
    linked,
    elsewhere: [...beside, ...apart].slice(0, MOST_ELSEWHERE).map((candidate) => ({
      service: candidate.service,
      since: candidate.onset === null ? null : Math.round(candidate.onset),
      why: candidate.clues[0]?.text ?? "",
      // A new error line alone may be of a request that was tried again.
      fails: candidate.clues.some(({ family, weight }) => weight >= SHOWN && FAILS.has(family)),
      isLinked: isIn.has(candidate),
      evidence: candidate.clues[0]?.evidence ?? [],
    })),
    isBlind: false,
  };
}

/** Failures that weigh less are hardly any. */
export const SHOWN = 0.3;
const FAILS: ReadonlySet<string> = new Set(["errors", "origin"]);

/** Whether a suspect beside the first has trouble that neither it nor what it calls accounts for: two causes may come at once. */
export const hasOwnCause = ({ score, onset, explained, clues }: Candidate): boolean =>
  score >= WORTH_A_LINE &&
  onset !== null &&
  explained < 0.5 &&
  clues.some(({ family, weight, own, code }) => weight >= FAIR && (OWN_CAUSES.has(family) || code === "log-new" || (own ?? 0) >= OWN));

/** When a candidate began to fail by itself, by its strongest evidence of that; null where it is not seen to. */
export function failsSince({ clues }: Candidate): number | null {
  const found = clues.find(
    ({ weight, onset, code, own }) => onset !== null && weight >= FAIR && (code === "log-new" || code === "error-new" || (own ?? 0) >= OWN),
  );
  return found?.onset ?? null;
}

/**
 * Whether a suspect of which nothing was read may be no more than the way to another: what it calls is not known, and a service without a link fails
 * at about the same time.
 */
export function isOnlyWay({ service, onset }: Candidate, elsewhere: readonly Elsewhere[], measured: ReadonlySet<string>): boolean {
  return (
    !measured.has(service) &&
    onset !== null &&
    elsewhere.some(
      ({ since, fails, isLinked }) => isLinked !== true && fails === true && since !== null && Math.abs(since - onset) <= SOON_MS,
    )
  );
}

/** From this share on a service's failures are its own. */
export const OWN = 0.6;
/** A clue that says something. */
export const FAIR = 0.8;

/** A cause of its own, rather than what a callee's failure looks like from above. */
const OWN_CAUSES: ReadonlySet<string> = new Set(["saturation", "shape", "gap", "statement", "sessions", "event", "origin"]);
/** A resource that is used more than before is a cause only from here on: a service that fails or waits also uses more. */
const WORN = 2;

/** Whether a clue names a cause of a service's own, where parts below it have no traces: an error begins in their caller's then. */
function isOwnCause({ family, weight, code, onset }: Clue, began: number): boolean {
  if (family === "origin" || weight < (family === "saturation" ? WORN : FAIR) || (onset !== null && onset < began && code !== "grows"))
    return false;
  return OWN_CAUSES.has(family) || code === "log-new";
}

/**
 * Whether the first suspect may only show what something below it does of which nothing was read: it calls such a part, and nothing speaks for a cause
 * of its own.
 */
export function mayBeBelow({ service, clues }: Candidate, graph: CallGraph, measured: ReadonlySet<string>): boolean {
  const isDark = [...(graph.callees.get(service) ?? [])].some((callee) => !measured.has(callee));
  return isDark && !clues.some((clue) => isOwnCause(clue, beganAt(clues)));
}

/** What only a cause of its own shows: failures, time and lines of a caller are what it shows of what it calls, too. */
const OF_ITSELF: ReadonlySet<string> = new Set(["saturation", "shape", "gap", "statement", "sessions", "event", "traffic"]);

/** Whether a suspect calls the paged service and shows no more than what a caller feels: that is an effect as well as a cause. */
export function isOnlyCaller({ service, clues }: Candidate, graph: CallGraph, paged: string): boolean {
  if (graph.distances(paged).has(service) || !graph.reaching(paged).has(service)) return false;
  return !hasCauseOfItself(clues);
}

/** Whether a service shows what neither its callees nor what it shares with others put there. */
export const hasCauseOfItself = (clues: readonly Clue[]): boolean =>
  clues.some(({ family, weight }) => OF_ITSELF.has(family) && weight >= (family === "saturation" ? WORN : SHOWN));

/**
 * Whether nothing but failures and time speaks for a service, as what it calls without a trace puts there too: a vendor, a proxy, the network. A new
 * line of its own says more.
 */
export const showsEffectsAlone = ({ clues }: Candidate): boolean =>
  !hasCauseOfItself(clues) && !clues.some(({ code, weight }) => code === "log-new" && weight >= FAIR);

/** How much less likely all dark parts together are than the one that calls them: that one is where the failures are seen. */
const DARK = 1;
/** The same where requests fail at once though nothing of the caller's own changed: something else must have. */
const DARK_UNCHANGED = -0.5;

/**
 * Adds the parts below the first suspect of which nothing was read: what they do wrong shows in it alone, so that they are possible too. Only where
 * {@link mayBeBelow}.
 */
export function withDark(
  candidates: readonly Candidate[],
  graph: CallGraph,
  measured: ReadonlySet<string>,
  changes: readonly ChangeEvent[],
): Candidate[] {
  const [top, ...rest] = candidates;
  if (top === undefined) return [];
  const known = new Set(candidates.map(({ service }) => service));
  const dark = [...(graph.callees.get(top.service) ?? [])].filter((callee) => !measured.has(callee) && !known.has(callee)).toSorted();
  // What always failed, or fails of more requests, needs no change.
  const isNew =
    top.onset !== null &&
    top.clues[0]?.family === "errors" &&
    !top.clues.some(({ family, weight }) => family === "traffic" && weight >= SHOWN);
  const isUnchanged = isNew && changes.length > 0 && !changes.some((change) => isNear(change, top, graph));
  const added = dark.map((service): Candidate => {
    const score = top.score - (isUnchanged ? DARK_UNCHANGED : DARK) - Math.log(dark.length);
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
          text:
            `nothing measures ${service}, which ${top.service} calls: its failures would show only in ${top.service}` +
            (isUnchanged ? `, and no change to ${top.service} in the hour before is known` : ""),
          evidence: top.clues[0]?.evidence ?? [],
          quote: null,
        },
      ],
    };
  });
  return [top, ...rest, ...added].toSorted((a, b) => b.score - a.score || (a.service < b.service ? -1 : 1));
}

/** Changes take effect within the hour. */
const EFFECT_MS = 3_600_000;

/** Whether a change may have begun a candidate's trouble by its time and place; of one without a service nobody knows the place. */
const isNear = ({ at, service }: ChangeEvent, { onset, service: suspect }: Candidate, graph: CallGraph): boolean =>
  (service === null || graph.canonical(service) === suspect) && (onset === null || Math.abs(onset - at) <= EFFECT_MS);
