import { z } from "zod";
import { defineTool, type Tool } from "../incident/tool.ts";
import { evidenceMark } from "../incident/words.ts";
import { outsideLine, outsideLines } from "../incident/tool-view.ts";
import type { EvidenceEntry } from "./evidence.ts";

/** Characters of one page of a raw answer. */
const PAGE = 6_000;
/** Characters on each side of a hit. */
const AROUND = 220;
const MOST_HITS = 20;

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

/** `read_evidence`: the raw answers behind the views, a page or the surroundings of a text at a time. */
export function createEvidenceTool(ledger: LedgerReader): Tool {
  return defineTool({
    name: "read_evidence",
    source: "evidence",
    description:
      "Reads a stored raw answer (E1, E2, …) as the vendor sent it: to copy a quote word for word, or to see what a view left out. Rows of PostgreSQL have no words to quote: put their figures into the text. With `find` it shows each place of a text with its surroundings; without, one page from `offset`. Without a number it lists what is stored. Asks no vendor again.",
    input: z.object({
      evidence: z.number().optional().describe("number of the entry: 7 for E7; leave out to list all"),
      find: z.string().max(200).optional().describe("text to look for, as it stands in the raw answer; upper and lower case are alike"),
      offset: z.number().optional().describe("character from which a page begins; default 0"),
    }),
    run: async ({ evidence, find, offset = 0 }) => {
      if (evidence === undefined) {
        const entries = ledger.list();
        const lines = entries.map(
          ({ number, source, query, length }) =>
            `${evidenceMark(number)} ${source}: ${query.replaceAll(/\s+/g, " ").slice(0, 160)} (${length.toLocaleString("en-US")} characters)`,
        );
        return {
          answers: [],
          view: () => lines.join("\n").slice(0, 10_000) || "Nothing is stored.",
          fact: `${entries.length} raw answers are stored`,
        };
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
      const head = `${mark}: ${entry.source}, ${raw.length.toLocaleString("en-US")} characters, asked for: ${asked}`;
      if (find !== undefined && find !== "") {
        const hits: string[] = [];
        let more = 0;
        for (const at of hitsOf(raw, find)) {
          if (hits.length >= MOST_HITS) {
            more += 1;
            continue;
          }
          hits.push(`at ${at}:`, ...outsideLines(raw.slice(Math.max(0, at - AROUND), at + find.length + AROUND), 1_000));
        }
        const count = hits.filter((line) => /^at \d/.test(line)).length;
        const view =
          count === 0
            ? `${head}\n${JSON.stringify(outsideLine(find, 100))} does not occur in the answer${asked.toLowerCase().includes(find.toLowerCase()) ? ", only in what was asked" : ""}.`
            : [`${head}\nPlaces:`, ...hits, ...(more > 0 ? [`${more} more places`] : [])].join("\n");
        return {
          answers: [],
          view: () => view.slice(0, 11_900),
          fact: `${mark}: ${count + more} places of ${JSON.stringify(find.slice(0, 60))}`,
        };
      }
      const from = Math.max(0, Math.min(Math.trunc(offset), raw.length));
      const page = raw.slice(from, from + PAGE);
      const rest = raw.length - from - page.length;
      const view = [
        `${head}\nFrom ${from}:`,
        ...outsideLines(page, PAGE),
        rest > 0 ? `${rest.toLocaleString("en-US")} more characters: offset ${from + PAGE}, or find` : "(end)",
      ].join("\n");
      return { answers: [], view: () => view, fact: `read ${mark} from ${from}` };
    },
  });
}
