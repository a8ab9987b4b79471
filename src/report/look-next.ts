import { culpritOf, type FaultClass, type Suspect } from "../incident/finding.ts";
import type { IncidentView } from "../incident/view.ts";
import { say, strong, time, type Words } from "./text.ts";

/** What to look at next where a suspect has no change to take back and no runbook fits: it reads, and changes nothing. */

const slow = (of: Words, since: Words) => say`open a slow request of ${of}${since}, and see which call in it takes the time.`;
const failing = (of: Words, since: Words) => say`open a failing request of ${of}${since}, and read the error of its deepest call.`;

const LOOKS: Readonly<Record<FaultClass, (of: Words, since: Words) => Words>> = {
  cpu: (of, since) => say`see what has used the CPU of ${of}${since}, and compare its traffic with the time before.`,
  memory: (of, since) => say`look at the memory of ${of}${since}: does it still grow, and how close is its limit?`,
  network: (of, since) => say`compare a call to ${of}${since} with one from before: time to connect, retries, time to answer.`,
  latency: slow,
  dependency: slow,
  error: failing,
  code: failing,
  overload: (of, since) => say`compare the requests to ${of}${since} with those before: are there more, or different ones?`,
  config: (of, since) => say`compare the settings of ${of}${since} with those before.`,
};

/** An instance that differs is compared with the others; that holds whatever the fault is. */
function fromSuspect({ service, instance, fault, onset, reasons }: Suspect): Words | null {
  // Without a fact there is nothing to look at.
  if (reasons.length === 0) return null;
  const since = onset === null ? [] : say` since ${time(onset, "minute")}`;
  const of = strong(service);
  if (fault !== null) return LOOKS[fault]([of], since);
  if (instance !== null && instance !== service)
    return say`compare ${instance} with the other instances of ${of}${since}: what is different about it?`;
  return say`open the slowest or failing requests of ${of}${since}, and see where in it they spend their time or end.`;
}

/** Empty where nothing is blamed, or its change says what to do. */
export function lookNext({ analysis }: IncidentView): Words | null {
  const suspect = culpritOf(analysis);
  return suspect === null || suspect.change !== null ? null : fromSuspect(suspect);
}
