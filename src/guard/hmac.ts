const encoder = new TextEncoder();

function fromHex(hex: string): Uint8Array<ArrayBuffer> | null {
  if (!/^(?:[0-9a-f]{2})+$/i.test(hex)) return null;
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/**
 * Whether one of `signatures` is the HMAC-SHA256 of `message` under one of `secrets`. `crypto.subtle.verify` compares in constant time, and
 * every pair is tried, so the time taken tells neither how much of a signature fits nor which one.
 * @param secrets keys as UTF-8 text; empty ones are passed over, so that an unset secret never opens the door
 * @param message raw bytes as they came; text is taken as UTF-8
 * @param signatures hex digests; anything else is no match
 */
export async function hmacSha256Matches(
  secrets: readonly string[],
  message: string | Uint8Array<ArrayBuffer>,
  signatures: readonly string[],
): Promise<boolean> {
  const bytes = typeof message === "string" ? encoder.encode(message) : message;
  const digests = signatures.map(fromHex).filter((digest) => digest !== null);
  let found = false;
  for (const secret of secrets) {
    if (secret === "") continue;
    const key = await crypto.subtle.importKey("raw", encoder.encode(secret), { name: "HMAC", hash: "SHA-256" }, false, ["verify"]);
    for (const digest of digests) found = (await crypto.subtle.verify("HMAC", key, digest, bytes)) || found;
  }
  return found;
}
