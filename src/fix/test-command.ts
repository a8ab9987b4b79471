import { anyUnseen } from "../guard/unseen.ts";

/** Words of one program after its name, each with whether it stood in quotes. */
interface Word {
  readonly text: string;
  readonly quoted: boolean;
}

/** A target of a build tool or script of a manifest that tests, by its name: nothing else says what it does. */
const testTarget = /^(?:tests?|check|specs?|verify)(?:[:_-][\w:.-]*)?$/i;
const isTarget = (word: string | undefined) => word !== undefined && testTarget.test(word);
const isOption = (word: string) => word.startsWith("-");

/** Runners of tests that may follow `npx`, `pnpm exec`, `yarn` and `bundle exec`. */
const nodeRunners = new Set(["vitest", "jest", "mocha", "ava", "tap", "playwright", "cypress"]);
const rubyRunners = new Set(["rspec", "rake", "rails"]);

/** Options of package managers that only say where: what follows them is a name or a folder of the repository. */
const whereOptions = new Set(["--filter", "-F", "-w", "--workspace", "-C", "--prefix", "--dir", "--cwd"]);

/** Options that make a runner of tests run or load what is no test. */
const loads =
  /^(?:-e|-r|-c|-o|--?(?:eval|exec|print|require|import|loader|experimental-loader|preload|config|configfile|settings|init-script|include-build|toolexec|vettool|makefile|file|directory|registry|index-url|extra-index-url|default-index|index|with|with-editable|env-file|script-shell|node-options|rootdir|confcutdir|override-ini|globalSetup|setupFiles|runner|testRunner|environment|run_under|plugin|bootstrap|build-file|configuration|transform|overlay|ui|inspect(?:-brk|-port|-wait)?|api(?:\.\w+)?|u|update|updateSnapshot|update-snapshots?|snapshot-update))(?:=|$)/i;
/** Options that name a reporter: by its name alone, for by a path it is any code. */
const reporter = /^--?(?:test-)?reporters?(?:-destination)?$/i;
/** `-r./x.js`, with what it loads right behind it; and a script of the manifest, whatever its name. */
const loadsOf: Readonly<Record<string, RegExp>> = { node: /^(?:-r.|--run(?:=|$))/, rspec: /^-r./, bundle: /^-r./ };

const unwrapped = (words: readonly string[]): readonly string[] => {
  let at = 0;
  while (at < words.length && (words[at] === "-r" || words[at] === "--recursive" || whereOptions.has(words[at] ?? ""))) {
    at += whereOptions.has(words[at] ?? "") ? 2 : 1;
  }
  return words.slice(at);
};

/** The build tool's tasks: every word that is no option is one, and each must test. */
const onlyTargets = (words: readonly string[]) => {
  const targets = words.filter((word) => !isOption(word));
  return targets.length > 0 && targets.every(isTarget);
};
/** `:cart:test --tests CartTest`: the part before the task is the project's. */
const gradle = (words: readonly string[]) =>
  onlyTargets(words.filter((_, index) => words[index - 1] !== "--tests").map((word) => word.replace(/^:?(?:[\w.-]+:)*(?=[^:]+$)/, "")));
/** `--test` as the program's own option, not one of a script that it runs. */
const testMode = (words: readonly string[]) => {
  const script = words.findIndex((word) => !isOption(word));
  return words.slice(0, script < 0 ? words.length : script).includes("--test");
};

/** Other functions of some runners follow their name: they install, serve, open. */
const subcommands: Readonly<Record<string, RegExp>> = {
  playwright: /^test$/,
  cypress: /^run$/,
  tap: /^(?!(?:plugin|config|build|repl|dump-config|list)$)/,
};
const runsNodeTests = ([program = "", first]: readonly string[]) =>
  nodeRunners.has(program) && (subcommands[program]?.test(first ?? "") ?? true);

/** Of a manifest's scripts: `test`, or `run` and one that tests; and what follows `exec` or is a binary's name. */
function packageManager(all: readonly string[], binaries: ReadonlySet<string>): boolean {
  const rest = unwrapped(all);
  const [first, second] = rest;
  if (first === "test" || first === "t") return true;
  if (first === "run" || first === "run-script" || first === "task") return isTarget(second);
  const words = first === "exec" || first === "x" ? rest.slice(1) : rest;
  return binaries.has(words[0] ?? "") && runsNodeTests(words);
}

const pythonTests = (words: readonly string[]) => words[0] === "-m" && (words[1] === "pytest" || words[1] === "unittest");
const runsPytest = (words: readonly string[]) => words[0] === "run" && words[1] === "pytest";
const starts =
  (...allowed: readonly string[]) =>
  (words: readonly string[]) =>
    allowed.includes(words[0] ?? "");
const any = () => true;
const maven = (words: readonly string[]) =>
  words.every((word) => !isOption(word) || /^-(?:pl|am|q|B|U|Dtest=[\w.,]+)$/.test(word)) &&
  onlyTargets(words.filter((_, index) => words[index - 1] !== "-pl"));

/** Programs that run tests, by the first word of a command, and whether the words after it do just that. */
const runners: ReadonlyMap<string, (words: readonly string[]) => boolean> = new Map<string, (words: readonly string[]) => boolean>([
  ["npm", (words) => packageManager(words, new Set())],
  ["pnpm", (words) => packageManager(words, nodeRunners)],
  ["yarn", (words) => (words[0] === "workspace" ? packageManager(words.slice(2), nodeRunners) : packageManager(words, nodeRunners))],
  ["bun", (words) => packageManager(words, new Set())],
  ["deno", (words) => packageManager(words, new Set())],
  ["npx", (words) => runsNodeTests(words) || (words[0] === "tsx" && testMode(words.slice(1)))],
  ["node", testMode],
  ["python", pythonTests],
  ["python3", pythonTests],
  ["uv", runsPytest],
  ["poetry", runsPytest],
  ["tox", any],
  ["nox", (words) => words.length === 0 || onlyTargets(words)],
  ["pytest", any],
  ["go", starts("test")],
  ["cargo", (words) => words[0] === "test" || (words[0] === "nextest" && words[1] === "run")],
  ["mvn", maven],
  ["./mvnw", maven],
  ["gradle", gradle],
  ["./gradlew", gradle],
  ["sbt", onlyTargets],
  ["make", onlyTargets],
  ["just", onlyTargets],
  ["bundle", (words) => words[0] === "exec" && rubyRunners.has(words[1] ?? "") && (words[1] === "rspec" || isTarget(words[2]))],
  ["rspec", any],
  ["rake", onlyTargets],
  ["bin/rails", (words) => isTarget(words[0])],
  ["rails", (words) => isTarget(words[0])],
  ["phpunit", any],
  ["./vendor/bin/phpunit", any],
  ["vendor/bin/phpunit", any],
  ["composer", (words) => packageManager(words, new Set())],
  ["php", (words) => words[0] === "artisan" && words[1] === "test"],
  ["dotnet", starts("test")],
  ["mix", starts("test")],
  ["swift", starts("test")],
  ["bazel", starts("test")],
  ["ctest", (words) => !words.some((word) => /^-(?:S|D|-script|-build|-test-command)/.test(word))],
  ["zig", (words) => words[0] === "test" || (words[0] === "build" && words[1] === "test")],
]);

/** Of these a word behind `-t` or `-k` may be a further task. */
const taskRunners = new Set([
  "make",
  "just",
  "rake",
  "gradle",
  "./gradlew",
  "mvn",
  "./mvnw",
  "sbt",
  "bundle",
  "rails",
  "bin/rails",
  "composer",
  "nox",
]);
/** Of these `-p` names a package or a number; of others it loads or prints. */
const plainP = new Set(["cargo", "go"]);
/** Options whose value names tests, and so may hold any words. */
const namesTests = new Set(["-t", "-k", "--grep", "-g", "--testNamePattern", "--test-name-pattern"]);
/** Settings that change how tests are run, and nothing else: no addresses, no loaders. */
const plainSetting = /^(?:CI|NODE_ENV)=[A-Za-z0-9_-]*$/;
const LONGEST = 300;
const MORE_THAN_WORDS = "it holds more than plain words: no pipes, redirections, variables or second commands";

/** As a shell splits it, for commands in which nothing but blanks, quotes and `&&` has a meaning; null for any other. */
function wordsOf(command: string): Word[] | null {
  const words: Word[] = [];
  const pattern = /\s*(?:'([^']*)'|"([^"$`\\!]*)"|([^\s'";|`$<>\\(){}*?!#~&]+|&&))(?=\s|$)/y;
  const text = command.trim();
  while (pattern.lastIndex < text.length) {
    const found = pattern.exec(text);
    if (found === null) return null;
    const [, single, double, bare] = found;
    words.push({ text: bare ?? single ?? double ?? "", quoted: bare === undefined });
  }
  return words;
}

/** `a && b` as two steps. */
function stepsOf(words: readonly Word[]): Word[][] {
  const steps: Word[][] = [[]];
  for (const word of words) {
    if (word.text === "&&" && !word.quoted) steps.push([]);
    else steps.at(-1)?.push(word);
  }
  return steps;
}

/** Whether a word leads out of the repository, alone or as an option's value. */
const leavesRepository = (word: string) => /(?:^|[=:,])(?:\/|[A-Za-z]:\/)|(?:^|[/=:,])\.\.(?:\/|$)/.test(word);

/**
 * Why a command is not shown to reviewers as the one that runs the test; null when it is. Reviewers will paste it into a shell,
 * so it is one runner of tests with plain words, at most in another folder: no second command, no pipe, no code on the line, no script or target
 * but those that test by their name. Quoted text can only name tests.
 */
export function whyNoTestCommand(command: string): string | null {
  if (command.trim() === "") return "it is empty";
  if (command.length > LONGEST) return `it is longer than ${LONGEST} characters`;
  if (anyUnseen.test(command)) return "it holds line breaks or characters that are not seen";
  const split = wordsOf(command);
  if (split === null) return MORE_THAN_WORDS;
  const steps = stepsOf(split);
  const last = steps.pop() ?? [];
  for (const [index, { quoted }] of last.entries()) {
    if (quoted && !namesTests.has(last[index - 1]?.text ?? "")) return "it holds quotes that are not a test's name after -t, -k or --grep";
  }
  const isFolder = ([first, folder, ...more]: readonly Word[]) =>
    first?.text === "cd" &&
    !first.quoted &&
    folder !== undefined &&
    !folder.quoted &&
    more.length === 0 &&
    !/^-/.test(folder.text) &&
    !leavesRepository(folder.text);
  if (!steps.every(isFolder)) return "before the test runs it may only change to a folder of the repository";
  const settings = last.findIndex(({ text }) => !/^[A-Za-z_]\w*=/.test(text));
  const words = last.slice(Math.max(0, settings)).flatMap(({ text, quoted }) => (quoted ? [] : [text]));
  if (last.slice(0, Math.max(0, settings)).some(({ text }) => !plainSetting.test(text)))
    return "it sets something in the environment other than CI and NODE_ENV";
  if (words.some((word) => /:\/\/|^(?:--[\w-]+=)?(?:https?|data|jsr|npm|node|file|git|github|blob):/i.test(word)))
    return "it names an address";
  // A package of elsewhere, as Go names them; a folder of the repository follows "./".
  if (words[0] === "go" && words.slice(2).some((word) => /^[\w-]+(?:\.[\w-]+)+\//.test(word))) return "it names a host";
  const [program = "", ...rest] = words;
  const runsTests = runners.get(program);
  if (runsTests === undefined) return `${program.slice(0, 40)} is not known as a runner of tests`;
  // Bazel's own way to write a folder of the repository.
  if (words.some((word) => leavesRepository(program === "bazel" ? word.replace(/^\/\/(?=\w)/, "") : word)))
    return "it leads out of the repository";
  const printsOrLoads = (word: string) => /^-p/.test(word) && word !== "-pl" && !plainP.has(program);
  const isPath = (text: string) => /[./\\@]/.test(text);
  const reportsBy = (word: string, index: number) => {
    const [name = "", value] = word.split("=", 2);
    return reporter.test(name) && isPath(value ?? rest[index + 1] ?? "");
  };
  const loading = rest.some(
    (word, index) =>
      (loads.test(word) && !(word === "-r" && program === "pnpm")) ||
      loadsOf[program]?.test(word) === true ||
      printsOrLoads(word) ||
      reportsBy(word, index),
  );
  if (loading) return "it runs code from the command line, or loads what is no test";
  if (taskRunners.has(program) && last.some(({ quoted }) => quoted) && !(program === "bundle" && rest[1] === "rspec"))
    return `it holds quotes, and ${program} may take what stands in them for a task`;
  if (rest.some((word) => /^[A-Za-z_]\w*=/.test(word))) return "it sets a variable of the program";
  return runsTests(rest) ? null : `${program} ${(rest[0] ?? "").slice(0, 40)} runs no tests`;
}
