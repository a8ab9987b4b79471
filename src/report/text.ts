import { defanged } from "../guard/defang.ts";
import { clockTime, minuteTime } from "./words.ts";

/**
 * Words without markup. The report is made of these; each surface (Slack, pages, Markdown) writes them in its own markup. Any text in them
 * may come from outside, so a surface escapes all of it.
 */
export type Words = readonly Run[];

/** `own`: midwatch's words. `outside`: a name or sentence from elsewhere. `prose`: the same, with code between backticks. */
type TextKind = "own" | "outside" | "prose" | "strong" | "code";

export type Run =
  | { readonly as: TextKind; readonly text: string }
  | { readonly as: "link"; readonly text: string; readonly url: string | null }
  | { readonly as: "time"; readonly at: number; readonly to: "second" | "minute" };

const text = (as: TextKind) => (words: string) => ({ as, text: words }) as const;
export const own = text("own");
export const prose = text("prose");
export const strong = text("strong");
export const code = text("code");
export const link = (words: string, url: string | null) => ({ as: "link", text: words, url }) as const;
/** A time of day in UTC. */
export const time = (at: number, to: "second" | "minute" = "second") => ({ as: "time", at, to }) as const;

type Piece = string | number | Run | Words | null | false;

function runsOf(piece: Piece): Words {
  if (piece === null || piece === false || piece === "") return [];
  if (typeof piece === "string") return [text("outside")(piece)];
  if (typeof piece === "number") return [own(String(piece))];
  return "as" in piece ? [piece] : piece;
}

/** Tagged template: its own text is midwatch's, an inserted string is from outside; null, false and "" insert nothing. */
export const say = (strings: TemplateStringsArray, ...pieces: readonly Piece[]): Words =>
  strings.flatMap((words, index) => [...(words === "" ? [] : [own(words)]), ...runsOf(pieces[index] ?? null)]);

/** The parts that say something, with a separator of our own between them. */
export const joinedWords = (parts: readonly Piece[], separator = " "): Words =>
  parts
    .map(runsOf)
    .filter((words) => words.length > 0)
    .flatMap((words, index) => (index === 0 ? words : [own(separator), ...words]));

/** How a surface writes each kind of run. */
export type Markup = { readonly [K in TextKind]: (text: string) => string } & {
  readonly link: (text: string, url: string | null) => string;
  readonly time: (at: number, to: "second" | "minute") => string;
};

export function rendered(words: Words, markup: Markup): string {
  const parts = words.map((run) => {
    if (run.as === "link") return markup.link(run.text, run.url);
    return run.as === "time" ? markup.time(run.at, run.to) : markup[run.as](run.text);
  });
  return parts.join("");
}

const asItIs = (words: string) => words;

const plainly = (words: Words, outside: (inside: string) => string, inCode: (inside: string) => string): string =>
  rendered(words, {
    own: asItIs,
    outside,
    prose: outside,
    strong: outside,
    code: inCode,
    link: outside,
    time: (at, to) => (to === "minute" ? minuteTime(at) : clockTime(at)),
  });

/** Without any markup, for JSON and the timeline. */
export const plain = (words: Words): string => plainly(words, asItIs, asItIs);

/** Text from outside for surfaces that make links of addresses: in it there are none. */
export const unlinked = (outside: string): string => defanged(outside, [], false);

/** As {@link plain}, without addresses. Code is there to be copied: a host in it stays, a link is broken by a blank. */
export const plainUnlinked = (words: Words): string => plainly(words, unlinked, (inside) => inside.replaceAll("://", ": //"));
