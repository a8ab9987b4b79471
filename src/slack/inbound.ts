import { z } from "zod";
import { eventOf } from "./inbound-event.ts";
import { interactionOf } from "./inbound-interaction.ts";

/** The fields that every inbound has. */
export interface Envelope {
  /**
   * The same for every delivery of one thing people did: of Slack's retries, and of the two events that one post with a mention causes.
   * The store counts each key once.
   */
  readonly key: string;
  /** Slack's id of the event, for the log; null for clicks and commands. */
  readonly eventId: string | null;
  readonly teamId: string | null;
  /** The organisation of that workspace where it is one of several (Enterprise Grid); null elsewhere. */
  readonly enterpriseId: string | null;
  /** Somebody of another organisation, or in a channel shared with one: to be heard, not obeyed. */
  readonly fromOutside: boolean;
  /** Set when Slack sends again what it believes was not received. */
  readonly retry: Retry | null;
}

export interface Retry {
  readonly num: number;
  readonly reason: string | null;
}

interface Said {
  readonly channel: string;
  readonly ts: string;
  /** First message of its thread; null outside threads. */
  readonly threadTs: string | null;
  /** Slack id of who said it. */
  readonly user: string;
  /** As its author saw it, mentions as "@U012". Text from outside. */
  readonly text: string;
  /** It names midwatch's own user. */
  readonly toBot: boolean;
}

/** What people do in Slack, as midwatch hears it. Messages of apps, edits, joins and the like are `other`: accepted and passed over. */
export type SlackInbound =
  | (Envelope & Said & { readonly type: "message" })
  /** The bot was called by name. */
  | (Envelope & Said & { readonly type: "mention" })
  /** A click on a button of ours. */
  | (Envelope & {
      readonly type: "action";
      readonly action: string;
      readonly value: string;
      readonly user: string;
      readonly userName: string | null;
      readonly channel: string;
      readonly messageTs: string;
      readonly threadTs: string | null;
      /** By which a dialog can be opened within three seconds; null where Slack names none. */
      readonly trigger: string | null;
    })
  /** A dialog of ours was sent. */
  | (Envelope & {
      readonly type: "submission";
      readonly callback: string;
      readonly metadata: string;
      /** What was filled in, by block. Text from outside. */
      readonly values: Readonly<Record<string, string>>;
      readonly user: string;
      readonly userName: string | null;
      /** Where the dialog was opened from, by its metadata; "": unknown. */
      readonly channel: string;
    })
  | (Envelope & {
      readonly type: "command";
      /** With its slash. */
      readonly command: string;
      readonly text: string;
      readonly user: string;
      readonly userName: string | null;
      readonly channel: string;
    })
  /** Somebody changed what they had said. */
  | (Envelope & Omit<Said, "toBot"> & { readonly type: "edited" })
  | (Envelope & Pick<Said, "channel" | "ts" | "threadTs"> & { readonly type: "deleted" })
  /** A channel was made (`name`), or midwatch came into one (`inviter`: who brought it, where Slack says). */
  | (Envelope & { readonly type: "channel"; readonly channel: string; readonly name: string | null; readonly inviter: string | null })
  /** A person opened midwatch's own page in Slack. */
  | (Envelope & { readonly type: "home-opened"; readonly user: string })
  /** A click there. */
  | (Envelope & {
      readonly type: "home-action";
      readonly action: string;
      readonly value: string;
      readonly user: string;
      readonly userName: string | null;
    })
  /** An entry in the menu of a message. */
  | (Envelope & {
      readonly type: "shortcut";
      readonly callback: string;
      readonly user: string;
      readonly userName: string | null;
      readonly channel: string;
      readonly messageTs: string;
      readonly threadTs: string | null;
      /** Of the message. Text from outside. */
      readonly text: string;
    })
  | (Envelope & { readonly type: "other"; readonly what: string });

export type InboundOf<T extends SlackInbound["type"]> = Extract<SlackInbound, { type: T }>;

/** Slack's two retry headers, or null. */
export function retryOf(num: string | number | null | undefined, reason: string | null | undefined): Retry | null {
  const parsed = Number(num ?? Number.NaN);
  return Number.isInteger(parsed) && parsed > 0 ? { num: parsed, reason: reason ?? null } : null;
}

/**
 * What a parsed body means. Nothing in it is taken for granted: a body that Slack documents, but that midwatch has no use for, is `other`.
 * @param body the JSON of an event, the `payload` of a click, or the fields of a command
 */
export function toInbound(body: unknown, retry: Retry | null): SlackInbound {
  const type = z.object({ type: z.string() }).safeParse(body).data?.type;
  return (
    eventOf(body, retry) ??
    interactionOf(body, retry) ?? {
      ...{ type: "other", what: type ?? "a body without a type", key: "", eventId: null },
      ...{ teamId: null, enterpriseId: null, fromOutside: false, retry },
    }
  );
}
