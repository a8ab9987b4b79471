import { z } from "zod";
import { defineTool, LONGEST_VIEW, type Tool } from "../../incident/tool.ts";
import { evidenceMark } from "../../report/words.ts";
import { counted, outsideLine, outsideLines } from "../../report/tool-view.ts";
import type { EvidenceEntry } from "../../store/evidence.ts";

/** Characters of one page of a raw answer. */
const PAGE = 6_000;
/** Characters on each side of a hit. */
const AROUND = 220;
const MOST_HITS = 10;
const LONGEST_QUERY = 160;
/** Characters that lines of an answer may take with their marks; the rest of a view is for the head and for what is said of the cut. */
const ROOM = LONGEST_VIEW - 1_500;

/** Reads the incident's ledger. */
export interface LedgerReader {
  list(): readonly EvidenceEntry[];
  read(number: number): Promise<(EvidenceEntry & { readonly raw: string }) | null>;
}

/** Places at which a text occurs, none within another's surroundings; upper and lower case are alike. */
function* hitsOf(raw: string, wanted: string): Generator<number> {
  const lower = raw.toLowerCase();
  const needle = wanted.toLowerCase();
  for (let at = lower.indexOf(needle); at >= 0; at = lower.indexOf(needle, at + needle.length + AROUND)) yield at;
}

const sizeOf = (lines: readonly string[]): number => lines.reduce((sum, line) => sum + line.length + 1, 0);
const grouped = (count: number): string => count.toLocaleString("en-US");

/** The blocks of lines that fit, from the first on. */
function fitting(blocks: Iterable<readonly string[]>, most: number): string[][] {
  const shown: string[][] = [];
  let room = ROOM;
  for (const lines of blocks) {
    room -= sizeOf(lines);
    if (shown.length >= most || (room < 0 && shown.length > 0)) break;
    shown.push([...lines]);
  }
  return shown;
}

/** What is stored, one line an entry; those that do not fit are counted. @param first entries to leave out */
function stored(entries: readonly EvidenceEntry[], first: number): string {
  const rest = entries.slice(first);
  const lines = rest.map(({ number, source, query, length }) => [
    `${evidenceMark(number)} ${source}: ${outsideLine(query, LONGEST_QUERY)} (${grouped(length)} characters)`,
  ]);
  const shown = fitting(lines, Infinity).flat();
  const left = rest.length - shown.length;
  if (shown.length === 0) return entries.length === 0 ? "Nothing is stored." : `No more than ${entries.length} are stored.`;
  return [...shown, ...(left > 0 ? [`${left} more are stored: list them with offset ${first + shown.length}`] : [])].join("\n");
}

/** Places of a text with their surroundings; those that do not fit are counted, with how to see them. */
function places(raw: string, find: string, from: number): { readonly lines: readonly string[]; readonly count: number } {
  const hits = [...hitsOf(raw, find)].filter((at) => at >= from);
  // Of thousands only the ones that fit are made ready.
  function* blocks() {
    for (const at of hits) yield [`at ${at}:`, ...outsideLines(raw.slice(Math.max(0, at - AROUND), at + find.length + AROUND), 1_000)];
  }
  const shown = fitting(blocks(), MOST_HITS);
  const next = hits[shown.length];
  const more =
    next === undefined ? [] : [`${counted(hits.length - shown.length, "more place")}: find again with offset ${next}, or a longer text`];
  return { lines: [...shown.flat(), ...more], count: hits.length };
}

/** Lines of one page, as much of it as fits under their marks, and where the next begins. */
function pageOf(raw: string, from: number): { readonly lines: readonly string[]; readonly to: number } {
  let length = PAGE;
  let lines = outsideLines(raw.slice(from, from + length), PAGE);
  while (sizeOf(lines) > ROOM) {
    length = Math.floor(length / 2);
    lines = outsideLines(raw.slice(from, from + length), PAGE);
  }
  return { lines, to: Math.min(raw.length, from + length) };
}

/** `read_evidence`: the raw answers behind the views, a page or the surroundings of a text at a time. */
export function createEvidenceTool(ledger: LedgerReader): Tool {
  return defineTool({
    name: "read_evidence",
    source: "evidence",
    description:
      "Reads a stored raw answer (E1, E2, …) as the vendor sent it: to copy a quote word for word, or to see what a view left out. Rows of PostgreSQL have no words to quote: put their figures into the text. With `find` it shows each place of a text with its surroundings; without, one page from `offset`.",
    input: z.object({
      evidence: z.number().optional().describe("number of the entry: 7 for E7; leave out to list all"),
      find: z.string().max(200).optional().describe("text to look for, in upper or lower case"),
      offset: z
        .number()
        .optional()
        .describe("character from which a page or the search begins; in the list, entries to leave out; default 0"),
    }),
    run: async ({ evidence, find, offset = 0 }) => {
      const first = Math.max(0, Math.trunc(offset));
      if (evidence === undefined) {
        const entries = ledger.list();
        return { answers: [], view: () => stored(entries, first), fact: `${entries.length} raw answers are stored` };
      }
      const entry = await ledger.read(evidence);
      const mark = evidenceMark(evidence);
      if (entry === null)
        return {
          answers: [],
          view: () => `There is no ${mark}. Call read_evidence without a number to list what is stored.`,
          fact: `${mark} does not exist`,
        };
      const { raw } = entry;
      // Vendors do not repeat what was asked: without it nobody knows which series is which.
      const asked = outsideLine(entry.query, 600);
      const head = `${mark}: ${entry.source}, ${grouped(raw.length)} characters, asked for: ${asked}`;
      if (find !== undefined && find !== "") {
        const { lines, count } = places(raw, find, first);
        const wanted = JSON.stringify(outsideLine(find, 100));
        const after = first > 0 ? ` from ${first} on` : "";
        const view =
          count === 0
            ? `${head}\n${wanted} does not occur in the answer${after}${asked.toLowerCase().includes(find.toLowerCase()) ? ", only in what was asked" : ""}.`
            : [`${head}\nPlaces${after}:`, ...lines].join("\n");
        return { answers: [], view: () => view, fact: `${mark}: ${counted(count, "place")} of ${JSON.stringify(find.slice(0, 60))}` };
      }
      const from = Math.min(first, raw.length);
      const { lines, to } = pageOf(raw, from);
      const rest = raw.length - to;
      const end = rest > 0 ? `${grouped(rest)} more characters: offset ${to}, or find` : "(end)";
      return { answers: [], view: () => [`${head}\nFrom ${from}:`, ...lines, end].join("\n"), fact: `read ${mark} from ${from}` };
    },
  });
}
