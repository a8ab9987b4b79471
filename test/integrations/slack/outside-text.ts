import { createRandom } from "../../support/random.ts";

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
  const { pick } = createRandom(seed);
  return Array.from({ length: parts }, () => pick(bits)).join("");
}
