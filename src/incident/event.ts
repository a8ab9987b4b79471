import type { ApprovalRequest } from "./approval-request.ts";
import type { BeliefState, Level } from "./belief.ts";
import type { ChartSeries } from "./chart.ts";
import type { DeskEntry, Person } from "./desk.ts";
import type { Analysis, CoverageLine, ModelFinding } from "./finding.ts";
import type { FlapPattern } from "./flap.ts";
import type { FixCommit, PatchDraft, PullRequestChange, ReadChecks, SharedFix } from "./fix.ts";
import type { CountedImpact, MeasuredImpact } from "./impact.ts";
import type { ModelRefusal } from "./model-refusal.ts";
import type { AnswerBlock, ModelUsage, ToolSchema, ToolUse } from "./model.ts";
import type { Footprint } from "./footprint.ts";
import type { ApartReason, JoinedPage, JoinReason } from "./joining.ts";
import type { Page } from "./page.ts";
import type { ChannelClue } from "./own-channel.ts";
import type { NoteAbout } from "./page-notes.ts";
import type { PagerEventKind } from "./pager-event.ts";
import type { RefusalCode } from "./refusal.ts";
import type { RollbackCommand } from "./rollback-command.ts";
import type { ChangeEvent, TimeWindow } from "./telemetry.ts";
import type { ToolAnswer } from "./tool.ts";
import type { Trigger } from "./trigger.ts";
import type { FittingRunbook } from "./trouble.ts";

/** Anything that happened in or to one incident. The event log holds these, oldest first; every view is computed from them. */
export type IncidentEvent =
  | { readonly type: "page-received"; readonly page: Page }
  /** The clock or a person started it, and no page. */
  | { readonly type: "trigger-received"; readonly trigger: Omit<Trigger, "page"> }
  /** Any other event of the pager: acknowledged, resolved, a note, … */
  | {
      readonly type: "pager-event-received";
      /** Missing in older logs: `pagerEventKind` knows theirs. */
      readonly kind?: PagerEventKind;
      /** The pager's own word. */
      readonly eventType: string;
      readonly occurredAt: number;
      readonly by: string | null;
      /** `by` is no person but a tool, such as the monitor's integration. */
      readonly byTool?: true;
      /** The whole line for people, with who it was; "": made of `by` and `eventType`. */
      readonly text: string;
      /** The page after it; null where the pager does not tell its status, for a page's status counts. */
      readonly page: Page | null;
    }
  /** The page read again, with its alerts' bodies. */
  | { readonly type: "page-read"; readonly page: Page }
  | {
      readonly type: "slack-message-received";
      readonly channel: string;
      readonly ts: string;
      readonly threadTs: string | null;
      /** As people call them; "somebody" where Slack did not say in time. */
      readonly user: string;
      readonly userId?: string;
      readonly text: string;
      /** It calls midwatch by name. */
      readonly toBot?: boolean;
      /** Of somebody who may not act through midwatch, such as a guest: it neither asks for an answer nor starts work. */
      readonly mayNotAsk?: boolean;
      /** Said in the incident's own channel, where people talk with each other: only what calls midwatch by name is for it. */
      readonly inChannel?: true;
    }
  /** Its author changed what they said. */
  | {
      readonly type: "slack-message-edited";
      readonly channel: string;
      readonly ts: string;
      readonly user: string;
      readonly userId: string;
      readonly text: string;
    }
  /** A message is gone in Slack: its words are shown nowhere any more. */
  | { readonly type: "slack-message-deleted"; readonly channel: string; readonly ts: string }
  /** People work on this incident in a channel of its own. */
  | { readonly type: "channel-linked"; readonly channel: string; readonly clue: ChannelClue; readonly by?: Person }
  /** What is said there comes to this incident from now on. */
  | { readonly type: "channel-heard"; readonly channel: string; readonly name: string }
  /** midwatch made a channel for the incident, as the catalog asks. */
  | { readonly type: "channel-made"; readonly channel: string; readonly name: string }
  | { readonly type: "channel-not-made"; readonly because: string }
  /** It has its topic and bookmark, and these people were invited. `missed`: what Slack refused, in words. */
  | {
      readonly type: "channel-furnished";
      readonly channel: string;
      readonly invited: readonly Person[];
      readonly missed: readonly string[];
    }
  | { readonly type: "channel-refused"; readonly channel: string; readonly because: string }
  | {
      readonly type: "slack-action-received";
      readonly action: string;
      readonly value: string;
      /** As people call them. */
      readonly user: string;
      readonly userId?: string;
      readonly channel: string;
    }
  /** What somebody says that the cause was, who called an answer wrong. Text from outside. */
  | {
      readonly type: "feedback-explained";
      readonly user: string;
      readonly userId: string;
      readonly was: string;
      readonly service: string | null;
      /** Address of a pull request or the like. */
      readonly link: string | null;
    }
  /** The thread shows what people say of the answer, as it was at this place of the log. */
  | { readonly type: "feedback-shown"; readonly seen: number }
  /** A click of somebody who may not make it: it counts for nothing. */
  | {
      readonly type: "slack-action-refused";
      readonly action: string;
      /** What the button carried. */
      readonly value?: string;
      readonly user: string;
      readonly userId: string;
      /** Missing in older logs. */
      readonly code?: RefusalCode;
      /** For people, as it was said then. */
      readonly because: string;
    }
  /** A person set something of the incident: who leads it, how bad it is, what was decided. `proposal`: what it confirms. */
  | { readonly type: "desk-entry-made"; readonly entry: DeskEntry; readonly by: Person; readonly proposal?: string }
  /** A message reads like such an entry. It counts once a person confirms it. `by`: who wrote the message. */
  /** `found`: who pointed at it; missing: the form of its line. */
  | {
      readonly type: "desk-entry-proposed";
      readonly id: string;
      readonly entry: DeskEntry;
      readonly by: Person;
      readonly found?: "model";
    }
  /** A model has read what people said up to there. */
  | { readonly type: "messages-read"; readonly upTo: number; readonly cost: number }
  /** The authors of these proposals were shown them. */
  | { readonly type: "proposals-asked"; readonly proposals: readonly string[] }
  | { readonly type: "desk-entry-dropped"; readonly proposal: string; readonly by: Person }
  /** Something waits for a person's yes. */
  | { readonly type: "approval-requested"; readonly request: ApprovalRequest }
  /** Nobody answered in time. `request`: its id. */
  | { readonly type: "approval-expired"; readonly request: string }
  /** First words are out: where the incident's status message lives. */
  /** `seen`: up to where in the log it says what happened; missing in older logs. */
  | {
      readonly type: "status-posted";
      readonly channel: string;
      readonly ts: string;
      readonly link: string | null;
      readonly text: string;
      readonly seen?: number;
    }
  /** Fixes the windows, so that a step that runs again asks the same questions. */
  | { readonly type: "triage-started"; readonly asOf: number; readonly window: TimeWindow; readonly baseline: TimeWindow }
  | {
      readonly type: "triage-finished";
      readonly analysis: Analysis;
      /** All that was read, in a text for the model. */
      readonly digest: string;
      readonly coverage: readonly CoverageLine[];
      readonly tookMs: number;
      readonly calls: number;
      /** Vendor pages where people look at the same data. */
      readonly links: readonly { readonly title: string; readonly url: string }[];
      /** Series that speak for or against the suspects, as drawn on the incident's page. */
      readonly charts: readonly ChartSeries[];
      /** Matching runbooks, best first: the manual steps that reach the people. */
      readonly runbooks: readonly FittingRunbook[];
      /** The catalog's commands for services that were deployed. Missing where it has none, and in what was recorded before they were kept. */
      readonly rollbacks?: readonly RollbackCommand[];
      /** All that changed within the day before, without the texts of diffs. */
      readonly changes: readonly ChangeEvent[];
      /** What of the impact was counted; what is missing is not known. */
      readonly impact?: MeasuredImpact;
      /** By what another page is recognised as the same trouble. Missing in older logs. */
      readonly footprint?: Footprint;
      /** Read after the brief: this is all that is known by then, and these sources had more to say. Missing: it is what the brief is made from. */
      readonly late?: readonly string[];
    }
  /** A model begins, or starts again with a shorter transcript. Its first message stays byte for byte the same from turn to turn. */
  | {
      readonly type: "investigation-started";
      /** 1, and one more each time that the model is asked again after it failed or was stopped. */
      readonly round: number;
      readonly model: string;
      readonly system: string;
      readonly tools: readonly ToolSchema[];
      readonly opening: string;
      /** Tool results are between such marks, so that no text from outside can pose as anything else. Missing in older logs. */
      readonly fence?: string;
      /** Who asked for it, where it would not have begun by itself. */
      readonly askedBy?: string;
    }
  /** No model is asked. `again`: when that is looked at again by itself; null: a person may ask for it. */
  | { readonly type: "model-refused"; readonly because: ModelRefusal; readonly again: number | null }
  /** What a piece of the model's work did not spend of the dollars set aside for it is free again. */
  | { readonly type: "spending-settled"; readonly key: string; readonly dollars: number }
  | {
      readonly type: "model-turn";
      /** Newest event of the log that the model has seen. */
      readonly seen: number;
      readonly model: string;
      readonly content: readonly AnswerBlock[];
      readonly toolUses: readonly ToolUse[];
      readonly text: string;
      readonly stopReason: string | null;
      readonly usage: ModelUsage;
      /** Dollars, by the settings' prices. */
      readonly cost: number;
      readonly tookMs: number;
    }
  | {
      readonly type: "tools-answered";
      readonly answers: readonly ToolAnswer[];
      /** What the model gets beside the answers: how much of its budget is left, that it goes in circles. */
      readonly note: string | null;
    }
  /** Text from outside gives orders to software. It stays evidence; midwatch does not repeat it. */
  | {
      readonly type: "orders-seen";
      /** "the page", or the tool or source that returned it. */
      readonly source: string;
      /** Numbers of the raw answers that hold it. */
      readonly evidence: readonly number[];
      /** By what it is known again: see `orderSigns`. */
      readonly signs: readonly string[];
    }
  /** What the model handed in, after code has checked it: only what resolved. */
  | {
      readonly type: "finding-submitted";
      readonly finding: ModelFinding;
      /** What did not hold and was dropped or corrected, in words. */
      readonly dropped: readonly string[];
    }
  /** The model's work is over. `because` is for people: "time budget of 5 min", "the provider answers 529". */
  | {
      readonly type: "investigation-closed";
      readonly how: "submitted" | "limit" | "provider" | "stopped" | "silent";
      readonly because: string;
      /** Whether asking again later may help. */
      readonly retry: boolean;
      /** The wait that the provider named, ms: it is not asked again before. */
      readonly retryAfterMs?: number;
    }
  /** The status message says something new (an ack, a resolve, a fix). `seen`: place in the log of the newest event that it covers. */
  | { readonly type: "status-edited"; readonly text: string; readonly seen: number }
  | { readonly type: "brief-posted"; readonly ts: string; readonly text: string }
  /** The posted brief, edited after late answers. `changed`: they changed what is believed, not only what is covered. */
  | { readonly type: "brief-revised"; readonly ts: string; readonly text: string; readonly changed: boolean }
  | { readonly type: "finding-posted"; readonly ts: string; readonly text: string }
  | {
      readonly type: "fix-proposed";
      readonly kind: "revert" | "patch";
      readonly repository: string;
      readonly number: number;
      readonly url: string;
      readonly branch: string;
      readonly draft: boolean;
      readonly title: string;
      readonly body: string;
      /** Whole text before and after; null = did not exist, does not exist. */
      readonly files: readonly { readonly path: string; readonly before: string | null; readonly after: string | null }[];
      /** Where the branch starts, and its commits, oldest first. */
      readonly base: { readonly branch: string; readonly sha: string };
      readonly commits: readonly FixCommit[];
    }
  /** The model goes on with its transcript to write a patch, or to improve the one whose CI is red. */
  | {
      readonly type: "fix-work-started";
      /** 1 for the first patch, then one more each time that CI was red. */
      readonly attempt: number;
      /** The message to the model. */
      readonly text: string;
    }
  /** Code let a patch of the model pass. */
  | { readonly type: "fix-drafted"; readonly attempt: number; readonly draft: PatchDraft }
  /** Code stopped what the model proposed; one line each, for people. */
  | { readonly type: "fix-refused"; readonly because: readonly string[] }
  /** The model's work on a patch is over. `because` is for people. */
  | {
      readonly type: "fix-work-closed";
      readonly attempt: number;
      readonly how: "drafted" | "declined" | "limit" | "provider" | "stopped" | "silent";
      readonly because: string;
    }
  /** A pull request waits for a person's button. */
  | {
      readonly type: "fix-offered";
      readonly kind: "revert" | "patch";
      readonly because: string;
      /** Id of the request for a person's yes: what a press releases, and nothing else. */
      readonly request: string;
    }
  /** The pull request's branch has a further commit. */
  | { readonly type: "fix-committed"; readonly commit: FixCommit; readonly files: EventOf<"fix-proposed">["files"] }
  /** What CI says of a commit, each time that it says something new. */
  | { readonly type: "checks-read"; readonly read: ReadChecks }
  /** CI of a commit was looked at and said nothing new. Spaces out the looks. */
  | { readonly type: "checks-looked-at"; readonly sha: string }
  /** The pull request's own text says what is known by now. */
  | {
      readonly type: "fix-told";
      readonly title: string;
      readonly body: string;
      /** People have put words of their own into it, which stay. */
      readonly byPeople?: true;
      /** Place in the log of the newest event that it covers. */
      readonly seen: number;
    }
  /** People did something with the pull request. */
  | {
      readonly type: "fix-changed-by-people";
      readonly what: PullRequestChange;
      /** Of "pushed": the head that they left, where it is known. */
      readonly headSha?: string;
      readonly by: string | null;
      /** When they did it, epoch milliseconds, if GitHub reports it. */
      readonly when: number;
    }
  /** The pull request was looked at, and nothing was new. Spaces out the looks. */
  | { readonly type: "fix-looked-at"; readonly headSha: string; readonly updatedAt: number }
  /** The answer to a person's question after the finding, checked by code: what will be said in the thread. */
  | {
      readonly type: "reply-made";
      /** Place of the question in the log. */
      readonly question: number;
      readonly claims: ModelFinding["claims"];
      readonly unknown: string | null;
      /** Words that stand for themselves, where there is no answer. */
      readonly instead: string | null;
      readonly cost: number;
    }
  | { readonly type: "question-answered"; readonly question: number; readonly ts: string; readonly text: string }
  /** Why there is no fix PR, in words that follow "no fix PR: "; `stays`: number of the one that stays as it is, for a patch could not take its place. `shared`: it is there. */
  | { readonly type: "fix-declined"; readonly because: string; readonly stays?: number; readonly shared?: SharedFix }
  /** The draft PR is the fix of another incident too, for which the same change is to blame. */
  | { readonly type: "fix-shared"; readonly incident: string; readonly name: string; readonly link?: string | null }
  /** The policy stopped an outgoing call; nothing was sent. */
  | { readonly type: "call-refused"; readonly vendor: string; readonly method: string; readonly url: string; readonly because: string }
  /** A step failed for good, or an attempt failed and is tried again. `step`: its id. `error`: words for people, without secrets. */
  | { readonly type: "step-failed"; readonly step: string; readonly error: string; readonly attempt: number; readonly final: boolean }
  /** An open incident was read again, and this is how it is, held against what was said. In doubt: the same, of which nobody hears. */
  | {
      readonly type: "belief-read";
      readonly state: BeliefState;
      /** Since when it is so, as far as the data tell; up to when they were read. */
      readonly since: number;
      readonly asOf: number;
      /** Whom it is about: the second suspect, the withdrawn one, the service that is worse. */
      readonly service: string | null;
      /** Of a second fault without a service: it is what the rollback of the blamed change left. */
      readonly isRest?: true;
      /** The page's own signals are out of their usual range. */
      readonly isOut: boolean;
      /** Of `worse`. */
      readonly level: Level | null;
      /** When the blamed change was rolled back, as far as was read. */
      readonly undoneAt: number | null;
      /** What went live minutes before the signals were back. */
      readonly after: ChangeEvent | null;
      /** Read for the first time, without the texts of diffs. */
      readonly changes: readonly ChangeEvent[];
      readonly evidence: readonly number[];
      readonly calls: number;
      /** Counted again, up to now or to its end. */
      readonly impact?: MeasuredImpact;
    }
  /** The catalog's own questions about the impact were asked. */
  | ({ readonly type: "impact-counted" } & CountedImpact)
  /** Whether anybody changed something was looked at. `changed`: when, as far as it was not known; `lost`: sources that did not answer. */
  | { readonly type: "changes-looked-for"; readonly asOf: number; readonly changed: readonly number[]; readonly lost: number }
  /** People heard how it is now. `reading`: place of what was read in the log. */
  | { readonly type: "belief-said"; readonly reading: number; readonly ts: string; readonly text: string }
  /** A person asks for the postmortem draft: a model words it, where there is one. `canvas`: they want it as a canvas, which needs a yes. */
  | { readonly type: "postmortem-asked"; readonly by: Person; readonly canvas: boolean }
  /** What held of a model's prose over the draft. `asked`: place of who asked in the log; `of`: the draft's sentences whose place each takes. */
  | {
      readonly type: "postmortem-worded";
      readonly asked: number;
      readonly sentences: readonly { readonly section: string; readonly text: string; readonly of: readonly string[] }[];
      readonly cost: number;
    }
  /** `request`: the id of what waits for a yes. */
  | { readonly type: "canvas-offered"; readonly request: string; readonly ts: string; readonly text: string }
  | { readonly type: "canvas-created"; readonly request: string; readonly canvas: string; readonly link: string | null }
  /** The text for people outside the team is in the incident's channel, exactly as a person released it. */
  | { readonly type: "update-posted"; readonly request: string; readonly ts: string; readonly text: string }
  /** A chart of the blamed service is in the thread. `id`: Slack's of the file; `alt`: what is to be seen on it. */
  | { readonly type: "chart-shared"; readonly service: string; readonly id: string; readonly alt: string }
  /** There is none. `because`: null where people need not know. */
  | { readonly type: "chart-dropped"; readonly service: string; readonly because: string | null }
  /** midwatch wrote a note on the pager's page. */
  | { readonly type: "note-written"; readonly about: NoteAbout; readonly text: string }
  /** A person looked at the value behind a pseudonym on the incident's page. */
  | { readonly type: "value-revealed"; readonly pseudonym: string; readonly by: string }
  /** This page belongs to another incident, which leads from now on: by its own look, or because a page of higher priority took over. */
  | { readonly type: "joined"; readonly lead: string; readonly page: JoinedPage; readonly because: JoinReason }
  /** The incident that it joined has joined another one. */
  | { readonly type: "lead-moved"; readonly lead: string; readonly page: JoinedPage }
  /** It has an incident of its own; null: there is none that it could join. `isFinal`: that is not asked again. `flaps`: of its alert, just before. */
  | { readonly type: "stayed-apart"; readonly because: ApartReason | null; readonly isFinal: boolean; readonly flaps?: FlapPattern }
  /** It leads, and that incident of lower priority joins it. */
  | { readonly type: "took-over"; readonly incident: string; readonly because: JoinReason }
  /** It may belong to another incident, whose triage is awaited. */
  | { readonly type: "join-awaited"; readonly lead: string; readonly until: number }
  /** The triage that it waits for is done, or failed. */
  | { readonly type: "lead-read"; readonly lead: string }
  /** The other incident knows of it. `lead`: whom this one follows in fact, for that one may have joined another by now; null: nobody. */
  | { readonly type: "lead-told"; readonly lead: string | null }
  /** In the log of the incident that leads. */
  | { readonly type: "page-joined"; readonly incident: string; readonly page: JoinedPage; readonly because: JoinReason }
  | { readonly type: "page-left"; readonly incident: string; readonly by: string }
  /** That page may belong here: this incident's triage decides. `page`: missing in older logs. */
  | { readonly type: "page-awaits"; readonly incident: string; readonly page?: JoinedPage }
  /** A person took this page out of the incident that it had joined: it goes on by itself. */
  | { readonly type: "split"; readonly by: string }
  /** Other incidents know of this one what is in the log up to there. */
  | { readonly type: "card-pinned"; readonly seen: number }
  /** The list of joined pages in the thread, as it was last said. */
  | { readonly type: "joined-said"; readonly ts: string; readonly text: string; readonly seen: number }
  /** The page resolved by itself: with those of the same alert before it. `home`: the incident whose thread names them; null: this one's, from the third on. */
  | { readonly type: "flap-counted"; readonly pattern: FlapPattern; readonly home: string | null }
  /** In the log of the incident whose thread names them: the alert did it again. */
  | { readonly type: "flapped"; readonly incident: string; readonly pattern: FlapPattern }
  /** The line in the thread, as it was last said. */
  | { readonly type: "flaps-said"; readonly ts: string; readonly text: string }
  | { readonly type: "investigation-finished"; readonly tookMs: number };

/** The events of one type. */
export type EventOf<T extends IncidentEvent["type"]> = Extract<IncidentEvent, { type: T }>;

/** An event with its place in the log. */
export interface LoggedEvent {
  /** 1 for the first event of an incident; no gaps. */
  readonly seq: number;
  readonly at: number;
  readonly event: IncidentEvent;
}
