import type { ApprovalRequest } from "../incident/approval-request.ts";
import { type PressOutcome, approvalsOf, buttonValue, outcomeWords } from "../incident/approval.ts";
import type { EventOf, IncidentEvent, LoggedEvent } from "../incident/event.ts";
import { SPLIT } from "../incident/joining-state.ts";
import { MOST_FIX_ATTEMPTS } from "../incident/fix-work.ts";
import { INVESTIGATE } from "../incident/model-refusal.ts";
import { type Page, pagerName, pagerTitle } from "../incident/page.ts";
import { takenBack } from "../incident/taken-back.ts";
import { triggerName } from "../incident/trigger.ts";
import { type PagerEventKind, pagerEventKind } from "../incident/pager-event.ts";
import { apartWords, joinedWords } from "./joining-words.ts";
import { deskEntryWords } from "./desk-words.ts";
import { proofOf } from "../incident/proof.ts";
import type { ToolAnswer } from "../incident/tool.ts";
import { refusalReason } from "./model-refusal-words.ts";
import { changeByPeopleWords } from "./proof-words.ts";
import { stepWords } from "./step-words.ts";
import { modelVerdict, verdictText } from "./suspect-words.ts";
import { type Context, type Draft, type TimelineEntry, link, oneLine, orNull, since, slackLink } from "./timeline-entry.ts";
import { checksEntry, committedWords, proposedEntry, verdictEntry, verdictKey } from "./timeline-fix.ts";
import { plainText, sentAt, slackTime } from "./slack-words.ts";
import { beliefEntries, responseTimes } from "./timeline-belief.ts";
import { triageEntries } from "./timeline-signals.ts";
import { plain } from "./text.ts";
import { counted } from "./tool-view.ts";
import { droppedWords } from "./work-words.ts";
import { dayTime, duration, shortSha } from "./words.ts";

export type { EntryKind, TimelineEntry } from "./timeline-entry.ts";

const names = (people: readonly { readonly name: string }[]) => people.map((person) => person.name).join(", ");

function pageEntry(page: Page, at: number, context: Context): Draft {
  const to = page.assignees.length === 0 ? "" : ` → ${names(page.assignees)}`;
  const common = {
    kind: "page",
    service: page.service?.name ?? null,
    detail: [oneLine(page.title), page.priority, page.urgency === null ? null : `${page.urgency} urgency`].filter(Boolean).join(" · "),
    tone: "bad",
    links: link(pagerTitle(page), page.link),
  } as const;
  if (context.page === null) return { ...common, at: page.createdAt, text: `${pagerName(page)}${to}` };
  if (context.page.id === page.id) return { ...common, at, text: `${pagerName(page)} paged again${to}` };
  return { ...common, at: page.createdAt, text: `${pagerName(page)} joined this incident${to}` };
}

const WORSE = new Set<PagerEventKind>(["triggered", "unacknowledged", "reopened"]);
const BETTER = new Set<PagerEventKind>(["acknowledged", "resolved"]);

function pagerEntries(event: EventOf<"pager-event-received">, context: Context): Draft[] {
  const kind = pagerEventKind(event);
  const page = event.page ?? context.page;
  // The pager's intake has the words; an event that came without any is named by its type.
  const text =
    orNull(event.text) ?? `${event.by ?? pagerTitle(page)}: ${event.eventType.replace(/^incident\./, "").replace(/[._]+/g, " ")}`;
  const entry: Draft = {
    at: event.occurredAt,
    // A note changes nothing about the page itself.
    kind: kind === "note" ? "note" : event.by === null ? "page" : "person",
    text,
    tone: WORSE.has(kind) ? "bad" : BETTER.has(kind) ? "good" : null,
    links: link(pagerTitle(page), event.page?.link ?? context.page?.link ?? null),
  };
  const times = kind === "resolved" ? responseTimes(context, [["resolved", event.occurredAt]]) : null;
  // Not a detail: those of a person are what the person wrote.
  return times === null ? [entry] : [entry, { at: event.occurredAt, kind: "midwatch", text: times }];
}

const ACTION_WORDS: Readonly<Record<string, string>> = {
  right: "said the answer is right",
  "right-area": "said the answer points to the right area",
  wrong: "said the answer is wrong",
  stop: "stopped the investigation",
  "look-at": "asked midwatch to look at something",
  [SPLIT]: "split a joined page off",
  [INVESTIGATE]: "asked for an investigation",
};

/** A press of a button: a yes or no, or why it counted for nothing. @param outcome of a button that answers a request */
/** What a press releases or refuses. */
const RELEASED = { "open-canvas": "the canvas", "post-update": "the update" } as const;

function pressEntry(
  { user, action, value }: EventOf<"slack-action-received">,
  outcome: PressOutcome | undefined,
  asked?: ApprovalRequest["action"],
): Draft {
  const [request = ""] = value.split(":");
  const what = asked === undefined || asked === "open-fix" ? null : RELEASED[asked];
  if (what !== null && (outcome === "released" || outcome === "refused"))
    return { kind: "person", text: `${user} ${outcome} ${what}`, detail: `${outcome} ${oneLine(request)}` };
  if (outcome === "released") return { kind: "person", text: `${user} asked for the draft PR`, detail: `released ${oneLine(request)}` };
  if (outcome === "refused") return { kind: "person", text: `${user} refused the draft PR`, detail: `refused ${oneLine(request)}` };
  if (outcome !== undefined) return { kind: "person", text: `${user} pressed “${oneLine(action)}”, which ${outcomeWords[outcome]}` };
  const words = Object.hasOwn(ACTION_WORDS, action) ? ACTION_WORDS[action] : undefined;
  return { kind: "person", text: `${user} ${words ?? `pressed “${oneLine(action)}”`}`, detail: orNull(value) };
}

function answerEntries({ fact, evidence, code }: ToolAnswer): Draft[] {
  // A model that was talked into something asks for what there is no way to do: people should see that it tried.
  if (code === "no-such-tool") return [{ kind: "midwatch", text: `blocked a tool call: ${fact}`, tone: "bad" }];
  if (code === "patch-not-taken") return [{ kind: "fix", text: `rejected ${oneLine(fact)}`, tone: "bad" }];
  return evidence.length === 0 ? [] : [{ kind: "midwatch", text: `looked: ${oneLine(fact)}`, evidence }];
}

const times = (attempts: number) => (attempts === 1 ? "once" : `${attempts} times`);

type Entries<T extends IncidentEvent["type"]> = (event: EventOf<T>, context: Context, logged: LoggedEvent) => readonly Draft[];
const silent = (): readonly Draft[] => [];

/** A message of midwatch in the incident's thread. */
const said = (text: string, { ts, text: posted }: { readonly ts: string; readonly text: string }, { status }: Context): Draft[] => [
  { kind: "midwatch", text, detail: orNull(plainText(posted)), links: link("Slack", slackLink(status, ts)) },
];

/** One line an event: what it adds to the timeline. */
const ENTRIES: { readonly [T in IncidentEvent["type"]]: Entries<T> } = {
  "page-received": ({ page }, context, { at }) => [pageEntry(page, at, context)],
  "trigger-received": ({ trigger }) => {
    const { at, service, title } = trigger;
    return [{ at, kind: "page", service: service?.name ?? null, text: triggerName({ ...trigger, page: null }), detail: oneLine(title) }];
  },
  "pager-event-received": pagerEntries,
  "slack-message-received": ({ user, text, ts }, { status }, { at }) => [
    {
      at: slackTime(ts) ?? at,
      kind: "person",
      text: `${user} wrote in Slack`,
      detail: orNull(plainText(text)),
      links: link("Slack", slackLink(status, ts)),
    },
  ],
  "slack-message-edited": ({ user, ts, text }) => [
    { kind: "person", text: `${user} edited the message from ${sentAt(ts)}`, detail: orNull(plainText(text)) },
  ],
  "slack-message-deleted": ({ ts }) => [{ kind: "note", text: `the message from ${sentAt(ts)} was deleted in Slack` }],
  "channel-linked": silent,
  "impact-counted": silent,
  "channel-made": ({ name }) => [{ kind: "midwatch", text: `made the channel #${oneLine(name)}` }],
  "channel-not-made": ({ because }) => [{ kind: "midwatch", text: `made no channel: ${oneLine(because)}`, tone: "bad" }],
  "channel-furnished": ({ invited, missed }) => [
    ...(invited.length === 0
      ? []
      : [{ kind: "midwatch" as const, text: `invited ${invited.map(({ user }) => oneLine(user)).join(", ")} to the channel` }]),
    ...missed.map((what) => ({ kind: "midwatch" as const, text: `the channel lacks: ${oneLine(what)}`, tone: "bad" as const })),
  ],
  "channel-heard": ({ name }) => [
    { kind: "note", text: `#${oneLine(name)} is this incident's channel: its messages are on this timeline` },
  ],
  "channel-refused": ({ channel, because }) => [{ kind: "note", text: `midwatch does not read channel ${channel}: ${oneLine(because)}` }],
  "slack-action-received": (event, { outcomes, asked }, { seq }) => [pressEntry(event, outcomes.get(seq), asked.get(event.value))],
  "feedback-explained": ({ user, was, service, link: url }) => [
    {
      kind: "person",
      text: `${user} says the cause was: ${oneLine(was)}`,
      detail: orNull([service, url].filter((one) => one !== null).join(" · ")),
    },
  ],
  "feedback-shown": silent,
  "slack-action-refused": ({ user, action, because }) => [
    { kind: "note", text: `${user} pressed “${oneLine(action)}”, without effect: ${oneLine(because)}`, tone: "bad" },
  ],
  "desk-entry-made": ({ entry, by: { user }, proposal }) => [
    {
      kind: "person",
      text: `${deskEntryWords(entry)} (${proposal === undefined ? "set" : "confirmed"} by ${user})`,
      tone: entry.what === "phase" && entry.phase === "resolved" ? "good" : null,
    },
  ],
  // The message that it was found in is there already.
  "desk-entry-proposed": silent,
  "desk-entry-dropped": silent,
  "messages-read": silent,
  "proposals-asked": silent,
  "postmortem-asked": ({ by }) => [{ kind: "midwatch", text: `drafts the postmortem for ${by.user}` }],
  "postmortem-worded": silent,
  "canvas-offered": (event, context) => said("asks whether to create a canvas from the postmortem draft", event, context),
  "canvas-created": ({ link: url }) => [{ kind: "midwatch", text: "postmortem draft is in a canvas", links: link("canvas", url) }],
  "update-posted": ({ ts, text }, { status }) => [
    {
      kind: "person",
      text: "update for people outside the team posted",
      detail: orNull(text),
      links: link("Slack", slackLink(status, ts)),
    },
  ],
  "chart-shared": ({ service, alt }) => [
    { kind: "midwatch", text: `shows a chart of ${oneLine(service)} in Slack`, detail: orNull(plainText(alt)) },
  ],
  "chart-dropped": ({ because }) => (because === null ? [] : [{ kind: "midwatch", text: `no chart in Slack: ${oneLine(because)}` }]),
  "approval-requested": ({ request: { summary, hash, expiresAt, requester } }) => [
    {
      kind: "midwatch",
      text: `asks for approval: ${oneLine(summary)}`,
      detail: `payload ${hash.slice(0, 12)}, asked by ${requester}, until ${dayTime(expiresAt)} UTC`,
    },
  ],
  "approval-expired": () => [{ kind: "midwatch", text: "the request for approval expired: nobody answered it" }],
  "status-posted": ({ text: posted, link: url }, context, { at }) => [
    {
      kind: "midwatch",
      text: context.status === null ? `first message in Slack${since(context, at)}` : "posted the status message again",
      detail: orNull(plainText(posted)),
      links: link("Slack", url),
    },
  ],
  "triage-finished": (event, { analysis }, { at }) => triageEntries(event, at, analysis),
  "brief-posted": (event, context, { at }) => said(`brief${since(context, at)}`, event, context),
  // What is covered by now is no news.
  "brief-revised": (event, context) => (event.changed ? said("corrected the brief after late answers", event, context) : []),
  "finding-posted": (event, context, { at }) => {
    const what = context.finding === null ? context.analysis && verdictText(context.analysis) : modelVerdict(context.finding);
    return said(`finding${what === null ? "" : `: ${what}`}${since(context, at)}`, event, context);
  },
  "question-answered": (event, context) => said("answered a question", event, context),
  "fix-proposed": (event) => [proposedEntry(event)],
  "fix-shared": ({ name, link: url = null }) => [
    { kind: "fix", text: `the draft PR serves ${oneLine(name)} too`, links: link(oneLine(name), url) },
  ],
  "fix-declined": (event) => [
    {
      kind: "fix",
      text: `${declinedHead(event)}: ${oneLine(event.because)}`,
      links: event.shared === undefined ? [] : link(`#${event.shared.number}`, event.shared.url),
    },
  ],
  "step-failed": (event, context) => [
    {
      kind: "midwatch",
      text: `${stepWords(event.step)} failed${event.final ? ` ${times(event.attempt)}, given up` : ", retrying"}`,
      detail: orNull(event.error),
      tone: "bad",
    },
    ...(changesVerdict(event) ? verdictEntry(context) : []),
  ],
  "investigation-finished": ({ tookMs }) => [{ kind: "midwatch", text: `investigation done in ${duration(tookMs)}` }],
  "investigation-started": ({ round, model }, context) =>
    round > context.round ? [{ kind: "midwatch", text: `asks ${oneLine(model)}` }] : [],
  "model-refused": ({ because }) => [{ kind: "midwatch", text: `model not asked: ${plain(refusalReason(because))}` }],
  "spending-settled": silent,
  "flap-counted": silent,
  flapped: silent,
  "flaps-said": (event, context) => said("the alert flaps", event, context),
  "tools-answered": ({ answers }) => answers.flatMap(answerEntries),
  "orders-seen": ({ source, evidence }) => [
    {
      kind: "note",
      text: `Text from outside gives orders to software (${source}). midwatch keeps it as evidence, follows none of it and repeats it nowhere`,
      evidence,
      tone: "bad",
    },
  ],
  "finding-submitted": ({ finding, dropped }) => [
    {
      kind: "midwatch",
      text: `finding checked: ${modelVerdict(finding)}`,
      detail: dropped.length === 0 ? null : `cut by the checks: ${plain(droppedWords(dropped))}`,
    },
  ],
  "investigation-closed": ({ how, because }) =>
    how === "submitted" ? [] : [{ kind: "midwatch", text: `the model stopped: ${oneLine(because)}` }],
  "fix-work-started": ({ attempt }) => [
    { kind: "fix", text: attempt === 1 ? "writes a patch with a test" : `CI is red: tries again (${attempt} of ${MOST_FIX_ATTEMPTS})` },
  ],
  "fix-drafted": ({ draft: { files, lines, title } }) => [
    { kind: "fix", text: `patch of ${counted(files.length, "file")} and ${counted(lines, "line")}: ${oneLine(title)}` },
  ],
  "fix-refused": ({ because }) => [
    { kind: "fix", text: "rejected what the model proposed", detail: orNull(because.join("\n")), tone: "bad" },
  ],
  "call-refused": ({ vendor, method, url, because }) => [
    { kind: "note", text: `blocked a call to ${vendor} before it left`, detail: oneLine(`${method} ${url}: ${because}`), tone: "bad" },
  ],
  "fix-work-closed": ({ how, attempt, because }) =>
    how === "drafted" ? [] : [{ kind: "fix", text: `no ${attempt > 1 ? "further " : ""}patch: ${oneLine(because)}` }],
  "fix-offered": ({ kind, because }) => [{ kind: "fix", text: `draft ${kind} PR waits for approval: ${oneLine(because)}` }],
  "fix-committed": ({ commit: { role, sha } }, { proof }) => [
    { kind: "fix", text: `${committedWords(role, proof?.improvements ?? 0)} pushed as ${shortSha(sha)}` },
  ],
  "checks-read": (event, context) => [...checksEntry(event, context), ...verdictEntry(context)],
  "fix-changed-by-people": ({ what, by, when }, { fix }) => [
    {
      kind: "person",
      at: when,
      text: `draft PR: ${changeByPeopleWords(what, by)}`,
      tone: what === "merged" ? "good" : null,
      links: fix === null ? [] : link(`PR #${fix.number}`, fix.url),
    },
  ],
  "value-revealed": ({ by, pseudonym }) => [{ kind: "person", text: `${oneLine(by)} looked at the value behind ${oneLine(pseudonym)}` }],
  joined: ({ page, because }) => [
    { kind: "midwatch", text: `joined to ${page.name}: ${joinedWords(because)}`, service: page.service, links: link(page.name, page.link) },
  ],
  "lead-moved": ({ page }) => [{ kind: "midwatch", text: `${page.name} joined another incident, and this page moved with it` }],
  "took-over": ({ because }) => [
    { kind: "midwatch", text: `leads from now on: its priority is higher. Another incident joins it: ${joinedWords(because)}` },
  ],
  "page-joined": ({ page, because }) => [
    { kind: "page", text: `${page.name} joined: ${joinedWords(because)}`, service: page.service, links: link(page.name, page.link) },
  ],
  "page-left": silent,
  split: ({ by }) => [{ kind: "person", text: `${oneLine(by)} split this page off: it is an incident of its own` }],
  // Asked again after its own triage, the answer is often the same.
  "stayed-apart": ({ because }, { apart }) =>
    because === null || because.code === "not-read" || apartWords(because) === apart
      ? []
      : [{ kind: "midwatch", text: `stays an incident of its own: ${apartWords(because)}` }],
  "joined-said": silent,
  "join-awaited": silent,
  "lead-read": silent,
  "lead-told": silent,
  "page-awaits": silent,
  "card-pinned": silent,
  "belief-read": beliefEntries,
  "changes-looked-for": silent,
  "belief-said": (event, context) => said("posted an update", event, context),
  "note-written": ({ text }, { page }) => [
    { kind: "midwatch", text: `wrote a note on ${pagerName(page)}`, detail: text, links: link(pagerTitle(page), page?.link ?? null) },
  ],
  "reply-made": silent,
  "fix-told": silent,
  "fix-looked-at": silent,
  "checks-looked-at": silent,
  "model-turn": silent,
  "page-read": silent,
  "triage-started": silent,
  "status-edited": silent,
};

/** CI of a commit was read, or given up: then the verdict waits for it no longer. */
const changesVerdict = (event: IncidentEvent) => event.type === "checks-read" || (event.type === "step-failed" && event.final);
const declinedHead = ({ stays, shared }: EventOf<"fix-declined">): string =>
  shared !== undefined
    ? `draft ${shared.kind} PR #${shared.number} serves this incident too`
    : stays === undefined
      ? "no fix PR"
      : `PR #${stays} stays a revert`;

const changesProof = (event: IncidentEvent) => event.type === "fix-proposed" || event.type === "fix-committed" || changesVerdict(event);

function afterPagerEvent(context: Context, event: EventOf<"pager-event-received">): Context {
  const isAck = pagerEventKind(event) === "acknowledged";
  // Some pagers give each delivery's own time: the page came with the first.
  const createdAt = Math.min(event.page?.createdAt ?? Infinity, context.page?.createdAt ?? Infinity);
  const known = { ...context, page: event.page === null ? context.page : { ...event.page, createdAt } };
  return isAck ? { ...known, times: { acknowledged: event.occurredAt, ...context.times } } : known;
}

/** What an event adds to what later entries need. */
function contextAfter(context: Context, { at, event }: LoggedEvent): Context {
  switch (event.type) {
    case "trigger-received":
      return { ...context, receivedAt: context.receivedAt ?? at };
    case "page-received":
      return { ...context, receivedAt: context.receivedAt ?? at, page: context.page ?? event.page };
    case "pager-event-received":
      return afterPagerEvent(context, event);
    case "status-posted":
      return { ...context, status: context.status ?? event, times: { firstWords: at, ...context.times } };
    case "finding-posted":
      return { ...context, times: { finding: at, ...context.times } };
    case "stayed-apart":
      return { ...context, apart: event.because === null ? null : apartWords(event.because) };
    case "triage-finished":
      return { ...context, analysis: event.analysis };
    case "investigation-started":
      return { ...context, round: event.round };
    case "finding-submitted":
      return { ...context, finding: event.finding };
    case "fix-proposed":
      return { ...context, fix: event };
    case "checks-read":
      return { ...context, checks: new Map(context.checks).set(event.read.sha, event.read.state) };
    default:
      return context;
  }
}

/** What makes a change or a signal the same one when it is learned twice, or a reason one that was given; null for entries that are never the same. */
function sameness(entry: TimelineEntry, event: IncidentEvent): string | null {
  const { type } = event;
  // What was said while midwatch joined a channel may be both heard and read.
  if (type === "slack-message-received") return JSON.stringify([type, event.channel, event.ts]);
  if (type === "stayed-apart") return JSON.stringify([type, entry.text]);
  if (entry.kind !== "change" && entry.kind !== "signal") return null;
  return JSON.stringify([entry.kind, entry.at, entry.service, entry.text]);
}

/**
 * Computes the timeline of a log: what happened, ordered by when it happened, not by when it was learned. A change or signal that
 * several events tell is listed once. Entries' keys and texts depend only on their own and earlier events, so a view that got new
 * entries need not touch the ones it has.
 * @param log oldest first
 */
export function toTimeline(log: readonly LoggedEvent[]): TimelineEntry[] {
  const seen = new Set<string>();
  const entries: TimelineEntry[] = [];
  const isGone = takenBack(log);
  const { approvals, outcomes } = approvalsOf(log);
  let context: Context = {
    receivedAt: null,
    page: null,
    times: {},
    status: null,
    analysis: null,
    finding: null,
    round: 0,
    fix: null,
    checks: new Map(),
    proof: null,
    told: null,
    apart: null,
    outcomes,
    asked: new Map(approvals.map(({ request }) => [buttonValue(request), request.action])),
  };
  for (const [place, logged] of log.entries()) {
    const { seq, at, event } = logged;
    if (changesProof(event)) context = { ...context, proof: proofOf(log.slice(0, place + 1)) };
    // A log that a newer version wrote may hold events that this one does not know.
    const drafts = (ENTRIES[event.type] as Entries<IncidentEvent["type"]> | undefined)?.(event, context, logged) ?? [];
    for (const [index, draft] of drafts.entries()) {
      const entry: TimelineEntry = {
        key: `${seq}.${index}`,
        seq,
        learnedAt: at,
        service: null,
        detail: null,
        tone: null,
        links: [],
        evidence: [],
        ...draft,
        // A source may tell nonsense for a time; when it was learned is then the best there is.
        at: draft.at !== undefined && Number.isFinite(draft.at) ? draft.at : at,
        text: oneLine(draft.text),
        ...(isGone(event) ? { detail: null } : {}),
      };
      const same = sameness(entry, event);
      if (same !== null && seen.has(same)) continue;
      if (same !== null) seen.add(same);
      entries.push(entry);
    }
    context = contextAfter(context, logged);
    if (changesVerdict(event)) context = { ...context, told: verdictKey(context.proof) ?? context.told };
  }
  // Sorting is stable: of two at one instant, the one learned first stays first.
  return entries.toSorted((a, b) => a.at - b.at);
}
