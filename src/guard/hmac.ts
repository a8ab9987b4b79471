import { createHash, createHmac, timingSafeEqual } from "node:crypto";

const DIGEST = /^[0-9a-f]{64}$/i;

/**
 * Whether one of `signatures` is the HMAC-SHA256 of `message` under one of `secrets`. Every pair is compared, in constant time, so the time
 * taken reveals neither how much of a signature fits nor which one. The message is hashed once per secret, however many signatures a stranger sends.
 * @param secrets keys as UTF-8 text; empty ones are passed over, so that an unset secret never opens the door
 * @param message raw bytes as they came; text is taken as UTF-8
 * @param signatures hex digests; anything else is no match
 */
export function hmacSha256Matches(secrets: readonly string[], message: string | Uint8Array, signatures: readonly string[]): boolean {
  const digests = signatures.filter((signature) => DIGEST.test(signature)).map((hex) => Buffer.from(hex, "hex"));
  // Without a signature there is nothing to hash for.
  if (digests.length === 0) return false;
  let found = false;
  for (const secret of secrets) {
    if (secret === "") continue;
    // Not Web Crypto: there each webhook would wait its turn twice more while pages pour in.
    const own = createHmac("sha256", secret).update(message).digest();
    for (const digest of digests) found = timingSafeEqual(own, digest) || found;
  }
  return found;
}

const sha256 = (text: string) => createHash("sha256").update(text).digest();

/**
 * Whether `given` is one of `secrets`, for a sender that signs nothing and sends the secret itself. Their hashes are compared, every pair and in
 * constant time, so the time taken reveals neither a secret's length nor how much of it fits.
 * @param secrets empty ones are passed over, so that an unset secret never opens the door
 * @param given a header's value; null where it is missing
 */
export function secretMatches(secrets: readonly string[], given: string | null): boolean {
  if (given === null || given === "") return false;
  const own = sha256(given);
  let found = false;
  for (const secret of secrets) if (secret !== "") found = timingSafeEqual(own, sha256(secret)) || found;
  return found;
}
