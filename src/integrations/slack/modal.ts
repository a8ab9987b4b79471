import type { Block } from "./block-kit.ts";
import { cutPlain, lengthOf } from "./mrkdwn.ts";

/** Dialogs. Source: docs.slack.dev "View payloads" and "Input block". */

const modalLimits = { title: 24, label: 2_000, metadata: 3_000, callback: 255 } as const;

interface Plain {
  readonly type: "plain_text";
  readonly text: string;
  readonly emoji: boolean;
}

export interface TextInput {
  readonly type: "input";
  readonly block_id: string;
  readonly optional: boolean;
  readonly label: Plain;
  readonly element: {
    readonly type: "plain_text_input";
    readonly action_id: string;
    readonly multiline: boolean;
    readonly max_length: number;
  };
}

export interface Modal {
  readonly type: "modal";
  readonly callback_id: string;
  readonly title: Plain;
  readonly submit: Plain;
  readonly close: Plain;
  readonly private_metadata: string;
  readonly blocks: readonly TextInput[];
}

/** A dialog that only says something. */
export interface Notice {
  readonly type: "modal";
  readonly title: Plain;
  readonly blocks: readonly Block[];
}

const plain = (text: string, longest: number): Plain => ({ type: "plain_text", text: cutPlain(text, longest), emoji: false });

export const notice = (title: string, blocks: readonly Block[]): Notice => ({
  type: "modal",
  title: plain(title, modalLimits.title),
  blocks,
});

/** One field of a dialog; its id is the block's and the element's. */
export const textInput = (field: {
  readonly id: string;
  readonly label: string;
  readonly longest: number;
  readonly isLong?: boolean;
  readonly isOptional?: boolean;
}): TextInput => ({
  type: "input",
  block_id: field.id,
  optional: field.isOptional === true,
  label: plain(field.label, modalLimits.label),
  element: { type: "plain_text_input", action_id: field.id, multiline: field.isLong === true, max_length: field.longest },
});

/** @throws RangeError when `metadata` is too long: cut it would mean something else */
export function modal(parts: {
  readonly callbackId: string;
  readonly title: string;
  readonly submit: string;
  readonly metadata: string;
  readonly blocks: readonly TextInput[];
}): Modal {
  if (lengthOf(parts.metadata) > modalLimits.metadata)
    throw new RangeError(`a dialog's private_metadata has at most ${modalLimits.metadata} characters`);
  return {
    type: "modal",
    callback_id: parts.callbackId,
    title: plain(parts.title, modalLimits.title),
    submit: plain(parts.submit, modalLimits.title),
    close: plain("Cancel", modalLimits.title),
    private_metadata: parts.metadata,
    blocks: parts.blocks,
  };
}
