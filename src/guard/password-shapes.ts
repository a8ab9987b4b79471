import type { Place } from "./place.ts";
import { looksRandom } from "./sensitive-shapes.ts";

/** Private keys, and passwords known by what is around them: in URLs, options of commands, headers and statements. */

const KEY_BEGINS = "PRIVATE KEY";
const keyBegin = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g;
const keyBody = /[A-Za-z0-9+/=\s\\:,-]{0,12000}/y;

function* privateKeys(text: string, begins: readonly number[]): Generator<Place> {
  if (!begins.some((at) => text.startsWith(KEY_BEGINS, at))) return;
  keyBegin.lastIndex = 0;
  for (let match = keyBegin.exec(text); match !== null; match = keyBegin.exec(text)) {
    const body = match.index + match[0].length;
    const near = text.slice(body, body + 12_000);
    const close = near.indexOf("-----END ");
    const dashes = close < 0 ? -1 : near.indexOf("-----", close + 9);
    keyBody.lastIndex = body;
    const end = dashes >= 0 ? body + dashes + 5 : body + (keyBody.exec(text)?.[0].length ?? 0);
    yield { kind: "private-key", secret: true, start: match.index, end };
    keyBegin.lastIndex = Math.max(end, body);
  }
}

const LONGEST_LOGIN = 300;
/** A password may hold an at sign itself: the last one ends it. */
const login = /(?:[A-Za-z][A-Za-z0-9+.-]{1,30}):(?:\\?\/){2}[^\s:@/"'`<>\\]{0,100}:([^\s/"'`<>\\]{1,200})$/d;
const noPassword = /^(?:[$%{*].*|x{3,}|<.*)$/i;

/** Passwords in URLs: before each at sign there may be one. */
function* urlPasswords(text: string): Generator<Place> {
  for (let at = text.indexOf("@"); at >= 0; at = text.indexOf("@", at + 1)) {
    const from = Math.max(0, at - LONGEST_LOGIN);
    const before = text.slice(from, at);
    if (!before.includes("//") && !before.includes("/\\/")) continue;
    const value = login.exec(before)?.indices?.[1];
    if (value === undefined || noPassword.test(before.slice(...value))) continue;
    yield { kind: "password", secret: true, start: from + value[0], end: from + value[1] };
  }
}

const userOption = /(?<=^|\s)(?:-u|--user)[ =]["']?[^\s:"']{1,64}:([^\s"']{3,200})/dy;

/** Where a sticky pattern's first group is, at each place that it matches at. */
function* groupsAt(pattern: RegExp, text: string, begins: readonly number[]): Generator<readonly [start: number, end: number]> {
  for (const at of begins) {
    pattern.lastIndex = at;
    const group = pattern.exec(text)?.indices?.[1];
    if (group !== undefined) yield group;
  }
}

/** `curl -u name:password`. */
function* optionPasswords(text: string, begins: readonly number[]): Generator<Place> {
  for (const [start, end] of groupsAt(userOption, text, begins)) {
    const value = text.slice(start, end);
    // `docker run -u 1000:1000` names a user and a group.
    if (!noPassword.test(value) && !/^\d+$/.test(value)) yield { kind: "password", secret: true, start, end };
  }
}

/** Commands of which `-p` and such takes a password, by how the option is written. Of MySQL's it has no blank before the password. */
const optionOf: readonly { readonly command: RegExp; readonly option: RegExp }[] = [
  { command: /(?:^|[\s;&|(/"'`])(?:mysql\w*|mariadb(?:-\w+)?)[ ][^\n|;&]{0,300}$/, option: /[ ]-p(?=\S)(?!-)["']?([^\s"']{1,200})/dy },
  {
    command:
      /(?:^|[\s;&|(/"'`])(?:sshpass|(?:docker|podman|az|helm registry|oc|skopeo|crane auth|buildah) login|mongo\w*|rabbitmqadmin|cqlsh|smbclient|ftp|bq)(?:[ ][^\n|;&]{0,300})?$/,
    option: /[ ]-p[ =]?["']?([^\s"'-][^\s"']{2,200})/dy,
  },
  {
    command: /(?:^|[\s;&|(/"'`])(?:redis-cli|nats|clickhouse-client)(?:[ ][^\n|;&]{0,300})?$/,
    option: /[ ]-a[ ]["']?([^\s"'-][^\s"']{2,200})/dy,
  },
  { command: /(?:^|[\s;&|(/"'`])(?:ldap\w+)(?:[ ][^\n|;&]{0,300})?$/, option: /[ ]-w[ ]["']?([^\s"'-][^\s"']{2,200})/dy },
  {
    command: /(?:^|[\s;&|(/"'`])(?:sqlcmd|bcp|unzip|zip|isql)(?:[ ][^\n|;&]{0,300})?$/,
    option: /[ ]-P[ ]?["']?([^\s"'-][^\s"']{2,200})/dy,
  },
];
/** For `beginningsOf`: options, schemes and words of statements, and the words of a key's first line. */
export const passwordBeginnings: readonly string[] = [" -p", " -a", " -w", "-u ", "-u=", "--us", "basi", "iden", "priv"];
const LONGEST_COMMAND = 320;

/** `mysql -u root -p…`, `sshpass -p …`, `redis-cli -a …`. */
function* commandPasswords(text: string, begins: readonly number[]): Generator<Place> {
  for (const at of begins) {
    if (text.charCodeAt(at) !== 32 || text.charCodeAt(at + 1) !== 45) continue;
    const before = text.slice(Math.max(0, at - LONGEST_COMMAND), at);
    for (const { command, option } of optionOf) {
      option.lastIndex = at;
      const [start, end] = option.exec(text)?.indices?.[1] ?? [];
      if (start === undefined || end === undefined || noPassword.test(text.slice(start, end)) || !command.test(before)) continue;
      yield { kind: "password", secret: true, start, end };
      break;
    }
  }
}

/** Links that let somebody in: `/reset/…`, `?code=…`. What must follow is looked at first, for paths are everywhere. */
const linkTokens =
  /\/(?=[\w-]{5,52}\/[\w.~-]{20})(?:[\w-]{0,20}(?:reset|magic|verify|confirm|activat|invit|unlock|recover|passwordless|login-link|one-time|onetime)[\w-]{0,20})\/([A-Za-z0-9_.~-]{20,300})(?![\w/])|[?&](?:code|ticket|otp|invite|key|t|k|h|hash|nonce)=([A-Za-z0-9_.~%-]{20,300})/dgi;

const SHORTEST_LINK = 28;

function* linkPasswords(text: string): Generator<Place> {
  // Not matchAll: it compiles the pattern for every text.
  linkTokens.lastIndex = 0;
  for (let match = linkTokens.exec(text); match !== null; match = linkTokens.exec(text)) {
    const [start = 0, end = 0] = match.indices?.[1] ?? match.indices?.[2] ?? [];
    if (looksRandom(match[1] ?? match[2] ?? "")) yield { kind: "credential", secret: true, start, end };
  }
}

const basic = /\bBasic[ \t]{1,4}([A-Za-z0-9+/]{8,400}={0,2})(?![A-Za-z0-9+/=])/diy;
const nameAndPassword = /^[ -~]{0,200}:[ -~]{3,}$/;

/** Name and password of Basic authorization, wherever they are: in lists of headers no name is beside them. */
function* basicPasswords(text: string, begins: readonly number[]): Generator<Place> {
  for (const [start, end] of groupsAt(basic, text, begins)) {
    try {
      if (nameAndPassword.test(atob(text.slice(start, end)))) yield { kind: "credential", secret: true, start, end };
    } catch {
      // "Basic subscription" is a word.
    }
  }
}

const identified = /\bidentified\s{1,4}(?:with\s{1,4}\S{1,60}\s{1,4})?by\s{1,4}(?:password\s{1,4})?\\?'([^'\\]{3,200})\\?'/diy;

/** `create user … identified by '…'` in logs of statements. */
function* statementPasswords(text: string, begins: readonly number[]): Generator<Place> {
  for (const [start, end] of groupsAt(identified, text, begins)) yield { kind: "password", secret: true, start, end };
}

/** Shortest text with a key, a login or an option in it. */
const SHORTEST = 8;

/** Whether a link or an address of the web may be in a text: `passwordBeginnings` has nothing for these. */
export const mayHoldPassword = (text: string): boolean => text.length >= SHORTEST && text.includes("/");

/** All of them; places may overlap. @param begins where one of {@link passwordBeginnings} may be */
export function* passwordsIn(text: string, begins: readonly number[]): Generator<Place> {
  if (text.length < SHORTEST) return;
  if (text.length >= SHORTEST_LINK && text.includes("/")) yield* linkPasswords(text);
  if (text.includes("@")) yield* urlPasswords(text);
  if (begins.length === 0) return;
  yield* commandPasswords(text, begins);
  yield* privateKeys(text, begins);
  yield* optionPasswords(text, begins);
  yield* basicPasswords(text, begins);
  yield* statementPasswords(text, begins);
}
