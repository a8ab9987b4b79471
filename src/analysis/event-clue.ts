import type { FaultClass } from "../incident/finding.ts";
import type { ErrorIssue, MonitorState, PlatformEvent, TimeWindow } from "../incident/telemetry.ts";
import { clockTime } from "../report/words.ts";
import type { CallGraph } from "./call-graph.ts";
import type { Clue } from "./clue.ts";
import { ENDED_BY_CALLER, faultOfLine } from "./log-trouble.ts";
import { counted, extract, shorten } from "./words.ts";

interface EventRule {
  readonly words: RegExp;
  readonly fault: FaultClass;
  readonly weight: number;
  /** Words of the event that says it is over. */
  readonly over?: RegExp;
}

/**
 * What platforms say in their events (reasons of the Kubernetes event API, categories of RDS events) and what it speaks for. Ends of trouble and
 * routine ("completed", "Pulled") are no clue.
 */
const RULES: readonly EventRule[] = [
  { words: /OOMKill|out of memory|oom[- ]?killed|exit code 137/i, fault: "memory", weight: 4, over: /\bStarted\b/ },
  { words: /exceeded quota|FailedCreate|quota/i, fault: "config", weight: 4 },
  { words: /FailedScheduling|Insufficient (cpu|memory)/i, fault: "config", weight: 3, over: /\bScheduled\b/ },
  { words: /replica(tion)? lag|lag has exceeded/i, fault: "overload", weight: 4 },
  { words: /max_connections|connection slots|too many (clients|connections)|approaching .{1,100} limit/i, fault: "overload", weight: 4 },
  { words: /ErrImagePull|ImagePullBackOff|InvalidImageName/i, fault: "config", weight: 4 },
  { words: /CrashLoopBackOff|BackOff|crash|exit code [1-9]/i, fault: "error", weight: 3, over: /\bStarted\b|\bReady\b(?!iness)/ },
  { words: /Unhealthy|probe failed|readiness|liveness/i, fault: "error", weight: 2, over: /\bStarted\b|\bReady\b(?!iness)/ },
  { words: /FailedMount|FailedAttachVolume|certificate|expired/i, fault: "config", weight: 3 },
  { words: /storage.{0,100}(full|exhaust|low)|disk pressure|DiskPressure|evicted/i, fault: "overload", weight: 3 },
  { words: /failover|NodeNotReady|unreachable/i, fault: "dependency", weight: 3 },
];

const ROUTINE =
  /completed successfully|backup|finished|\bPulled\b|\bScheduled\b|\bCreated\b|\bStarted\b|SuccessfulCreate|recovered|\bReady\b(?!iness)/i;

/** An event of this weight needs no second one. */
const SURE = 4;
/** What is left of an event that came once, and of one that something later says is over: a pod restarts, waits for a node, is replaced every day. */
const ONCE = 0.35;
const OVER = 0.2;

interface EventGroup {
  readonly event: PlatformEvent;
  readonly rule: EventRule;
  readonly service: string;
  readonly count: number;
  /** When the first of them came, by their own account or as far as was read. */
  readonly since: number;
  readonly slackMs: number;
  readonly isOver: boolean;
}

/** The first event of each kind and service, with how often it came and whether a later one says that it is over. */
function grouped(events: readonly PlatformEvent[], graph: CallGraph, paged: string, suspect: TimeWindow): EventGroup[] {
  const found = new Map<string, Omit<EventGroup, "isOver"> & { count: number; since: number; slackMs: number; last: number }>();
  const inTime = events.filter(({ at }) => at >= suspect.from && at < suspect.to);
  const textOf = ({ title, text }: PlatformEvent) => `${title}\n${text}`.slice(0, 4000);
  const serviceOf = (event: PlatformEvent) => graph.canonical(event.service ?? paged);
  for (const event of inTime) {
    const text = textOf(event);
    const service = serviceOf(event);
    const rule = RULES.find(({ words }) => words.test(text));
    if (rule === undefined || (ROUTINE.test(text) && event.severity === "info" && !/limit|lag|exceed/i.test(text))) continue;
    const key = `${service}\n${rule.words.source}`;
    const known = found.get(key);
    const { count, since, slackMs } = event.repeated ?? { count: 1, since: event.at, slackMs: 0 };
    if (known === undefined) found.set(key, { event, rule, service, count, since, slackMs, last: event.at });
    else {
      known.count += count;
      if (since < known.since) Object.assign(known, { since, slackMs });
      known.last = Math.max(known.last, event.at);
    }
  }
  return [...found.values()].map(({ last, ...one }) => ({
    ...one,
    isOver: inTime.some((event) => event.at > last && serviceOf(event) === one.service && one.rule.over?.test(textOf(event)) === true),
  }));
}

/** Clues in platform events of the suspect time; the same event again and again counts once. */
export function eventClues(events: readonly PlatformEvent[], graph: CallGraph, paged: string, suspect: TimeWindow): Clue[] {
  const clues: Clue[] = [];
  for (const { event, rule, service, count, since, slackMs, isOver } of grouped(events, graph, paged, suspect)) {
    clues.push({
      service,
      instance: event.instance,
      fault: rule.fault,
      family: "event",
      code: "event",
      about: [event.title],
      weight: rule.weight * (isOver ? OVER : count === 1 && rule.weight < SURE ? ONCE : 1),
      onset: since,
      ...(slackMs > 0 ? { slackMs } : {}),
      text: `${sourceName(event.source)} event at ${clockTime(event.at)}${againWords(event)}: ${eventWords(event)}`,
      short: eventFact(event),
      evidence: [event.evidence],
      quote: extract(event.text !== "" ? event.text : event.title),
    });
  }
  return clues;
}

/** How often an event came and since when, where its own text does not end with that. */
const againWords = ({ repeated, text }: PlatformEvent): string =>
  repeated === undefined || /\(x\d{1,9} over \w{1,40}\)\s*$/.test(text.slice(-200))
    ? ""
    : ` (${counted(repeated.count, "time")} since ${clockTime(repeated.since)})`;

/** Names that are written in capitals. */
const sourceName = (source: string): string =>
  source.length <= 3 ? source.toUpperCase() : `${source.charAt(0).toUpperCase()}${source.slice(1)}`;

/** What Kubernetes says around the fact: the object, what it tried, the pod's generated name and its id. */
const AROUND: readonly RegExp[] = [
  /\b[A-Z][A-Za-z]+\/[\w.-]+:\s+/g,
  /\bError creating:\s+/g,
  /\b(?:pods?|persistentvolumeclaims|services|configmaps|jobs\.batch) "[^"]{1,253}" is forbidden:\s+/g,
  /(?<=failed container \S{1,253}) in pod \S{1,300}/g,
];

/** The fact of an event, which what the platform says around it must not push out of sight. */
function eventFact({ title, text }: PlatformEvent): string {
  const words = extract(text === "" ? title : text);
  return AROUND.reduce((left, around) => left.replaceAll(around, ""), words).trim() || words;
}

/** Title and text of an event without what is said around the fact; one alone where it says the other too. */
function eventWords(event: PlatformEvent): string {
  const title = extract(event.title);
  const text = eventFact({ ...event, title: "" });
  if (text === "" || title.includes(text.slice(0, 40))) return shorten(title, 220);
  return text.includes(title) ? shorten(text, 220) : shorten(`${title}: ${text}`, 260);
}

/** Clues in grouped errors: those first seen in the suspect time, and those that are seen now. */
export function issueClues(issues: readonly ErrorIssue[], graph: CallGraph, paged: string, suspect: TimeWindow): Clue[] {
  const clues: Clue[] = [];
  for (const issue of issues) {
    if (issue.lastSeen < suspect.from || issue.firstSeen >= suspect.to) continue;
    const isNew = issue.firstSeen >= suspect.from;
    const service = graph.canonical(issue.service ?? paged);
    // A tracker's inner number means nothing to people; its short name does.
    clues.push({
      service,
      instance: null,
      fault: faultOfLine(issue.title),
      // Error trackers repeat what the logs say.
      family: "log",
      code: isNew ? "error-new" : "error-seen",
      about: [issue.id, issue.title],
      weight: (isNew ? 3 : 1) * (issue.count / (issue.count + 4)) * (ENDED_BY_CALLER.test(issue.title.slice(0, 500)) ? 0.3 : 1),
      onset: isNew ? issue.firstSeen : null,
      text: `${isNew ? "new error" : "error still seen"}${/^\d+$/.test(issue.id) ? "" : ` ${issue.id}`}, ${counted(issue.count, "time")}${isNew ? ` since ${clockTime(issue.firstSeen)}` : ""}: ${shorten(extract(issue.title), 160)}`,
      evidence: [issue.evidence],
      // The bare word "Error" is what trackers put before a line that has no type.
      quote: extract(issue.title.replace(/^Error: /, "")),
    });
  }
  return clues;
}

/** Monitors in alarm say where people expect trouble; they repeat what the signals show, so they weigh little. */
export function monitorClues(monitors: readonly MonitorState[], graph: CallGraph, paged: string, suspect: TimeWindow): Clue[] {
  const clues: Clue[] = [];
  for (const monitor of monitors) {
    if (monitor.state !== "Alert" || monitor.service === null) continue;
    if (monitor.triggeredAt !== null && monitor.triggeredAt < suspect.from) continue;
    clues.push({
      service: graph.canonical(monitor.service),
      instance: null,
      fault: faultOfWords(`${monitor.name} ${monitor.query}`),
      family: "monitor",
      code: "monitor-alarm",
      about: [monitor.name],
      // An alarm of the paged service is most likely the page itself.
      weight: graph.canonical(monitor.service) === paged ? 0.3 : 0.8,
      onset: monitor.triggeredAt,
      text: `monitor "${shorten(extract(monitor.name), 100)}" ${monitor.triggeredAt === null ? "is in alarm" : `has been in alarm since ${clockTime(monitor.triggeredAt)}`}`,
      evidence: [monitor.evidence],
      quote: null,
    });
  }
  return clues;
}

/** The fault class that words of a page or monitor speak of. */
export function faultOfWords(text: string): FaultClass {
  if (/\bcpu/i.test(text)) return "cpu";
  if (/memory|\boom\b|heap/i.test(text)) return "memory";
  if (/connection|replica|lag|queue|backlog|saturat|disk|storage|capacity|throttl/i.test(text)) return "overload";
  if (/latency|slow|duration|p9\d|response time/i.test(text)) return "latency";
  return "error";
}
