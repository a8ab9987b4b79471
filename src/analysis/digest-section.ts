import { unseenRuns } from "../guard/unseen.ts";
import { evidenceMark } from "../report/words.ts";

/** Longest digest, characters; what does not fit is counted. */
export const LONGEST_DIGEST = 12_000;

/** A heading with its lines, most telling first. */
export interface Section {
  readonly title: string;
  readonly lines: readonly string[];
  /** Share of the digest that is this section's at least, should it need it. */
  readonly share: number;
}

const LONGEST_LINE = 420;
/** The evidence of a line, at its end. */
export const marks = (...numbers: number[]) => ` [${[...new Set(numbers)].map(evidenceMark).join(" ")}]`;

/** Cuts sections to their share of what is left, so that a loud one does not crowd out a quiet one. */
export function fit(head: readonly string[], sections: readonly Section[]): string {
  const shown = sections.filter(({ lines }) => lines.length > 0);
  const size = (lines: readonly string[]) => lines.reduce((sum, line) => sum + line.length + 1, 0);
  // Heading and the line that says what was left out.
  const frame = shown.reduce((sum, { title }) => sum + title.length + 60, 0);
  let room = LONGEST_DIGEST - size(head) - frame;
  let shares = shown.reduce((sum, { share }) => sum + share, 0);
  const texts = new Map<Section, string>();
  // Those that need less than their share first: what they leave is for the others.
  const byNeed = shown.toSorted((a, b) => size(a.lines) / a.share - size(b.lines) / b.share);
  for (const section of byNeed) {
    const own = (room * section.share) / shares;
    const kept: string[] = [];
    let used = 0;
    for (const line of section.lines) {
      if (used + line.length + 1 > own) break;
      kept.push(line);
      used += line.length + 1;
    }
    room -= used;
    shares -= section.share;
    const left = section.lines.length - kept.length;
    texts.set(
      section,
      [`\n${section.title}`, ...kept, ...(left > 0 ? [`(${left.toLocaleString("en-US")} more not shown)`] : [])].join("\n"),
    );
  }
  return [...head, ...shown.map((section) => texts.get(section) ?? "")].join("\n");
}

export const section = (title: string, share: number, lines: readonly string[]): Section => ({
  title,
  share,
  lines: lines.map((line) => clean(line)),
});

/** Text from outside in which nothing looks like a mark of evidence: the digest's own are at the end of its lines. */
export const unmarked = (text: string): string => text.replaceAll(/\[(?=E\d)/g, "(");
const MARKS = / \[E\d+(?: E\d+)*\]:?$/;

/** One line, no control characters, its text at most {@link LONGEST_LINE} characters. What is cut keeps its evidence: without the number it can't be cited. */
function clean(line: string): string {
  const whole = line.replaceAll(unseenRuns, " ");
  const cited = MARKS.exec(whole.slice(-200))?.[0] ?? "";
  const flat = unmarked(whole.slice(0, whole.length - cited.length));
  if (flat.length + cited.length <= LONGEST_LINE) return flat + cited;
  return `${flat.slice(0, LONGEST_LINE).replace(/[\uD800-\uDBFF]$/, "")} …${cited}`;
}
