/** Why somebody who clicked, or typed a command, may not act. Logs hold these codes; `report/refusal-words.ts` makes words of them. */
export type RefusalCode =
  | "other-organisation"
  | "other-workspace"
  | "midwatch-itself"
  | "shared-channel"
  | "bot"
  | "deactivated"
  | "not-joined"
  | "guest"
  | "not-a-responder";
