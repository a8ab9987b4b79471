import { clockTime, figure } from "../report/words.ts";
import type { CallGraph } from "./call-graph.ts";
import { type Clue, saturating } from "./clue.ts";
import { lockClue } from "./lock-line.ts";
import type { PatternChange } from "./log-reading.ts";
import { ENDED_BY_CALLER, faultOfLine, isTrouble } from "./log-trouble.ts";
import { counted, shorten } from "./words.ts";

/** A share of runs below which people say "stopped". */
const RARE = 0.05;

/** Turns pattern changes into clues; a line logged only because a callee fails weighs less, which the ranking sees by the call graph. */
export function logClues(
  changes: readonly PatternChange[],
  graph: CallGraph,
  services: readonly string[],
  measured: ReadonlySet<string>,
): Clue[] {
  const clues: Clue[] = [];
  const namedIn = nameFinder(services);
  for (const change of changes) {
    const service = graph.canonical(change.service);
    const shown = shorten(change.template, 120).replaceAll("`", "'");
    if (change.kind === "broken-pair" || change.kind === "missing-statement") {
      const shares = `${figure(change.before * 100)} % → ${figure(change.now * 100)} %`;
      clues.push({
        service,
        instance: change.instance,
        fault: "code",
        family: "shape",
        code: change.kind === "broken-pair" ? "run-stops" : "log-missing",
        about: [change.template],
        // One statement that is missing can be seen in both ways.
        same: `gone ${change.template}`,
        weight: saturating(change.before - change.now, 0.2, 6) * (change.count / (change.count + 3)) * change.sure,
        onset: change.onset,
        text:
          change.kind === "broken-pair"
            ? `fewer runs of ${service} reach the log line \`${shown}\`: ${shares} since ${clockTime(change.onset)}`
            : `${service} ${change.now < RARE ? `stopped logging \`${shown}\`` : `logs \`${shown}\` less often`}: ${shares} of its runs since ${clockTime(change.onset)}`,
        evidence: [change.evidence],
        // Of a missing statement there is only a line from when all was well.
        quote: change.kind === "broken-pair" ? change.quote : null,
      });
      continue;
    }
    const bad = isTrouble(change.severity, change.quote);
    const amount = (change.count / (change.count + 4)) * change.sure;
    const named = bad ? agreed((change.samples ?? [change.quote]).map((line) => namedIn(line, change.service) ?? outsideHost(line))) : null;
    // Of a sample, and where nothing older was read, the first line is no beginning.
    const isSeenOnly = change.isSampled === true || change.isFirstSight === true;
    const since = `${isSeenOnly ? "seen from" : "since"} ${clockTime(change.onset)}`;
    // A vendor or a host outside shows nothing itself: only those who call it can say that it fails.
    const isOutside = named !== null && !measured.has(graph.canonical(named)) && !measured.has(named);
    const lock = bad ? lockClue(change, service, graph, amount, since) : null;
    if (lock !== null) clues.push(isSeenOnly ? { ...lock, isOlder: true } : lock);
    const blames = ENDED_BY_CALLER.test(change.quote) || isOutside || lock !== null ? 0.3 : named !== null ? 0.6 : 1;
    if (named !== null && isOutside) {
      clues.push({
        service: graph.canonical(named),
        instance: null,
        fault: "dependency",
        family: "log",
        code: "outside-fails",
        about: [service],
        weight: 4 * amount,
        onset: change.onset,
        ...(isSeenOnly ? { isOlder: true } : {}),
        text: `calls from ${service} to ${named} ${isSeenOnly ? "fail" : "have failed"} ${since} (${figure(change.now)}/min): \`${shown}\``,
        evidence: [change.evidence],
        quote: change.quote,
      });
    } else if (named !== null) {
      clues.push({
        service: graph.canonical(named),
        instance: null,
        fault: "dependency",
        family: "monitor",
        code: "named-in-errors",
        about: [named],
        weight: 1.2 * amount,
        onset: change.onset,
        ...(isSeenOnly ? { isOlder: true } : {}),
        text: `errors of ${service} ${isSeenOnly ? "name" : "have named"} ${named} ${since} (${figure(change.now)}/min)`,
        evidence: [change.evidence],
        quote: change.quote,
      });
    }
    clues.push({
      service,
      instance: change.instance,
      fault: faultOfLine(change.quote),
      family: "log",
      code: change.kind === "new" ? "log-new" : "log-surged",
      about: [change.template],
      weight: (bad ? 4 : 0.6) * amount * blames,
      onset: change.onset,
      ...(isSeenOnly ? { isOlder: true } : {}),
      text:
        change.isFirstSight === true
          ? `${service} logs \`${shown}\` (${change.count === 1 ? "one line at" : `${counted(change.count, "line")} seen from`} ${clockTime(change.onset)}, no older logs to compare)`
          : `${change.kind === "new" ? "new log pattern" : "log pattern surged"} in ${service}, ${figure(change.before)} → ${figure(change.now)}/min ` +
            `${since}: \`${shown}\``,
      evidence: [change.evidence],
      quote: change.quote,
    });
  }
  return clues;
}

/** Lines of one statement of which fewer name the same service are about none of those that they name. */
const AGREED = 2 / 3;

/** What nearly all lines of a pattern name; null: nothing, or now this and now that. */
function agreed(names: readonly (string | null)[]): string | null {
  const [first = null] = names;
  return names.filter((name) => name === first).length >= AGREED * names.length ? first : null;
}

const HOST = /\bhttps?:\/\/((?:[a-z0-9-]{1,63}\.){1,6}[a-z]{2,24})(?=[/:\s"'`]|$)/i;
const INSIDE = /\.(?:internal|local|svc|cluster|lan|home|test|localhost)$/i;

/** The host of an address in an error line, where it is no name of an inner network. */
function outsideHost(text: string): string | null {
  const host = HOST.exec(text.slice(0, 500))?.[1]?.toLowerCase();
  return host === undefined || INSIDE.test(host) ? null : host;
}

/** Longest names in runs of letters and digits: `shop.cart_v2` has three. */
const MOST_RUNS = 6;
const RUN = /[\p{L}\p{N}-]+/gu;

/**
 * Finds another known service that an error line names, so that the line is about that service's trouble: the first of the list, where there
 * are several. Lines and services may be many, so each run of letters is looked up and no name is searched for.
 */
function nameFinder(services: readonly string[]): (text: string, own: string) => string | null {
  const places = new Map<string, number>();
  let most = 0;
  for (const [place, service] of services.entries()) {
    const runs = service.length < 5 || service.length > 200 ? 0 : (service.match(RUN)?.length ?? 0);
    const name = service.toLowerCase();
    if (runs === 0 || runs > MOST_RUNS || places.has(name)) continue;
    places.set(name, place);
    if (runs > most) most = runs;
  }
  return (text, own) => {
    const lower = text.slice(0, 500).toLowerCase();
    const runs = [...lower.matchAll(RUN)];
    let best = Infinity;
    for (let first = 0; first < runs.length; first += 1) {
      const from = runs[first]?.index ?? 0;
      for (let last = first; last < Math.min(runs.length, first + most); last += 1) {
        const run = runs[last];
        if (run === undefined) continue;
        const place = places.get(lower.slice(from, run.index + run[0].length));
        if (place !== undefined && place < best && services[place] !== own) best = place;
      }
    }
    return services[best] ?? null;
  };
}
