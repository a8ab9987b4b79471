import { type Html, html } from "./html.ts";

/**
 * Names that machines make, cut to what people compare. The whole name stays in the markup, so that search, copying and screen readers have it;
 * only what is drawn is shorter.
 */

// Letters and digits of names that Kubernetes makes up; no vowels. Source: k8s.io/apimachinery/pkg/util/rand, `alphanums`.
const MADE_UP = "[bcdfghjklmnpqrstvwxz2456789]";
/** A pod of a Deployment: its ReplicaSet's hash of up to ten signs, and five of its own, of which one at least is a digit. */
const POD = String.raw`-(?=[a-z]*\d)(?:${MADE_UP}{8,10})-(?=${MADE_UP}{5}(?![\w-]))`;
const UUID = String.raw`(?<=\b[0-9a-f]{8})-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b`;
/** A whole commit id or another digest; seven signs of it are what people know. */
const DIGEST = String.raw`(?<=\b[0-9a-f]{7})[0-9a-f]{25,57}\b`;
const HIDDEN = new RegExp(`${POD}|${UUID}|${DIGEST}`, "g");
/** Signs that a name may have; what is cut is looked for within one. */
const NAME = /[\w.:@/-]+/g;
const SHORTEST_CUT = 16;

function cutName(name: string): Html | string {
  const parts: (Html | string)[] = [];
  let from = 0;
  for (const { 0: hidden, index } of name.matchAll(HIDDEN)) {
    const isEnd = index + hidden.length === name.length;
    parts.push(name.slice(from, index), html`<span class="${isEnd ? "" : "dots"}"><span class="cut">${hidden}</span></span>`);
    from = index + hidden.length;
  }
  return from === 0 ? name : html`<span class="long" title="${name}">${parts}${name.slice(from)}</span>`;
}

/** The text with names of pods, commits and the like shown short; the whole name is on hover, and in what is copied. */
export function shortNames(text: string): Html | string {
  if (text.length < SHORTEST_CUT) return text;
  const parts: (Html | string)[] = [];
  let from = 0;
  for (const { 0: name, index } of text.matchAll(NAME)) {
    if (name.length < SHORTEST_CUT) continue;
    const short = cutName(name);
    if (typeof short === "string") continue;
    parts.push(text.slice(from, index), short);
    from = index + name.length;
  }
  return from === 0 ? text : html`${parts}${text.slice(from)}`;
}
