import { isReservedDomain } from "../guard/sensitive-shapes.ts";

/**
 * Hosts on the internet that a text names, as an address or by their bare name. A patch that makes a service talk to a host nobody mentioned
 * before is not a small fix, whoever asked for it.
 */

// Endings that a name in code hardly has by chance.
const sureEndings = new Set(
  "com net org edu gov mil int biz xyz site online cloud dev tech website club icu buzz su ru cn de uk fr nl eu jp br au ca ch cz ua ir kp hk tw kr pw co".split(
    " ",
  ),
);
// Endings that are also words of programs ("user.id", "event.info"), or of files ("main.py"): a name of two parts with one of these is a host
// only where a path, a port or an "@" says so.
const wordEndings = new Set(
  "info io app ai me tv cc ws gg to sh pl ml rs py md ps so mk zip mov name id is it in at by no my do as us be es link live page host store shop run click top space fun pro systems email network services tools zone digital agency world group sg se ly la fm im st ac ga cf gq tk".split(
    " ",
  ),
);
/** Names that never leave the house: RFC 6761 and RFC 8375, and what clusters and companies use within. */
const inside = /(?:^|\.)(?:localhost|local|internal|intranet|lan|corp|home|svc|cluster|home\.arpa)$/i;

const HOST_CHARACTER = "[\\p{L}\\p{N}_-]";
// Bounded, and begun only where a name begins, so that a long text is read once.
const bareName = new RegExp(`(?<![\\p{L}\\p{N}_.-])${HOST_CHARACTER}{1,63}(?:\\.${HOST_CHARACTER}{1,63}){1,10}(?!${HOST_CHARACTER})`, "gu");
const address = /(?<![A-Za-z0-9+.-])[A-Za-z][A-Za-z0-9+.-]{0,30}:(?:\\?\/){2}([^\s"'`<>|\\/?#]{1,300})/g;
const ipv4 = /^(?:\d{1,3}\.){3}\d{1,3}$/;

/** Addresses of no outside host: private, loopback, documentation. The link-local ones count as outside: clouds hand out credentials there. */
const harmlessIpv4 = /^(?:10\.|127\.|0\.0\.0\.0$|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|192\.0\.2\.|198\.51\.100\.|203\.0\.113\.|255\.)/;

/** The fixed end of a host of which the rest is put in at run time: `${region}.acme.com` → `acme.com`. */
const fixedPart = (host: string): string => host.split(/\$?\{[^{}]*\}|%[sdv]|\$\w+|[^\p{L}\p{N}_.:[\]-]/u).at(-1) ?? "";

/** The host of an address' authority part, in the form that a browser would use; null where it names none outside. */
function hostOf(authority: string): string | null {
  const named = authority.slice(authority.lastIndexOf("@") + 1).replace(/:(?:\d{1,9}|\$?\{[^{}]{0,99}\}|%[sdv]|\$\w{1,99})?$/, "");
  const part = fixedPart(named).replace(/^\.+/, "");
  if (part === "" || !URL.canParse(`http://${part}`)) return null;
  const host = new URL(`http://${part}`).hostname.replace(/\.$/, "");
  if (host.startsWith("[")) return host === "[::1]" || /^\[f[cd]/.test(host) ? null : host;
  if (ipv4.test(host)) return harmlessIpv4.test(host) ? null : host;
  // One word is a host of the same network: "http://payments:8080".
  return !host.includes(".") || inside.test(host) || isReservedDomain(host) ? null : host;
}

function isBareHost(name: string, before: string, after: string): boolean {
  if (ipv4.test(name)) return name.split(".").every((part) => Number(part) <= 255) && !harmlessIpv4.test(name) && !/[\d.]/.test(after);
  // What is called or assigned to is a name of the program.
  if (after === "(" || inside.test(name) || isReservedDomain(name)) return false;
  const labels = name.split(".");
  const ending = labels.at(-1) ?? "";
  const quoted = /["'`@/]/.test(before);
  // `System.Net` and the like: a host in plain text is written in one case.
  if (!quoted && ending !== ending.toLowerCase() && ending !== ending.toUpperCase()) return false;
  if (sureEndings.has(ending.toLowerCase()) || ending.toLowerCase().startsWith("xn--")) return true;
  if (!wordEndings.has(ending.toLowerCase())) return false;
  return before === "@" || (quoted && (labels.length > 2 || /[/:]/.test(after)));
}

/** Outside hosts of a text, in lower case, each once, in the order of their first appearance. */
export function outsideHosts(text: string): readonly string[] {
  const found = new Set<string>();
  for (const match of text.matchAll(address)) {
    const host = hostOf(match[1] ?? "");
    if (host !== null) found.add(host);
  }
  for (const match of text.matchAll(bareName)) {
    const end = match.index + match[0].length;
    if (isBareHost(match[0], text[match.index - 1] ?? "", text[end] ?? "")) found.add(match[0].toLowerCase());
  }
  return [...found];
}

const partOfName = /[\p{L}\p{N}_-]/u;

/** Whether a text names a host, whole: "evil.com" does not stand in "notevil.com", "api.evil.com" or "evil.com.example". */
export function namesHost(text: string, host: string): boolean {
  const lower = text.toLowerCase();
  for (let at = lower.indexOf(host); at >= 0; at = lower.indexOf(host, at + 1)) {
    const before = lower[at - 1] ?? "";
    const after = lower[at + host.length] ?? "";
    const longer = after === "." && partOfName.test(lower[at + host.length + 1] ?? "");
    if (!partOfName.test(before) && before !== "." && !partOfName.test(after) && !longer) return true;
  }
  return false;
}

/** A line that is a comment in some language, and the rest of a line from a comment's mark on. A string that looks like one counts as one. */
const commentLine = /^\s*(?:\/\/|#|--|;|\*)/;
const commentRest = /(?:^|\s)(?:\/\/|#|-- ).*$/;
/** What begins a comment over several lines, with what ends it. */
const blocks = [
  { begin: /(?:^|\s)\/\*/, end: "*/" },
  { begin: /<!--/, end: "-->" },
  { begin: /^\s*"""/, end: '"""' },
  { begin: /^\s*'''/, end: "'''" },
] as const;

/**
 * What machines read of a text, in whatever language: all but its comments, by their usual marks. In doubt words are taken for a comment, and so
 * is what stands behind the end of one on its line.
 */
export function withoutComments(text: string): string {
  let until: string | null = null;
  const code = (line: string): string => {
    if (until !== null) {
      if (line.includes(until)) until = null;
      return "";
    }
    if (commentLine.test(line)) return "";
    for (const { begin, end } of blocks) {
      const found = begin.exec(line);
      if (found === null) continue;
      if (!line.includes(end, found.index + found[0].length)) until = end;
      return line.slice(0, found.index).replace(commentRest, "");
    }
    return line.replace(commentRest, "");
  };
  return text.split("\n").map(code).join("\n");
}
