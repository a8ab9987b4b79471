import type { FaultClass, Reason, Suspect } from "../incident/finding.ts";
import { givenIncident, withChange } from "./certainty.ts";
import type { CallGraph } from "./call-graph.ts";
import type { JudgedChange } from "./change.ts";
import type { Clue, ClueFamily } from "./clue.ts";

/** One service with all that speaks for it. */
export interface Candidate {
  readonly service: string;
  readonly score: number;
  readonly fault: FaultClass | null;
  readonly instance: string | null;
  readonly onset: number | null;
  /** How far off the onset may be, milliseconds. */
  readonly slackMs: number;
  /** Strongest first. */
  readonly clues: readonly Clue[];
  /** Share of its symptoms that its callees' own trouble accounts for, 0..1. */
  readonly explained: number;
}

/** Families whose clues a caller shows just because its callee is unwell. */
const SYMPTOMATIC: ReadonlySet<ClueFamily> = new Set(["latency", "errors", "log", "own-time", "shape", "traffic", "monitor", "origin"]);
const MAX_SUSPECTS = 10;
/** Weight that "none of these" starts with: one fair clue. */
const NOBODY = 1;

function familyScore(clues: readonly Clue[]): Map<ClueFamily, { weight: number; best: Clue }> {
  const families = new Map<ClueFamily, { weight: number; best: Clue }>();
  for (const clue of clues) {
    const known = families.get(clue.family);
    if (known === undefined) families.set(clue.family, { weight: clue.weight, best: clue });
    else {
      const strong = Math.max(known.weight, clue.weight);
      // A second witness of the same kind adds a little, never more than it says itself.
      known.weight = strong + 0.1 * Math.min(known.weight, clue.weight);
      if (clue.weight > known.best.weight) known.best = clue;
    }
  }
  return families;
}

/**
 * Adds up what speaks for each service, family by family, and takes off the part of the symptoms that the services it calls account for: a
 * caller is slow because its callee is. What a callee shows by itself (its CPU, the time lost on the way to it) is not taken off.
 */
export function rankCandidates(clues: readonly Clue[], graph: CallGraph, paged: string): Candidate[] {
  // Where nobody knows what the paged service calls, the page itself is the best pointer there is.
  const blind = (graph.callees.get(paged)?.size ?? 0) === 0;
  const byService = new Map<string, Clue[]>();
  for (const clue of clues) {
    if (!(clue.weight > 0)) continue;
    const list = byService.get(clue.service);
    if (list === undefined) byService.set(clue.service, [clue]);
    else list.push(clue);
  }
  const families = new Map([...byService].map(([service, list]) => [service, familyScore(list)] as const));
  const raw = new Map<string, number>();
  for (const [service, list] of families)
    raw.set(
      service,
      [...list.values()].reduce((sum, { weight }) => sum + weight, 0),
    );
  const reach = graph.distances(paged);
  const outside = outsideOf(clues, byService);
  /** What callers lose goes to the part outside that their failing calls end in: of several callers the most counts. */
  const gained = new Map<string, number>();
  const candidates: (Candidate & { score: number })[] = [];
  for (const [service, list] of byService) {
    const own = families.get(service);
    if (own === undefined) continue;
    let symptoms = 0;
    let causes = 0;
    for (const [family, { weight }] of own) {
      if (SYMPTOMATIC.has(family)) symptoms += weight;
      else causes += weight;
    }
    let below = 0;
    for (const callee of graph.callees.get(service) ?? []) {
      // In a loop each calls the other; neither explains the other more than half.
      const loop = graph.callees.get(callee)?.has(service) === true;
      below = Math.max(below, (raw.get(callee) ?? 0) * (loop ? 0.5 : 1));
    }
    const endsIn = outside.callee.get(service);
    const share = (weight: number): number => Math.min(MOST_EXPLAINED, weight / (symptoms + causes + 0.5 * weight));
    // A callee that is slow or says something new ends no request of its caller early: one that fails does.
    const early = endsEarly(own);
    const callees = [...(graph.callees.get(service) ?? [])].filter((callee) => graph.callees.get(callee)?.has(service) !== true);
    // Of several that end early one after the other, it is the deepest.
    const isDeeper = callees.some((callee) => endsEarly(families.get(callee)) > 0.5 * early);
    const earlyShare = isDeeper ? MOST_EXPLAINED : share(Math.max(0, ...callees.map((callee) => failing(families.get(callee)))));
    const taken = endsIn === undefined ? (symptoms - early) * share(below) + early * earlyShare : symptoms * MOST_EXPLAINED;
    const explained = symptoms > 0 ? taken / symptoms : 0;
    if (endsIn !== undefined) gained.set(endsIn, Math.max(gained.get(endsIn) ?? 0, symptoms * explained));
    const isReached = reach.has(service) || outside.callers.get(service)?.some((caller) => reach.has(caller)) === true;
    const reachable = graph.edges === 0 || reach.size <= 1 || isReached ? 1 : 0.5;
    const sorted = list.toSorted((a, b) => b.weight - a.weight);
    const fault = leakBefore(sorted)?.fault ?? faultOf(own);
    const first = firstOf(sorted, fault);
    candidates.push({
      service,
      score: (causes + symptoms * (1 - explained)) * reachable * (blind && service === paged ? 1.5 : 1),
      fault,
      instance: sorted.find((clue) => clue.instance !== null)?.instance ?? null,
      onset: first?.onset ?? null,
      slackMs: first?.slackMs ?? 0,
      clues: sorted,
      explained,
    });
  }
  for (const candidate of candidates) candidate.score += gained.get(candidate.service) ?? 0;
  return candidates.sort((a, b) => b.score - a.score || (a.service < b.service ? -1 : 1));
}

/** Families of failing, rather than of being slow or talkative. */
const FAILING: ReadonlySet<ClueFamily> = new Set(["errors", "origin", "shape", "gap", "event", "saturation"]);
/** A new line of less is hardly an error. */
const TELLS = 0.8;

const failing = (families: ReadonlyMap<ClueFamily, { weight: number; best: Clue }> | undefined): number =>
  [...(families ?? [])].reduce(
    (sum, [family, { weight, best }]) => sum + (FAILING.has(family) || (family === "log" && best.weight >= TELLS) ? weight : 0),
    0,
  );

/** Weight of requests that make fewer calls than before. */
function endsEarly(families: ReadonlyMap<ClueFamily, { weight: number; best: Clue }> | undefined): number {
  const shape = families?.get("shape");
  return shape?.best.code === "calls-less" ? shape.weight : 0;
}

/** A clue below this dates nothing, nor does one that is weaker than this part of the strongest: a line that comes now and then, an old wobble. */
const DATES = 0.5;
const DATES_BESIDE = 0.3;

/** The clue that dates a suspect: the earliest that is no trifle. Growth of what wore out is where that began, however little it grew. */
function firstOf(clues: readonly Clue[], fault: FaultClass | null): Clue | null {
  let first: Clue | null = null;
  const strongest = clues.find(({ onset }) => onset !== null)?.weight ?? 0;
  const least = Math.max(DATES, DATES_BESIDE * strongest);
  for (const clue of clues) {
    if (clue.onset === null || (clue.weight < least && !(clue.code === "grows" && clue.fault === fault))) continue;
    if (first?.onset == null || clue.onset < first.onset) first = clue;
  }
  return first;
}

/** A point of a series stands for the minute before it, and clocks differ. */
const SAME_TIME_MS = 60_000;

/**
 * A candidate whose trouble may have been begun by a change, dated after it; null where its strongest evidence with a time is older than the change.
 * @param at when the change went live
 */
export function datedAfter(candidate: Candidate, at: number): Candidate | null {
  const { onset, slackMs, clues } = candidate;
  const least = at - SAME_TIME_MS;
  if (onset === null || onset + slackMs >= least) return candidate;
  const [strongest] = clues.filter((clue) => clue.onset !== null);
  if (strongest?.onset == null || strongest.onset + (strongest.slackMs ?? 0) < least) return null;
  const first = firstOf(
    clues.filter((clue) => (clue.onset ?? -Infinity) >= least),
    null,
  );
  return first === null ? null : { ...candidate, onset: first.onset, slackMs: first.slackMs ?? 0 };
}

/** Most of a caller's symptoms that what it calls accounts for. */
const MOST_EXPLAINED = 0.85;

/** What a caller's own callers feel of its trouble. */
const FELT: ReadonlySet<ClueFamily> = new Set(["errors", "latency"]);
/** Onsets of one trouble lie so close to each other, and to within a step of the series. */
const AT_ONCE_MS = 2 * 60_000;

/** The earliest that something may have begun to be part of what the service's callers feel; -Infinity where that has no onset. */
export function beganAt(clues: readonly Clue[]): number {
  const begins = clues.flatMap(({ family, onset, stepMs = 60_000 }) =>
    onset !== null && FELT.has(family) ? onset - AT_ONCE_MS - stepMs : [],
  );
  return begins.length === 0 ? -Infinity : Math.min(...begins);
}

/** Lines of a caller that say where its calls end: at a vendor, at a lock that another holds. */
const ENDS_THERE: ReadonlySet<string> = new Set(["outside-fails", "waits-for-lock"]);

/**
 * Parts outside (vendors, hosts without any data) in which failing calls end, by the lines of their callers. A caller with errors of its own beside
 * those lines keeps its symptoms.
 */
function outsideOf(
  clues: readonly Clue[],
  byService: ReadonlyMap<string, readonly Clue[]>,
): { callee: ReadonlyMap<string, string>; callers: ReadonlyMap<string, string[]> } {
  const callee = new Map<string, string>();
  const callers = new Map<string, string[]>();
  for (const { code, about, service, weight, onset } of clues) {
    const [caller] = about;
    if (caller === undefined || !ENDS_THERE.has(code)) continue;
    // Lines that came well before the caller failed or slowed down are not what it fails of.
    const began = beganAt(byService.get(caller) ?? []);
    if (onset !== null && onset < began) continue;
    callers.set(service, [...(callers.get(service) ?? []), caller]);
    const ownError = Math.max(
      0,
      ...(byService.get(caller) ?? []).map((clue) =>
        clue.family === "log" && clue.code === "log-new" && (clue.onset ?? began) >= began ? clue.weight : 0,
      ),
    );
    if (ownError <= 0.5 * weight) callee.set(caller, service);
  }
  return { callee, callers };
}

/** Growth by nearly twice, or by a third of what there is: no warming up. */
const LEAKS = 1.2;

/** Memory that had grown before the processor became busy: to look for what can be freed is what keeps it so. */
function leakBefore(clues: readonly Clue[]): Clue | undefined {
  const busy = clues.find(({ family, fault, onset }) => family === "saturation" && fault === "cpu" && onset !== null)?.onset ?? null;
  return busy === null
    ? undefined
    : clues.find(
        ({ code, fault, weight, onset, slackMs = 0 }) =>
          code === "grows" && fault === "memory" && weight >= LEAKS && onset !== null && onset + slackMs < busy,
      );
}

function faultOf(families: ReadonlyMap<ClueFamily, { weight: number; best: Clue }>): FaultClass | null {
  const votes = new Map<FaultClass, number>();
  for (const { best, weight } of families.values()) votes.set(best.fault, (votes.get(best.fault) ?? 0) + weight);
  // A worn-out resource makes a service slow to answer and to be reached; the other way round it does not.
  const worn = families.get("saturation");
  if (worn !== undefined && (worn.best.fault === "cpu" || worn.best.fault === "memory") && worn.weight >= 2) return worn.best.fault;
  let winner: FaultClass | null = null;
  let most = 0;
  for (const [fault, weight] of votes) if (weight > most) [winner, most] = [fault, weight];
  return winner;
}

/** Memory that ran out says what happened, where a change that is to blame says why. */
const WORN: ReadonlySet<FaultClass | null> = new Set(["memory"]);

/** Scores, which are natural logarithms of likelihood ratios, to probabilities: softmax with a share kept for "none of these". */
export function probabilities(scores: readonly number[]): number[] {
  const top = Math.max(NOBODY, ...scores);
  const powers = scores.map((score) => Math.exp(score - top));
  const total = powers.reduce((sum, power) => sum + power, Math.exp(NOBODY - top));
  return powers.map((power) => power / total);
}

/** Probabilities of candidates. Where it is established that something is wrong the first gains, and the others share what is left as before. */
function chancesOf(top: readonly Candidate[], isIncident: boolean): readonly number[] {
  const chances = probabilities(top.map(({ score }) => score));
  const [first] = chances;
  if (!isIncident || first === undefined) return chances;
  const now = givenIncident(first);
  const left = (1 - now) / Math.max(1e-9, 1 - first);
  return chances.map((chance, index) => (index === 0 ? now : chance * left));
}

/** A change of settings rather than of code. */
function isSetting({ change }: JudgedChange): boolean {
  if (change.kind === "config" || change.kind === "flag") return true;
  return (
    change.files !== null &&
    change.files.length > 0 &&
    change.files.every((file) => /\.(ya?ml|json|toml|ini|conf|cfg|env|properties|tf|tfvars)$/i.test(file.path))
  );
}

/** Weight from which a named cause may be the first reason: near what is fair. */
const TELLING = 0.8;
/** Less is no reason that is shown. */
const SHOWN = 0.4;

/**
 * Whether a clue names what is wrong (a statement, a worn-out resource, a certificate, a step of the code, a way on which time is lost) rather than
 * how it shows (errors, latency, a lag, restarts, an alarm).
 */
function namesCause({ family, fault, quote }: Clue): boolean {
  switch (family) {
    case "statement":
    case "sessions":
    case "gap":
    case "shape":
    case "own-time":
      return true;
    case "saturation":
      return fault === "cpu" || fault === "memory";
    case "event":
      return fault === "memory" || fault === "config" || fault === "dependency";
    case "log":
      // A line of a fault with a name, or of an error that has one of its own.
      return fault !== "code" || /\b[A-Z]\w+(?:Error|Exception)\b/.test(quote ?? "");
    default:
      return false;
  }
}

/** Strongest first, but for one that names the cause, alone or with others of its kind: it goes before those that say only how the cause shows. */
function causeFirst(clues: readonly Clue[]): readonly Clue[] {
  const leak = leakBefore(clues);
  if (leak !== undefined) return [leak, ...clues.filter((clue) => clue !== leak)];
  const [strongest] = clues;
  const causes = clues.filter((clue) => clue.weight >= SHOWN && namesCause(clue));
  const together = ({ fault }: Clue) => causes.reduce((sum, clue) => sum + (clue.fault === fault ? clue.weight : 0), 0);
  const cause = causes.find((clue) => together(clue) >= TELLING);
  return cause === undefined || strongest === undefined || namesCause(strongest)
    ? clues
    : [cause, ...clues.filter((clue) => clue !== cause)];
}

/**
 * The suspects as the report shows them.
 * @param most none is given more
 * @param isIncident it is established that something is wrong
 */
export function toSuspects(
  candidates: readonly Candidate[],
  guilty: JudgedChange | null,
  guiltyShare: number,
  most = 1,
  isIncident = false,
): Suspect[] {
  const top = candidates.slice(0, MAX_SUSPECTS);
  const chances = chancesOf(top, isIncident);
  return top.map((candidate, index) => {
    const clues = causeFirst(candidate.clues);
    const reasons: Reason[] = clues
      .filter((clue, place) => place < 1 || clue.weight >= SHOWN)
      .filter((clue, place, all) => clue.same === undefined || !all.slice(0, place).some(({ same }) => same === clue.same))
      .slice(0, 5)
      .map(({ code, about, text, short, onset, isOlder, evidence, quote }) => ({
        ...{ code, about, text, evidence, quote },
        ...(short === undefined ? {} : { short }),
        ...(onset === null || isOlder === true ? {} : { since: Math.round(onset) }),
      }));
    const mine = guilty !== null && index === 0 ? guilty : null;
    if (mine !== null) {
      // What changed goes before how it shows.
      reasons.splice(clues[0] !== undefined && namesCause(clues[0]) ? 1 : 0, 0, {
        code: "change-live",
        about: [mine.change.title],
        text: mine.text,
        ...(mine.does === null ? {} : { short: mine.does }),
        evidence: [mine.change.evidence],
        quote: null,
      });
    }
    return {
      service: candidate.service,
      instance: candidate.instance,
      fault: mine === null || WORN.has(candidate.fault) ? candidate.fault : isSetting(mine) ? "config" : "code",
      change: mine?.change ?? null,
      // A change that is not sure to be guilty lowers the first, though never below the second: what is left of it is nobody's.
      probability: Math.min(
        0.99,
        most,
        mine === null ? (chances[index] ?? 0) : Math.max(withChange(chances[0] ?? 0, guiltyShare), chances[1] ?? 0),
      ),
      onset: candidate.onset === null ? null : Math.round(candidate.onset),
      reasons,
    };
  });
}
