/** Deeper than this nothing is laid out: each line is indented by its depth, so that a small text could grow to gigabytes. */
const DEEPEST = 50;

/** How deep a JSON text nests; whatever is no JSON has some depth too. Linear in the text, and needs no stack. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const sign = text[at];
    if (inString) {
      if (sign === "\\") at++;
      else if (sign === '"') inString = false;
    } else if (sign === '"') inString = true;
    else if (sign === "[" || sign === "{") deepest = Math.max(deepest, ++depth);
    else if (sign === "]" || sign === "}") depth--;
  }
  return deepest;
}

/** The value of a text that is a JSON list or object, or null: it is none, or nests too deep to be laid out. */
export function parsedJson(text: string): unknown {
  if (!/^\s*[[{]/.test(text) || depthOf(text) > DEEPEST) return null;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** JSON for a reader, a field a line; on one line where it nests too deep. @throws RangeError beyond what a stack holds */
export function layOut(value: unknown, indent = 1): string {
  const text = JSON.stringify(value);
  return depthOf(text) > DEEPEST ? text : JSON.stringify(value, null, indent);
}
