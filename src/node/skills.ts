import { closeSync, constants, fstatSync, lstatSync, openSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { basename, join, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { type Library, readLibrary, type SkillSource } from "../skills/library.ts";
import { LONGEST_FILE, type Problem } from "../skills/problem.ts";
import { RunbookError } from "../skills/runbook.ts";
import { MOST_REFERENCES, type SkillFiles } from "../skills/skill.ts";

/** Folder that holds the skills and runbooks that come with midwatch. */
export const OWN_FOLDER = fileURLToPath(new URL("../../", import.meta.url));

const LINK = "is a symbolic link, which is not followed; put the files themselves there";
const MOST_SKILLS = 200;
const MOST_RUNBOOKS = 500;
const RUNBOOK_NAME = /^[\p{L}\p{N}_][\p{L}\p{N}_. -]{0,100}\.md$/u;
const utf8 = new TextDecoder("utf-8", { fatal: true });

/** Reads files below one real folder, and reports what it does not read. */
function createReader(root: string, problems: Problem[]) {
  const add = (file: string, message: string, severity: Problem["severity"] = "error"): void =>
    void problems.push({ file, line: null, severity, message });
  return {
    add,
    /** Names in a folder; links are refused, hidden files passed over. */
    list(folder: string, shown: string): { files: string[]; folders: string[] } {
      const found = { files: [] as string[], folders: [] as string[] };
      const path = join(root, folder);
      const stat = lstatSync(path, { throwIfNoEntry: false });
      if (stat?.isSymbolicLink() === true) add(shown, LINK);
      if (stat?.isDirectory() !== true) return found;
      for (const entry of readdirSync(path, { withFileTypes: true }).toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
        if (entry.name.startsWith(".")) continue;
        if (entry.isSymbolicLink()) add(`${shown}/${entry.name}`, LINK);
        else if (entry.isDirectory()) found.folders.push(entry.name);
        else if (entry.isFile()) found.files.push(entry.name);
      }
      return found;
    },
    /** Text of a regular file below the root; null with a problem reported. */
    read(file: string, shown: string): string | null {
      const path = join(root, file);
      let open: number | null = null;
      try {
        if (!realpathSync(path).startsWith(root.endsWith(sep) ? root : root + sep)) {
          add(shown, "lies outside its folder, so it is not read");
          return null;
        }
        open = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
        const { size } = fstatSync(open);
        // A character has at most four bytes.
        if (size > LONGEST_FILE * 4) {
          add(shown, `has ${size.toLocaleString("en-US")} bytes; at most ${LONGEST_FILE.toLocaleString("en-US")} characters are read`);
          return null;
        }
        return utf8.decode(readFileSync(open));
      } catch (error) {
        add(shown, error instanceof TypeError ? "is not UTF-8 text; save it as UTF-8" : `cannot be read (${codeOf(error)})`);
        return null;
      } finally {
        if (open !== null) closeSync(open);
      }
    },
  };
}

const codeOf = (error: unknown): string => (error instanceof Error && "code" in error ? String(error.code) : String(error));

type Reader = ReturnType<typeof createReader>;

/** @param folder of the skill below the root; "" where the root is one */
function readSkillFiles(reader: Reader, folder: string, shown: string): SkillFiles {
  const files = new Map<string, string>();
  const take = (name: string) => {
    const text = reader.read(join(folder, name), `${shown}/${name}`);
    if (text !== null) files.set(name, text);
  };
  const own = reader.list(folder, shown);
  if (own.files.includes("SKILL.md")) take("SKILL.md");
  for (const name of own.folders) {
    if (name === "scripts" || name === "assets")
      reader.add(`${shown}/${name}`, "is not used: midwatch runs no scripts of skills and reads only references/", "warning");
  }
  const references = own.folders.includes("references")
    ? reader.list(join(folder, "references"), `${shown}/references`)
    : { files: [], folders: [] };
  for (const inner of references.folders)
    reader.add(`${shown}/references/${inner}`, "is a folder; references are files, one level deep", "warning");
  const [markdown, others] = [
    references.files.filter((name) => /^[\w-][\w.-]*\.md$/.test(name)),
    references.files.filter((name) => !/^[\w-][\w.-]*\.md$/.test(name)),
  ];
  for (const name of others)
    reader.add(`${shown}/references/${name}`, "is not read; references are .md files named with a-z, 0-9, - and _", "warning");
  // One more than may be there, so that too many are noticed.
  for (const name of markdown.slice(0, MOST_REFERENCES + 1)) take(`references/${name}`);
  return { folder: shown, files };
}

/**
 * Reads `skills/` and `runbooks/` of a folder from disk. Nothing outside it is read and no link is followed.
 * @param origin what people call it; default: its path
 */
export function readSkillFolder(folder: string, origin = folder): SkillSource {
  const problems: Problem[] = [];
  const prefix = origin === folder ? `${folder.replace(/\/+$/, "")}/` : "";
  try {
    const root = realpathSync(resolve(folder));
    const reader = createReader(root, problems);
    if (!readdirSync(root).some((name) => name === "skills" || name === "runbooks"))
      reader.add(folder, "holds neither skills/ nor runbooks/; name the folder above them");
    const names = reader.list("skills", `${prefix}skills`).folders;
    if (names.length > MOST_SKILLS) reader.add(`${prefix}skills`, `holds ${names.length} skills; the first ${MOST_SKILLS} are read`);
    const found = reader.list("runbooks", `${prefix}runbooks`).files.filter((file) => file.endsWith(".md"));
    const books = found.filter((file) => RUNBOOK_NAME.test(file));
    // The name is posted in Slack.
    for (const file of found)
      if (!books.includes(file))
        reader.add(`${prefix}runbooks/${file}`, "has a name of other than letters, digits, blanks, points, - and _; rename it");
    if (books.length > MOST_RUNBOOKS)
      reader.add(`${prefix}runbooks`, `holds ${books.length} runbooks; the first ${MOST_RUNBOOKS} are read`);
    const skills = names.slice(0, MOST_SKILLS).map((name) => readSkillFiles(reader, join("skills", name), `${prefix}skills/${name}`));
    const runbooks = books.slice(0, MOST_RUNBOOKS).map((file) => {
      const shown = `${prefix}runbooks/${file}`;
      return { file: shown, text: reader.read(join("runbooks", file), shown) };
    });
    return { origin, content: { skills, runbooks }, problems };
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
    // Also a folder that goes away while it is read, as in the middle of a checkout.
    problems.push({
      file: folder,
      line: null,
      severity: "error",
      message: `cannot be read (${codeOf(error)}); it should hold skills/ and runbooks/`,
    });
    return { origin, content: null, problems };
  }
}

/** One skill's folder on its own, for the check of a skill that lies anywhere. */
export function readOneSkill(folder: string): SkillSource {
  const problems: Problem[] = [];
  const root = realpathSync(resolve(folder));
  const reader = createReader(root, problems);
  const shown = folder.replace(/\/+$/, "");
  const files = readSkillFiles(reader, "", /[^./]/.test(basename(shown)) ? shown : root);
  return { origin: folder, content: { skills: [files], runbooks: [] }, problems };
}

/** Skills and runbooks on this machine, read again at each investigation. */
export interface SkillFolders {
  /** What is on disk now. A broken edit leaves the version before. */
  current(): Library;
}

/**
 * Opens midwatch's own folder and the team's. What is wrong in the own one stops the start, as any broken installation does; what is wrong in the
 * team's is reported and left out, so that an edit there never blocks the report of an incident.
 * @param own the team's folder (`SKILLS_PATH`), or null
 * @param report called with all problems, once until they change
 * @throws RunbookError
 */
export function openSkillFolders(own: string | null, report: (problems: readonly Problem[]) => void): SkillFolders {
  // What is parsed now is not parsed again at the first investigation.
  let library = readLibrary([readSkillFolder(OWN_FOLDER, "midwatch")]);
  let told = "";
  const errors = library.problems.filter(({ severity }) => severity === "error");
  if (errors.length > 0) throw new RunbookError(errors);
  return {
    current() {
      library = readLibrary([readSkillFolder(OWN_FOLDER, "midwatch"), ...(own === null ? [] : [readSkillFolder(own)])], library);
      const now = JSON.stringify(library.problems);
      if (now !== told && library.problems.length > 0) report(library.problems);
      told = now;
      return library;
    },
  };
}
