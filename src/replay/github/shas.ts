const fullSha = /^[0-9a-f]{40}$/;
const someSha = /^[0-9a-f]{7,40}$/i;
/** Twelve digits is how the emulator abbreviates in a permalink. */
const shaInUrl = /(?<![0-9a-f])(?:[0-9a-f]{40}|[0-9a-f]{12})(?![0-9a-f])/g;

/**
 * Recorded commit shas are outside, the emulator's own hashes inside; this knows both. A commit that a client makes has the emulator's hash on
 * both sides.
 */
export class ShaBook {
  readonly #inside = new Map<string, string>();
  readonly #outside = new Map<string, string>();

  pair(recorded: string, emulated: string): void {
    this.#inside.set(recorded, emulated);
    this.#outside.set(emulated, recorded);
  }

  /** A sha or its beginning (7 digits or more) as the emulator knows it; anything else as it is. */
  toInside(ref: string): string {
    const lower = ref.toLowerCase();
    // A recording may hold a sha that git would not make, so what is known whole comes before what looks like a sha.
    const exact = this.#inside.get(ref) ?? this.#inside.get(lower);
    if (exact !== undefined) return exact;
    if (!someSha.test(ref) || lower.length === 40) return ref;
    const fits = [...this.#inside.keys()].filter((recorded) => recorded.startsWith(lower));
    return (fits.length === 1 ? this.#inside.get(fits[0] ?? "") : undefined) ?? ref;
  }

  toOutside(sha: string): string {
    return fullSha.test(sha) ? (this.#outside.get(sha) ?? sha) : sha;
  }

  urlToOutside(url: string): string {
    return url.replaceAll(shaInUrl, (sha) => {
      if (sha.length === 40) return this.#outside.get(sha) ?? sha;
      const full = [...this.#outside.keys()].find((emulated) => emulated.startsWith(sha));
      return full === undefined ? sha : (this.#outside.get(full) ?? sha).slice(0, 12);
    });
  }
}
