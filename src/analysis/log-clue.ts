import type { CallGraph } from "./call-graph.ts";
import { type Clue, saturating } from "./clue.ts";
import type { PatternChange } from "./log-change.ts";
import { ENDED_BY_CALLER, faultOfLine, isTrouble } from "./log-trouble.ts";
import { clock, figure, shorten } from "./words.ts";

/** Turns pattern changes into clues; a line logged only because a callee fails weighs less, which the ranking sees by the call graph. */
export function logClues(changes: readonly PatternChange[], graph: CallGraph, services: readonly string[]): Clue[] {
  const clues: Clue[] = [];
  for (const change of changes) {
    const service = graph.canonical(change.service);
    const shown = shorten(change.template, 120).replaceAll("`", "'");
    if (change.kind === "broken-pair" || change.kind === "missing-statement") {
      clues.push({
        service,
        instance: change.instance,
        fault: "code",
        family: "shape",
        weight: saturating(change.before - change.now, 0.2, 6) * (change.count / (change.count + 3)) * change.sure,
        onset: change.onset,
        text: `in ${service} the code ${change.kind === "broken-pair" ? "stops before" : "passes over"} \`${shown}\`: reached in ${figure(change.before * 100)} % → ${figure(change.now * 100)} % of runs since ${clock(change.onset)}`,
        evidence: [change.evidence],
        // Of a missing statement there is only a line from when all was well.
        quote: change.kind === "broken-pair" ? change.quote : null,
      });
      continue;
    }
    const bad = isTrouble(change.severity, change.quote);
    const amount = (change.count / (change.count + 4)) * change.sure;
    const named = bad ? namedService(change.quote, change.service, services) : null;
    const blames = ENDED_BY_CALLER.test(change.quote) ? 0.3 : named !== null ? 0.6 : 1;
    if (named !== null) {
      clues.push({
        service: graph.canonical(named),
        instance: null,
        fault: "dependency",
        family: "monitor",
        weight: 1.2 * amount,
        onset: change.onset,
        text: `errors of ${service} name ${named} from ${clock(change.onset)}, ${figure(change.now)}/min`,
        evidence: [change.evidence],
        quote: change.quote,
      });
    }
    clues.push({
      service,
      instance: change.instance,
      fault: faultOfLine(change.quote),
      family: "log",
      weight: (bad ? 4 : 0.6) * amount * blames,
      onset: change.onset,
      text:
        `${change.kind === "new" ? "new log pattern" : "log pattern surged"} in ${service}, ${figure(change.before)} → ${figure(change.now)}/min ` +
        `from ${clock(change.onset)}: \`${shown}\``,
      evidence: [change.evidence],
      quote: change.quote,
    });
  }
  return clues;
}

/** Another known service that an error line names, so that what the line tells is that service's trouble. */
function namedService(text: string, own: string, services: readonly string[]): string | null {
  const lower = text.slice(0, 500).toLowerCase();
  for (const service of services) {
    if (service === own || service.length < 5) continue;
    const at = lower.indexOf(service.toLowerCase());
    if (at < 0) continue;
    const before = lower[at - 1] ?? " ";
    const after = lower[at + service.length] ?? " ";
    if (!/[a-z0-9-]/.test(before) && !/[a-z0-9-]/.test(after)) return service;
  }
  return null;
}
