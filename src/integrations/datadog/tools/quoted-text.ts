import { outsideLines } from "../../../report/tool-view.ts";
import { count } from "../words.ts";

export interface QuotedText {
  /** Verbatim, each under the mark of outside text. */
  readonly rows: readonly string[];
  /** What is missing, or null where nothing is. */
  readonly cut: string | null;
}

/** The beginning of a text from outside, row by row; empty rows are left out. */
export function quotedText(text: string, longest: number, mostRows: number): QuotedText {
  const rows = outsideLines(text.slice(0, longest), longest).filter((row) => row.trim() !== "|");
  const hidden = Math.max(0, text.length - longest);
  const cut = [
    ...(rows.length > mostRows ? [`${count(rows.length - mostRows)} more rows`] : []),
    ...(hidden > 0 ? [`${count(hidden)} more characters`] : []),
  ].join(", ");
  return { rows: rows.length === 0 ? ["  | (empty line)"] : rows.slice(0, mostRows), cut: cut === "" ? null : cut };
}
