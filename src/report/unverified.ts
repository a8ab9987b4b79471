import { own, prose, say, type Words } from "./text.ts";

/** A sentence of a model, with a mark of what code found in no evidence: "payments fails 77 % (unverified: 77 %)". */
export function markedWords(text: string, unverified: readonly string[] = []): Words {
  const whole = unverified.some((value) => value === text);
  const values = unverified.slice(0, MOST_VALUES).join(", ");
  return say`${prose(text)}${unverified.length > 0 && (whole ? own(" (unverified)") : say` (unverified: ${values})`)}`;
}

/** Values that are named; a reader sees which sentence it is. */
const MOST_VALUES = 4;
