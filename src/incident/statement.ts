/** Longest statement that is kept, characters: enough to know it by. */
const LONGEST = 400;

/**
 * A database statement without the values in it: string and number literals become `?`, so that no customer's data travels on. Placeholders
 * (`$1`, `?`, `:name`) and identifiers stay; comments go. One pass; at most 400 characters come back, white space folded.
 *
 * Nobody says whose dialect it is. What one database takes for a name and another for a string is `?` unless it can only be a name, and where they
 * part in where a string or comment ends (`\\'`, comments in comments, `#`), nothing more is returned.
 */
export function withoutLiterals(statement: string): string {
  const text = statement.slice(0, 8 * LONGEST);
  let out = "";
  let at = 0;
  while (at < text.length && out.length <= LONGEST) {
    const char = text[at] ?? "";
    if (char === "'") {
      const escapes = /[eE]$/.test(out.slice(-1)) && !/[\w$]/.test(out.slice(-2, -1));
      const end = afterQuote(text, at, escapes);
      // MySQL escapes with a backslash what PostgreSQL ends there.
      const isOpen = !escapes && end < text.length && text.slice(at, end).includes("\\'");
      at = isOpen ? text.length : end;
      out += isOpen ? "? …" : "?";
    } else if (char === "$" && /^\$(?:[A-Za-z_]\w{0,62})?\$/.test(text.slice(at, at + 66))) {
      const fence = text.slice(at, text.indexOf("$", at + 1) + 1);
      const end = text.indexOf(fence, at + fence.length);
      at = end < 0 ? text.length : end + fence.length;
      out += "?";
    } else if (char === '"' || char === "`") {
      const end = text.indexOf(char, at + 1);
      const next = end < 0 ? text.length : end + 1;
      const quoted = text.slice(at, next);
      const isOpen = char === '"' && end >= 0 && quoted.includes("\\");
      out += /^.\w{1,63}.$/.test(quoted) && (char === "`" || isName(out, text.slice(next, next + 40))) ? quoted : "?";
      if (isOpen) out += " …";
      at = isOpen ? text.length : next;
    } else if (text.startsWith("/*", at)) {
      const end = text.indexOf("*/", at + 2);
      const isNested = end >= 0 && text.slice(at + 2, end).includes("/*");
      if (isNested) out += out.endsWith(" ") ? "…" : " …";
      at = end < 0 || isNested ? text.length : end + 2;
    } else if (text.startsWith("--", at)) {
      const end = text.indexOf("\n", at + 2);
      at = end < 0 ? text.length : end + 1;
    } else if (char === "#" && /['"`]/.test(lineFrom(text, at))) {
      out += out.endsWith(" ") ? "…" : " …";
      at = text.length;
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

const lineFrom = (text: string, at: number): string => {
  const end = text.indexOf("\n", at);
  return end < 0 ? text.slice(at) : text.slice(at, end);
};

/** Words before a name, never before a value. */
const BEFORE_NAME = /(?:^|[^\w$])(?:from|join|into|update|table|as|only|index)\s*$/i;

/** Whether a plain word in double quotes can only be a name: one of a path, behind a word for tables, or at the left of a comparison. */
const isName = (before: string, after: string): boolean =>
  before.endsWith(".") ||
  after.startsWith(".") ||
  BEFORE_NAME.test(before.slice(-12)) ||
  (/^\s*(?:[=<>!]|(?:not\s+)?(?:in|like|is|between)\b)/i.test(after) && !/[=<>!]\s*$/.test(before));

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
