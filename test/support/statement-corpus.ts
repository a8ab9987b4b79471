import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";

/** Where in a finding a statement is handed in. `hop`: a step of the causal path. `ruled-out`: why something is not the cause. */
export const parts = ["claim", "cause", "hop", "impact", "ruled-out", "step", "gap"] as const;
/** What a sentence mainly says. */
export const kinds = [
  ...["figure", "time", "absence", "comparison", "first-last", "quote", "name", "change", "step", "gap", "cause"],
] as const;
/** The one thing that makes a twin false. */
export const changes = ["figure", "unit", "direction", "service", "sha", "time", "quote"] as const;

/** A read by its number, or a source that triage read, as the ledger names it. */
const citedSchema = z.union([z.int().nonnegative(), z.string().min(1)]);
const quotesSchema = z.array(z.strictObject({ text: z.string().min(1), evidence: citedSchema })).min(1);

const statementSchema = z.strictObject({
  text: z.string().min(1).max(600),
  part: z.enum(parts),
  kind: z.enum(kinds),
  evidence: z.array(citedSchema).min(1),
  /** Of a cause or a hop; of something ruled out, what that is. Default: the paged service. */
  service: z.string().min(1).optional(),
  /** Of a cause that blames one: as in a finding. */
  change: z.strictObject({ id: z.string().min(1), repository: z.string().nullable() }).optional(),
  quotes: quotesSchema.optional(),
  twin: z.strictObject({
    text: z.string().min(1).max(600),
    changed: z.enum(changes),
    /** Default: those of the true statement. */
    quotes: quotesSchema.optional(),
  }),
});

export const statementFileSchema = z.strictObject({
  /** Name of the recording's folder. */
  case: z.string().min(1),
  /** Tool calls beyond triage that the statements rest on. */
  reads: z.array(z.strictObject({ tool: z.string().min(1), input: z.record(z.string(), z.json()) })),
  statements: z.array(statementSchema).min(1),
});

export type Statement = z.output<typeof statementSchema>;
export type StatementFile = z.output<typeof statementFileSchema>;

const FOLDER = fileURLToPath(new URL("../bench/statements", import.meta.url));

/** The corpus: true statements about recorded incidents, each with a false twin. @throws a ZodError where a file does not fit */
export const statementFiles = (): { readonly name: string; readonly file: StatementFile }[] =>
  readdirSync(FOLDER)
    .filter((name) => name.endsWith(".json"))
    .toSorted()
    .map((name) => ({
      name: basename(name, ".json"),
      file: statementFileSchema.parse(JSON.parse(readFileSync(join(FOLDER, name), "utf8"))),
    }));

/** Folder of the recording that a case's statements are about; null where it is not on this machine. */
export function recordingOf(name: string): string | null {
  const folders = ["cases/recorded", "incidents/cases"].map((path) =>
    fileURLToPath(new URL(`../../../shared/${path}/${name}`, import.meta.url)),
  );
  return folders.find((folder) => existsSync(join(folder, "incident.json"))) ?? null;
}
