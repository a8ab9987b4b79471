import type { ApprovalRequest } from "../incident/approval-request.ts";
import type { PressOutcome } from "../incident/approval.ts";
import type { EventOf } from "../incident/event.ts";
import type { Analysis, ModelFinding } from "../incident/finding.ts";
import type { Page } from "../incident/page.ts";
import type { Proof } from "../incident/proof.ts";
import { duration } from "./words.ts";

/** What the timeline's lines are made of: the entry, what earlier events say, and a few words that all of them need. */

export type EntryKind = "change" | "signal" | "page" | "person" | "midwatch" | "fix" | "note";

/** Something that happened, in one line of plain text. Text may come from outside: code that shows it escapes it. */
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

/** What one event adds to the timeline; what it leaves out is the event's own. */
export type Draft = Partial<Omit<TimelineEntry, "key" | "seq" | "learnedAt">> & Pick<TimelineEntry, "kind" | "text">;

/** What earlier events say that later entries need. */
export interface Context {
  readonly receivedAt: number | null;
  readonly page: Page | null;
  /** When somebody acknowledged it, and when midwatch's first words and finding were out. */
  readonly times: { readonly acknowledged?: number; readonly firstWords?: number; readonly finding?: number };
  readonly status: EventOf<"status-posted"> | null;
  readonly analysis: Analysis | null;
  readonly finding: ModelFinding | null;
  /** Of the model's work: how often it was begun. */
  readonly round: number;
  readonly fix: EventOf<"fix-proposed"> | null;
  /** State of each commit's checks as last shown. */
  readonly checks: ReadonlyMap<string, string>;
  /** What CI shows of the fix, this event included, and what was last said about it. */
  readonly proof: Proof | null;
  readonly told: string | null;
  /** Why the page stayed apart, as last said. */
  readonly apart: string | null;
  /** What became of each press of a button that answers a request, by its place in the log. */
  readonly outcomes: ReadonlyMap<number, PressOutcome>;
  /** What buttons release or refuse, by their values. */
  readonly asked: ReadonlyMap<string, ApprovalRequest["action"]>;
}

/** A page that came later than this after it was triggered was held up on its way: what midwatch did is not late by that. */
export const HELD_UP_MS = 30_000;

export const link = (title: string, url: string | null) => {
  if (url === null || !/^https?:\/\/\S+$/i.test(url)) return [];
  return [{ title, url }];
};

export const oneLine = (text: string) => text.replace(/\s+/g, " ").trim();

export const orNull = (text: string) => (text.trim() === "" ? null : text.trim());

/** A reply's permalink, derived from the status message's own; null when that has another form. */
export function slackLink(status: Context["status"], ts: string): string | null {
  const base = /^(https:\/\/[^/\s]+\/archives\/[^/\s]+)\/p\d+$/.exec(status?.link ?? "")?.[1];
  if (status === null || base === undefined || !/^\d+\.\d+$/.test(ts)) return null;
  const place = `${base}/p${ts.replace(".", "")}`;
  return ts === status.ts ? place : `${place}?thread_ts=${status.ts}&cid=${encodeURIComponent(status.channel)}`;
}

/** How long after the webhook something happened. */
export function since(context: Context, at: number): string {
  return context.receivedAt === null ? "" : ` (${duration(Math.max(0, at - context.receivedAt))} after the webhook)`;
}
