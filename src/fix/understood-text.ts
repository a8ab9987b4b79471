/**
 * Code as what reads it understands it: characters written as codes, and strings in pieces. Nobody needs to write a fixed text so,
 * but to hide it from a search.
 */

/** An end of a string and the beginning of the next one. */
const seam = /["'`]\s{0,60}(?:\+|\.{1,2}|&|~|<>|\|\|)?\s{0,60}["'`]/g;
/** A fixed text in a template. */
const fixedInsert = /\$?\{\s{0,4}["'`]([^"'`{}\n]{0,99})["'`]\s{0,4}\}/g;

const named: Readonly<Record<string, string>> = { period: ".", sol: "/", colon: ":", commat: "@", hyphen: "-" };
const hex = "(?<hex>[2-7][0-9a-f])";
/** One character by its code, as languages and markup write it; and a line that goes on in the next. */
const coded = new RegExp(
  [
    ...[`%${hex}`, String.raw`\\x${hex}`, String.raw`\\u00${hex}`, String.raw`\\u\{0{0,4}${hex}\}`, String.raw`\\U000000${hex}`],
    ...[String.raw`\\(?<octal>0?[4-7][0-7]|1[0-7]{2})`, "&#(?<decimal>\\d{2,3});", `&#x0{0,4}${hex};`],
    ...[
      "&(?<entity>period|sol|colon|commat|hyphen);",
      String.raw`\\N\{(?<name>FULL STOP|SOLIDUS|COLON)\}`,
      String.raw`\\(?<goesOn>\n)[ \t]{0,99}`,
    ],
  ].join("|"),
  "gi",
);

/** The text as what reads it may understand it: other forms of letters and dots, and characters written by their codes. */
export const understood = (text: string): string =>
  text
    .replace(coded, (...match) => {
      const written = String(match[0]);
      const groups = match.at(-1) as Readonly<Record<string, string | undefined>>;
      if (groups["goesOn"] !== undefined) return "";
      const byName = groups["entity"] ?? { "full stop": "period", solidus: "sol", colon: "colon" }[groups["name"]?.toLowerCase() ?? ""];
      if (byName !== undefined) return named[byName.toLowerCase()] ?? written;
      const { octal, decimal } = groups;
      const code =
        octal !== undefined
          ? Number.parseInt(octal, 8)
          : decimal !== undefined
            ? Number(decimal)
            : Number.parseInt(groups["hex"] ?? "", 16);
      const character = String.fromCharCode(code);
      // Only what names are made of: a quote or line break would end the name in our eyes alone.
      return /[\w.@:/-]/.test(character) ? character : written;
    })
    .normalize("NFKC")
    .replaceAll("\u3002", ".");

/** The text with adjacent strings as one, and with what is fixed in templates. */
export const joined = (text: string): string => text.replace(fixedInsert, "$1").replace(seam, "");
