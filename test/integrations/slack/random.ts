/** A reproducible source of randomness (mulberry32): the same seed, the same texts. */
export function randomOf(seed: number) {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  const pick = <T>(items: readonly [T, ...T[]]): T => items[below(items.length)] ?? items[0];
  return { below, pick };
}

/** Bits that are awkward to cut: pairs, joined emoji, combining marks, other directions, line ends, markup, look-alikes of markup. */
const bits = [
  "payments",
  " ",
  "  ",
  "\n",
  "\n\n",
  "a",
  "🔥",
  "👩‍👩‍👧‍👦",
  "é",
  "e\u0301\u0323",
  "مرحبا",
  "שלום",
  "日本語",
  "&",
  "<",
  ">",
  "<!channel>",
  "@here",
  "`",
  "``",
  "```",
  "*bold*",
  "_x_",
  "https://example.test/?a=1&b=2",
  "x".repeat(120),
  "🇩🇪🇫🇷",
  "\t",
  "\r\n",
  "&amp;",
  "\u202Eevil",
  "\uD83D",
  "#general",
] as const;

/** Text as the outside world writes it, about `parts` bits long. */
export function outsideText(seed: number, parts: number): string {
  const { pick } = randomOf(seed);
  return Array.from({ length: parts }, () => pick(bits)).join("");
}
