const encoder = new TextEncoder();

function fromHex(hex: string): Uint8Array<ArrayBuffer> | null {
  if (!/^(?:[0-9a-f]{2})+$/i.test(hex)) return null;
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** Whether two digests are the same, in a time that does not tell where they differ. */
function same(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (const [index, byte] of a.entries()) difference |= byte ^ (b[index] ?? 0);
  return difference === 0;
}

/**
 * Whether one of `signatures` is the HMAC-SHA256 of `message` under one of `secrets`. Every pair is compared, in constant time, so the time
 * taken tells neither how much of a signature fits nor which one. The message is hashed once per secret, however many signatures a stranger sends.
 * @param secrets keys as UTF-8 text; empty ones are passed over, so that an unset secret never opens the door
 * @param message raw bytes as they came; text is taken as UTF-8
 * @param signatures hex digests; anything else is no match
 */
export async function hmacSha256Matches(
  secrets: readonly string[],
  message: string | Uint8Array<ArrayBuffer>,
  signatures: readonly string[],
): Promise<boolean> {
  const digests = signatures.map(fromHex).filter((digest) => digest !== null);
  // Without a signature there is nothing to hash for.
  if (digests.length === 0) return false;
  const bytes = typeof message === "string" ? encoder.encode(message) : message;
  let found = false;
  for (const secret of secrets) {
    if (secret === "") continue;
    const key = await crypto.subtle.importKey("raw", encoder.encode(secret), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
    const own = new Uint8Array(await crypto.subtle.sign("HMAC", key, bytes));
    for (const digest of digests) found = same(own, digest) || found;
  }
  return found;
}
