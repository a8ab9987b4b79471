/** A node of a parsed program, as tree-sitter gives it. Only what the rules read is named here. */
export interface CodeNode {
  readonly id: number;
  readonly type: string;
  readonly text: string;
  readonly isNamed: boolean;
  readonly namedChildren: readonly (CodeNode | null)[];
  readonly parent: CodeNode | null;
  /** Rows count from 0. */
  readonly startPosition: { readonly row: number };
  readonly childForFieldName: (name: string) => CodeNode | null;
}

/** Grammars that there are. */
export type CodeLanguage =
  | "javascript"
  | "typescript"
  | "tsx"
  | "python"
  | "go"
  | "java"
  | "ruby"
  | "rust"
  | "php"
  | "c-sharp"
  | "cpp"
  | "bash"
  | "powershell";

/** A program that its parser does not get through, too deep or made to take long; or one in a language for which this host has no parser. */
export class UnreadableCodeError extends Error {
  readonly language: CodeLanguage;
  readonly reason: "too much" | "no parser";

  constructor(language: CodeLanguage, reason: "too much" | "no parser") {
    super(reason === "no parser" ? `there is no parser of ${language} here` : `the parser of ${language} does not get through it`);
    this.language = language;
    this.reason = reason;
  }
}

/** Reads a program's tree; the tree is gone afterwards. @throws UnreadableCodeError */
export type CodeParser = <T>(language: CodeLanguage, text: string, read: (root: CodeNode) => T) => Promise<T>;

/** Of a host without any parser: no program can be looked at. */
export const noCodeParser: CodeParser = (language) => Promise.reject(new UnreadableCodeError(language, "no parser"));

/** Endings of files, by the grammar that reads them. A language without one is read by the nearest: calls look alike, and errors do no harm. */
const endings: readonly (readonly [CodeLanguage, string])[] = [
  ["javascript", "js mjs cjs jsx"],
  ["typescript", "ts mts cts vue svelte"],
  ["tsx", "tsx"],
  ["python", "py pyi pyx"],
  ["go", "go"],
  ["java", "java kt kts scala groovy gradle swift dart"],
  ["ruby", "rb rake ru ex exs"],
  ["rust", "rs"],
  ["php", "php phtml"],
  ["c-sharp", "cs"],
  ["cpp", "c h cc cpp hpp cxx m mm"],
  ["bash", "sh bash zsh ksh"],
  ["powershell", "ps1 psm1"],
];
const byEnding: ReadonlyMap<string, CodeLanguage> = new Map(
  endings.flatMap(([language, all]) => all.split(" ").map((ending) => [ending, language] as const)),
);

/** The grammar for a file, by its name's ending or its first line; null where it is no program. */
export function languageOf(path: string, text: string): CodeLanguage | null {
  const name = path.slice(path.lastIndexOf("/") + 1).toLowerCase();
  const known = byEnding.get(name.slice(name.lastIndexOf(".") + 1));
  if (known !== undefined) return known;
  const [, program = ""] = /^#![^\n]{0,100}?\b(node|python|ruby|php|bash|zsh|sh)\d?\b/.exec(text.slice(0, 200)) ?? [];
  return (
    ({ node: "javascript", python: "python", ruby: "ruby", php: "php", bash: "bash", zsh: "bash", sh: "bash" } as const)[program] ?? null
  );
}
