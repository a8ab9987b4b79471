import { deceivingEach, unseenInJson } from "../guard/unseen.ts";

/** A text with what it hides shown: each character that controls a screen or turns the reading direction as `\\u{202e}`. */
export const visibleText = (text: string): string =>
  text.replaceAll(deceivingEach, (character) => `\\u{${character.codePointAt(0)?.toString(16) ?? ""}}`);

const byCode = (sign: string): string =>
  Array.from({ length: sign.length }, (_, at) => `\\u${sign.charCodeAt(at).toString(16).padStart(4, "0")}`).join("");

/** JSON in which what no reader would see is written by its code: to programs it is the same text. */
export const visibleJson = (value: unknown): string => JSON.stringify(value).replaceAll(unseenInJson, byCode);
