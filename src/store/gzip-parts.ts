// SQLite in a Durable Object takes at most 2 MB a row.
const PART_BYTES = 1_000_000;

/** Characters that are made bytes at once: a text of tens of megabytes is not held a second time. */
const SLICE = 262_144;

function slicesOf(text: string): ReadableStream<Uint8Array<ArrayBuffer>> {
  const encoder = new TextEncoder();
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= text.length) return controller.close();
      const end = at + SLICE;
      // Of a character in two halves neither is one.
      const isSplit = (text.codePointAt(end - 1) ?? 0) > 0xff_ff;
      controller.enqueue(encoder.encode(text.slice(at, isSplit ? end + 1 : end)));
      at = isSplit ? end + 1 : end;
    },
  });
}

async function pipe(bytes: ReadableStream<Uint8Array<ArrayBuffer>>, through: CompressionStream | DecompressionStream): Promise<Uint8Array> {
  const stream = bytes.pipeThrough(through as unknown as ReadableWritablePair<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>);
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** A text compressed, in parts that fit a row each; at least one. */
export async function packText(text: string): Promise<readonly Uint8Array[]> {
  const packed = await pipe(slicesOf(text), new CompressionStream("gzip"));
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
  return new TextDecoder().decode(await pipe(new Blob([whole]).stream(), new DecompressionStream("gzip")));
}
