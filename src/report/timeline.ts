import { type PressOutcome, approvalsOf, outcomeWords } from "../incident/approval.ts";
import { confidenceWords } from "../incident/confidence.ts";
import type { EventOf, IncidentEvent, LoggedEvent } from "../incident/event.ts";
import { type Analysis, blamed, type CoverageLine, type ModelFinding, type Suspect, type Symptom } from "../incident/finding.ts";
import { MOST_FIX_ATTEMPTS } from "../incident/fix-work.ts";
import { declinedWords } from "./fix-words.ts";
import type { Page } from "../incident/page.ts";
import { type Proof, proofOf, shownAlone } from "../incident/proof.ts";
import { changeByPeopleWords, checkCounts, proofWords } from "./proof-words.ts";
import type { ChangeEvent } from "../incident/telemetry.ts";
import { counted, isPatchNotTaken, noToolFact } from "./tool-view.ts";
import { changeMark, dayTime, duration, levelWords, shortSha } from "./words.ts";

export type EntryKind = "change" | "signal" | "page" | "person" | "midwatch" | "fix" | "note";

/** Something that happened, in one line of plain text. Text may come from outside: whoever shows it escapes it. */
export interface TimelineEntry {
  /** Stays the same however often the timeline is computed: `<seq>.<place within the event>`. */
  readonly key: string;
  /** The event it was learned from. */
  readonly seq: number;
  /** When it happened, epoch milliseconds. */
  readonly at: number;
  /** When midwatch learned of it, epoch milliseconds. */
  readonly learnedAt: number;
  readonly kind: EntryKind;
  readonly service: string | null;
  readonly text: string;
  /** More words: what a person wrote, what was posted. May have several lines. */
  readonly detail: string | null;
  /** Whether it makes things worse or better, as far as that is plain. */
  readonly tone: "bad" | "good" | null;
  /** Pages elsewhere (vendor, Slack, PR); http(s) only. */
  readonly links: readonly { readonly title: string; readonly url: string }[];
  /** Numbers of the evidence ledger. */
  readonly evidence: readonly number[];
}

type Draft = Partial<Omit<TimelineEntry, "key" | "seq" | "learnedAt">> & Pick<TimelineEntry, "kind" | "text">;

/** What earlier events say that later entries need. */
interface Context {
  readonly receivedAt: number | null;
  readonly page: Page | null;
  readonly status: EventOf<"status-posted"> | null;
  readonly analysis: Analysis | null;
  readonly finding: ModelFinding | null;
  /** Of the model's work: how often it was begun. */
  readonly round: number;
  readonly fix: EventOf<"fix-proposed"> | null;
  /** State of each commit's checks as it was told last. */
  readonly checks: ReadonlyMap<string, string>;
  /** What CI shows of the fix, this event included, and what was told of that last. */
  readonly proof: Proof | null;
  readonly told: string | null;
  /** What became of each press of a button that answers a request, by its place in the log. */
  readonly outcomes: ReadonlyMap<number, PressOutcome>;
}

/** Signals of one service that lie closer than this are one thing to a reader. */
const SAME_MOMENT_MS = 90_000;
/** A suspect less likely than this tells the reader of the timeline nothing; the list of suspects has it. */
const WORTH_A_WORD = 0.1;

const link = (title: string, url: string | null) => {
  if (url === null || !/^https?:\/\/\S+$/i.test(url)) return [];
  return [{ title, url }];
};
const oneLine = (text: string) => text.replace(/\s+/g, " ").trim();
const orNull = (text: string) => (text.trim() === "" ? null : text.trim());
const names = (people: readonly { readonly name: string }[]) => people.map((person) => person.name).join(", ");

/** Slack's mrkdwn as plain text: `<url|label>` becomes its label, escapes and emphasis go. */
function plainText(mrkdwn: string): string {
  return mrkdwn
    .replace(/<(?:[^<>|]*)\|([^<>]*)>/g, "$1")
    .replace(/<([^<>|]+)>/g, "$1")
    .replace(/(^|[\s(>])([*_~])(\S(?:[^\n]{0,300}?\S)?)\2(?=$|[\s).,:;!?])/gm, "$1$3")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");
}

/** A reply's permalink, derived from the status message's own; null when that has another form. */
function slackLink(status: Context["status"], ts: string): string | null {
  const base = /^(https:\/\/[^/\s]+\/archives\/[^/\s]+)\/p\d+$/.exec(status?.link ?? "")?.[1];
  if (status === null || base === undefined || !/^\d+\.\d+$/.test(ts)) return null;
  const place = `${base}/p${ts.replace(".", "")}`;
  return ts === status.ts ? place : `${place}?thread_ts=${status.ts}&cid=${encodeURIComponent(status.channel)}`;
}

const slackTime = (ts: string): number | null => (/^\d{9,11}\.\d+$/.test(ts) ? Math.round(Number(ts) * 1000) : null);

const pagerName = (page: Page | null) => (page?.number == null ? "PagerDuty" : `PagerDuty #${page.number}`);

function since(context: Context, at: number): string {
  return context.receivedAt === null ? "" : ` (${duration(Math.max(0, at - context.receivedAt))} after the webhook)`;
}

function pageEntry(page: Page, at: number, context: Context): Draft {
  const to = page.assignees.length === 0 ? "" : ` → ${names(page.assignees)}`;
  const common = {
    kind: "page",
    service: page.service?.name ?? null,
    detail: [oneLine(page.title), page.priority, page.urgency === null ? null : `${page.urgency} urgency`].filter(Boolean).join(" · "),
    tone: "bad",
    links: link("PagerDuty", page.link),
  } as const;
  if (context.page === null) return { ...common, at: page.createdAt, text: `${pagerName(page)}${to}` };
  if (context.page.id === page.id) return { ...common, at, text: `${pagerName(page)} paged again${to}` };
  return { ...common, at: page.createdAt, text: `${pagerName(page)} joined this incident${to}` };
}

const WORSE = new Set(["triggered", "unacknowledged", "reopened"]);
const BETTER = new Set(["acknowledged", "resolved"]);
/** Asides: they change nothing about the page itself. */
const NOTES = new Set(["annotated", "status_update_published", "conference_bridge.updated", "custom_field_values.updated"]);

function pagerEntry(event: EventOf<"pager-event-received">, context: Context): Draft {
  const type = event.eventType.replace(/^incident\./, "");
  // The pager's integration has the words; an event that came without any is named by its type.
  const text = orNull(event.text) ?? `${event.by ?? "PagerDuty"}: ${type.replace(/[._]+/g, " ")}`;
  return {
    at: event.occurredAt,
    kind: NOTES.has(type) ? "note" : event.by === null ? "page" : "person",
    text,
    tone: WORSE.has(type) ? "bad" : BETTER.has(type) ? "good" : null,
    links: link("PagerDuty", event.page?.link ?? context.page?.link ?? null),
  };
}

const symptomText = (symptom: Symptom) => `${symptom.what} ${levelWords(symptom)}`;

/** A change in the words of people: "7ab0d2e → 9f2c1e4 deployed (#2210) by Ana". */
export function changeText(change: ChangeEvent): string {
  const number = change.pullRequest === null ? "" : ` (#${change.pullRequest.number})`;
  const by = change.author === null ? "" : ` by ${change.author}`;
  const to = change.sha === null ? change.version : shortSha(change.sha);
  const verb = { deploy: "deployed", rollback: "rolled back to", migration: "migrated" } as const;
  if (to !== null && (change.kind === "deploy" || change.kind === "rollback")) {
    const code =
      change.kind === "rollback"
        ? `rolled back to ${to}`
        : `${change.previousSha === null ? "" : `${shortSha(change.previousSha)} → `}${to} ${verb.deploy}`;
    return `${code}${number}${by}`;
  }
  const kind = { flag: "flag", config: "configuration", "pull-request": "pull request", other: "change" } as const;
  const label = change.kind in kind ? kind[change.kind as keyof typeof kind] : change.kind;
  return `${label}: ${oneLine(change.title)}${number}${by}`;
}

function changeEntry(change: ChangeEvent): Draft {
  const text = changeText(change);
  const title = oneLine(change.pullRequest?.title ?? change.title);
  return {
    at: change.at,
    kind: "change",
    service: change.service,
    text,
    detail: text.includes(title) ? null : orNull(title),
    links: [
      ...(change.pullRequest === null ? [] : link(`#${change.pullRequest.number}`, change.pullRequest.url)),
      ...link(change.kind, change.link),
    ],
    evidence: [change.evidence],
  };
}

/** Reasons' evidence of a suspect, each number once. */
const evidenceOf = (suspect: Suspect) => [...new Set(suspect.reasons.flatMap((reason) => reason.evidence))];

function signalEntries(analysis: Analysis): Draft[] {
  const entries: (Draft & { at: number; service: string })[] = [];
  const [best] = blamed(analysis);
  const others = [
    ...analysis.symptoms.filter((symptom) => symptom.service !== best?.service).map((symptom) => symptom.since),
    ...analysis.consequences.map((consequence) => consequence.onset),
  ];
  // Said of the best suspect only: among weak ones, something always moved a little earlier by chance.
  const first = (service: string, at: number) =>
    service === best?.service && others.length > 0 && others.every((other) => at < other) ? ", first to move" : "";
  const told = (service: string, at: number) =>
    entries.some((entry) => entry.service === service && Math.abs(entry.at - at) <= SAME_MOMENT_MS);
  for (const symptom of analysis.symptoms) {
    const text = `${symptomText(symptom)}${first(symptom.service, symptom.since)}`;
    entries.push({ at: symptom.since, kind: "signal", service: symptom.service, text, tone: "bad", evidence: symptom.evidence });
  }
  for (const [rank, suspect] of blamed(analysis).entries()) {
    if (suspect.onset === null || (rank > 0 && suspect.probability < WORTH_A_WORD) || told(suspect.service, suspect.onset)) continue;
    const text = `leaves its baseline${first(suspect.service, suspect.onset)}`;
    const detail = suspect.reasons[0]?.text ?? null;
    entries.push({ at: suspect.onset, kind: "signal", service: suspect.service, text, detail, tone: "bad", evidence: evidenceOf(suspect) });
  }
  for (const { service, onset } of analysis.consequences) {
    if (!told(service, onset)) entries.push({ at: onset, kind: "signal", service, text: "leaves its baseline, as a consequence" });
  }
  return entries;
}

/** "payments, deploy 9f2c1e4": who or what a suspect is, in few words. */
export function suspectName(suspect: Suspect): string {
  // A change is live on all instances, so it says more than the one where it showed most.
  if (suspect.change === null) return suspect.instance === null ? suspect.service : `${suspect.service} (${suspect.instance})`;
  const code = suspect.change.sha === null ? suspect.change.version : shortSha(suspect.change.sha);
  return `${suspect.service}, ${suspect.change.kind}${code === null ? "" : ` ${code}`}`;
}

/** What analysis holds for true, in one line: "payments, deploy 9f2c1e4 (likely, 0.86)". */
export function verdictText(analysis: Analysis): string {
  if (analysis.verdict === "nothing-wrong") return "nothing looks wrong";
  const best = blamed(analysis)[0];
  const named = best === undefined ? null : `${suspectName(best)} (${confidenceWords(best.probability)}, ${best.probability.toFixed(2)})`;
  if (analysis.verdict === "inconclusive") return named === null ? "inconclusive" : `inconclusive; best suspect ${named}`;
  return named === null ? "something is wrong, no suspect stands out" : `best suspect ${named}`;
}

/** What a checked finding of a model says, in one line. */
function modelVerdict(finding: ModelFinding): string {
  if (finding.verdict === "nothing-wrong") return "nothing looks wrong";
  const sure = `${confidenceWords(finding.confidence)}, ${finding.confidence.toFixed(2)}`;
  if (finding.verdict === "inconclusive") return `inconclusive (${finding.confidence.toFixed(2)})`;
  return `${finding.service}${finding.change === null ? "" : `, ${changeMark(finding.change.id)}`} (${sure})`;
}

function readText(coverage: readonly CoverageLine[], tookMs: number): string {
  const asked = coverage.filter((line) => line.status !== "not-asked" && line.status !== "not-configured");
  const missed = asked.filter((line) => line.status === "failed" || line.status === "timed-out");
  const failed = missed.length === 0 ? "" : `, ${missed.length} failed (${missed.map((line) => line.source).join(", ")})`;
  return `read ${asked.length - missed.length} of ${asked.length} sources in ${duration(tookMs)}${failed}`;
}

function triageEntries(event: EventOf<"triage-finished">, at: number): Draft[] {
  const changes = blamed(event.analysis).flatMap((suspect) => suspect.change ?? []);
  return [
    ...changes.map(changeEntry),
    ...signalEntries(event.analysis),
    {
      at,
      kind: "midwatch",
      text: `${readText(event.coverage, event.tookMs)}: ${verdictText(event.analysis)}`,
      detail: orNull(event.analysis.because),
    },
  ];
}

const ACTION_WORDS: Readonly<Record<string, string>> = {
  right: "said the finding is right",
  wrong: "said the finding is wrong",
  stop: "stopped the investigation",
  "look-at": "asked midwatch to look at something",
};

/** A yes or no, or why it counted for nothing. */
function answerEntry({ user, action, value }: EventOf<"slack-action-received">, outcome: PressOutcome): Draft {
  const [request = ""] = value.split(":");
  if (outcome === "released") return { kind: "person", text: `${user} asked for the draft PR`, detail: `released ${oneLine(request)}` };
  if (outcome === "refused") return { kind: "person", text: `${user} refused the draft PR`, detail: `refused ${oneLine(request)}` };
  return { kind: "person", text: `${user} pressed “${oneLine(action)}”, which ${outcomeWords[outcome]}` };
}

function fixEntry(event: EventOf<"fix-proposed">): Draft {
  const files = event.files.length === 1 ? "1 file" : `${event.files.length} files`;
  return {
    kind: "fix",
    text: `${event.draft ? "draft " : ""}${event.kind} PR #${event.number} in ${event.repository}: ${oneLine(event.title)}`,
    detail: `branch ${event.branch}, ${files}`,
    links: link(`PR #${event.number}`, event.url),
  };
}

const ORDINALS = ["", "1st", "2nd", "3rd"];
const nth = (count: number) => ORDINALS[count] ?? `${count}th`;

/** The newest commit that a verdict is about, and the verdict: told again only when one of them changes. */
function verdictKey(proof: Proof | null): string | null {
  if (proof === null || proof.verdict === "running") return null;
  return `${proof.verdict} ${proof.after?.sha ?? ""}`;
}

/** What CI shows of the fix, once each time that it is another. Only what is proven is good news, or green where no test could prove more. */
function verdictEntry(context: Context): Draft[] {
  const { proof, fix } = context;
  const key = verdictKey(proof);
  if (proof === null || fix === null || key === null || key === context.told) return [];
  const { verdict, commits, after } = proof;
  const tested = commits.some(({ role }) => role === "test");
  const tone = verdict === "proven" || (verdict === "green" && !tested) ? "good" : verdict === "red-after" ? "bad" : null;
  const shown = after?.checks.find(({ state }) => state === "failed") ?? after?.checks[0];
  const commit = after === null ? "" : ` (${shortSha(after.sha)})`;
  return [
    {
      kind: "fix",
      text: `${proofWords(proof, fix.base.branch).replace(/\.$/, "")}${commit}`,
      tone,
      links: shown === undefined ? [] : link("checks", shown.link),
    },
  ];
}

function failedAloneWords(before: EventOf<"checks-read">["read"], { proof, fix }: Context, commit: string): string {
  const branch = fix?.base.branch ?? "the default branch";
  const fails = `CI fails on the test alone ${commit}`;
  switch (shownAlone({ before, base: proof?.base ?? null })) {
    case "its-test":
      return `the test fails without the fix, as it should ${commit}`;
    case "awaited":
      return `${before.namesTest === true ? `the test fails without the fix ${commit}` : fails}; CI of ${branch} still runs`;
    case "other":
      return before.namesTest === false
        ? `${fails}, but its log does not name the test`
        : `${fails}, but what fails there fails on ${branch} without the test too`;
    default:
      return `${fails}; which test failed could not be read`;
  }
}

/** CI of the default branch where it is red, and of the test alone; of the fix, the verdict tells. */
function checksEntry({ read }: EventOf<"checks-read">, context: Context): Draft[] {
  const { role, state, sha } = read;
  if (context.checks.get(sha) === state || state === "running") return [];
  const shown = read.checks.find((one) => one.state === "failed") ?? read.checks[0];
  const links = shown === undefined ? [] : link("checks", shown.link);
  const commit = `(${shortSha(sha)})`;
  if (role === "base") {
    if (state !== "failed") return [];
    return [
      { kind: "fix", text: `CI on ${context.fix?.base.branch ?? "the default branch"} ${commit} fails: ${checkCounts(read)}`, links },
    ];
  }
  if (role !== "test") return [];
  const words = {
    none: `CI ran no check on the test alone ${commit}`,
    skipped: `CI skipped the test alone ${commit}`,
    unfinished: `CI on the test alone ${commit} did not end in time`,
    unreadable: `CI on the test alone ${commit} could not be read. ${read.failure ?? ""}`,
    passed: `the test passes without the fix too ${commit}`,
    failed: failedAloneWords(read, context, commit),
  } as const;
  return [{ kind: "fix", text: words[state], links }];
}

function draftsOf({ seq, at, event }: LoggedEvent, context: Context): Draft[] {
  switch (event.type) {
    case "page-received":
      return [pageEntry(event.page, at, context)];
    case "pager-event-received":
      return [pagerEntry(event, context)];
    case "slack-message-received": {
      const detail = orNull(plainText(event.text));
      const links = link("Slack", slackLink(context.status, event.ts));
      return [{ at: slackTime(event.ts) ?? at, kind: "person", text: `${event.user} wrote in Slack`, detail, links }];
    }
    case "slack-action-received": {
      const outcome = context.outcomes.get(seq);
      if (outcome !== undefined) return [answerEntry(event, outcome)];
      const words = Object.hasOwn(ACTION_WORDS, event.action) ? ACTION_WORDS[event.action] : undefined;
      const text = `${event.user} ${words ?? `pressed “${oneLine(event.action)}”`}`;
      return [{ kind: "person", text, detail: orNull(event.value) }];
    }
    case "slack-action-refused":
      return [
        {
          kind: "note",
          text: `a click of ${event.user} on “${oneLine(event.action)}” counted for nothing: ${oneLine(event.because)}`,
          tone: "bad",
        },
      ];
    case "approval-requested": {
      const { summary, hash, expiresAt, requester } = event.request;
      const detail = `payload ${hash.slice(0, 12)}, asked by ${requester}, until ${dayTime(expiresAt)} UTC`;
      return [{ kind: "midwatch", text: `asks for a person's yes: ${oneLine(summary)}`, detail }];
    }
    case "approval-expired":
      return [{ kind: "midwatch", text: "nobody said yes or no in time: the request is over" }];
    case "status-posted": {
      const text = context.status === null ? `first words in Slack${since(context, at)}` : "status message posted again";
      return [{ kind: "midwatch", text, detail: orNull(plainText(event.text)), links: link("Slack", event.link) }];
    }
    case "triage-finished":
      return triageEntries(event, at);
    case "brief-posted": {
      const links = link("Slack", slackLink(context.status, event.ts));
      return [{ kind: "midwatch", text: `brief${since(context, at)}`, detail: orNull(plainText(event.text)), links }];
    }
    case "finding-posted": {
      const told = context.finding === null ? context.analysis && verdictText(context.analysis) : modelVerdict(context.finding);
      const what = told === null ? "finding" : `finding: ${told}`;
      const links = link("Slack", slackLink(context.status, event.ts));
      return [{ kind: "midwatch", text: `${what}${since(context, at)}`, detail: orNull(plainText(event.text)), links }];
    }
    case "fix-proposed":
      return [fixEntry(event)];
    case "fix-declined":
      return [
        {
          kind: "fix",
          text: `${event.stays === undefined ? "no fix PR" : `PR #${event.stays} stays a revert`}: ${oneLine(declinedWords(event))}`,
        },
      ];
    case "step-failed": {
      const then = event.final ? `failed ${event.attempt === 1 ? "once" : `${event.attempt} times`}, given up` : "failed, tried again";
      const failed: Draft = { kind: "midwatch", text: `${event.step} ${then}`, detail: orNull(event.error), tone: "bad" };
      return [failed, ...(tellsVerdict(event) ? verdictEntry(context) : [])];
    }
    case "question-answered": {
      const links = link("Slack", slackLink(context.status, event.ts));
      return [{ kind: "midwatch", text: "answered a question", detail: orNull(plainText(event.text)), links }];
    }
    case "investigation-finished":
      return [{ kind: "midwatch", text: `investigation done in ${duration(event.tookMs)}` }];
    case "investigation-started":
      return event.round > context.round ? [{ kind: "midwatch", text: `asks ${oneLine(event.model)}` }] : [];
    case "tools-answered":
      return event.answers.flatMap(({ name, fact, evidence, failed }): Draft[] => {
        // A model that was talked into something asks for what there is no way to do: people should see that it tried.
        if (failed && fact === noToolFact(name)) return [{ kind: "midwatch", text: `stopped a call of the model: ${fact}`, tone: "bad" }];
        if (failed && isPatchNotTaken(fact)) return [{ kind: "fix", text: `stopped ${oneLine(fact)}`, tone: "bad" }];
        return evidence.length === 0 ? [] : [{ kind: "midwatch", text: `looked: ${oneLine(fact)}`, evidence }];
      });
    case "orders-seen":
      return [
        {
          kind: "note",
          text: `Text from outside gives orders to software (${event.source}). It is kept as evidence; nobody follows it, and no message or pull request repeats it`,
          evidence: event.evidence,
          tone: "bad",
        },
      ];
    case "finding-submitted": {
      // Only where: what did not hold is not said, not even as such.
      const parts = [...new Set(event.dropped.map((one) => one.split(":", 1)[0] ?? ""))];
      const dropped = parts.length === 0 ? null : `Dropped by the checks, for it did not hold: ${parts.join(", ")}`;
      return [{ kind: "midwatch", text: `finding checked: ${modelVerdict(event.finding)}`, detail: dropped }];
    }
    case "investigation-closed":
      return event.how === "submitted" ? [] : [{ kind: "midwatch", text: `the model's work ended: ${oneLine(event.because)}` }];
    case "fix-work-started": {
      const again = `CI is red: tries again (${event.attempt} of ${MOST_FIX_ATTEMPTS})`;
      return [{ kind: "fix", text: event.attempt === 1 ? "writes a patch with a test" : again }];
    }
    case "fix-drafted": {
      const { files, lines } = event.draft;
      return [
        { kind: "fix", text: `patch of ${counted(files.length, "file")} and ${counted(lines, "line")}: ${oneLine(event.draft.title)}` },
      ];
    }
    case "fix-refused":
      return [{ kind: "fix", text: "stopped what the model proposed", detail: orNull(event.because.join("\n")), tone: "bad" }];
    case "call-refused":
      return [
        {
          kind: "note",
          text: `stopped a call to ${event.vendor} before it left`,
          detail: oneLine(`${event.method} ${event.url}: ${event.because}`),
          tone: "bad",
        },
      ];
    case "fix-work-closed":
      return event.how === "drafted"
        ? []
        : [{ kind: "fix", text: `no ${event.attempt > 1 ? "further " : ""}patch: ${oneLine(event.because)}` }];
    case "fix-offered":
      return [{ kind: "fix", text: `draft ${event.kind} PR waits for a person: ${oneLine(event.because)}` }];
    case "fix-committed": {
      const { role, sha } = event.commit;
      const what = role === "improvement" ? `${nth((context.proof?.improvements ?? 0) + 1)} try` : role === "test" ? "the test" : "the fix";
      return [{ kind: "fix", text: `${what} pushed as ${shortSha(sha)}` }];
    }
    case "checks-read":
      return [...checksEntry(event, context), ...verdictEntry(context)];
    case "fix-changed-by-people":
      return [
        {
          kind: "person",
          at: event.when,
          text: `draft PR: ${changeByPeopleWords(event.what, event.by)}`,
          tone: event.what === "merged" ? "good" : null,
          links: context.fix === null ? [] : link(`PR #${context.fix.number}`, context.fix.url),
        },
      ];
    case "value-revealed":
      return [{ kind: "person", text: `${oneLine(event.by)} looked at the value behind ${oneLine(event.pseudonym)}` }];
    case "reply-made":
    case "fix-told":
    case "fix-looked-at":
    case "checks-looked-at":
    case "model-turn":
    case "page-read":
    case "triage-started":
    case "status-edited":
      return [];
    default:
      event satisfies never;
      return [];
  }
}

/** CI of a commit was read, or given up: then the verdict waits for it no longer. */
const tellsVerdict = (event: IncidentEvent) => event.type === "checks-read" || (event.type === "step-failed" && event.final);
const changesProof = (event: IncidentEvent) => event.type === "fix-proposed" || event.type === "fix-committed" || tellsVerdict(event);

/** What makes a change or a signal the same one when it is learned twice; null for entries that are never the same. */
function sameness(entry: TimelineEntry): string | null {
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
  let context: Context = {
    receivedAt: null,
    page: null,
    status: null,
    analysis: null,
    finding: null,
    round: 0,
    fix: null,
    checks: new Map(),
    proof: null,
    told: null,
    outcomes: approvalsOf(log).outcomes,
  };
  for (const [place, logged] of log.entries()) {
    const { seq, at, event } = logged;
    if (changesProof(event)) context = { ...context, proof: proofOf(log.slice(0, place + 1)) };
    for (const [index, draft] of draftsOf(logged, context).entries()) {
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
      };
      const same = sameness(entry);
      if (same !== null && seen.has(same)) continue;
      if (same !== null) seen.add(same);
      entries.push(entry);
    }
    if (event.type === "page-received") context = { ...context, receivedAt: context.receivedAt ?? at, page: context.page ?? event.page };
    else if (event.type === "pager-event-received" && event.page !== null) context = { ...context, page: event.page };
    else if (event.type === "status-posted") context = { ...context, status: context.status ?? event };
    else if (event.type === "triage-finished") context = { ...context, analysis: event.analysis };
    else if (event.type === "investigation-started") context = { ...context, round: event.round };
    else if (event.type === "finding-submitted") context = { ...context, finding: event.finding };
    else if (event.type === "fix-proposed") context = { ...context, fix: event };
    else if (event.type === "checks-read") context = { ...context, checks: new Map(context.checks).set(event.read.sha, event.read.state) };
    if (tellsVerdict(event)) context = { ...context, told: verdictKey(context.proof) ?? context.told };
  }
  // Sorting is stable: of two at one instant, the one learned first stays first.
  return entries.toSorted((a, b) => a.at - b.at);
}
