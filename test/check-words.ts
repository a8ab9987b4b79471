/**
 * Holds docs/writing.md: `npm run words` fails on words that it bans and on sentences of more than 40 words; `npm run words -- --measure`
 * prints the sentences of each document by length. How sentences are counted: docs/writing.md, "How we count".
 */
import { globSync, readFileSync } from "node:fs";
import { resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "..");
const DOCUMENTS = ["*.md", "docs/*.md", "src/**/*.md", "skills/**/*.md", "runbooks/*.md", ".env.example"];
const QUOTES_THE_WORDS = "docs/writing.md";
const LONGEST = 40;
const LONG = 25;

/** Files of `src/` whose strings and comments are still to be rewritten. Only remove lines here. */
const STILL_TO_REWRITE: readonly string[] = [];

/** A word that reads as translated, and what to write instead. */
const BANNED: readonly (readonly [word: RegExp, instead: string])[] = [
  [/\bstands?\b(?! ?(?:by|for|out)\b)/gi, "is, appears, remains"],
  [/(?<![-.])\b(?:told|tells)\b(?![(-])/gi, "reported, says, shows"],
  [/\bmend(?:s|ed|ing)?\b(?!\()/gi, "fix, repair"],
  [/\banew\b/gi, "again"],
  [/\bwho(?:so)?ever\b/gi, "anyone who"],
  [/\bdeeds?\b/gi, "action"],
  [/\bas ever\b/gi, "unchanged"],
  [/\bno (?:other )?way out but\b/gi, "its only outputs are"],
  [/\ball of it its own\b/gi, "not explained by its dependencies"],
  [/\bbeyond it all along\b/gi, "above the limit since before our records"],
  [/\b(?:reading )?what it may\b/gi, "name it: reading Datadog, Sentry, …"],
  [/\bnothing (?:new )?(?:came|comes) of\b/gi, "had no effect"],
  [/\bis seen yet\b/gi, "has not started"],
  [/\bby itself alone\b/gi, "alone"],
  [/\bsaid to be none\b/gi, "none"],
];

/** The sentences of a Markdown text, without markup. A table cell, heading and list item is a unit; a code span is one word. */
function sentencesOf(markdown: string): string[] {
  const units: string[] = [];
  let open = "";
  const close = () => {
    if (open.trim() !== "") units.push(open);
    open = "";
  };
  for (const line of proseOf(markdown).split("\n")) {
    const text = line.trim();
    if (text.startsWith("|")) {
      close();
      if (!/^\|[\s:|-]+\|$/.test(text)) units.push(...text.slice(1, -1).split(/(?<!\\)\|/));
    } else if (text === "" || text.startsWith("#")) {
      close();
      units.push(text.replace(/^#+/, ""));
    } else {
      if (/^(?:[-*>]|\d+\.)\s/.test(text)) close();
      open += ` ${text.replace(/^(?:[-*>]|\d+\.)\s+/, "")}`;
    }
  }
  close();
  return units
    .flatMap((unit) => plainOf(unit).split(/(?<=[.!?][)”"]?)\s+(?=[^a-z]|midwatch\b)/))
    .filter((sentence) => wordsIn(sentence) > 0);
}

/** The words of a sentence: what is between blanks and has a letter or a digit. */
const wordsIn = (sentence: string) => sentence.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word)).length;

/** Without front matter, code blocks and comments; lines keep their numbers. */
const proseOf = (markdown: string) =>
  markdown.replaceAll(/^---\n[\s\S]*?\n---$|^ *```[\s\S]*?^ *```|<!--[\s\S]*?-->/gm, (cut, at: number) =>
    cut.startsWith("---") && at > 0 ? cut : cut.replaceAll(/[^\n]/g, ""),
  );

const plainOf = (text: string) =>
  text
    .replaceAll(/`[^`]*`/g, "Code")
    .replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replaceAll(/\*+/g, "")
    .replaceAll(/\b(?:e\.g|i\.e|etc|no|vs)\.\s/gi, (short) => short.replace(".", ""))
    .trim();

const blank = (text: string) => text.replaceAll(/[^\n]/g, " ");

/** Comments and strings of a source text at their lines. Blank is code, also in a comment's code spans and what a template inserts. */
const spokenIn = (source: string) => {
  let at = 0;
  let text = "";
  for (const found of source.matchAll(/\/\*[\s\S]*?\*\/|\/\/.*$|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`/gm)) {
    const [spoken] = found;
    text += blank(source.slice(at, found.index)) + spoken.replaceAll(spoken.startsWith("/") ? /`[^`\n]+`/g : /\$\{[^}]*(?:\}|$)/g, blank);
    at = found.index + spoken.length;
  }
  return text;
};

function bannedIn(file: string, text: string): string[] {
  return text
    .split("\n")
    .flatMap((line, at) =>
      BANNED.flatMap(([word, instead]) => [...line.matchAll(word)].map((found) => `${file}:${at + 1}: "${found[0]}": write ${instead}`)),
    );
}

const read = (file: string) => readFileSync(resolve(ROOT, file), "utf8");
const documents = () => [...new Set(DOCUMENTS.flatMap((pattern) => globSync(pattern, { cwd: ROOT })))].sort();

function measure(): void {
  const totals = { sentences: 0, long: 0, tooLong: 0 };
  const line = (name: string, { sentences, long, tooLong }: typeof totals) =>
    `${name}: ${sentences} sentences, ${long} over ${LONG} words, ${tooLong} over ${LONGEST}`;
  for (const file of documents().filter((name) => name.endsWith(".md"))) {
    const sentences = sentencesOf(read(file));
    const long = sentences.filter((sentence) => wordsIn(sentence) > LONG);
    const counts = { sentences: sentences.length, long: long.length, tooLong: long.filter((one) => wordsIn(one) > LONGEST).length };
    for (const name of ["sentences", "long", "tooLong"] as const) totals[name] += counts[name];
    console.log(line(file, counts));
    if (process.argv.includes("--long")) for (const sentence of long) console.log(`  ${wordsIn(sentence)}: ${sentence}`);
  }
  console.log(line("all", totals));
}

function check(): void {
  const ofDocuments = documents().flatMap((file) => [
    ...(file === QUOTES_THE_WORDS ? [] : bannedIn(file, file.endsWith(".md") ? proseOf(read(file)) : read(file))),
    ...(file.endsWith(".md") ? sentencesOf(read(file)) : [])
      .filter((sentence) => wordsIn(sentence) > LONGEST)
      .map((sentence) => `${file}: a sentence of ${wordsIn(sentence)} words, at most ${LONGEST}: ${sentence}`),
  ]);
  const ofSource = globSync("src/**/*.ts", { cwd: ROOT })
    .filter((file) => process.argv.includes("--all") || !STILL_TO_REWRITE.some((part) => file.startsWith(part)))
    .flatMap((file) => bannedIn(file, spokenIn(read(file))));
  const problems = [...ofDocuments, ...ofSource];
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) {
    console.error(`${problems.length} places to rewrite: docs/writing.md`);
    process.exitCode = 1;
  }
}

if (process.argv.includes("--measure")) measure();
else check();
