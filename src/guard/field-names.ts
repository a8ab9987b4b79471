import { foldedName, wordsOf } from "./field-words.ts";
import { isDigit } from "./personal-data.ts";
import { looksChosen, looksRandom } from "./sensitive-shapes.ts";

/** What the name of a field says of its value: names come first because a password or a name of a person has no shape. */

/** What a field's name says of its value. */
export interface FieldMeaning {
  /** Of the label: "password", "name". */
  readonly kind: string;
  /** A secret, of which nothing is kept; else personal data. */
  readonly secret: boolean;
  /** Whether a value may be what the name says; a name alone is not always enough. */
  readonly holds: (value: string) => boolean;
  /** The name is a thing's as often as a person's: it counts only beside another field of a person. */
  readonly besides?: true;
}

const anything = (): boolean => true;
const ofLength = (least: number) => (value: string) => value.length >= least;
const withDigits = (least: number) => (value: string) => value.replace(/\D/g, "").length >= least;

const password: FieldMeaning = { kind: "password", secret: true, holds: ofLength(3) };
const credential: FieldMeaning = { kind: "credential", secret: true, holds: ofLength(6) };
const cookie: FieldMeaning = { kind: "cookie", secret: true, holds: ofLength(6) };
/** Names that are used for harmless things as well: only what looks random counts. */
export const maybeSecret: FieldMeaning = { kind: "credential", secret: true, holds: looksRandom };
/** A session's number is no secret, as ZooKeeper's; what lets somebody in is long. */
const LEAST_SESSION = 20;
const session: FieldMeaning = { kind: "cookie", secret: true, holds: (value) => value.length >= LEAST_SESSION && looksRandom(value) };
const person = (kind: string, holds: (value: string) => boolean = anything): FieldMeaning => ({ kind, secret: false, holds });
/** "full_name" is what GitHub calls a repository: `owner/name`. */
const personName = person("name", (value) => /^\p{L}[\p{L}\p{M} .,'’-]{1,80}$/u.test(value));
const phone = person("phone", withDigits(7));
const nationalId = person("national-id", (value) => value.length >= 6 && value.length <= 40 && withDigits(4)(value));
const birthday = person("birth-date", withDigits(4));
const securityCode: FieldMeaning = { kind: "security-code", secret: true, holds: withDigits(3) };
const maybePassword: FieldMeaning = { kind: "password", secret: true, holds: looksChosen };

/**
 * Names by their last words, in snake case; a word may be run together with the one before it ("cardnumber"). What follows
 * ("password_prod", "token_2") may be a stage or a number.
 */
const meanings: readonly (readonly [string, FieldMeaning])[] = [
  ["pass passwd password passphrase passcode pwd pw psk passe wachtwoord pgpassword sshpass rediscli_auth", password],
  ["otp totp one_time_code mfa_code verification_code pin_code cvv cvv2 cvc cvc2 card_pin", securityCode],
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

/** Names of other languages. */
const foreign: readonly (readonly [readonly string[], FieldMeaning])[] = [
  [wordsOf("password"), password],
  [wordsOf("maybePassword"), maybePassword],
  [wordsOf("code"), securityCode],
  [wordsOf("secret"), credential],
  [wordsOf("maybeSecret"), maybeSecret],
  [wordsOf("session"), session],
  [wordsOf("name"), personName],
  [wordsOf("maybeName"), { ...personName, besides: true }],
  [wordsOf("birthDate"), birthday],
  [wordsOf("nationalId"), nationalId],
  [wordsOf("phone"), phone],
];

/** Names that end like a secret's and are none. */
const harmless =
  /(?:^|_)(?:partition|primary|foreign|cache|idempotency|public|sort|object|message|row|group|hash|range|shard|s3|config|feature|flag|lookup|record|dedup|deduplication|map|redis|kafka|issue|project|metric|tag|label|translation|i18n|composite|unique|index|order|page|next|next_page|prev|previous|continuation|sync|cursor|start|end|next_sync|trace|lock|delimiter|stop|pad|eos|bos|unexpected|invalid|cancellation|cancel|fencing)_(?:key|token|auth)$|^(?:key|auth|sig|signature)$/;

const stages =
  "prod production stage staging dev test live old new hash digest raw value plain plaintext enc encrypted current confirm confirmation repeat again " +
  "atual actual antigua anterior nueva nova confirmacion confirmacao actuel ancien nouveau aktuell neu alt attuale nuova vecchia nowe stare yeni eski";
const behind = new RegExp(`_(?:${stages.replaceAll(" ", "|")}|\\d{1,3})$`);

const toSnake = (name: string): string =>
  foldedName(
    name
      .replace(/([a-z\d])([A-Z])/g, "$1_$2")
      .replace(/([A-Z])([A-Z][a-z])/g, "$1_$2")
      .replace(/[-.\s:'’]+/g, "_")
      .replace(/__+/g, "_"),
  );

export const isHarmlessName = (name: string): boolean => harmless.test(toSnake(name));

/** Names of the operator's own, in any spelling of case, `-` and `_`. */
export interface DeclaredField {
  readonly name: string;
  readonly kind: string;
}

export const LONGEST_NAME = 64;
export const isNameEnd = (code: number): boolean =>
  (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code > 127;
/** `_`, `-`, `.`, `:`, `'` and a blank: what toSnake makes one of. */
const isMarkInName = (code: number): boolean => code === 95 || code === 45 || code === 46 || code === 58 || code === 39 || code === 32;
/** Letters of an ending, and bits of each that are looked at: those that tell letters apart, whatever their case. */
const ENDING = 4;
const BITS = 5;
const LOW = 31;

export interface FieldNames {
  /** What the name of an object's field says of its value, or null. */
  readonly meaningOf: (name: string) => FieldMeaning | null;
  /** Whether the letters of a text that end there may be those of a name that matters: a quick look, which passes over most. */
  readonly mayMatter: (text: string, last: number) => boolean;
}

interface Meanings {
  readonly all: ReadonlyMap<string, FieldMeaning>;
  /** What a longer word may end with: "Zugriffstoken", "数据库密码". */
  readonly endings: ReadonlyMap<string, FieldMeaning>;
  /** As they are written, for the quick look. */
  readonly written: readonly string[];
}

/** Shortest word of Latin letters that others are put before, as German and Swedish do. */
const SHORTEST_COMPOUND = 7;
const LATIN = /^[\0-\u024f]*$/;

function allMeanings(declared: readonly DeclaredField[]): Meanings {
  const all = new Map<string, FieldMeaning>();
  const endings = new Map<string, FieldMeaning>([["token", maybeSecret]]);
  const written: string[] = ["token"];
  for (const [words, meaning] of [...meanings.map(([names, one]) => [names.split(" "), one] as const), ...foreign]) {
    for (const word of words) {
      for (const spelled of new Set([word, word.replaceAll("ä", "ae").replaceAll("ö", "oe").replaceAll("ü", "ue")])) {
        const name = foldedName(spelled);
        written.push(name, spelled, spelled.toUpperCase());
        if (!all.has(name)) all.set(name, meaning);
        const whole = name.replaceAll("_", "");
        if (!all.has(whole)) all.set(whole, meaning);
        // A number or a name of two Latin letters could end any word.
        if (
          meaning.besides !== true &&
          (LATIN.test(spelled) ? foreign.some(([list]) => list === words) && whole.length >= SHORTEST_COMPOUND : whole.length > 1)
        )
          endings.set(whole, meaning);
      }
    }
  }
  for (const { name, kind } of declared) {
    all.set(toSnake(name), person(kind));
    written.push(toSnake(name), name);
  }
  return { all, endings, written };
}

/** By the longest ending that is known, word by word. */
function judge(name: string, { all, endings }: Meanings): FieldMeaning | null {
  const base = toSnake(name).replace(/^_+|_+$/g, "");
  for (const whole of [base, base.replace(behind, "")]) {
    if (harmless.test(whole)) return null;
    for (let at = 0; at >= 0; at = whole.indexOf("_", at) + 1 || -1) {
      const meaning = all.get(whole.slice(at));
      if (meaning !== undefined) return meaning;
    }
    const last = whole.slice(whole.lastIndexOf("_") + 1);
    for (let at = 1; at < last.length - 1; at++) {
      const meaning = endings.get(last.slice(at));
      if (meaning !== undefined) return meaning;
    }
  }
  return null;
}

/** The last letters of all names that may matter, as a table: most separators of a text follow other words. */
function endingsOf(names: Iterable<string>): { readonly endings: Uint8Array; readonly least: number } {
  // A bit each: small enough to stay near the processor.
  const endings = new Uint8Array(1 << (ENDING * BITS - 3));
  const mark = (ending: number): void => {
    endings[ending >> 3] = (endings[ending >> 3] ?? 0) | (1 << (ending & 7));
  };
  let shortest = Number.POSITIVE_INFINITY;
  for (const name of names) {
    const letters = [...name].filter((letter) => isNameEnd(letter.charCodeAt(0))).map((letter) => letter.charCodeAt(0));
    shortest = Math.min(shortest, letters.length);
    const ending = letters.slice(-ENDING).reduce((read, code) => (read << BITS) | (code & LOW), 0);
    // Anything may precede a short name.
    const free = Math.max(0, ENDING - letters.length) * BITS;
    for (let before = 0; before < 1 << free; before++) mark((before << (ENDING * BITS - free)) | ending);
  }
  return { endings, least: Math.min(shortest, ENDING) };
}

const MOST_DIGITS = 3;

/** @param declared fields of the operator's own, whose value is always hidden */
export function fieldNames(declared: readonly DeclaredField[]): FieldNames {
  const table = allMeanings(declared);
  const known = new Map<string, FieldMeaning | null>();
  const { endings, least } = endingsOf([...table.written, ...stages.split(" ")]);

  /** Whether the letters that end there, marks within a name passed over, are those of a name that may matter. */
  function endsLikeOne(text: string, last: number): boolean {
    let ending = 0;
    let read = 0;
    for (let at = last; read < ENDING && at >= 0 && last - at < 2 * ENDING; at--) {
      const code = text.charCodeAt(at);
      if (isNameEnd(code)) ending |= (code & LOW) << (BITS * read++);
      else if (!isMarkInName(code)) break;
    }
    return read >= least && ((endings[ending >> 3] ?? 0) & (1 << (ending & 7))) !== 0;
  }

  return {
    meaningOf(name) {
      const before = known.get(name);
      if (before !== undefined) return before;
      const meaning = name.length > LONGEST_NAME ? null : judge(name, table);
      if (known.size > 20_000) known.clear();
      known.set(name, meaning);
      return meaning;
    },
    mayMatter(text, last) {
      if (endsLikeOne(text, last)) return true;
      let before = last;
      while (last - before <= MOST_DIGITS && isDigit(text.charCodeAt(before))) before--;
      // `token_2`, `password-12`: the name ends before its number.
      if (before === last || last - before > MOST_DIGITS || !isMarkInName(text.charCodeAt(before))) return false;
      while (before > 0 && isMarkInName(text.charCodeAt(before))) before--;
      return endsLikeOne(text, before);
    },
  };
}
