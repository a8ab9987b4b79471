import { deceivingEach } from "../guard/unseen.ts";

/** A text with what it hides shown: each character that controls a screen or turns the reading direction as `\\u{202e}`. */
export const visibleText = (text: string): string =>
  text.replaceAll(deceivingEach, (character) => `\\u{${character.codePointAt(0)?.toString(16) ?? ""}}`);
