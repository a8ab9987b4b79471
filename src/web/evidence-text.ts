/** A raw answer made readable: the same content, one fact a line. */

/** A list or object that fits on one line of this length stays on it, so that a thousand points are a thousand lines, not four. */
const LINE = 110;
/** Blanks before a line. Deeper ones would grow a small answer to gigabytes. */
const WIDEST_INDENT = 200;

/** @throws RangeError for what is nested too deeply */
function write(value: unknown, indent: string, out: string[], prefix: string, suffix: string): void {
  if (indent.length > WIDEST_INDENT) throw new RangeError("nested too deeply");
  if (typeof value !== "object" || value === null) {
    out.push(`${indent}${prefix}${JSON.stringify(value)}${suffix}`);
    return;
  }
  const items: readonly (readonly [string, unknown])[] = Array.isArray(value)
    ? value.map((item) => ["", item] as const)
    : Object.entries(value).map(([key, item]) => [`${JSON.stringify(key)}: `, item] as const);
  const flat = items.every(([, item]) => typeof item !== "object" || item === null || Object.keys(item).length === 0);
  const [open, close] = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
  // Only flat ones are tried, so that nothing is written out once per level it lies in.
  if (flat) {
    const line = `${open}${items.map(([key, item]) => key + JSON.stringify(item)).join(", ")}${close}`;
    if (line.length + indent.length + prefix.length <= LINE) {
      out.push(`${indent}${prefix}${line}${suffix}`);
      return;
    }
  }
  out.push(`${indent}${prefix}${open}`);
  if (flat && Array.isArray(value)) {
    // Plain values, a thousand of them: as many on a line as fit.
    let line = "";
    for (const [index, [, item]] of items.entries()) {
      const text = `${JSON.stringify(item)}${index === items.length - 1 ? "" : ","}`;
      if (line !== "" && line.length + text.length + indent.length > LINE) {
        out.push(`${indent}  ${line}`);
        line = "";
      }
      line += line === "" ? text : ` ${text}`;
    }
    out.push(`${indent}  ${line}`);
  } else {
    for (const [index, [key, item]] of items.entries()) write(item, `${indent}  `, out, key, index === items.length - 1 ? "" : ",");
  }
  out.push(`${indent}${close}${suffix}`);
}

function jsonLines(text: string): string[] | null {
  try {
    const out: string[] = [];
    write(JSON.parse(text), "", out, "", "");
    return out;
  } catch {
    // Not JSON, or nested deeper than anyone reads: shown as it came.
    return null;
  }
}

/**
 * Lines of a raw answer. JSON is laid out; several answers joined by newlines (pages of one question) are laid out one by one; anything
 * else stays as it is. Numbers are written as JavaScript reads them, so a very long one may lose digits here: the raw text has them.
 */
export function readableLines(raw: string): string[] {
  const whole = jsonLines(raw);
  if (whole !== null) return whole;
  return raw.split(/\r?\n/).flatMap((line) => (/^\s*[[{]/.test(line) ? (jsonLines(line) ?? [line]) : [line]));
}

/** One line with its number, counted from 1. */
export interface NumberedLine {
  readonly number: number;
  readonly text: string;
}

/** Spellings of a searched text in a JSON answer: as it is, or with its quotes and line ends escaped. */
export function spellings(query: string): string[] {
  const plain = query.toLowerCase();
  return [...new Set([plain, JSON.stringify(plain).slice(1, -1)])];
}

/** Lines that hold the query, whatever its case; all lines for an empty query. */
export function findLines(lines: readonly string[], query: string): NumberedLine[] {
  const wanted = spellings(query);
  return lines.flatMap((text, index) => {
    const low = text.toLowerCase();
    return query === "" || wanted.some((one) => low.includes(one)) ? [{ number: index + 1, text }] : [];
  });
}
