import type { Hono } from "hono";
import { isObject, objectsIn, textIn } from "../json.ts";
import { outsideUrl } from "../outside-url.ts";
import { encodePath, problem } from "./answers.ts";
import type { GithubRepository } from "./repository.ts";

/** One file of the default branch that holds all words of a query. */
interface CodeMatch {
  readonly path: string;
  readonly sha: string;
  /** Text around the first place of each word, with the word's place in it. */
  readonly matches: readonly { readonly fragment: string; readonly word: string; readonly indices: readonly [number, number] }[];
}

interface CodeQuery {
  readonly words: readonly string[];
  readonly repositories: readonly string[];
  readonly paths: readonly string[];
  readonly fileNames: readonly string[];
  readonly extensions: readonly string[];
}

const AROUND = 120;

/** Words, "quoted words" and the qualifiers repo:, path:, filename:, extension:, language: and in: (the last two change nothing here). */
function parseCodeQuery(q: string): CodeQuery {
  const query = {
    words: [] as string[],
    repositories: [] as string[],
    paths: [] as string[],
    fileNames: [] as string[],
    extensions: [] as string[],
  };
  for (const [, qualifier, quoted, plain] of q.matchAll(/(?:([a-z]+):)?(?:"([^"]*)"|(\S+))/g)) {
    const value = quoted ?? plain ?? "";
    switch (qualifier) {
      case "repo":
        query.repositories.push(value);
        break;
      case "path":
        query.paths.push(value);
        break;
      case "filename":
        query.fileNames.push(value);
        break;
      case "extension":
        query.extensions.push(value.replace(/^\./, ""));
        break;
      case "language":
      case "in":
      case "org":
      case "user":
        break;
      default:
        query.words.push(qualifier === undefined ? value : `${qualifier}:${value}`);
    }
  }
  return query;
}

/** Letter case does not matter, as in GitHub's search. */
function searchCode(
  files: readonly { readonly path: string; readonly sha: string; readonly text: string }[],
  query: CodeQuery,
): CodeMatch[] {
  const has = (text: string, part: string) => text.toLowerCase().includes(part.toLowerCase());
  return files
    .filter(({ path }) => {
      const fileName = path.split("/").at(-1) ?? path;
      return (
        query.paths.every((part) => has(path, part)) &&
        query.fileNames.every((part) => has(fileName, part)) &&
        (query.extensions.length === 0 || query.extensions.some((extension) => fileName.endsWith(`.${extension}`)))
      );
    })
    .filter(({ path, text }) => query.words.every((word) => has(text, word) || has(path, word)))
    .map(({ path, sha, text }) => ({
      path,
      sha,
      matches: query.words.flatMap((word) => {
        const at = text.toLowerCase().indexOf(word.toLowerCase());
        if (at < 0) return [];
        const from = Math.max(0, at - AROUND);
        return [{ fragment: text.slice(from, at + word.length + AROUND), word, indices: [at - from, at - from + word.length] as const }];
      }),
    }));
}

async function filesOfDefaultBranch(repository: GithubRepository): Promise<{ path: string; sha: string; text: string }[]> {
  const tree = await repository.get("/git/trees/main?recursive=1");
  const blobs = objectsIn(isObject(tree) ? tree["tree"] : null).filter((entry) => entry["type"] === "blob");
  return Promise.all(
    blobs.map(async (entry) => {
      const sha = textIn(entry, "sha");
      const blob = await repository.get(`/git/blobs/${sha}`);
      return { path: textIn(entry, "path"), sha, text: Buffer.from(textIn(blob, "content"), "base64").toString("utf8") };
    }),
  );
}

/** `GET /search/code` in the one repository. */
export function searchRoute(app: Hono, repository: GithubRepository): void {
  app.get("/search/code", async (c) => {
    const q = c.req.query("q") ?? "";
    const query = parseCodeQuery(q);
    if (query.words.length === 0) return problem(c, 422, "Validation Failed", [{ resource: "Search", field: "q", code: "missing" }]);
    const here = query.repositories.length === 0 || query.repositories.some((one) => one.toLowerCase() === repository.name.toLowerCase());
    const found = here ? searchCode(await filesOfDefaultBranch(repository), query) : [];
    const base = outsideUrl(c);
    const about = repository.show(c, await repository.get(""));
    const head = repository.shas.toOutside((await repository.resolve("main")) ?? "");
    const withMatches = c.req.header("accept")?.includes("text-match") === true;
    const perPage = Math.min(100, Number(c.req.query("per_page") ?? 30) || 30);
    const page = Math.max(1, Number(c.req.query("page") ?? 1) || 1);
    return c.json({
      total_count: found.length,
      incomplete_results: false,
      items: found.slice((page - 1) * perPage, page * perPage).map(({ path, sha, matches }) => {
        const url = `${base}${repository.path}/contents/${encodePath(path)}?ref=${head}`;
        return {
          name: path.split("/").at(-1),
          path,
          sha,
          url,
          git_url: `${base}${repository.path}/git/blobs/${sha}`,
          html_url: `${base}/${repository.name}/blob/${head}/${encodePath(path)}`,
          repository: about,
          score: 1,
          ...(withMatches
            ? {
                text_matches: matches.map(({ fragment, word, indices }) => ({
                  object_url: url,
                  object_type: "FileContent",
                  property: "content",
                  fragment,
                  matches: [{ text: word, indices }],
                })),
              }
            : {}),
        };
      }),
    });
  });
}
