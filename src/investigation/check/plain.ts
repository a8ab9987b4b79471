import { controlRuns, shapelessRuns } from "../../guard/unseen.ts";

/**
 * A model's words as plain text on one line. Code that shows them escapes them too; this takes away what no reader should get from a model:
 * controls, marks that hide or turn text, mentions and markup of Slack, links to hosts that nobody vouches for.
 */

/** Replaces a link that nobody vouches for. */
export const LINK_REMOVED = "(link removed)";

/** Cleaning looks at no more than this times what is kept. */
const LOOK_AT = 4;

const MARKUP = /<(?:[!@#]|(?:https?|mailto|tel):)([^<>|]{0,500})(?:\|([^<>]{0,500}))?>/gi;
const MARKDOWN_LINK = /!?\[([^[\]]{0,300})\]\(([^()\s]{0,500})\)/g;
const LINK = /(?:[a-z][a-z0-9+.-]{1,20}:\/\/|www\.)[^\s<>"'`|)\]]{1,1000}/gi;
const OTHER_SCHEME = /\b(?:mailto|javascript|data|vbscript|tel):(?=\S)/gi;
const CALL_ALL = /@+(?=(?:here|channel|everyone|group)\b)/gi;

function vouched(link: string, hosts: readonly string[]): boolean {
  try {
    const url = new URL(link);
    // A backslash ends the host for browsers, and is part of a user's name for other readers.
    return !link.includes("\\") && url.protocol === "https:" && url.username === "" && url.password === "" && hosts.includes(url.hostname);
  } catch {
    return false;
  }
}

/** Cuts between words, with an ellipsis. @param longest characters */
export function cutWords(text: string, longest: number): string {
  if (text.length <= longest) return text;
  const cut = text.slice(0, longest - 1);
  const space = cut.lastIndexOf(" ");
  return `${cut
    .slice(0, space > longest / 2 ? space : cut.length)
    .toWellFormed()
    .replace(/\uFFFD$/, "")
    .trimEnd()}…`;
}

/**
 * @param hosts to which links may stay, exact and in lower case
 * @param longest characters
 */
export function plainLine(text: string, longest: number, hosts: readonly string[]): string {
  const looked = text
    .slice(0, longest * LOOK_AT)
    .toWellFormed()
    .replaceAll(controlRuns, " ")
    .replaceAll(shapelessRuns, "");
  const line = looked
    .replaceAll(MARKDOWN_LINK, (_, label: string, target: string) => (vouched(target, hosts) ? `${label} ${target}` : label))
    .replaceAll(MARKUP, (whole, inner: string, label?: string) => {
      if (label !== undefined) return label;
      const target = whole.slice(1, -1);
      return vouched(target, hosts) ? target : /^<[!@]/.test(whole) ? inner.replace(/^[!@]/, "") : "";
    })
    .replaceAll(LINK, (link) => {
      const end = /[.,;:!?]+$/.exec(link)?.[0] ?? "";
      return vouched(link.slice(0, link.length - end.length), hosts) ? link : `${LINK_REMOVED}${end}`;
    })
    // A blank in its place: what stood on both sides must not come together to a link.
    .replaceAll(OTHER_SCHEME, " ")
    .replaceAll(CALL_ALL, "")
    .replaceAll(/<+(?=[!@])/g, "")
    .replaceAll(/\s+/g, " ")
    .trim();
  return cutWords(line, longest);
}
