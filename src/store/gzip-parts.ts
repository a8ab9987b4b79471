import { gunzip, gzip, type ZlibOptions } from "node:zlib";

// SQLite in a Durable Object takes at most 2 MB a row.
const PART_BYTES = 1_000_000;
/** Of 9. The last third of the time would make answers of vendors a twelfth smaller. */
const LEVEL = 4;
/** Bytes that come out at once: with Node's own 16 kB the pieces take as long as the work. */
const CHUNK = 131_072;

const by = (work: typeof gzip, bytes: Uint8Array, options: ZlibOptions) =>
  new Promise<Uint8Array>((resolve, reject) => {
    work(bytes, options, (error, done) => (error === null ? resolve(done) : reject(error)));
  });

/** A text compressed, in parts that fit a row each; at least one. */
export async function packText(text: string): Promise<readonly Uint8Array[]> {
  const packed = await by(gzip, new TextEncoder().encode(text), { level: LEVEL, chunkSize: CHUNK });
  const parts: Uint8Array[] = [];
  for (let offset = 0; offset === 0 || offset < packed.length; offset += PART_BYTES)
    // Each with bytes of its own: between threads a view takes all that it is a view of with it.
    parts.push(new Uint8Array(packed.subarray(offset, offset + PART_BYTES)));
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
  return new TextDecoder().decode(await by(gunzip, whole, { chunkSize: CHUNK }));
}
