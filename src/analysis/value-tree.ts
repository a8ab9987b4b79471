/** Settings as they are read from a piece of a file, whatever its format. */
export type ValueTree =
  | { readonly kind: "scalar"; readonly text: string }
  | { readonly kind: "list"; readonly items: readonly ValueTree[] }
  | { readonly kind: "map"; readonly entries: ReadonlyMap<string, ValueTree> };

/** Stands for a key or value that lies outside what a diff shows. */
export const UNSEEN = "…";

export const scalar = (text: string): ValueTree => ({ kind: "scalar", text });
export const list = (items: readonly ValueTree[]): ValueTree => ({ kind: "list", items });

/** Text in quotes that some reader takes for something else without them: `yes`, `0644`, `1.10`, nothing. */
const NEEDS_QUOTES = /^(?:|~|null|y|n|yes|no|on|off|true|false|[-+.]?\d.*)$/i;

/** A string as people tell it from a number, a truth value or nothing. */
export const quoted = (text: string): ValueTree => scalar(NEEDS_QUOTES.test(text) ? `"${text}"` : text);

/** A map, or null where a key comes twice: which of the two counts depends on the reader. */
export function mapOf(entries: readonly (readonly [string, ValueTree])[]): ValueTree | null {
  const map = new Map(entries);
  return map.size === entries.length ? { kind: "map", entries: map } : null;
}

/** What lies between brackets, still open. Of the outermost nobody knows which kind it is. */
interface Frame {
  readonly entries: [string, ValueTree][];
  readonly items: ValueTree[];
  /** A key that waits for its value. */
  key: string | null;
  /** The value that was read last, to become a key if a `:` follows. */
  last: ValueTree | null;
}

const frame = (): Frame => ({ entries: [], items: [], key: null, last: null });

/**
 * A piece of JSON, from anywhere in a file: brackets that are not closed here are closed at its end, and those that were opened above begin
 * before it. null: it is no JSON, has a key twice, or holds a comment.
 */
export function jsonPiece(text: string): ValueTree | null {
  const tokens = text.match(/"(?:[^"\\\n]|\\.)*"|[^\s",:[\]{}]+|\S/g) ?? [];
  const open: Frame[] = [frame()];
  const settle = (own: Frame) => {
    if (own.last === null) return;
    if (own.key === null) own.items.push(own.last);
    else own.entries.push([own.key, own.last]);
    own.key = own.last = null;
  };
  // What was opened above belongs to a list where others without a key follow.
  const asItems = (own: Frame) => {
    settle(own);
    const [first] = own.entries;
    if (own.entries.length === 1 && first?.[0] === UNSEEN && own.items.length > 0)
      own.items.unshift(...own.entries.splice(0).map(([, value]) => value));
  };
  const closed = (own: Frame, close: string): ValueTree | null => {
    asItems(own);
    if (close === "]" && own.items.length === 0 && own.entries.length === 1 && own.entries[0]?.[0] === UNSEEN)
      return list([own.entries[0][1]]);
    if (close === "}" ? own.items.length > 0 : own.entries.length > 0) return null;
    return close === "}" ? mapOf(own.entries) : list(own.items);
  };
  for (const token of tokens) {
    const own = open.at(-1) ?? frame();
    if (token === "{" || token === "[") open.push(frame());
    else if (token === "}" || token === "]") {
      const value = closed(own, token);
      if (value === null) return null;
      open.pop();
      if (open.length === 0) open.push({ ...frame(), key: UNSEEN });
      const outer = open.at(-1);
      if (outer?.last !== null) return null;
      outer.last = value;
    } else if (token === ":") {
      if (own.key !== null || own.last?.kind !== "scalar") return null;
      own.key = own.last.text;
      own.last = null;
    } else if (token === ",") settle(own);
    else {
      const value = jsonScalar(token);
      if (value === null || own.last !== null) return null;
      own.last = value;
    }
  }
  for (;;) {
    const own = open.pop() ?? frame();
    asItems(own);
    if (own.entries.length > 0 && own.items.length > 0) return null;
    // What is open and empty goes on below.
    const isCut = own.entries.length + own.items.length === 0;
    const value = isCut ? scalar(UNSEEN) : own.entries.length > 0 ? mapOf(own.entries) : list(own.items);
    if (value === null || open.length === 0) return value;
    const outer = open.at(-1);
    if (outer !== undefined) outer.last = value;
  }
}

function jsonScalar(token: string): ValueTree | null {
  try {
    const value: unknown = JSON.parse(token);
    return typeof value === "string" ? quoted(value) : scalar(token);
  } catch {
    return null;
  }
}
