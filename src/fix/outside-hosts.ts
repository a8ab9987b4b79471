import { isReservedDomain } from "../guard/sensitive-shapes.ts";
import { joined, understood } from "./understood-text.ts";

/**
 * Hosts on the internet that a text names, as an address or by their bare name. A patch that makes a service talk to a host nobody mentioned
 * before is never a small fix.
 */

// Endings that a name in code hardly has by chance. No list of all endings: `.data` and `.search` exist (docs/decisions/libraries.md).
const sureEndings = new Set(
  "com net org edu gov mil int biz xyz site online cloud dev tech website club icu buzz su ru cn de uk fr nl eu jp br au ca ch cz ua ir kp hk tw kr pw co lol sbs cfd cyou monster fyi wtf".split(
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
// Browsers take "https:evil.com" and "https:\\\\evil.com" for addresses too.
const address = /(?<![A-Za-z0-9+.-])(?:(?:https?|wss):[\\/]{0,8}|[A-Za-z][A-Za-z0-9+.-]{0,30}:(?:\\?\/){2})([^\s"'`<>|\\/?#]{1,300})/g;
const ipv4 = /^(?:\d{1,3}\.){3}\d{1,3}$/;

const anyHost = "((?:[\\p{L}\\p{N}_-]{1,63}\\.){1,10}\\p{L}[\\p{L}\\p{N}-]{1,62})(?![\\p{L}\\p{N}_(-])";
/** Where a name with any ending at all is a host: the places say so. */
const placesOfHosts = [
  `["'\`]//${anyHost}`,
  `[\\w.-]@${anyHost}:(?!//)[\\w~/]`,
  `\\b(?:ssh|scp|sftp|rsync)\\s{1,4}(?:-\\S{1,30}\\s{1,4}){0,4}(?:[\\w.-]{1,64}@)?${anyHost}`,
  `\\b(?:curl|wget|nc|ncat|netcat|telnet|ping|dig|nslookup|go get|go install|go run|docker pull|docker run|podman pull)\\s{1,4}(?:-\\S{1,30}\\s{1,4}){0,4}["']?${anyHost}`,
  `(?:host|hostname|server|servername|hosts|addr|address|endpoint|domain|broker|proxy|connect|resolve\\w{0,10}|lookup\\w{0,10})["']?\\s{0,4}(?:=>|:=|[:=(])\\s{0,4}\\[?(?:\\d{1,5}\\s{0,2},\\s{0,2}|[\\w.$()[\\] ]{1,60}\\+ ?)?["'\`]\\.?${anyHost}`,
  // An address as Python's sockets take it.
  `[(,]\\s{0,4}\\(\\s{0,2}["']${anyHost}["']\\s{0,2},\\s{0,2}\\d{1,5}\\s{0,2}\\)`,
].map((place) => new RegExp(place, "giu"));
const quotedIpv6 = /["'`]((?:[0-9a-f]{0,4}:){3,7}[0-9a-f]{0,4})["'`]/gi;
/** Where images come from: with a path behind it a name of a known ending is a host, though in no quotes. */
const imageHost = new RegExp(`(?:^|[\\s{,"'-])(?:image|repository|registry|from)["']?\\s{0,4}[:=]?\\s{0,4}["']?${anyHost}(?=[:/])`, "gimu");
/** An address of which the ending is still to come: `"https://evil." + x`, `https://evil.${x}`. */
const addressToEnd =
  /https?:[\\/]{0,8}[\w.-]{1,200}\.(?:["'`]\s{0,4}(?:\+|&|\|\||~|\.{1,2}\s{0,4}(?:concat\b|\$))|\$?\{[^}\n]{0,99}\}(?![\w.-]{0,99}\.\w))/i;
/** `"https://" + "evil." + "com"`: nobody needs to write a fixed address so, but to hide it. */
const addressInPieces = /https?:[\\/]{0,8}(?:["'`]\s{0,4}(?:\+|\.{1,2}|,)\s{0,4}["'`]|\$?\{[^}\n]{0,99}["'`(+])/i;
/** Stands for a host that is put together, in what {@link outsideHosts} finds. */
const PUT_TOGETHER = "(put together from pieces)";

/** Addresses of no outside host: private, loopback, documentation. The link-local ones count as outside: clouds hand out credentials there. */
const harmlessIpv4 = /^(?:10\.|127\.|0\.0\.0\.0$|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|192\.0\.2\.|198\.51\.100\.|203\.0\.113\.|255\.)/;

/** The fixed end of a host of which the rest is put in at run time: `${region}.acme.com` → `acme.com`. */
const fixedPart = (host: string): string => host.split(/\$?\{[^{}]*\}|%[sdv]|\$\w+|[^\p{L}\p{N}_.:[\]-]/u).at(-1) ?? "";

/** The host of an address' authority part, in the form that a browser would use; null where it names none outside. */
function hostOf(authority: string): string | null {
  const named = authority.slice(authority.lastIndexOf("@") + 1).replace(/:(?:\d{1,9}|\$?\{[^{}]{0,99}\}|%[sdv]|\$\w{1,99})?$/, "");
  const fixed = fixedPart(named);
  const part = fixed.replace(/^\.+/, "");
  // `${name}.com`: all but the ending is put in.
  if (/^\.\p{L}{2,}$/u.test(fixed) && fixed !== named && !inside.test(part)) return `*${fixed.toLowerCase()}`;
  if (part === "" || !URL.canParse(`http://${part}`)) return null;
  const host = new URL(`http://${part}`).hostname.replace(/\.$/, "");
  if (host.startsWith("[")) return host === "[::1]" || host === "[::]" || /^\[(?:f[cd]|2001:db8:)/.test(host) ? null : host;
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

/** Outside hosts of a text, in lower case, each once. One that is put together at run time is known by its fixed part. */
export function outsideHosts(written: string): readonly string[] {
  const text = understood(written);
  const whole = joined(text);
  const found = new Set([text, ...(whole === text ? [] : [whole])].flatMap(hostsIn));
  if (addressInPieces.test(text) || addressToEnd.test(whole)) found.add(PUT_TOGETHER);
  return [...found];
}

/** The content of one reading of a text. */
function hostsIn(text: string): string[] {
  const found = new Set<string>();
  const add = (host: string | null) => {
    if (host !== null) found.add(host);
  };
  for (const match of text.matchAll(address)) add(hostOf(match[1] ?? ""));
  for (const match of text.matchAll(bareName)) {
    const end = match.index + match[0].length;
    if (isBareHost(match[0], text[match.index - 1] ?? "", text[end] ?? "")) add(match[0].toLowerCase());
  }
  for (const place of placesOfHosts) for (const match of text.matchAll(place)) add(hostOf(match[1] ?? ""));
  for (const match of text.matchAll(quotedIpv6)) if (/\d/.test(match[1] ?? "")) add(hostOf(`[${match[1]}]`));
  for (const [, name = ""] of text.matchAll(imageHost)) {
    const ending = name.slice(name.lastIndexOf(".") + 1).toLowerCase();
    if (sureEndings.has(ending) || wordEndings.has(ending)) add(hostOf(name));
  }
  return [...found];
}

const nameRun = /[\p{L}\p{N}_.-]+/gu;

/**
 * Finds the whole hosts that a text names: "evil.com" is not in "notevil.com", "api.evil.com" or "evil.com.example". The text is read once,
 * however many are asked for.
 */
export function hostsNamed(text: string): (host: string) => boolean {
  const lower = understood(text).toLowerCase();
  const names = new Set(Array.from(lower.matchAll(nameRun), ([run]) => run.replace(/\.+$/, "")));
  return (host) => names.has(host) || (host !== PUT_TOGETHER && /[^\p{L}\p{N}_.-]/u.test(host) && lower.includes(host));
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
 * is what follows the end of one on its line.
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
