import { z } from "zod";
import { IntegrationError } from "../../../guard/errors.ts";
import { defineTool, type Tool } from "../../../incident/tool.ts";
import { composeView, outsideLine, outsideLines } from "../../../report/tool-view.ts";
import type { GithubClient } from "../client.ts";
import type { CodeHit } from "../contents.ts";
import { filesWord } from "./file-words.ts";
import { checkedPath, pathInput, repositoriesOf, repositoryInput, repositoryOf } from "./input.ts";

/** Code search has a limit of its own, ten a minute. */
const MOST_REPOSITORIES = 4;
const LINES_PER_FILE = 6;

/** Words of a query; a quoted text is one. */
const wordsOf = (query: string): string[] =>
  [...query.matchAll(/"([^"]+)"|(\S+)/g)].map(([, quoted, plain]) => (quoted ?? plain ?? "").trim()).filter((word) => word !== "");

/** Lines of the fragments that hold one of the words; the first ones where none does (GitHub also matches parts of names). */
function linesOf({ fragments }: CodeHit, words: readonly string[]): string[] {
  const lines = [...new Set(fragments.flatMap((fragment) => fragment.split("\n")))].filter((line) => line.trim() !== "");
  const lower = words.map((word) => word.toLowerCase());
  const matching = lines.filter((line) => lower.some((word) => line.toLowerCase().includes(word)));
  return (matching.length > 0 ? matching : lines).slice(0, LINES_PER_FILE);
}

/** `github_search_code`: files that hold some words. */
export function searchCodeTool(github: GithubClient): Tool {
  return defineTool({
    name: "github_search_code",
    description:
      "Files of the services' repositories that hold all the given words, with the lines that match: where a message, metric or setting comes from. Search the constant part in quotes, without ids and figures. Default branches only; few searches a minute.",
    source: "GitHub",
    input: z.object({
      query: z
        .string()
        .min(2)
        .max(250)
        .describe('Words that a file must all hold; "several words" in quotes are one. Qualifiers such as repo: or org: have no effect.'),
      repository: repositoryInput.describe("owner/name. Default: all of the incident's services (the first four)."),
      path: pathInput.optional().describe("Only files whose path holds this"),
    }),
    async run({ query, repository, path }, { question, signal }) {
      const words = wordsOf(query).slice(0, 10);
      if (words.length === 0) throw new IntegrationError("github", "A code search needs at least one word.");
      const asked = repository === undefined ? repositoriesOf(question) : [repositoryOf(question, repository)];
      if (asked.length === 0) repositoryOf(question, undefined);
      const inPath = path === undefined ? {} : { path: checkedPath(path) };
      const settled = await Promise.allSettled(
        asked.slice(0, MOST_REPOSITORIES).map(async (name) => ({
          name,
          answer: await github.searchCode({ repository: name, words, ...inPath }, signal),
        })),
      );
      const read = settled.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
      const failures = settled.flatMap((result) => (result.status === "rejected" ? [result.reason as unknown] : []));
      if (read.length === 0 || failures.some((error) => !(error instanceof IntegrationError)))
        throw failures.find((error) => !(error instanceof IntegrationError)) ?? failures[0];
      const hits = read.flatMap(({ name, answer }) => answer.value.map((hit) => ({ name, hit })));
      const shown = words.map((word) => JSON.stringify(outsideLine(word, 60))).join(" ");
      const fact = `Code search for ${shown} in ${outsideLine(read.map(({ name }) => name).join(", "), 200)}${
        path === undefined ? "" : ` under ${outsideLine(path, 100)}`
      }: ${hits.length === 0 ? "no file" : filesWord(hits.length)}${
        hits[0] === undefined ? "" : `, first ${outsideLine(hits[0].hit.path, 120)}`
      }`;
      return {
        answers: read.map(({ answer }) => answer),
        fact,
        view: (evidence) =>
          composeView(
            {
              facts: [
                `${fact}. Lines of code are after "|".`,
                ...(hits.length === 0
                  ? ["Nothing found on the default branches: try fewer words, or only the constant part of a message."]
                  : []),
              ],
              items: hits.map(({ name, hit }) => ({
                lines: [
                  `- ${outsideLine(hit.path, 250)}${read.length > 1 ? ` (${name})` : ""}`,
                  ...linesOf(hit, words).flatMap((line) => outsideLines(line)),
                ],
              })),
              rest: (left) => `${filesWord(left)} more: add a word to query, or a path.`,
              parts: read.map(({ name }) => `search in ${name}`),
              notes: [
                ...failures.map((error) => (error instanceof Error ? error.message : "")),
                ...read.flatMap(({ name, answer }) => (answer.cut === null ? [] : [`${name}: ${answer.cut}`])),
                ...(asked.length > MOST_REPOSITORIES
                  ? [`not searched: ${asked.slice(MOST_REPOSITORIES).join(", ")}; name one as repository`]
                  : []),
              ],
            },
            evidence,
          ),
      };
    },
  });
}
