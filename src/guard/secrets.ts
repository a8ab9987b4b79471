import { cardLength, ibanLength, isEmailOfPeople, looksRandom, phoneLength } from "./sensitive-shapes.ts";

/**
 * Finds secrets and personal data in a text. It tells what kind stands where, and never the value, so that whatever it tells may be shown and
 * stored. It takes time linear in the text: each pattern begins where a token begins, and each of its runs is bounded.
 */

export type SecretKind =
  | "aws-key"
  | "gcp-key"
  | "azure-key"
  | "github-token"
  | "gitlab-token"
  | "slack-token"
  | "stripe-key"
  | "model-provider-key"
  | "vendor-token"
  | "sentry-dsn"
  | "jwt"
  | "private-key"
  | "connection-string"
  /** A random text after a word such as "password" or "api_key". */
  | "named-secret"
  /** A value that the caller knows to be one. */
  | "own-secret";

export type PersonalDataKind = "email" | "card" | "iban" | "phone";

export type SensitiveKind = SecretKind | PersonalDataKind;

/** Where something sensitive stands. Offsets are UTF-16 code units, `end` behind the last one; the line counts from 1. */
export interface Sighting {
  readonly kind: SensitiveKind;
  readonly start: number;
  readonly end: number;
  readonly line: number;
}

export interface ScanOptions {
  /** Values that must not stand anywhere: the credentials that this process was given. Shorter than 8 characters they are not looked for. */
  readonly own?: readonly string[];
  /** Default both. */
  readonly find?: "secrets" | "personal-data" | "both";
}

const SHORTEST_OWN_SECRET = 8;

/** What each kind is called in sentences: "line 3 holds an AWS key". */
export const sensitiveWords: Readonly<Record<SensitiveKind, string>> = {
  "aws-key": "an AWS key",
  "gcp-key": "a Google Cloud key",
  "azure-key": "an Azure key",
  "github-token": "a GitHub token",
  "gitlab-token": "a GitLab token",
  "slack-token": "a Slack token",
  "stripe-key": "a Stripe key",
  "model-provider-key": "a model provider's key",
  "vendor-token": "a vendor's token",
  "sentry-dsn": "a Sentry DSN",
  jwt: "a signed web token",
  "private-key": "a private key",
  "connection-string": "a connection string with a password",
  "named-secret": "what looks like a secret",
  "own-secret": "one of midwatch's own credentials",
  email: "an e-mail address",
  card: "a card number",
  iban: "a bank account number",
  phone: "a phone number",
};

/** A pattern, with the group that is the value where it is not the whole match ("d" tells where it stands), and a second look at it. */
interface Shape {
  readonly kind: SensitiveKind;
  readonly pattern: RegExp;
  /** Whether the value really is one. */
  readonly holds?: (value: string) => boolean;
  /** How many characters of the value really are one, where a pattern may take in what follows; 0 for none. */
  readonly length?: (value: string) => number;
}

// Names under which values are kept. Followed by a few letters more ("token_prod"), an assignment in the manner of any language or format, and
// the value, in quotes or bare.
const names =
  "pass(?:word|wd|phrase)|pwd|secret|token|api[_-]?key|app(?:lication)?[_-]?key|access[_-]?key|auth[_-]?key|signing[_-]?key|encryption[_-]?key|routing[_-]?key|integration[_-]?key|private[_-]?key|account[_-]?key|credentials?|authorization|bearer";
const assigned = `(?:${names})[A-Za-z0-9_-]{0,24}["'\\]]{0,3}[ \\t]{0,8}(?:=>|:=|={1,3}|:|,|\\bis\\b|[ \\t])[ \\t]{0,8}`;
const scheme = "(?:(?:bearer|basic|token)[ \\t]{1,4})?";

/** Secrets that are known by how they begin, whatever stands around them. */
const tokenShapes: readonly Shape[] = [
  {
    kind: "aws-key",
    pattern: /(?<![A-Za-z0-9])A(?:KIA|SIA|GPA|IDA|ROA|NPA|NVA|IPA)[A-Z0-9]{16}(?![A-Za-z0-9])/g,
    holds: (value) => !value.endsWith("EXAMPLE"),
  },
  { kind: "gcp-key", pattern: /(?<![A-Za-z0-9_-])AIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])/g },
  { kind: "gcp-key", pattern: /(?<![A-Za-z0-9_-])(?:ya29\.[A-Za-z0-9_-]{20,400}|GOCSPX-[A-Za-z0-9_-]{28})/g },
  { kind: "azure-key", pattern: /\b(?:AccountKey|SharedAccessKey)=([A-Za-z0-9+/]{40,100}={0,2})/dg },
  { kind: "azure-key", pattern: /[?&]sig=([A-Za-z0-9%+/]{40,120})/dg },
  { kind: "azure-key", pattern: /(?<![A-Za-z0-9_~.-])[A-Za-z0-9_~.-]{3}[78]Q~[A-Za-z0-9_~.-]{31,34}(?![A-Za-z0-9_~.-])/g },
  { kind: "github-token", pattern: /(?<![A-Za-z0-9_])(?:gh[oprsu]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{22,255})/g },
  { kind: "gitlab-token", pattern: /(?<![A-Za-z0-9_-])gl(?:pat|dt|rt|cbt|ptt|ft|soat|agent|oas|imt|ffct)-[A-Za-z0-9_.-]{20,300}/g },
  { kind: "slack-token", pattern: /(?<![A-Za-z0-9_-])(?:xox[abceoprs]|xapp|xwfp)-[A-Za-z0-9-]{10,300}/g },
  { kind: "slack-token", pattern: /hooks\.slack\.com\/(?:services|workflows|triggers)\/[A-Za-z0-9/_-]{20,200}/g },
  { kind: "stripe-key", pattern: /(?<![A-Za-z0-9_])(?:[rs]k_(?:live|test)_[A-Za-z0-9]{16,255}|whsec_[A-Za-z0-9+/=]{24,100})/g },
  { kind: "model-provider-key", pattern: /(?<![A-Za-z0-9_-])sk-ant-[A-Za-z0-9_-]{20,300}/g },
  {
    kind: "model-provider-key",
    pattern: /(?<![A-Za-z0-9_-])sk-(?:proj-|svcacct-|admin-)?([A-Za-z0-9_-]{20,300})/dg,
    holds: (value) => /\d/.test(value) && /[A-Z]/.test(value),
  },
  // OpenRouter, Groq, xAI, and what others wrote after the same fashion in hex.
  {
    kind: "model-provider-key",
    pattern:
      /(?<![A-Za-z0-9_-])(?:sk-or-v1-[a-f0-9]{32,100}|sk-[a-f0-9]{32,100}|gsk_[A-Za-z0-9]{40,80}|xai-[A-Za-z0-9]{40,120})(?![A-Za-z0-9])/g,
    holds: (value) => /\d/.test(value),
  },
  {
    kind: "vendor-token",
    // Linear, Notion, Atlassian, Postman, Docker Hub, RubyGems, Mailgun, Figma, Supabase, PlanetScale, Tailscale, Fly.io.
    pattern:
      /(?<![A-Za-z0-9_-])(?:lin_(?:api|oauth)_[A-Za-z0-9]{32,80}|ntn_[A-Za-z0-9]{40,60}|AT[AC]TT3x[A-Za-z0-9_=-]{40,300}|PMAK-[a-f0-9]{24}-[a-f0-9]{34}|dckr_(?:pat|oat)_[A-Za-z0-9_-]{20,60}|rubygems_[a-f0-9]{48}|key-[a-f0-9]{32}|figd_[A-Za-z0-9_-]{30,60}|sb[ps]_[a-f0-9]{40}|pscale_(?:tkn|pw|oauth)_[A-Za-z0-9_.=-]{30,100}|tskey-[a-z]{2,12}-[A-Za-z0-9]{8,40}-[A-Za-z0-9]{20,60}|fm[12][ar]?_[A-Za-z0-9+/=_-]{40,400})(?![A-Za-z0-9])/g,
  },
  // Twilio's accounts and keys.
  { kind: "vendor-token", pattern: /(?<![A-Za-z0-9])(?:AC|SK)[a-f0-9]{32}(?![A-Za-z0-9])/g },
  {
    kind: "vendor-token",
    // npm, PyPI, SendGrid, Hugging Face, DigitalOcean, Vault, Databricks, New Relic, Grafana, Sentry, Doppler, Shopify, PagerDuty, age.
    pattern:
      /(?<![A-Za-z0-9_-])(?:npm_[A-Za-z0-9]{36}|pypi-[A-Za-z0-9_-]{50,400}|SG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{32,64}|hf_[A-Za-z0-9]{30,60}|do[opr]_v1_[a-f0-9]{64}|hv[bs]\.[A-Za-z0-9_-]{24,300}|dapi[a-f0-9]{32}|NRAK-[A-Z0-9]{27}|glsa_[A-Za-z0-9]{32}_[a-f0-9]{8}|sntry[su]_[A-Za-z0-9_=+/-]{30,400}|dp\.[a-z]{2,5}\.[A-Za-z0-9]{40,44}|shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}|pdus\+_[A-Za-z0-9_+-]{20,60}|AGE-SECRET-KEY-1[A-Z0-9]{58})/g,
  },
  { kind: "sentry-dsn", pattern: /https?:\/\/[a-f0-9]{32}(?::[a-f0-9]{32})?@[A-Za-z0-9.-]{1,200}\/\d{1,20}/g },
  { kind: "jwt", pattern: /(?<![A-Za-z0-9_.-])eyJ[A-Za-z0-9_-]{8,4000}\.eyJ[A-Za-z0-9_-]{4,8000}\.[A-Za-z0-9_-]{0,2000}/g },
];

/** Secrets that are known by the name before them. */
const namedShapes: readonly Shape[] = [
  {
    kind: "named-secret",
    // Short and of plain letters as people choose them, so the name has to be one that programs read.
    pattern: /(?<![A-Za-z0-9])(?:PGPASSWORD|MYSQL_PWD|REDISCLI_AUTH|SSHPASS)=["']?([^\s"'`;&|]{4,200})/dg,
    holds: isRealPassword,
  },
  {
    kind: "connection-string",
    pattern: /(?<![A-Za-z0-9+.-])[A-Za-z][A-Za-z0-9+.-]{1,30}:\/\/[^\s:@/"'`<>]{0,100}:([^\s@/"'`<>]{1,200})@[A-Za-z0-9[]/dg,
    holds: isRealPassword,
  },
  {
    kind: "connection-string",
    pattern: /(?<![A-Za-z])(?:Password|Pwd)=([^\s;"'`]{6,200});/dgi,
    holds: isRealPassword,
  },
  {
    kind: "named-secret",
    pattern: new RegExp(`${assigned}["'\`]${scheme}([^"'\`\\r\\n]{8,300})["'\`]`, "gdi"),
    holds: looksRandom,
  },
  {
    kind: "named-secret",
    // Bare, as in settings files and commands. What a program reads or calls has dots and brackets.
    pattern: new RegExp(`${assigned}${scheme}([A-Za-z0-9_+/=~-]{12,300})(?![A-Za-z0-9_+/=~.([-])`, "gdi"),
    holds: (value) => /\d/.test(value) && looksRandom(value),
  },
];

const personalShapes: readonly Shape[] = [
  {
    kind: "email",
    pattern: /(?<![\p{L}\p{N}._%+-])[\p{L}\p{N}._%+-]{1,64}@(?:[\p{L}\p{N}-]{1,63}\.){1,8}\p{L}{2,24}(?![\p{L}\p{N}-])/gu,
    holds: isEmailOfPeople,
  },
  { kind: "card", pattern: /(?<![\d.A-Za-z_-])\d(?:[ -]?\d){12,18}(?![\dA-Za-z_]|[.-]\d)/g, length: cardLength },
  { kind: "iban", pattern: /(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?(?![A-Za-z0-9])/g, length: ibanLength },
  { kind: "phone", pattern: /(?<![\w+.)\]])\+[1-9]\d{0,14}(?:[ .()/-]{1,2}\d{1,14}){0,8}(?!\w)/g, length: phoneLength },
];

/** What stands for a password without being one: `postgres://user:${PASSWORD}@host`, `:password@`, `:***@`. */
function isRealPassword(value: string): boolean {
  return !/^(?:[<[{$%*x.]|pass(?:word|wd)?$|pwd$|secret$|changeme|example|postgres$|root$|test$|user$|admin$|your)/i.test(value);
}

function* matches(shapes: readonly Shape[], text: string): Generator<Place> {
  for (const { kind, pattern, holds, length } of shapes) {
    for (const match of text.matchAll(pattern)) {
      const value = match[1] ?? match[0];
      if (holds?.(value) === false) continue;
      const characters = length?.(value) ?? value.length;
      const start = match.indices?.[1]?.[0] ?? match.index;
      if (characters > 0) yield { kind, start, end: start + characters };
    }
  }
}

/** Secrets in a text that are known by how they begin, but for private keys. May overlap. */
export const tokensIn = (text: string): Place[] => [...matches(tokenShapes, text)];

const keyBegins = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g;
const KEY_ENDS = "-----END ";

/** From the first dash to the last one of a PEM private key, or to the text's end where the key has none. */
function* privateKeys(text: string): Generator<Place> {
  let after = 0;
  for (const match of text.matchAll(keyBegins)) {
    if (match.index < after) continue;
    const ends = text.indexOf(KEY_ENDS, match.index);
    // A line break in JSON and settings files is the two characters "\n".
    const dashes = ends < 0 ? -1 : text.indexOf("-----", ends + KEY_ENDS.length);
    after = dashes < 0 ? text.length : dashes + 5;
    yield { kind: "private-key", start: match.index, end: after };
  }
}

function* ownValues(own: readonly string[], text: string): Generator<Place> {
  for (const value of own) {
    if (value.length < SHORTEST_OWN_SECRET) continue;
    for (let at = text.indexOf(value); at >= 0; at = text.indexOf(value, at + value.length)) {
      yield { kind: "own-secret", start: at, end: at + value.length };
    }
  }
}

export type Place = Omit<Sighting, "line">;

/** First to last, what overlaps as one: by the kind that begins first, over all that they cover. */
function joined(found: readonly Place[]): Place[] {
  const apart: Place[] = [];
  for (const one of found.toSorted((a, b) => a.start - b.start || b.end - a.end)) {
    const last = apart.at(-1);
    if (last === undefined || one.start >= last.end) apart.push(one);
    else if (one.end > last.end) apart[apart.length - 1] = { ...last, end: one.end };
  }
  return apart;
}

/** Without those that share a character with one of the others; both first to last, and apart. */
function besides(places: readonly Place[], others: readonly Place[]): Place[] {
  let next = 0;
  return places.filter(({ start, end }) => {
    while (next < others.length && (others[next]?.end ?? 0) <= start) next++;
    return (others[next]?.start ?? Number.POSITIVE_INFINITY) >= end;
  });
}

/**
 * All that is sensitive in a text, first to last and never overlapping: cutting it out leaves nothing of any of it. What is part of a secret is
 * told as the secret alone ("password@host" is no address).
 */
export function findSensitive(text: string, options: ScanOptions = {}): readonly Sighting[] {
  const { own = [], find = "both" } = options;
  const secrets =
    find === "personal-data"
      ? []
      : joined([...ownValues(own, text), ...privateKeys(text), ...matches([...tokenShapes, ...namedShapes], text)]);
  const personal = find === "secrets" ? [] : besides(joined([...matches(personalShapes, text)]), secrets);
  return withLines(text, joined([...secrets, ...personal]));
}

function withLines(text: string, sightings: readonly Place[]): Sighting[] {
  let line = 1;
  let at = text.indexOf("\n");
  return sightings.map((one) => {
    for (; at >= 0 && at < one.start; at = text.indexOf("\n", at + 1)) line++;
    return { ...one, line };
  });
}

/** The text with what {@link findSensitive} finds cut out: "call [phone removed]". For texts that must be shown whatever they hold. */
export function withoutSensitive(text: string, options: ScanOptions = {}): string {
  let clean = "";
  let at = 0;
  for (const { kind, start, end } of findSensitive(text, options)) {
    clean += `${text.slice(at, start)}[${kind} removed]`;
    at = end;
  }
  return clean + text.slice(at);
}
