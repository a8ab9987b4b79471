import { z } from "zod";
import { IntegrationError } from "../../../guard/errors.ts";
import type { Answer } from "../../../incident/answer.ts";
import { defineTool, type Tool } from "../../../incident/tool.ts";
import { composeView, outsideLine, outsideLines, type ViewItem } from "../../../incident/tool-view.ts";
import type { GithubClient } from "../client.ts";
import type { Contents } from "../contents.ts";
import { checkedPath, checkedRef, pathInput, refInput, repositoryInput, repositoryOf } from "./input.ts";

const LINES_AT_ONCE = 200;
const ENTRIES = 200;

interface Told {
  readonly what: string;
  readonly items: readonly ViewItem[];
  readonly rest: (left: number) => string;
  readonly note: string | null;
}

const nothing = () => "";

function told(contents: Contents, first: number, last: number): Told {
  switch (contents.kind) {
    case "text": {
      const lines = contents.text.replace(/\n$/, "").split("\n");
      const until = Math.min(last, lines.length);
      if (first > lines.length)
        return { what: `text, ${lines.length} lines; there is no line ${first}`, items: [], rest: nothing, note: null };
      const width = String(until).length;
      const shown = outsideLines(lines.slice(first - 1, until).join("\n"));
      return {
        what: `text, ${lines.length} lines, ${contents.size} bytes; lines ${first} to ${until}`,
        items: shown.map((line, index) => ({ lines: [`${String(first + index).padStart(width)}${line}`] })),
        rest: (left) => `Lines ${until - left + 1} to ${until} are not shown: start_line=${until - left + 1}.`,
        note: until < lines.length ? `${lines.length - until} more lines: start_line=${until + 1}` : null,
      };
    }
    case "directory": {
      const entries = contents.entries.slice(0, ENTRIES);
      return {
        what: `a folder of ${contents.entries.length} entries`,
        items: entries.map(({ name, type, size }) => ({
          lines: [
            `- ${outsideLine(name, 150)}${type === "dir" ? "/" : type === "file" ? ` ${size} bytes` : ` (${outsideLine(type, 20)})`}`,
          ],
        })),
        rest: (left) => `${left} entries are not shown: ask for one of its folders.`,
        note: contents.entries.length > ENTRIES ? `${contents.entries.length - ENTRIES} more entries; ask for one of its folders` : null,
      };
    }
    case "binary":
      return { what: `a binary file of ${contents.size} bytes, not shown`, items: [], rest: nothing, note: null };
    case "too-large":
      return { what: `a file of ${contents.size} bytes, larger than GitHub gives`, items: [], rest: nothing, note: null };
    case "symlink":
      return { what: `a symbolic link to ${outsideLine(contents.target ?? "(unknown)", 200)}`, items: [], rest: nothing, note: null };
    case "submodule":
      return { what: `a submodule at ${contents.sha}, another repository`, items: [], rest: nothing, note: null };
    case "missing":
      return {
        what: "there is no such path at this ref (or the credential may not see it). github_search_code finds files by words",
        items: [],
        rest: nothing,
        note: null,
      };
  }
}

/** `github_file`: a file or folder at a commit. */
export function fileTool(github: GithubClient): Tool {
  return defineTool({
    name: "github_file",
    description:
      "A file at a commit or branch with line numbers, 200 lines at once, or a folder's entries. Give the deployed commit as ref: the default branch may be ahead of production.",
    source: "GitHub",
    input: z.object({
      repository: repositoryInput,
      path: pathInput.describe('Path of a file or folder inside the repository; "" is its top folder'),
      ref: refInput.optional().describe("Commit sha, branch or tag. Default: the default branch, which production may not run."),
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
      const { what, items, rest, note } = told(answer.value, first, Math.min(last, first + LINES_AT_ONCE - 1));
      const where = `${outsideLine(clean === "" ? "/" : clean, 250)} of ${name} at ${at ?? "the default branch"}`;
      const notes = [...(note === null ? [] : [note]), ...(answer.cut === null ? [] : [answer.cut])];
      return {
        answers: [answer],
        fact: `${where}: ${what}`,
        view: (evidence) => composeView({ facts: [`${where}: ${what}.`], items, rest, notes }, evidence),
      };
    },
  });
}
