import { createFinder, type Finder } from "./finder.ts";
import { type Allowance, type Place, replaced } from "./place.ts";

/** For texts that are refused or cut where they hold something sensitive. Reports name kinds and lines, never values. */

export interface Sighting extends Place {
  /** Counts from 1. */
  readonly line: number;
}

export interface ScanOptions {
  /** What the text may hold. */
  readonly allowed: Allowance;
  /** Credentials of this process. */
  readonly own?: readonly string[];
}

const NO_OWN: readonly string[] = [];
const finders = new WeakMap<readonly string[], Finder>();

function finderOf(own: readonly string[]): Finder {
  const before = finders.get(own) ?? createFinder({ own });
  finders.set(own, before);
  return before;
}

/** All that is sensitive in a text, first to last and never overlapping. */
export function findSensitive(text: string, { allowed, own = NO_OWN }: ScanOptions): readonly Sighting[] {
  let line = 1;
  let at = text.indexOf("\n");
  return finderOf(own)
    .find(text, allowed)
    .map((one) => {
      for (; at >= 0 && at < one.start; at = text.indexOf("\n", at + 1)) line++;
      return { ...one, line };
    });
}

/** The text with what {@link findSensitive} finds cut out: "call [phone removed]". */
export const withoutSensitive = (text: string, { allowed, own = NO_OWN }: ScanOptions): string =>
  replaced(text, finderOf(own).find(text, allowed), ({ kind }) => `[${kind} removed]`);

const words: Readonly<Record<string, string>> = {
  "aws-key": "an AWS key",
  "gcp-key": "a Google Cloud key",
  "azure-key": "an Azure key",
  "github-token": "a GitHub token",
  "gitlab-token": "a GitLab token",
  "slack-token": "a Slack token",
  "chat-webhook": "the address of a chat's webhook",
  "chat-token": "a chat bot's token",
  "stripe-key": "a Stripe key",
  "model-provider-key": "a model provider's key",
  "vendor-token": "a vendor's token",
  "sentry-dsn": "a Sentry DSN",
  jwt: "a signed web token",
  "private-key": "a private key",
  password: "what looks like a password",
  credential: "what looks like a secret",
  cookie: "what looks like a cookie of a session",
  "security-code": "what looks like a security code",
  "own-secret": "one of midwatch's own credentials",
  email: "an e-mail address",
  card: "a card number",
  iban: "a bank account number",
  phone: "a phone number",
  "national-id": "a national identity number",
};

/** What a kind is called in sentences: "line 3 holds an AWS key". */
export const sensitiveWords = (kind: string): string => words[kind] ?? "personal data";
