const QUOTE = 34;
const BACKSLASH = 92;

/** Where the text of JSON that begins at a quote ends: behind its closing quote; the end of the whole where that is missing. */
function afterText(json: string, quote: number): number {
  for (let at = json.indexOf('"', quote + 1); at >= 0; at = json.indexOf('"', at + 1)) {
    let slashes = 0;
    while (json.charCodeAt(at - 1 - slashes) === BACKSLASH) slashes++;
    if (slashes % 2 === 0) return at + 1;
  }
  return json.length;
}

/**
 * The beginning of a JSON text that was cut, as a whole one: the outermost list that is open at its end closes behind its last whole object, and what
 * is around it is closed; where no list is open, the outermost object ends behind its last whole list or object. A text without either comes back as
 * it is. Linear.
 */
export function closedJson(json: string): string {
  const open: { readonly closer: "]" | "}"; lastEnd: number }[] = [];
  for (let at = 0; at < json.length; at++) {
    const code = json.charCodeAt(at);
    if (code === QUOTE) at = afterText(json, at) - 1;
    else if (code === 91 || code === 123) open.push({ closer: code === 91 ? "]" : "}", lastEnd: 0 });
    else if (code === 93 || code === 125) {
      open.pop();
      const around = open.at(-1);
      if (around !== undefined) around.lastEnd = at + 1;
    }
  }
  const list = open.findIndex(({ closer, lastEnd }) => closer === "]" && lastEnd > 0);
  const place = list < 0 ? open.findIndex(({ lastEnd }) => lastEnd > 0) : list;
  if (place < 0) return json;
  const closers = open.slice(0, place + 1).map(({ closer }) => closer);
  return json.slice(0, open[place]?.lastEnd) + closers.toReversed().join("");
}
