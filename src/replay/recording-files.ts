import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { z } from "zod";

/** A file of a recording cannot be read as the format says. The message names file, line, what is wrong and what to do. */
export class RecordingError extends Error {
  readonly file: string;
  readonly line: number | null;
  constructor(file: string, line: number | null, problem: string, todo: string, cause?: unknown) {
    super(`${file}${line === null ? "" : `, line ${line}`}: ${problem}. ${todo}`, cause === undefined ? {} : { cause });
    this.name = "RecordingError";
    this.file = file;
    this.line = line;
  }
}

const problems = (error: z.ZodError): string =>
  error.issues.map((issue) => (issue.path.length === 0 ? issue.message : `${issue.path.join(".")}: ${issue.message}`)).join("; ");

const formatHint = "Correct the file, or leave it out if the case has no such data";

export function parseWith<T>(schema: z.ZodType<T>, value: unknown, file: string, line: number | null): T {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new RecordingError(file, line, problems(parsed.error), formatHint);
  return parsed.data;
}

export const isMissing = (error: unknown): boolean =>
  error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");

export async function textIfPresent(file: string): Promise<string | null> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

export function parseJson(content: string, file: string, line: number | null): unknown {
  try {
    return JSON.parse(content);
  } catch (error) {
    throw new RecordingError(file, line, `not JSON (${error instanceof Error ? error.message : String(error)})`, formatHint, error);
  }
}

export async function jsonIfPresent<T>(file: string, schema: z.ZodType<T>, absent: T): Promise<T> {
  const content = await textIfPresent(file);
  return content === null ? absent : parseWith(schema, parseJson(content, file, null), file, null);
}

/** Calls `each` for every line of a gzipped text file that is not blank, in order; an absent file has none. Line numbers start at 1. */
export async function eachLine(file: string, each: (line: string, number: number) => void): Promise<void> {
  let rest = "";
  let number = 0;
  const take = (line: string) => {
    number++;
    if (line.trim() !== "") each(line, number);
  };
  const decoder = new TextDecoder();
  try {
    await pipeline(createReadStream(file), createGunzip(), async (chunks: AsyncIterable<Uint8Array>) => {
      for await (const chunk of chunks) {
        const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) take(line);
      }
    });
  } catch (error) {
    if (isMissing(error)) return;
    if (error instanceof RecordingError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new RecordingError(file, null, `cannot be unpacked (${why})`, "Pack it again with gzip", error);
  }
  take(rest + decoder.decode());
}

export async function jsonLines<Row, T>(file: string, schema: z.ZodType<Row>, toItem: (row: Row) => T): Promise<T[]> {
  const items: T[] = [];
  await eachLine(file, (line, number) => void items.push(toItem(parseWith(schema, parseJson(line, file, number), file, number))));
  return items;
}

/** Fields of one CSV line (RFC 4180 without line breaks inside a field). */
export function csvFields(line: string): string[] {
  const trimmed = line.endsWith("\r") ? line.slice(0, -1) : line;
  if (!trimmed.includes('"')) return trimmed.split(",");
  const fields: string[] = [];
  for (const match of trimmed.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g))
    fields.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? "");
  return fields;
}
