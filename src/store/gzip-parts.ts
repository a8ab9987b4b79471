// SQLite in a Durable Object takes at most 2 MB a row.
const PART_BYTES = 1_000_000;

async function pipe(bytes: Uint8Array<ArrayBuffer>, through: CompressionStream | DecompressionStream): Promise<Uint8Array> {
  const stream = new Blob([bytes])
    .stream()
    .pipeThrough(through as unknown as ReadableWritablePair<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>);
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** A text compressed, in parts that fit a row each; at least one. */
export async function packText(text: string): Promise<readonly Uint8Array[]> {
  const packed = await pipe(new TextEncoder().encode(text), new CompressionStream("gzip"));
  const parts: Uint8Array[] = [];
  for (let offset = 0; offset === 0 || offset < packed.length; offset += PART_BYTES)
    // Each with bytes of its own: between threads a view takes all that it is a view of with it.
    parts.push(packed.slice(offset, offset + PART_BYTES));
  return parts;
}

/** @param parts in their order */
export async function unpackText(parts: readonly Uint8Array[]): Promise<string> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return new TextDecoder().decode(await pipe(whole, new DecompressionStream("gzip")));
}
