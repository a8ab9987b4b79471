import { isHarmlessName, LONGEST_NAME } from "./field-names.ts";
import type { Place } from "./place.ts";
import { looksRandom } from "./sensitive-shapes.ts";

/** Random texts assigned to a name with a secret's word anywhere in it: "token_eu_west", "secretForCheckout". */

const secretWord =
  /pass(?:word|wd|phrase)|pwd|secret|token|(?:api|app|application|access|auth|signing|encryption|routing|integration|private|account)[_-]?key|credential|authorization|bearer/iy;
/** For `beginningsOf`. */
export const secretWordBeginnings: readonly string[] = "pass pwd secr toke api app acce auth sign encr rout inte priv acco cred bear".split(
  " ",
);
/** The rest of the name and a mark of any language or format. */
const markBehind = /([A-Za-z0-9_-]{0,24})[\\"'\]]{0,6}[ \t]{0,8}(?:=>|:=|={1,3}|:|,|\b[iI][sS]\b)[ \t]{0,8}/y;
// In quotes or bare. What a program reads or calls has dots and brackets.
const assignedValue =
  /\\{0,3}["'`](?:(?:bearer|basic|token)[ \t]{1,4})?([^\\"'`\r\n]{8,300})\\{0,3}["'`]|(?:(?:bearer|basic|token)[ \t]{1,4})?([A-Za-z0-9_+/=~-]{12,300})(?![A-Za-z0-9_+/=~.([-])/diy;
const nameBefore = new RegExp(`[A-Za-z0-9_-]{0,${LONGEST_NAME}}$`);

/** @param begins where one of {@link secretWordBeginnings} may be, first to last */
export function* randomValuesIn(text: string, begins: readonly number[]): Generator<Place> {
  let least = 0;
  for (const at of begins) {
    if (at < least) continue;
    secretWord.lastIndex = at;
    const word = secretWord.exec(text);
    if (word === null) continue;
    least = secretWord.lastIndex;
    markBehind.lastIndex = secretWord.lastIndex;
    const mark = markBehind.exec(text);
    if (mark === null) continue;
    assignedValue.lastIndex = markBehind.lastIndex;
    const found = assignedValue.exec(text);
    const value = found?.[1] ?? found?.[2] ?? "";
    if (found === null || !looksRandom(value) || (found[2] !== undefined && !/\d/.test(value))) continue;
    const before = nameBefore.exec(text.slice(Math.max(0, word.index - LONGEST_NAME), word.index))?.[0] ?? "";
    if (isHarmlessName(before + word[0] + (mark[1] ?? ""))) continue;
    const [start = 0, end = 0] = found.indices?.[1] ?? found.indices?.[2] ?? [];
    yield { kind: "credential", secret: true, start, end };
    least = end;
  }
}
