import { gcm } from "@noble/ciphers/aes.js";
import { hkdf } from "@noble/hashes/hkdf.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";

/*
 * Labels that stand for hidden values, and the sealed values behind them. Both are made where nothing may be waited for (an event is appended
 * within a transaction), and WebCrypto only answers later: hence a library that does not.
 */

/** Neither digits, which would be figures that a finding may quote, nor vowels, which would make words. */
const ALPHABET = "bcdfghjkmnpqrstvwxyz";
/** 20^8: two of a thousand values share a label in one of 50,000 incidents. */
const LABEL_LENGTH = 8;

/** A label of ours, whole: `<email:kvmtrzpd>`, `<password>`. */
export const LABEL = /<[a-z][a-z0-9-]{0,39}(?::[bcdfghjkmnpqrstvwxyz]{8})?>/;

const utf8 = new TextEncoder();

/** Keys derived from the installation's secrets, so that no use of one reveals anything about another. */
export const deriveKey = (secret: string, use: string): Uint8Array => hkdf(sha256, utf8.encode(secret), undefined, utf8.encode(use), 32);

/** Makes the label of a value within one incident: the same one in each step, thread and process that has the key. */
export function labeller(key: Uint8Array, incident: string): (kind: string, normalised: string) => string {
  const known = new Map<string, string>();
  return (kind, normalised) => {
    const id = `${kind}\n${normalised}`;
    const before = known.get(id);
    if (before !== undefined) return before;
    let number = 0n;
    for (const byte of hmac(sha256, key, utf8.encode(`${incident}\n${id}`)).subarray(0, 16)) number = (number << 8n) | BigInt(byte);
    let letters = "";
    for (let index = 0; index < LABEL_LENGTH; index++) {
      letters += ALPHABET[Number(number % 20n)] ?? "";
      number /= 20n;
    }
    const label = `<${kind}:${letters}>`;
    if (known.size > 10_000) known.clear();
    known.set(id, label);
    return label;
  };
}

/** A value that can be read with the key alone; the label and the incident are bound to it. */
export interface SealedValue {
  readonly pseudonym: string;
  readonly sealed: Uint8Array;
}

const NONCE_BYTES = 12;
const boundTo = (incident: string, pseudonym: string) => utf8.encode(`${incident}\n${pseudonym}`);

/** AES-256-GCM with a random nonce, which comes before the rest. */
export function seal(key: Uint8Array, incident: string, pseudonym: string, value: string): SealedValue {
  const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
  const rest = gcm(key, nonce, boundTo(incident, pseudonym)).encrypt(utf8.encode(value));
  const sealed = new Uint8Array(NONCE_BYTES + rest.length);
  sealed.set(nonce);
  sealed.set(rest, NONCE_BYTES);
  return { pseudonym, sealed };
}

/** The value, or null where the key is another one or the row was tampered with. */
export function unseal(key: Uint8Array, incident: string, { pseudonym, sealed }: SealedValue): string | null {
  try {
    const plain = gcm(key, sealed.slice(0, NONCE_BYTES), boundTo(incident, pseudonym)).decrypt(sealed.slice(NONCE_BYTES));
    return new TextDecoder().decode(plain);
  } catch {
    return null;
  }
}
