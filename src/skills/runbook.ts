import { parseDocument } from "yaml";
import { z } from "zod";
import type { FaultClass } from "../incident/finding.ts";

const words = z
  .union([z.string().transform((one) => [one]), z.array(z.string())])
  .transform((list) => list.map((word) => word.trim().toLowerCase()).filter((word) => word !== ""));

const faultClass = z.enum(["cpu", "memory", "network", "latency", "error", "code", "overload", "config", "dependency"]);

const frontMatterSchema = z.strictObject({
  title: z.string().trim().min(1),
  match: z.strictObject({
    /** Names in the catalog; `*` stands for any run of characters. */
    service: words.default([]),
    /** Words or phrases of the page's title or details. */
    title: words.default([]),
    /** true: only where a change is under suspicion; false: only where none is. */
    change: z.boolean().optional(),
    /** Kinds of fault that analysis found. */
    fault: z.union([faultClass.transform((one) => [one]), z.array(faultClass)]).default([]),
  }),
});

/** Steps that people take, matched to a page. */
export interface Runbook {
  /** File name without its ending. */
  readonly name: string;
  readonly title: string;
  readonly match: {
    readonly service: readonly string[];
    readonly title: readonly string[];
    readonly fault: readonly FaultClass[];
    readonly change?: boolean | undefined;
  };
  /** First numbered list of the text, one step an item, without Markdown's list marks. */
  readonly steps: readonly string[];
  readonly text: string;
}

/** A runbook file is wrong: which, where, and what to write. */
export class RunbookError extends Error {
  constructor(file: string, problem: string) {
    super(`${file}: ${problem}`);
    this.name = "RunbookError";
  }
}

const FENCE = /^---\r?\n([\s\S]*?)\r?\n---\r?\n/;

/**
 * Parses `runbooks/<name>.md`: YAML front matter, then Markdown for people.
 * @throws RunbookError
 */
export function parseRunbook(file: string, text: string): Runbook {
  const fence = FENCE.exec(text);
  if (fence === null) throw new RunbookError(file, "has no front matter; start it with `---`, `title:` and `match:`, then `---`");
  const document = parseDocument(fence[1] ?? "", { schema: "core", uniqueKeys: true, strict: true });
  const broken = document.errors[0];
  if (broken !== undefined)
    throw new RunbookError(file, `line ${(broken.linePos?.[0].line ?? 1) + 1}: ${broken.message.split("\n")[0] ?? ""}`);
  let values: unknown;
  try {
    values = document.toJS({ maxAliasCount: 0 });
  } catch {
    throw new RunbookError(file, "uses YAML anchors or aliases (&name, *name), which are not understood here; write the values out");
  }
  const parsed = frontMatterSchema.safeParse(values);
  if (!parsed.success) throw new RunbookError(file, z.prettifyError(parsed.error).replaceAll("\n", " "));
  const { title, match } = parsed.data;
  if (match.service.length + match.title.length + match.fault.length === 0 && match.change === undefined)
    throw new RunbookError(file, "match is empty, so it would never be shown; name a service, words of a title, a fault or `change: true`");
  const body = text.slice(fence[0].length);
  const steps = body.split(/\r?\n/).flatMap((line) => /^\d+\.\s+(.+)$/.exec(line)?.[1] ?? []);
  if (steps.length === 0) throw new RunbookError(file, "has no numbered steps (`1. …`); people need to know what to do first");
  return { name: file.replace(/^.*\//, "").replace(/\.md$/, ""), title, match, steps, text: body.trim() };
}

const glob = (pattern: string, name: string) =>
  new RegExp(
    `^${pattern
      .split("*")
      .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"))
      .join(".*")}$`,
  ).test(name);

/**
 * Runbooks that fit a page, best first: one that names the service (of the page or of the best suspect) before one that knows the title,
 * before one that knows the fault. Every criterion that a runbook names must hold.
 */
export function matchRunbooks(
  runbooks: readonly Runbook[],
  about: { services: readonly string[]; title: string; details: string; fault: FaultClass | null; change: boolean },
): Runbook[] {
  const text = `${about.title}\n${about.details}`.toLowerCase();
  const scored = runbooks.flatMap((runbook) => {
    const { service, title, fault, change } = runbook.match;
    const byService = service.some((pattern) => about.services.some((name) => glob(pattern, name.toLowerCase())));
    const byTitle = title.some((phrase) => text.includes(phrase));
    const byFault = about.fault !== null && fault.includes(about.fault);
    const holds =
      (service.length === 0 || byService) &&
      (title.length === 0 || byTitle) &&
      (fault.length === 0 || byFault) &&
      (change === undefined || change === about.change);
    return holds ? [{ runbook, score: (byService ? 4 : 0) + (byTitle ? 2 : 0) + (byFault ? 1 : 0) }] : [];
  });
  return scored.toSorted((a, b) => b.score - a.score || (a.runbook.name < b.runbook.name ? -1 : 1)).map(({ runbook }) => runbook);
}
