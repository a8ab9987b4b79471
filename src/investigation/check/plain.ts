import { defanged } from "../../guard/defang.ts";
import { controlRuns, shapelessRuns } from "../../guard/unseen.ts";

/**
 * A model's words as plain text on one line. Code that shows them escapes them too; this takes away what no reader should get from a model:
 * controls, marks that hide or turn text, mentions and markup of Slack, and whatever could be opened that nobody vouches for. A host, an address or
 * a link stays as words that lead nowhere: `db[.]example[.]com`.
 */

/** Cleaning looks at no more than this times what is kept. */
const LOOK_AT = 4;

const MARKUP = /<(?:[!@#]|(?:https?|mailto|tel):)([^<>|]{0,500})(?:\|([^<>]{0,500}))?>/gi;
const MARKDOWN_LINK = /!?\[([^[\]]{0,300})\]\(([^()\s]{0,500})\)/g;
const OTHER_SCHEME = /\b(?:mailto|javascript|data|vbscript|tel):(?=\S)/gi;
const CALL_ALL = /@+(?=(?:here|channel|everyone|group)\b)/gi;

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

/** A text on one line without controls, hidden marks, mentions and markup. Links in it are still links: see {@link defanged}. @param longest characters */
export function cleanLine(text: string, longest: number): string {
  const looked = text
    .slice(0, longest * LOOK_AT)
    .toWellFormed()
    .replaceAll(controlRuns, " ")
    .replaceAll(shapelessRuns, "");
  const line = looked
    .replaceAll(MARKDOWN_LINK, (_, label: string, target: string) => `${label} ${target}`)
    .replaceAll(MARKUP, (whole, inner: string, label?: string) => {
      if (/^<[!@#]/.test(whole)) return label ?? inner.replace(/^[!@]/, "");
      return label === undefined ? whole.slice(1, -1) : `${label} ${whole.slice(1, whole.indexOf("|"))}`;
    })
    // A blank in its place: what stood on both sides must not come together to a link.
    .replaceAll(OTHER_SCHEME, " ")
    .replaceAll(CALL_ALL, "")
    .replaceAll(/<+(?=[!@])/g, "")
    .replaceAll(/\s+/g, " ")
    .trim();
  return cutWords(line, longest);
}

/**
 * A model's words, ready to be shown.
 * @param hosts to which links may stay, exact and in lower case
 * @param longest characters, before links are taken apart
 */
export const plainLine = (text: string, longest: number, hosts: readonly string[]): string => defanged(cleanLine(text, longest), hosts);
