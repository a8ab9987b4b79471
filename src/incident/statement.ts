/** Longest statement that is kept, characters: enough to know it by. */
const LONGEST = 400;

/**
 * A database statement without the values in it: string and number literals become `?`, so that no customer's data travels on. Placeholders
 * (`$1`, `?`, `:name`) and identifiers stay; comments go. One pass; at most 400 characters come back, white space folded.
 */
export function withoutLiterals(statement: string): string {
  const text = statement.slice(0, 8 * LONGEST);
  let out = "";
  let at = 0;
  while (at < text.length && out.length <= LONGEST) {
    const char = text[at] ?? "";
    if (char === "'") {
      at = afterQuote(text, at, /[eE]$/.test(out.slice(-1)) && !/[\w$]/.test(out.slice(-2, -1)));
      out += "?";
    } else if (char === "$" && /^\$(?:[A-Za-z_]\w{0,62})?\$/.test(text.slice(at, at + 66))) {
      const fence = text.slice(at, text.indexOf("$", at + 1) + 1);
      const end = text.indexOf(fence, at + fence.length);
      at = end < 0 ? text.length : end + fence.length;
      out += "?";
    } else if (char === '"' || char === "`") {
      const end = text.indexOf(char, at + 1);
      const next = end < 0 ? text.length : end + 1;
      // Some databases write strings in these marks too: what is no plain name may be a value.
      out += /^.\w{1,63}.$/.test(text.slice(at, next)) ? text.slice(at, next) : "?";
      at = next;
    } else if (text.startsWith("/*", at) || text.startsWith("--", at)) {
      const close = char === "/" ? "*/" : "\n";
      const end = text.indexOf(close, at + 2);
      at = end < 0 ? text.length : end + close.length;
    } else if (/[A-Za-z_$:@]/.test(char)) {
      let end = at + 1;
      while (end < text.length && /[\w$]/.test(text[end] ?? "")) end += 1;
      out += text.slice(at, end);
      at = end;
    } else if (/\d/.test(char)) {
      let end = at + 1;
      while (end < text.length && /[\w.]/.test(text[end] ?? "")) end += 1;
      out += "?";
      at = end;
    } else if (/\s/.test(char)) {
      if (!out.endsWith(" ")) out += " ";
      at += 1;
    } else {
      out += char;
      at += 1;
    }
  }
  const flat = out.trim();
  return flat.length <= LONGEST && at >= text.length && text.length === statement.length ? flat : `${flat.slice(0, LONGEST)} …`;
}

/** The place after a string literal that begins at `from`; to the end of the text where it never ends. */
function afterQuote(text: string, from: number, escapes: boolean): number {
  for (let at = from + 1; at < text.length; at += 1) {
    const char = text[at];
    if (char === "\\" && escapes) at += 1;
    else if (char === "'") {
      if (text[at + 1] !== "'") return at + 1;
      at += 1;
    }
  }
  return text.length;
}
