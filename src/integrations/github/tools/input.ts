import { z } from "zod";
import { IntegrationError } from "../../../guard/errors.ts";
import { codeOf, type Question } from "../../../incident/source.ts";
import type { TimeWindow } from "../../../incident/telemetry.ts";
import type { ToolContext } from "../../../incident/tool.ts";
import { type AskedWindow, outsideLine, windowOf } from "../../../report/tool-view.ts";
import { servicesByRepository } from "../services.ts";

/** Inputs that several tools have in common, and how they are checked before a call is made. */

export const repositoryInput = z.string().max(210).optional().describe("owner/name. Default: the paged service's, or the only one.");

export const pathInput = z.string().max(500).describe("Path inside the repository, without a slash at its beginning");

export const refInput = z.string().min(1).max(200);

/** Repositories that the question's services live in, the paged service's first. */
export const repositoriesOf = (question: Question): readonly string[] => [...servicesByRepository(question).keys()];

const listed = (names: readonly string[]) => `${names.slice(0, 20).join(", ")}${names.length > 20 ? ` and ${names.length - 20} more` : ""}`;

/**
 * The repository to ask, as the catalog writes it.
 * @throws IntegrationError for any that is not one of the question's, and where none is named and there are several
 */
export function repositoryOf(question: Question, asked: string | undefined): string {
  const known = repositoriesOf(question);
  if (known.length === 0) throw new IntegrationError("github", "None of this incident's services has a repository in the catalog.");
  if (asked === undefined) {
    const paged = question.services.find(({ name }) => name === question.service);
    const own = (paged === undefined ? undefined : codeOf(paged)?.repository)?.toLowerCase();
    const only = known.length === 1 ? known[0] : known.find((name) => name.toLowerCase() === own);
    if (only !== undefined) return only;
    throw new IntegrationError("github", `The paged service has no repository. Name one as repository: ${listed(known)}.`);
  }
  const found = known.find((name) => name.toLowerCase() === asked.trim().toLowerCase());
  if (found !== undefined) return found;
  throw new IntegrationError(
    "github",
    `${JSON.stringify(outsideLine(asked, 120))} is not a repository of this incident's services and is not read. There are: ${listed(known)}.`,
  );
}

// Git's own rules for names of branches and tags, less what only old ones use. Two dots would make a range of it.
const refShape = /^(?!\/|.*\/$)[A-Za-z0-9][\w./@#+-]{0,198}$/;

/** @throws IntegrationError for what is no name of a commit, branch or tag */
export function checkedRef(ref: string): string {
  const name = ref.trim();
  if (refShape.test(name) && !name.includes("..") && !name.includes("//")) return name;
  throw new IntegrationError("github", `${JSON.stringify(outsideLine(ref, 80))} is not a commit sha, branch or tag.`);
}

/** @throws IntegrationError for a path that leaves the repository */
export function checkedPath(path: string): string {
  const clean = path
    .trim()
    .replace(/^(?:\.?\/)+/, "")
    .replace(/\/+$/, "");
  if (clean.split("/").every((part) => part !== ".." && part !== "." && (part !== "" || clean === ""))) return clean;
  throw new IntegrationError("github", `${JSON.stringify(outsideLine(path, 120))} is not a path inside the repository.`);
}

/** @throws IntegrationError for what is no window */
export function checkedWindow(asked: AskedWindow, otherwise: TimeWindow, { question, now }: ToolContext): TimeWindow {
  const window = windowOf(asked, otherwise, question, now());
  if (typeof window === "string") throw new IntegrationError("github", window);
  return window;
}
