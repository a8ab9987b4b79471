import { z } from "zod";
import { IntegrationError } from "../../../guard/errors.ts";
import type { Answer } from "../../../incident/answer.ts";
import { defineTool, type Tool } from "../../../incident/tool.ts";
import { composeView, outsideLine, type ViewItem } from "../../../report/tool-view.ts";
import type { GithubClient } from "../client.ts";
import type { Contents } from "../contents.ts";
import { checkedPath, checkedRef, pathInput, refInput, repositoryInput, repositoryOf } from "./input.ts";
import { unseenInCode } from "../../../guard/unseen.ts";

const LINES_AT_ONCE = 200;
const ENTRIES = 200;
/** Characters of a line that are shown: enough for code, and a bundle's one line does not fill the view. */
const LONGEST_LINE = 1_000;
const LINES_NAMED = 10;

// Where people write down how a repository wants to be changed.
const conventions = /^(?:agents|claude|contributing|conventions|hacking|development|style[-_]?guide|testing)(?:\.\w+)?$/i;

/** A line of a file behind a mark that no line of ours begins with, as it is: blocks of an edit are copied from it. */
function exactLine(line: string): { readonly shown: string; readonly whole: boolean } {
  const text = line.slice(0, LONGEST_LINE).toWellFormed().replace(unseenInCode, " ");
  const more = line.length - LONGEST_LINE;
  return { shown: `  | ${text}${more > 0 ? `… (${more} more characters)` : ""}`, whole: text === line };
}

interface Told {
  readonly what: string;
  readonly items: readonly ViewItem[];
  readonly rest: (left: number) => string;
  readonly notes: readonly string[];
}

const nothing = () => "";

function told(contents: Contents, first: number, last: number): Told {
  switch (contents.kind) {
    case "text": {
      const windows = contents.text.includes("\r\n");
      const lines = contents.text.replace(/\r?\n$/, "").split(/\r?\n/);
      const until = Math.min(last, lines.length);
      if (first > lines.length)
        return { what: `text, ${lines.length} lines; there is no line ${first}`, items: [], rest: nothing, notes: [] };
      const width = String(until).length;
      const shown = lines.slice(first - 1, until).map((line, index) => ({ ...exactLine(line), number: first + index }));
      const inexact = shown.filter(({ whole }) => !whole).map(({ number }) => number);
      const named = `${inexact.slice(0, LINES_NAMED).join(", ")}${inexact.length > LINES_NAMED ? " and more" : ""}`;
      return {
        what: `text, ${lines.length} lines, ${contents.size} bytes; lines ${first} to ${until}`,
        items: shown.map(({ shown: line, number }) => ({ lines: [`${String(number).padStart(width)}${line}`] })),
        rest: (left) => `Lines ${until - left + 1} to ${until} are not shown: start_line=${until - left + 1}.`,
        notes: [
          ...(until < lines.length ? [`${lines.length - until} more lines: start_line=${until + 1}`] : []),
          ...(inexact.length === 0 ? [] : [`not as they are (too long, or with characters that are not seen): lines ${named}`]),
          ...(windows ? ["lines end in CR LF"] : []),
        ],
      };
    }
    case "directory": {
      const entries = contents.entries.slice(0, ENTRIES);
      const ways = contents.entries.filter(({ name, type }) => type === "file" && conventions.test(name)).map(({ name }) => name);
      return {
        what: `a folder of ${contents.entries.length} entries`,
        items: entries.map(({ name, type, size }) => ({
          lines: [
            `- ${outsideLine(name, 150)}${type === "dir" ? "/" : type === "file" ? ` ${size} bytes` : ` (${outsideLine(type, 20)})`}`,
          ],
        })),
        rest: (left) => `${left} entries are not shown: ask for one of its folders.`,
        notes: [
          ...(contents.entries.length > ENTRIES ? [`${contents.entries.length - ENTRIES} more entries; ask for one of its folders`] : []),
          ...(ways.length === 0 ? [] : [`how to change what is here: ${ways.join(", ")}`]),
        ],
      };
    }
    case "binary":
      return { what: `a binary file of ${contents.size} bytes, not shown`, items: [], rest: nothing, notes: [] };
    case "too-large":
      return { what: `a file of ${contents.size} bytes, larger than GitHub gives`, items: [], rest: nothing, notes: [] };
    case "symlink":
      return { what: `a symbolic link to ${outsideLine(contents.target ?? "(unknown)", 200)}`, items: [], rest: nothing, notes: [] };
    case "submodule":
      return { what: `a submodule at ${contents.sha}, another repository`, items: [], rest: nothing, notes: [] };
    case "missing":
      return {
        what: "there is no such path at this ref (or the credential may not see it). github_search_code finds files by words",
        items: [],
        rest: nothing,
        notes: [],
      };
  }
}

/** `github_file`: a file or folder at a commit. */
export function fileTool(github: GithubClient): Tool {
  return defineTool({
    name: "github_file",
    description:
      "A file at a commit or branch, 200 lines at once, each as it is after its number and a bar; or a folder's entries. For what runs give the deployed commit as ref: the default branch may be ahead of it.",
    source: "GitHub",
    input: z.object({
      repository: repositoryInput,
      path: pathInput.describe('Of a file or folder; "" is the top folder'),
      ref: refInput.optional().describe("Commit sha, branch or tag. Default: the default branch"),
      start_line: z.number().int().positive().max(10_000_000).default(1).describe("First line to show. Default 1."),
      end_line: z.number().int().positive().max(10_000_000).optional().describe("Last line to show. Default: 200 lines in all."),
    }),
    async run({ repository, path, ref, start_line: first, end_line: end }, { question, signal }) {
      const name = repositoryOf(question, repository);
      const clean = checkedPath(path);
      const last = end ?? first + LINES_AT_ONCE - 1;
      if (last < first) throw new IntegrationError("github", `end_line (${last}) lies before start_line (${first}).`);
      const at = ref === undefined ? undefined : checkedRef(ref);
      const answer: Answer<Contents> = await github.getContents(
        { repository: name, path: clean, ...(at === undefined ? {} : { ref: at }) },
        signal,
      );
      const { what, items, rest, notes } = told(answer.value, first, Math.min(last, first + LINES_AT_ONCE - 1));
      const where = `${outsideLine(clean === "" ? "/" : clean, 250)} of ${name} at ${at ?? "the default branch"}`;
      return {
        answers: [answer],
        fact: `${where}: ${what}`,
        view: (evidence) =>
          composeView(
            { facts: [`${where}: ${what}.`], items, rest, notes: [...notes, ...(answer.cut === null ? [] : [answer.cut])] },
            evidence,
          ),
      };
    },
  });
}
