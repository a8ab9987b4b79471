import { looksRandom } from "./sensitive-shapes.ts";
import { isDigit, isWordBefore } from "./personal-data.ts";

/**
 * Values known by the name of their field: in JSON (also in a string of JSON), `key=value`, headers, URLs' query strings, YAML, XML and commands.
 * Names come first because a password or a name of a person has no shape.
 */

/** What a field's name says of its value. */
export interface FieldMeaning {
  /** Of the label: "password", "name". */
  readonly kind: string;
  /** A secret, of which nothing is kept; else personal data. */
  readonly secret: boolean;
  /** Whether a value may be what the name says; a name alone is not always enough. */
  readonly holds: (value: string) => boolean;
}

export interface FieldPlace {
  readonly meaning: FieldMeaning;
  readonly start: number;
  readonly end: number;
}

const anything = (): boolean => true;
const ofLength = (least: number) => (value: string) => value.length >= least;
const withDigits = (least: number) => (value: string) => value.replace(/\D/g, "").length >= least;

/** What stands for a value: nothing, a type, a variable, stars, a label of ours. */
const placeholder =
  /^(?:\W*|<[^>]*>|\[[^\]]*\]|[$%{(].*|[*x.•#-]+|(?:string|number|boolean|null|nil|none|undefined|true|false|yes|no|n\/a|empty|missing|invalid|required|redacted|masked|hidden|filtered|removed|expired|unset|not[ _-]?set|changed|set|ok|failed|rejected|accepted|wrong|incorrect|denied|is|was|must|cannot|not|and|or|for|the|from|of|to|in|with|has|\?)[.!]?)$/i;

const password: FieldMeaning = { kind: "password", secret: true, holds: ofLength(3) };
const credential: FieldMeaning = { kind: "credential", secret: true, holds: ofLength(6) };
const cookie: FieldMeaning = { kind: "cookie", secret: true, holds: ofLength(6) };
/** Names that are used for harmless things as well: only what looks random counts. */
const maybeSecret: FieldMeaning = { kind: "credential", secret: true, holds: looksRandom };
const person = (kind: string, holds: (value: string) => boolean = anything): FieldMeaning => ({ kind, secret: false, holds });
/** "full_name" is what GitHub calls a repository: `owner/name`. */
const personName = person("name", (value) => /^\p{L}[\p{L}\p{M} .,'’-]{1,80}$/u.test(value));
const phone = person("phone", withDigits(7));
const nationalId = person("national-id", (value) => value.length >= 6 && value.length <= 40 && withDigits(4)(value));
const birthday = person("birth-date", withDigits(4));

/**
 * Names by their last words, in snake case; a word may be run together with the one before it ("cardnumber"). What stands behind
 * ("password_prod", "token_2") may be a stage or a number.
 */
const meanings: readonly (readonly [string, FieldMeaning])[] = [
  [
    "pass passwd password passphrase passcode pwd passwort kennwort passe contraseña contrasena senha wachtwoord pgpassword sshpass rediscli_auth",
    password,
  ],
  [
    "otp totp one_time_code mfa_code verification_code pin_code cvv cvv2 cvc cvc2 card_pin",
    { kind: "security-code", secret: true, holds: withDigits(3) },
  ],
  ["authorization x_auth_token", credential],
  ["cookie cookies set_cookie jsessionid phpsessid connect_sid", cookie],
  ["secret secret_key secret_access_key", credential],
  ["api_key app_key application_key access_key auth_key private_key signing_key encryption_key master_key license_key", credential],
  [
    "access_token refresh_token id_token auth_token bearer_token session_token api_token csrf_token xsrf_token oauth_token reset_token bot_token",
    credential,
  ],
  ["token bearer credential credentials signature sig sas routing_key integration_key account_key access_key_id auth jwt key", maybeSecret],
  ["email e_mail email_address mail_address", person("email", (value) => /[^\s@]@[^\s@]|%40/.test(value))],
  ["phone phone_number phone_no phone_nr mobile mobile_number mobile_no cell_phone telephone tel msisdn fax", phone],
  [
    "ssn social_security social_security_number sin nino national_insurance national_insurance_number national_id national_identifier " +
      "national_id_number tax_id taxpayer_id tax_number steuer_id idnr nir dni nie nif codice_fiscale bsn pesel cpf aadhaar aadhar " +
      "aadhaar_number aadhaar_no personnummer rrn ahv passport passport_number passport_no driver_license drivers_license driving_licence " +
      "driver_license_number id_card id_card_number",
    nationalId,
  ],
  [
    "card_number card_no credit_card cc_number cc_num primary_account_number pan",
    person("card", (value) => /^\D{0,3}\d[\d -]{9,}\d\D{0,3}$/.test(value)),
  ],
  ["iban", person("iban", ofLength(10))],
  ["dob date_of_birth birth_date birthday", birthday],
  [
    "first_name last_name full_name given_name family_name surname middle_name maiden_name card_holder card_holder_name account_holder " +
      "account_holder_name patient_name beneficiary_name",
    personName,
  ],
  [
    "street street_address address_line address_line_1 address_line_2 home_address billing_address shipping_address postal_address",
    person("address", ofLength(4)),
  ],
];

/** Names that end like a secret's and are none. */
const harmless =
  /(?:^|_)(?:partition|primary|foreign|cache|idempotency|public|sort|object|message|row|group|hash|range|shard|s3|config|feature|flag|lookup|record|dedup|deduplication|map|redis|kafka|issue|project|metric|tag|label|translation|i18n|composite|unique|index|order|page|next|next_page|prev|previous|continuation|sync|cursor|start|end|next_sync|trace|lock|delimiter|stop|pad|eos|bos|unexpected|invalid|cancellation|cancel|fencing)_(?:key|token|auth)$|^(?:key|auth|sig|signature)$/;

const stages = "prod production stage staging dev test live old new hash digest raw value plain plaintext enc encrypted";
const behind = new RegExp(`_(?:${stages.replaceAll(" ", "|")}|\\d{1,3})$`);

const toSnake = (name: string): string =>
  name
    .replace(/([a-z\d])([A-Z])/g, "$1_$2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1_$2")
    .replace(/[-.\s:]+/g, "_")
    .replace(/__+/g, "_")
    .toLowerCase();

/** Names of the operator's own, in any spelling of case, `-` and `_`. */
export interface DeclaredField {
  readonly name: string;
  readonly kind: string;
}

const LONGEST_NAME = 64;
/** Longest value that is taken for one; the rest of a longer one is looked at by its shapes. */
const LONGEST_VALUE = 4_000;
const isNameEnd = (code: number): boolean =>
  (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code > 127;
const isNameCode = (code: number): boolean =>
  (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code === 95 || code === 45 || code === 46;

/** Blanks, quotes, brackets and backslashes between a name and its mark. */
const isAroundName = (code: number): boolean => code === 32 || code === 34 || code === 39 || code === 92 || code === 93 || code === 96;
/** `_`, `-`, `.`, `:` and a blank: what toSnake makes one of. */
const isMarkInName = (code: number): boolean => code === 95 || code === 45 || code === 46 || code === 58 || code === 32;
/** Letters of an ending, and bits of each that are looked at: those that tell letters apart, whatever their case. */
const ENDING = 4;
const BITS = 5;
const LOW = 31;
const looseNames = /(?:pass|word|passwd|phrase|secret|token|key|bearer) (?=\S)/gi;
const separator = /[\\"'`\]]{0,6}\s{0,4}(?:=>|:=|=|:|>)\s{0,4}\[?\s{0,2}/y;
const pairOfNameAndValue =
  /[\\]{0,3}["']\s{0,4},\s{0,4}(?:[\\]{0,3}["'](?:value|val|v|content)[\\]{0,3}["']\s{0,4}[:=]\s{0,4})?(?=[\\]{0,3}["'])/iy;
/** The same two lines in YAML, as in the environment of a pod; also within a diff. */
const linesOfNameAndValue = /\bname:[ \t]{1,4}["']?([A-Za-z_][\w.-]{0,63})["']?[ \t]{0,4}(?:\r?\n|\\n)[ \t+-]{0,40}value:[ \t]{1,4}/g;
/** `=` or `:` of a URL within a URL, and what a value in there is made of. */
const codedMark = /%3[ad]/iy;
const codedValue = /(?:%(?!2[0267c]|3b|7d)|[^%\s,;&"'`<>)\]}|\\]){1,4000}/iy;
/** Escapes that give a terminal colours, in logs that are written for one. */
const ESCAPE = String.raw`(?:\u001b|\\u001b|\\x1b|\\033|\\e)\[`;
const colourEnd = new RegExp(String.raw`${ESCAPE}[\d;]{0,12}m$`, "i");
const colour = new RegExp(String.raw`${ESCAPE}[\d;]{0,12}m`, "iy");
/** What of an escape looks like the beginning of the name behind it: of `%3F`, and of a colour. */
const codeRest = /[0-9a-f]{2}/iy;
const colourRest = new RegExp(String.raw`(?<=${ESCAPE})[\d;]{0,12}m`, "iy");
const nothing = /(?!)/y;
/** Of strings of Python: `b'…'`. */
const stringPrefix = /[bruf]{1,2}(?=["'])/iy;
const blank = /[ \t]{1,3}(?=\S)/y;
const scheme = /(?:bearer|basic|digest|token|apikey|negotiate|aws4-hmac-sha256)[ \t]{1,4}(?:token=)?/iy;
const bare = /[^\s,;&"'`<>)\]}|\\]{1,4000}/y;
const wordOnly = /^\p{L}+[.!?]?$/u;
const prose = /^ \p{L}/u;
const element = /[^<>]{1,4000}<\//y;
const toLineEnd = /[^\r\n"'`\\]{1,4000}/y;
const words =
  /\p{Lu}[\p{L}'’.-]{0,40}(?: (?:(?:van|von|de|der|den|da|dos|du|la|le|bin|al|el) )?\p{Lu}[\p{L}'’.-]{0,40}){0,4}|[^\s,;&"'`<>)\]}|\\]{1,200}/uy;

function matchAt(pattern: RegExp, text: string, at: number): string | null {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? null;
}

/** Where a quoted value ends: at the next quote that no more backslashes stand before than before the first. */
function quotedEnd(text: string, quote: number): number {
  const sign = text.charAt(quote);
  let depth = 0;
  while (text.charCodeAt(quote - 1 - depth) === 92) depth++;
  const most = Math.min(text.length, quote + 1 + LONGEST_VALUE);
  for (let at = text.indexOf(sign, quote + 1); at >= 0 && at < most; at = text.indexOf(sign, at + 1)) {
    let slashes = 0;
    while (text.charCodeAt(at - 1 - slashes) === 92) slashes++;
    if (slashes <= depth) return at - slashes;
  }
  return -1;
}

export interface FieldFinder {
  /** Values in a text, first to last. */
  readonly inText: (text: string) => FieldPlace[];
  /** What the name of an object's field says of its value, or null. */
  readonly meaningOf: (name: string) => FieldMeaning | null;
}

/** @param declared fields of the operator's own, whose value is always hidden */
export function fieldFinder(declared: readonly DeclaredField[]): FieldFinder {
  const all = new Map<string, FieldMeaning>();
  for (const [names, meaning] of meanings) {
    for (const name of names.split(" ")) {
      all.set(name, meaning);
      all.set(name.replaceAll("_", ""), meaning);
    }
  }
  for (const { name, kind } of declared) all.set(toSnake(name), person(kind));
  const known = new Map<string, FieldMeaning | null>();

  /** By the longest ending that is known, word by word. */
  function judge(name: string): FieldMeaning | null {
    const base = toSnake(name).replace(/^_+|_+$/g, "");
    for (const whole of [base, base.replace(behind, "")]) {
      if (harmless.test(whole)) return null;
      for (let at = 0; at >= 0; at = whole.indexOf("_", at) + 1 || -1) {
        const meaning = all.get(whole.slice(at));
        if (meaning !== undefined) return meaning;
      }
    }
    return null;
  }

  function meaningOf(name: string): FieldMeaning | null {
    const before = known.get(name);
    if (before !== undefined) return before;
    const meaning = name.length > LONGEST_NAME ? null : judge(name);
    if (known.size > 20_000) known.clear();
    known.set(name, meaning);
    return meaning;
  }

  // The last letters of all names that may matter, as a table: most separators of a text stand behind other words and are passed over.
  const endings = new Uint8Array(1 << (ENDING * BITS));
  let shortest = Number.POSITIVE_INFINITY;
  for (const name of [...all.keys(), ...stages.split(" ")]) {
    const letters = [...name].filter((letter) => isNameEnd(letter.charCodeAt(0))).map((letter) => letter.charCodeAt(0));
    shortest = Math.min(shortest, letters.length);
    const ending = letters.slice(-ENDING).reduce((read, code) => (read << BITS) | (code & LOW), 0);
    // Before a short name anything may stand.
    const free = Math.max(0, ENDING - letters.length) * BITS;
    for (let before = 0; before < 1 << free; before++) endings[(before << (ENDING * BITS - free)) | ending] = 1;
  }

  /** Whether the letters that end there, marks within a name passed over, are those of a name that may matter. */
  function endsLikeOne(text: string, last: number): boolean {
    let ending = 0;
    let read = 0;
    for (let at = last; read < ENDING && at >= 0 && last - at < 2 * ENDING; at--) {
      const code = text.charCodeAt(at);
      if (isNameEnd(code)) ending |= (code & LOW) << (BITS * read++);
      else if (!isMarkInName(code)) break;
    }
    return read >= Math.min(shortest, ENDING) && endings[ending] === 1;
  }

  const MOST_DIGITS = 3;
  function mayMatter(text: string, last: number): boolean {
    if (endsLikeOne(text, last)) return true;
    let before = last;
    while (last - before <= MOST_DIGITS && isDigit(text.charCodeAt(before))) before--;
    // `token_2`, `password-12`: the name ends before its number.
    if (before === last || last - before > MOST_DIGITS || !isMarkInName(text.charCodeAt(before))) return false;
    while (before > 0 && isMarkInName(text.charCodeAt(before))) before--;
    return endsLikeOne(text, before);
  }

  function valueAt(text: string, at: number, meaning: FieldMeaning, isLoose: boolean): FieldPlace | null {
    at += matchAt(stringPrefix, text, at)?.length ?? 0;
    let start = at;
    while (text.charCodeAt(start) === 92) start++;
    const first = text.charAt(start);
    if (first === '"' || first === "'" || first === "`") {
      const end = quotedEnd(text, start);
      if (end < 0) return null;
      start += 1;
      if (meaning.kind === "credential") start += matchAt(scheme, text, start)?.length ?? 0;
      return place(text, start, end, meaning);
    }
    if (start > at) return null;
    if (meaning.kind === "credential") start += matchAt(scheme, text, start)?.length ?? 0;
    const pattern = meaning.kind === "cookie" && !isLoose ? toLineEnd : meaning.secret ? bare : words;
    const value = matchAt(pattern, text, start);
    // "password: please try again", "cluster-secret: it changed outside of a rollout".
    if (
      value === null ||
      (meaning.secret && !isLoose && wordOnly.test(value) && prose.test(text.slice(start + value.length, start + value.length + 3)))
    )
      return null;
    return place(text, start, start + value.length, meaning);
  }

  function place(text: string, start: number, end: number, meaning: FieldMeaning): FieldPlace | null {
    const value = text.slice(start, end);
    return value === "" || placeholder.test(value) || !meaning.holds(value) ? null : { meaning, start, end };
  }

  /**
   * The value of the field whose name ends there, or null.
   * @param markAt where the mark behind the name begins; a colour may stand between
   * @param loose a name without a mark behind it: only what looks random counts
   */
  function behindName(text: string, last: number, after: number, loose: boolean, markAt = last + 1): FieldPlace | null {
    let start = last;
    while (start > after && last - start < LONGEST_NAME && isNameCode(text.charCodeAt(start - 1))) start--;
    if (text.charCodeAt(start - 1) === 92 && "nrtbf".includes(text.charAt(start))) start++;
    const end = last + 1;
    const isOption = text.startsWith("--", start);
    const escape = matchAt(text.charAt(start - 1) === "%" ? codeRest : text.charAt(start - 1) === "[" ? colourRest : nothing, text, start);
    start += escape?.length ?? 0;
    while (start < end && !isNameEnd(text.charCodeAt(start))) start++;
    const meaning = meaningOf(text.slice(start, end));
    if (meaning === null || (escape === null && isWordBefore(text, start))) return null;
    if (loose) {
      const gap = meaning.secret ? matchAt(blank, text, end) : null;
      if (gap === null) return null;
      const found = valueAt(text, end + gap.length, isOption ? meaning : maybeSecret, true);
      return found !== null && (isOption || /\d/.test(text.slice(found.start, found.end))) ? found : null;
    }
    const coded = matchAt(codedMark, text, end);
    if (coded !== null) {
      const value = meaning.secret ? matchAt(codedValue, text, end + coded.length) : null;
      return value === null ? null : place(text, end + coded.length, end + coded.length + value.length, meaning);
    }
    const mark = matchAt(separator, text, markAt) ?? matchAt(pairOfNameAndValue, text, markAt);
    if (mark === null) return null;
    // ["authorization", "…"] and { "name": "authorization", "value": "…" }, but not two neighbours of a list or two fields.
    if (mark.includes(",") && !/\[[\\"'\s]{1,6}$/.test(text.slice(Math.max(0, start - 7), start)) && !/[a-z]/.test(mark)) return null;
    const at = markAt + mark.length + (matchAt(colour, text, markAt + mark.length)?.length ?? 0);
    if (mark.trimStart().startsWith(">")) {
      // An element is known by its end as well: `<password>` alone is a label of ours.
      const inside = text.charAt(start - 1) === "<" ? matchAt(element, text, at) : null;
      return inside === null ? null : place(text, at, at + inside.length - 2, meaning);
    }
    // `a::b`, `x == y`, `key: {`.
    return /^[=:{[]/.test(text.charAt(at)) ? null : valueAt(text, at, meaning, mark.includes("="));
  }

  function inText(text: string): FieldPlace[] {
    const found: FieldPlace[] = [];
    let after = 0;
    for (let at = 1; at < text.length; at++) {
      const code = text.charCodeAt(at);
      // `=`, `:`, `>`, `,` behind a quote, and the first two by their codes.
      if (code > 62 || (code !== 61 && code !== 58 && code !== 62 && code !== 44 && code !== 37)) continue;
      if (code === 37 && (text.charCodeAt(at + 1) !== 51 || !/[ad]/i.test(text.charAt(at + 2)))) continue;
      let last = at - 1;
      let markAt: number | undefined;
      if (text.charCodeAt(last) === 109) {
        const shown = colourEnd.exec(text.slice(Math.max(after, at - 20), at));
        if (shown !== null) [last, markAt] = [last - shown[0].length, at];
      }
      const least = Math.max(after, at - 12);
      while (last > least && isAroundName(text.charCodeAt(last))) last--;
      if (code === 44 && last === at - 1) continue;
      if (last < after || !mayMatter(text, last)) continue;
      const one = behindName(text, last, after, false, markAt);
      if (one === null) continue;
      found.push(one);
      after = one.end;
      at = one.end - 1;
    }
    for (const match of text.includes("value:") ? text.matchAll(linesOfNameAndValue) : []) {
      const meaning = meaningOf(match[1] ?? "");
      const one = meaning === null ? null : valueAt(text, match.index + match[0].length, meaning, true);
      if (one !== null) found.push(one);
    }
    looseNames.lastIndex = 0;
    for (let match = looseNames.exec(text); match !== null; match = looseNames.exec(text)) {
      const one = behindName(text, match.index + match[0].length - 2, 0, true);
      if (one === null) continue;
      found.push(one);
      looseNames.lastIndex = Math.max(looseNames.lastIndex, one.end);
    }
    return found;
  }

  return { inText, meaningOf };
}
