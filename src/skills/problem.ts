import { unseenInSkills, unseenRuns } from "../guard/unseen.ts";

/** What is wrong with a file of skills/ or runbooks/, for the person who wrote it. */
export interface Problem {
  /** As people name it: `skills/database-trouble/SKILL.md`. */
  readonly file: string;
  /** 1 is the first line; null where the file as a whole is meant. */
  readonly line: number | null;
  /** `warning`: it is loaded all the same. */
  readonly severity: "error" | "warning";
  /** What is wrong and what to write instead, one line. */
  readonly message: string;
}

/** `skills/x/SKILL.md:3: what is wrong`, one printable line: names of files and values in them are anybody's. */
export const problemLine = ({ file, line, message }: Problem): string =>
  `${file}${line === null ? "" : `:${line}`}: ${message}`.replaceAll(unseenRuns, " ");

/** Longest SKILL.md, reference or runbook, characters. */
export const LONGEST_FILE = 64_000;

/** What no file that a model or people read may be: too long, or holding characters that nobody sees. */
export function textProblems(file: string, text: string): Problem[] {
  if (text.length > LONGEST_FILE)
    return [
      {
        file,
        line: null,
        severity: "error",
        message: `has ${text.length.toLocaleString("en-US")} characters; at most ${LONGEST_FILE.toLocaleString("en-US")} are read. Cut it, or move parts to references/`,
      },
    ];
  return text.split("\n").flatMap((content, index): Problem[] => {
    const found = unseenInSkills.exec(content)?.[0];
    if (found === undefined) return [];
    const code = found.codePointAt(0)?.toString(16).toUpperCase().padStart(4, "0");
    return [{ file, line: index + 1, severity: "error", message: `holds an invisible character (U+${code}); delete it` }];
  });
}
