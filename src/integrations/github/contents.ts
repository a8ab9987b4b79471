import { type Answer, answerOf } from "../../incident/answer.ts";
import { IntegrationError, UnexpectedAnswerError } from "../../guard/errors.ts";
import type { Connection } from "./connection.ts";
import { codeSearchSchema, contentsSchema } from "./schema.ts";

/** What a path holds at a ref. */
export type Contents =
  | { readonly kind: "text"; readonly text: string; readonly sha: string; readonly size: number }
  | { readonly kind: "binary" | "too-large"; readonly sha: string; readonly size: number }
  | { readonly kind: "directory"; readonly entries: readonly { readonly name: string; readonly type: string; readonly size: number }[] }
  | { readonly kind: "symlink"; readonly target: string | null }
  | { readonly kind: "submodule"; readonly sha: string }
  /** No such path at this ref, or not visible to the credential. */
  | { readonly kind: "missing" };

export interface CodeHit {
  readonly path: string;
  readonly sha: string;
  readonly link: string;
  /** Lines around the hit, as GitHub cuts them. */
  readonly fragments: readonly string[];
}

const LARGEST_TEXT = 200_000;
const HITS = 30;

/** Bytes of a Base64 text with line breaks, as GitHub sends it. */
export function bytesOfBase64(content: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(content.replace(/\s/g, "")), (character) => character.charCodeAt(0));
}

/** The text in UTF-8, or null when the bytes are no text: a NUL, or bytes that UTF-8 does not allow. */
export function textOfBytes(bytes: Uint8Array<ArrayBuffer>): string | null {
  if (bytes.includes(0)) return null;
  try {
    // A byte order mark is part of the file: dropping it would make an edit of every restored file.
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** Files, code search, and what guards a branch. */
export function contentCalls(connection: Connection) {
  return {
    /**
     * What a path holds at a ref. For a text file `raw` is the text itself, not the Base64 around it, so that quotes can be found in it.
     * @param maxChars longest text returned; the rest is cut and named. Default 200,000
     */
    async getContents(
      args: { readonly repository: string; readonly path: string; readonly ref?: string; readonly maxChars?: number },
      signal: AbortSignal,
    ): Promise<Answer<Contents>> {
      const { repository, path, ref, maxChars = LARGEST_TEXT } = args;
      const answer = (value: Contents, raw: string, cut: string | null): Answer<Contents> => ({
        source: "GitHub",
        query: `${repository} ${path === "" ? "/" : path}${ref === undefined ? "" : ` at ${ref}`}`,
        window: null,
        link: `${connection.web}/${repository}/blob/${ref ?? "HEAD"}/${path.split("/").map(encodeURIComponent).join("/")}`,
        value,
        raw,
        cut,
      });
      let reply: Awaited<ReturnType<typeof ask>>;
      const ask = () =>
        connection.call(
          {
            route: "GET /repos/{owner}/{repo}/contents/{path}",
            repository,
            parameters: { path, ...(ref === undefined ? {} : { ref }) },
            schema: contentsSchema,
            what: path === "" ? "the files" : path,
            permission: "contents: read",
          },
          signal,
        );
      try {
        reply = await ask();
      } catch (error) {
        if (error instanceof IntegrationError && error.status === 404) return answer({ kind: "missing" }, "", null);
        throw error;
      }
      const { value, raw } = reply;
      if (Array.isArray(value)) {
        const entries = value.map((entry) => ({ name: entry.path.split("/").at(-1) ?? entry.path, type: entry.type, size: entry.size }));
        // GitHub lists no more than this and does not say so.
        return answer({ kind: "directory", entries }, raw, entries.length >= 1000 ? "first 1,000 files of the folder" : null);
      }
      if (value.type === "symlink") return answer({ kind: "symlink", target: value.target ?? null }, raw, null);
      if (value.type === "submodule") return answer({ kind: "submodule", sha: value.sha }, raw, null);
      const { sha, size } = value;
      if (value.encoding === "none" || (value.content === undefined && size > 0)) {
        return answer({ kind: "too-large", sha, size }, raw, `the text of ${path}: ${size} bytes, GitHub sends at most 1 MB`);
      }
      if (value.encoding !== undefined && value.encoding !== "base64") {
        throw new UnexpectedAnswerError("github", `${path} of ${repository}`, `encoding ${value.encoding}`);
      }
      const text = textOfBytes(bytesOfBase64(value.content ?? ""));
      if (text === null) return answer({ kind: "binary", sha, size }, raw, null);
      if (text.length <= maxChars) return answer({ kind: "text", text, sha, size }, text, null);
      const end = text.lastIndexOf("\n", maxChars);
      const part = text.slice(0, end > 0 ? end + 1 : maxChars);
      return answer({ kind: "text", text: part, sha, size }, part, `first ${part.length} of ${text.length} characters of ${path}`);
    },

    /**
     * Files of one repository's default branch that hold all the words.
     * @param words looked for as they are: what would be a qualifier of GitHub's search ("repo:", "org:") is a word like any other
     */
    async searchCode(
      args: { readonly repository: string; readonly words: readonly string[]; readonly path?: string },
      signal: AbortSignal,
    ): Promise<Answer<readonly CodeHit[]>> {
      const { fullName } = connection.repository(args.repository);
      const quoted = (word: string) => `"${word.replace(/[\\"]/g, " ").trim()}"`;
      const words = args.words.map(quoted).filter((word) => word !== '""');
      if (words.length === 0) throw new IntegrationError("github", "A code search needs at least one word.");
      const query = [...words, `repo:${fullName}`, ...(args.path === undefined ? [] : [`path:${quoted(args.path)}`])].join(" ");
      const { value, raw } = await connection.call(
        {
          route: "GET /search/code",
          repository: args.repository,
          parameters: { q: query, per_page: HITS },
          schema: codeSearchSchema,
          what: "code search",
          permission: "contents: read",
          mediaType: "application/vnd.github.text-match+json",
        },
        signal,
      );
      const hits = value.items.filter((item) => item.repository.full_name.toLowerCase() === fullName.toLowerCase());
      const cuts = [
        ...(value.total_count > value.items.length
          ? [`first ${value.items.length} of ${value.total_count} files; add a word or a path`]
          : []),
        ...(value.incomplete_results ? ["GitHub stopped this search before it had seen every file"] : []),
      ];
      return answerOf("GitHub", {
        query: `code search ${query}`,
        link: `${connection.web}/search?type=code&q=${encodeURIComponent(query)}`,
        value: hits.map((item) => ({
          path: item.path,
          sha: item.sha,
          link: item.html_url,
          fragments: (item.text_matches ?? []).flatMap((match) => (match.fragment === undefined ? [] : [match.fragment])),
        })),
        raw,
        cut: cuts.length === 0 ? null : cuts.join("; "),
      });
    },
  };
}
