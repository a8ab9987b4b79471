import type { RefusalCode } from "../incident/refusal.ts";

/** Of somebody, to that person, and the rest of the sentence. */
const words: Readonly<Record<RefusalCode, readonly [of: string, to: string, rest: string]>> = {
  "other-organisation": ["belongs", "belong", "to another organisation"],
  "other-workspace": ["belongs", "belong", "to another workspace"],
  "midwatch-itself": ["is", "are", "midwatch itself"],
  "shared-channel": ["is", "are", "in a channel that is shared with another organisation"],
  bot: ["is", "are", "a bot"],
  deactivated: ["is", "are", "deactivated"],
  "not-joined": ["has", "have", "not joined yet"],
  guest: ["is", "are", "a guest of the workspace"],
  "not-a-responder": ["is", "are", "not among the catalog's responders of this service"],
};

/** "is a guest of the workspace": follows a name. */
export function refusalWords(code: RefusalCode): string {
  const [of, , rest] = words[code];
  return `${of} ${rest}`;
}

/** "you are a guest of the workspace". */
export function refusalToYou(code: RefusalCode): string {
  const [, to, rest] = words[code];
  return `you ${to} ${rest}`;
}
