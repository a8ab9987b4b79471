import { z } from "zod";
import { type Modal, modal, textInput } from "../integrations/slack/modal.ts";
import { cutPlain } from "../integrations/slack/mrkdwn.ts";
import type { InboundOf } from "./inbound.ts";

/** The dialog behind "Wrong…": what was it? */

const WRONG_DIALOG = "answer-wrong";
const WAS = "was";
const SERVICE = "service";
const LINK = "link";
const LONGEST_WAS = 600;
const LONGEST_SERVICE = 100;
const LONGEST_LINK = 500;

const aboutSchema = z.object({ channel: z.string(), thread: z.string() });

/** @param about where the button is, to find the incident again */
export const wrongDialog = (about: { readonly channel: string; readonly thread: string }): Modal =>
  modal({
    ...{ callbackId: WRONG_DIALOG, title: "What was the cause?", submit: "Send", metadata: JSON.stringify(about) },
    blocks: [
      textInput({ id: WAS, label: "The cause, in a sentence", longest: LONGEST_WAS, isLong: true }),
      textInput({ id: SERVICE, label: "Service", longest: LONGEST_SERVICE, isOptional: true }),
      textInput({ id: LINK, label: "Link to a pull request or page", longest: LONGEST_LINK, isOptional: true }),
    ],
  });

export interface Explained {
  readonly was: string;
  readonly service: string | null;
  readonly link: string | null;
}

const oneLine = (text: string | undefined, longest: number): string => cutPlain((text ?? "").replaceAll(/\s+/g, " ").trim(), longest);

/** What somebody filled in; by field what is wrong with it, for the dialog to show. */
export function explainedIn({ values }: InboundOf<"submission">): Explained | { readonly errors: Readonly<Record<string, string>> } {
  const was = oneLine(values[WAS], LONGEST_WAS);
  const link = oneLine(values[LINK], LONGEST_LINK);
  if (was === "") return { errors: { [WAS]: "Say in a sentence what the cause was." } };
  if (link !== "" && !(URL.canParse(link) && /^https?:$/.test(new URL(link).protocol)))
    return { errors: { [LINK]: "Enter an address that begins with https://." } };
  const service = oneLine(values[SERVICE], LONGEST_SERVICE);
  return { was, service: service === "" ? null : service, link: link === "" ? null : link };
}

/** Address of the thread that a dialog is about; null: it is none of these dialogs. */
export function addressIn({ callback, metadata }: InboundOf<"submission">): { readonly channel: string; readonly address: string } | null {
  if (callback !== WRONG_DIALOG) return null;
  try {
    const about = aboutSchema.safeParse(JSON.parse(metadata));
    return about.success ? { channel: about.data.channel, address: `slack:${about.data.channel}:${about.data.thread}` } : null;
  } catch {
    return null;
  }
}
