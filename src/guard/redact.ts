import { ownValueFinder } from "./own-values.ts";
import { personalDataIn } from "./personal-data.ts";
import { deriveKey, LABEL, labeller, seal, type SealedValue, unseal } from "./pseudonym.ts";
import { NO_RULES, type RedactionRules } from "./redaction-rules.ts";
import { type FieldMeaning, fieldFinder } from "./sensitive-fields.ts";
import { tokensIn } from "./secrets.ts";

/**
 * Hides secrets and personal data in texts. A secret becomes `<password>`, `<github-token>`; personal data becomes a pseudonym such as
 * `<email:kvmtrzpd>`, the same for the same value within one incident. What is hidden already is left alone, so texts may pass any number of times.
 *
 * Pseudonyms are derived with a key and not counted: triage runs in a thread, steps run again after a crash, and all must come to the same label
 * without asking each other.
 */

/** An answer of a source, as far as redaction knows it. */
interface AnswerLike {
  readonly raw: string;
  readonly value: unknown;
  readonly query: string;
  readonly link: string | null;
  readonly cut: string | null;
}

export interface Redactor {
  readonly text: (text: string) => string;
  /** Every string within plain data; fields by their names as well. Objects without anything to hide come back as they are. */
  readonly deep: <T>(value: T) => T;
  /** As `deep`, by shapes alone, for data whose field names are our own; `passes` names fields that stay as they are. */
  readonly event: <T>(event: T, passes: (key: string) => boolean) => T;
  /** Raw text and parsed value alike: what is hidden in one is hidden in the other, under the same label. */
  readonly answer: <T extends AnswerLike>(answer: T) => T;
  /** The values behind the pseudonyms that were made since it was last asked, sealed: to be kept with what they were taken from. */
  readonly takeSealed: () => readonly SealedValue[];
}

export interface RedactionOptions {
  /** This process's credentials. */
  readonly own: readonly string[];
  readonly rules?: RedactionRules;
  /** Pseudonyms are derived with it: any text that only this installation knows. */
  readonly labelSecret: string;
  /** Values are kept for a person who may see them, sealed with it. Without it nothing is kept. */
  readonly revealKey?: string | undefined;
}

export interface Redaction {
  readonly forIncident: (incidentId: string) => Redactor;
  /** For texts of no incident, such as log lines and error reports: labels without identity (`<email>`). */
  readonly plain: (text: string) => string;
  /** The same for every text within a message that leaves. */
  readonly message: <T>(message: T) => T;
  /** The value behind a pseudonym, or null without the key or with another one. */
  readonly unseal: (incidentId: string, sealed: SealedValue) => string | null;
}

interface Place {
  readonly start: number;
  readonly end: number;
  readonly kind: string;
  readonly secret: boolean;
  /** Known by the name of its field alone: elsewhere nothing tells what it is. */
  readonly named?: true;
}

/** Beginnings of tokens; the exact shapes are tried around them only. Few texts have any. */
const tokenBegins =
  /A(?:KIA|SIA|GPA|IDA|ROA|NPA|NVA|IPA)[A-Z0-9]{16}|AIza|ya29\.|GOCSPX-|(?:Account|SharedAccess)Key=|[?&]sig=|[78]Q~|gh[oprsu]_|github_pat_|gl[a-z]{2,5}-|xox|xapp-|xwfp-|hooks\.slack|[rs]k_(?:live|test)_|whsec_|sk-|gsk_|xai-|lin_(?:api|oauth)|ntn_|AT[AC]TT|PMAK-|dckr_|rubygems_|key-|figd_|sb[ps]_|pscale_|tskey-|fm[12][ar]?_|(?:AC|SK)[a-f0-9]{32}|npm_|pypi-|SG\.|hf_|do[opr]_v1|hv[bs]\.|dapi[a-f0-9]|NRAK-|glsa_|sntry|dp\.[a-z]|shp[a-z]{2}_|pdus\+|AGE-SEC|:\/\/[a-f0-9]{32}|eyJ/g;
const exampleKey = /(?<![A-Za-z0-9])A(?:KIA|SIA)[A-Z0-9]{9}EXAMPLE(?![A-Za-z0-9])/g;
/** A token that was cut off before it came here: too short for its shape, but its beginning says what it is. */
const cutToken =
  /(?<![A-Za-z0-9_-])(?:gh[oprsu]_|github_pat_|glpat-|xox[abeprs]-|xapp-|sk-ant-|sk_live_|rk_live_|AKIA|ASIA|AIza|npm_|hf_|hvs\.|SG\.|eyJ)[A-Za-z0-9_.-]{4,300}(?=…|\.\.\.|$)/g;
const TOKEN_BEFORE = 64;
const TOKEN_AFTER = 600;
/** A web token may be this long. */
const LONGEST_TOKEN = 16_000;
const isTokenCode = (code: number): boolean =>
  (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code === 95 || code === 45 || code === 46;

/** Escapes of JSON as blanks: the letter of "\n" is no part of the word behind it. */
const withoutEscapes = (text: string): string => (text.includes("\\") ? text.replaceAll(/\\[nrtbf"\\/]/g, "  ") : text);

function* tokens(text: string): Generator<Place> {
  tokenBegins.lastIndex = 0;
  let done = 0;
  for (let match = tokenBegins.exec(text); match !== null; match = tokenBegins.exec(text)) {
    const from = Math.max(done, match.index - TOKEN_BEFORE);
    let to = Math.min(text.length, match.index + TOKEN_AFTER);
    const most = Math.min(text.length, match.index + LONGEST_TOKEN);
    while (to < most && isTokenCode(text.charCodeAt(to))) to++;
    const part = withoutEscapes(text.slice(from, to));
    for (const { kind, start, end } of tokensIn(part)) yield { kind, secret: true, start: from + start, end: from + end };
    for (const { 0: found, index } of part.matchAll(exampleKey))
      yield { kind: "aws-key", secret: true, start: from + index, end: from + index + found.length };
    for (const { 0: found, index } of part.matchAll(cutToken))
      if (to === text.length || index + found.length < part.length)
        yield { kind: "cut-token", secret: true, start: from + index, end: from + index + found.length };
    // What follows was looked at, but for a token that begins near its end.
    done = Math.max(match.index + match[0].length, to - TOKEN_AFTER);
    tokenBegins.lastIndex = Math.max(match.index + match[0].length, to - TOKEN_BEFORE - 64);
  }
}

const KEY_BEGINS = "PRIVATE KEY";
const keyBegin = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g;
const keyBody = /[A-Za-z0-9+/=\s\\:,-]{0,12000}/y;

function* privateKeys(text: string): Generator<Place> {
  if (!text.includes(KEY_BEGINS)) return;
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

const userOption = /(?:^|\s)(?:-u|--user)[ =]["']?[^\s:"']{1,64}:([^\s"']{3,200})/dg;

/** `curl -u name:password`. */
function* optionPasswords(text: string): Generator<Place> {
  if (!text.includes("-u")) return;
  for (const { 1: value = "", indices } of text.matchAll(userOption)) {
    const [start = 0, end = 0] = indices?.[1] ?? [];
    // `docker run -u 1000:1000` names a user and a group.
    if (!noPassword.test(value) && !/^\d+$/.test(value)) yield { kind: "password", secret: true, start, end };
  }
}

const basic = /\bBasic[ \t]{1,4}([A-Za-z0-9+/]{8,400}={0,2})(?![A-Za-z0-9+/=])/dgi;
const nameAndPassword = /^[ -~]{0,200}:[ -~]{3,}$/;

/** Name and password of Basic authorization, wherever they stand: in lists of headers no name is beside them. */
function* basicPasswords(text: string): Generator<Place> {
  if (!text.includes("asic")) return;
  for (const { 1: coded = "", indices } of text.matchAll(basic)) {
    const [start = 0, end = 0] = indices?.[1] ?? [];
    try {
      if (nameAndPassword.test(atob(coded))) yield { kind: "credential", secret: true, start, end };
    } catch {
      // "Basic subscription" is a word.
    }
  }
}

const identified = /\bidentified\s{1,4}(?:with\s{1,4}\S{1,60}\s{1,4})?by\s{1,4}(?:password\s{1,4})?\\?'([^'\\]{3,200})\\?'/dgi;

/** `create user … identified by '…'` in logs of statements. */
function* statementPasswords(text: string): Generator<Place> {
  for (const { indices } of text.matchAll(identified)) {
    const [start = 0, end = 0] = indices?.[1] ?? [];
    yield { kind: "password", secret: true, start, end };
  }
}

/** Digits and letters alone, where the writing of a number varies; else lower case, blanks folded. */
function normalised(kind: string, value: string): string {
  if (kind === "phone") return value.replaceAll(/\D/g, "").replace(/^0+/, "");
  if (kind === "card" || kind === "iban" || kind === "national-id" || kind === "birth-date")
    return value.replaceAll(/[^A-Za-z0-9]/g, "").toUpperCase();
  return value.replaceAll("%40", "@").toLowerCase().replaceAll(/\s+/g, " ").trim();
}

/** First to last, what overlaps as one: by the kind that begins first, secrets before others, the longest of these. */
function joined(found: Place[]): Place[] {
  if (found.length < 2) return found;
  const apart: Place[] = [];
  for (const one of found.toSorted((a, b) => a.start - b.start || Number(b.secret) - Number(a.secret) || b.end - a.end)) {
    const last = apart.at(-1);
    if (last === undefined || one.start >= last.end) apart.push(one);
    else
      apart[apart.length - 1] = {
        ...last,
        secret: last.secret || one.secret,
        kind: one.secret && !last.secret ? one.kind : last.kind,
        end: Math.max(last.end, one.end),
      };
  }
  return apart;
}

/** Shortest value that is looked for elsewhere in the same answer: shorter ones are words of their own. */
const SHORTEST_KNOWN = 6;
/** JSON may spell any character by its code, and a slash with a backslash: the same text, which no shape would know. */
const codedSigns = /\\u00([2-7][0-9a-fA-F])/g;
const readableJson = (raw: string): string => {
  const slashes = raw.includes("\\/") ? raw.replaceAll("\\/", "/") : raw;
  if (!slashes.includes("\\u00")) return slashes;
  return slashes.replaceAll(codedSigns, (whole, hex: string) => {
    const char = String.fromCharCode(Number.parseInt(hex, 16));
    return char === '"' || char === "\\" ? whole : char;
  });
};

const isPlainObject = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};

/** Longest text of an answer that is remembered with what it became, characters: names, tags and ids come thousands of times. */
const LONGEST_REMEMBERED = 200;

/** Redactors kept at once; one that is made anew comes to the same labels. */
const MOST_INCIDENTS = 1_000;
const LABEL_WHOLE = new RegExp(`^(?:${LABEL.source})$`);

/** One for the whole process: patterns are compiled here. */
export function createRedaction(options: RedactionOptions): Redaction {
  const { own, rules = NO_RULES, labelSecret, revealKey } = options;
  const findOwn = ownValueFinder(own);
  const fields = fieldFinder(rules.fields);
  const labelKey = deriveKey(labelSecret, "midwatch pseudonyms");
  const sealKey = revealKey === undefined ? null : deriveKey(revealKey, "midwatch sealed values");

  function* byRules(text: string): Generator<Place> {
    for (const { kind, pattern, literal } of rules.rules) {
      if (literal !== "" && !text.includes(literal)) continue;
      const matcher = pattern.matcher(text);
      while (matcher.find()) {
        const group = matcher.groupCount() > 0 && matcher.start(1) >= 0 ? 1 : 0;
        if (matcher.end(group) > matcher.start(group)) yield { kind, secret: false, start: matcher.start(group), end: matcher.end(group) };
      }
    }
  }

  const isIgnored = (value: string): boolean => rules.ignore.some((pattern) => pattern.matcher(value).matches());

  function placesIn(text: string): Place[] {
    const found: Place[] = [];
    for (const { start, end } of findOwn(text)) found.push({ kind: "own-secret", secret: true, start, end });
    const others: Place[] = [];
    for (const place of tokens(text)) others.push(place);
    for (const place of privateKeys(text)) others.push(place);
    for (const place of urlPasswords(text)) others.push(place);
    for (const place of optionPasswords(text)) others.push(place);
    for (const place of basicPasswords(text)) others.push(place);
    for (const place of statementPasswords(text)) others.push(place);
    for (const { meaning, start, end } of fields.inText(text))
      others.push({ kind: meaning.kind, secret: meaning.secret, named: true, start, end });
    for (const place of personalDataIn(text, rules.ipAddresses)) others.push({ ...place, secret: false });
    for (const place of byRules(text)) others.push(place);
    for (const place of others) if (rules.ignore.length === 0 || !isIgnored(text.slice(place.start, place.end))) found.push(place);
    return joined(found);
  }

  type Hide = (place: Omit<Place, "start" | "end">, value: string) => string;

  function hideIn(text: string, hide: Hide): string {
    if (text.length < 4) return text;
    const places = placesIn(text);
    if (places.length === 0) return text;
    let clean = "";
    let at = 0;
    for (const place of places) {
      clean += text.slice(at, place.start) + hide(place, text.slice(place.start, place.end));
      at = place.end;
    }
    return clean + text.slice(at);
  }

  const byMeaning = (meaning: FieldMeaning | null, value: string): boolean =>
    meaning !== null && value !== "" && !LABEL_WHOLE.test(value) && meaning.holds(value) && !isIgnored(value);

  /** Names of fields in which nothing was found: the same ones come again and again. */
  const cleanNames = new Set<string>();
  function isCleanName(name: string): boolean {
    if (name.length < 6 || cleanNames.has(name)) return true;
    if (placesIn(name).length > 0) return false;
    if (cleanNames.size > 20_000) cleanNames.clear();
    cleanNames.add(name);
    return true;
  }

  function walk(
    value: unknown,
    onText: (text: string, key: string | null) => string,
    passes: (key: string) => boolean,
    key: string | null = null,
  ): unknown {
    if (typeof value === "string") return onText(value, key);
    if (typeof value === "number" && key !== null) {
      // Of a number only its field's name says that it is a card's, or a code.
      const meaning = fields.meaningOf(key);
      return meaning === null || !byMeaning(meaning, String(value)) ? value : onText(String(value), key);
    }
    if (typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) {
      let copy: unknown[] | null = null;
      for (let index = 0; index < value.length; index++) {
        const before: unknown = value[index];
        const after = walk(before, onText, passes, key);
        if (after !== before) (copy ??= [...(value as unknown[])])[index] = after;
      }
      return copy ?? value;
    }
    if (!isPlainObject(value)) return value;
    let copy: Record<string, unknown> | null = null;
    for (const name of Object.keys(value)) {
      if (passes(name)) continue;
      const before = (value as Record<string, unknown>)[name];
      const after = walk(before, onText, passes, name);
      if (after !== before) (copy ??= { ...(value as Record<string, unknown>) })[name] = after;
      if (isCleanName(name)) continue;
      copy ??= { ...(value as Record<string, unknown>) };
      delete copy[name];
      const shown = onText(name, null);
      let free = shown;
      for (let number = 2; Object.hasOwn(copy, free); number++) free = `${shown} ${number}`;
      copy[free] = after;
    }
    return copy ?? value;
  }

  const never = () => false;
  /** Ids of messages, people and the calls of tools. */
  const isAddress = (key: string) => ["type", "tool_use_id", "block_id", "action_id", "ts", "channel"].includes(key);

  function forIncident(incidentId: string): Redactor {
    const label = labeller(labelKey, incidentId);
    /** Values behind pseudonyms, by pseudonym, that nobody has kept yet. */
    const taken = new Map<string, string>();

    const hider =
      (known: Map<string, string> | null = null): Hide =>
      ({ kind, secret, named }, value) => {
        const shown = secret ? `<${kind}>` : label(kind, normalised(kind, value));
        if (!secret && sealKey !== null && !taken.has(shown)) taken.set(shown, value);
        if (named === true && known !== null && value.length >= SHORTEST_KNOWN) known.set(value, shown);
        return shown;
      };
    const hide = hider();
    const meaningOf = (key: string | null) => (key === null ? null : fields.meaningOf(key));
    const byName = (text: string, key: string | null): string => {
      const meaning = meaningOf(key);
      // An e-mail address within such a field is known by its shape, with what stands around it kept.
      if (meaning !== null && byMeaning(meaning, text)) {
        const shaped = hideIn(text, hide);
        return shaped === text ? hide(meaning, text) : shaped;
      }
      return hideIn(text, hide);
    };

    return {
      text: (text) => hideIn(text, hide),
      deep: (value) => walk(value, byName, never) as typeof value,
      event: (event, passes) => walk(event, (text) => hideIn(text, hide), passes) as typeof event,
      takeSealed() {
        if (sealKey === null || taken.size === 0) return [];
        const sealed = [...taken].map(([pseudonym, value]) => seal(sealKey, incidentId, pseudonym, value));
        taken.clear();
        return sealed;
      },
      answer(answer) {
        const known = new Map<string, string>();
        const raw = hideIn(readableJson(answer.raw), hider(known));
        const hidden = [...known].toSorted(([a], [b]) => b.length - a.length);
        const onText = (text: string, key: string | null): string => {
          let clean = byName(text, key);
          // What only the raw answer's field name told.
          for (const [value, shown] of hidden) if (clean.includes(value)) clean = clean.replaceAll(value, shown);
          return clean;
        };
        const within = hidden.length > 200 ? byName : onText;
        const before = new Map<string, string>();
        const remembering = (text: string, key: string | null): string => {
          // What the name of a field says is not said of the same text in another.
          if (text.length > LONGEST_REMEMBERED || meaningOf(key) !== null) return within(text, key);
          let clean = before.get(text);
          if (clean === undefined) before.set(text, (clean = within(text, key)));
          return clean;
        };
        const { value, query, link, cut } = answer;
        return {
          ...answer,
          raw,
          value: walk(value, remembering, never),
          query: onText(query, null),
          link: link === null ? null : onText(link, null),
          cut: cut === null ? null : onText(cut, null),
        };
      },
    };
  }

  const plain = (text: string) => hideIn(text, ({ kind }) => `<${kind}>`);

  const incidents = new Map<string, Redactor>();
  return {
    forIncident(incidentId) {
      const before = incidents.get(incidentId);
      if (before !== undefined) return before;
      const made = forIncident(incidentId);
      const [oldest] = incidents.keys();
      if (incidents.size >= MOST_INCIDENTS && oldest !== undefined) incidents.delete(oldest);
      incidents.set(incidentId, made);
      return made;
    },
    plain,
    message: (message) => walk(message, plain, isAddress) as typeof message,
    unseal: (incidentId, sealed) => (sealKey === null ? null : unseal(sealKey, incidentId, sealed)),
  };
}
