/** Programs that run tests, by the first word of a command, with the words of which one must follow; null: any may. */
const runners: ReadonlyMap<string, readonly string[] | null> = new Map<string, readonly string[] | null>([
  ["npm", ["test", "t", "run", "run-script"]],
  ["pnpm", ["test", "t", "run", "vitest", "jest", "exec", "-r", "--filter", "-F"]],
  ["yarn", ["test", "run", "vitest", "jest", "workspace"]],
  ["bun", ["test", "run"]],
  ["deno", ["test", "task"]],
  ["npx", ["vitest", "jest", "mocha", "ava", "tap", "playwright", "cypress", "tsx"]],
  ["node", null],
  ["python", null],
  ["python3", null],
  ["uv", ["run"]],
  ["poetry", ["run"]],
  ["tox", null],
  ["nox", null],
  ["pytest", null],
  ["go", ["test"]],
  ["cargo", ["test", "nextest"]],
  ["mvn", null],
  ["./mvnw", null],
  ["gradle", null],
  ["./gradlew", null],
  ["sbt", null],
  ["make", null],
  ["just", null],
  ["bundle", ["exec"]],
  ["rspec", null],
  ["rake", null],
  ["bin/rails", ["test"]],
  ["rails", ["test"]],
  ["phpunit", null],
  ["./vendor/bin/phpunit", null],
  ["vendor/bin/phpunit", null],
  ["composer", ["test", "run", "run-script"]],
  ["php", ["artisan"]],
  ["dotnet", ["test"]],
  ["mix", ["test"]],
  ["swift", ["test"]],
  ["bazel", ["test"]],
  ["ctest", null],
  ["zig", ["build", "test"]],
]);
/** Programs that run code given on the command line, with the options that do so. */
const interpreters = new Set(["node", "python", "python3", "bun", "deno", "php"]);
const runsGivenCode = /^(?:-[a-z]*[ecpr]|--(?:eval|print|require|import|loader|experimental-loader)(?:=.*)?)$/;
const LONGEST = 300;

/**
 * Why a command is not shown to reviewers as the one that runs the test; null when it is. Whoever checks the patch will paste it into a shell,
 * so it is one runner of tests with plain words, at most in another folder: no second command, no pipe, no code on the line.
 */
export function whyNoTestCommand(command: string): string | null {
  if (command.trim() === "") return "it is empty";
  if (command.length > LONGEST) return `it is longer than ${LONGEST} characters`;
  if (/[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2028\u2029]/u.test(command))
    return "it holds line breaks or characters that are not seen";
  // What stands in quotes is a plain word, but for what a shell reads there.
  const bare = command.replace(/'[^']*'/g, "q").replace(/"[^"$`\\]*"/g, "q");
  if (/[;|`$<>\\'"(){}*?!#~]/.test(bare) || /&(?!&)/.test(bare.replaceAll("&&", ""))) {
    return "it holds more than plain words: no pipes, redirections, variables or second commands";
  }
  const steps = bare.split("&&").map((step) => step.trim().split(/\s+/));
  const last = steps.pop() ?? [];
  if (steps.some((words) => words.length !== 2 || words[0] !== "cd" || /^[/-]|(?:^|\/)\.\.(?:\/|$)/.test(words[1] ?? ""))) {
    return "before the test runs it may only change to a folder of the repository";
  }
  const words = last.slice(last.findIndex((word) => !/^[A-Z_][A-Z0-9_]*=[\w./:,-]*$/.test(word)));
  const [program = "", second = ""] = words;
  const after = runners.get(program);
  if (after === undefined) return `${program.slice(0, 40)} is not known as a runner of tests`;
  if (after !== null && !after.includes(second)) return `${program} ${second.slice(0, 40)} runs no tests`;
  if (interpreters.has(program) && words.some((word) => runsGivenCode.test(word))) return "it runs code that stands on the command line";
  return null;
}
