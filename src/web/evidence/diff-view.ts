import { z } from "zod";
import { type Html, html } from "../html.ts";
import { holds } from "./parts.ts";

/** Changed files in an answer, as the lines of their diffs. */

const shape = z.object({ files: z.array(z.object({ filename: z.string(), patch: z.string().nullish() })) });

interface ChangedFile {
  readonly path: string;
  readonly patch: string | null;
}

const MOST_FILES = 20;
const MOST_LINES = 400;

export const filesOf = (part: unknown): readonly ChangedFile[] =>
  (shape.safeParse(part).data?.files ?? []).map(({ filename, patch }) => ({ path: filename, patch: patch ?? null }));

const lineClass = (line: string) => (line.startsWith("@@") ? "hunk" : line.startsWith("+") ? "add" : line.startsWith("-") ? "del" : "");

function fileView({ path, patch }: ChangedFile, query: string): Html {
  const lines = patch?.split("\n") ?? [];
  return html`<section class="diff" tabindex="0" aria-label="Diff of ${path}">
    <h3>${path}</h3>
    ${
      patch === null
        ? html`<p class="muted">The host gives no diff of this file.</p>`
        : html`<ol>
            ${lines.slice(0, MOST_LINES).map(
              (line) =>
                html`<li class="${lineClass(line)}">
                  <code>${holds(line, query) ? html`<mark>${line}</mark>` : line === "" ? " " : line}</code>
                </li>`,
            )}
          </ol>`
    }
    ${lines.length > MOST_LINES ? html`<p class="muted">${lines.length - MOST_LINES} more lines in the raw answer</p>` : null}
  </section>`;
}

/** The diffs, those that hold what is looked for first. null: the answer has none. */
export function diffView(all: readonly ChangedFile[], query: string): Html | null {
  if (all.length === 0) return null;
  const files = [...new Map(all.map((file) => [`${file.path}\n${file.patch ?? ""}`, file])).values()];
  const cited = (file: ChangedFile) => holds(file.path, query) || holds(file.patch ?? "", query);
  const shown = files.toSorted((a, b) => Number(cited(b)) - Number(cited(a))).slice(0, MOST_FILES);
  return html`<p class="muted card-note">${shown.length} of ${files.length} changed ${files.length === 1 ? "file" : "files"}.</p>
    ${shown.map((file) => fileView(file, query))}`;
}
