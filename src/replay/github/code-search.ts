/** One file of the default branch that holds all words of a query. */
export interface CodeMatch {
  readonly path: string;
  readonly sha: string;
  /** Text around the first place of each word, with where the word stands in it. */
  readonly matches: readonly { readonly fragment: string; readonly word: string; readonly indices: readonly [number, number] }[];
}

export interface CodeQuery {
  readonly words: readonly string[];
  readonly repositories: readonly string[];
  readonly paths: readonly string[];
  readonly fileNames: readonly string[];
  readonly extensions: readonly string[];
}

const AROUND = 120;

/** Words, "quoted words" and the qualifiers repo:, path:, filename:, extension:, language: and in: (the last two change nothing here). */
export function parseCodeQuery(q: string): CodeQuery {
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
export function searchCode(
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
