/** What a file is by its path alone: what midwatch never writes, what is generated, a test, or run by builds. */

/** What a machine of others runs on a push, and what deploys or merges by itself. */
const ciFile = new RegExp(
  [
    String.raw`\.(?:gitlab-ci|travis|drone|appveyor|cirrus|woodpecker|build|semaphore|mergify|kodiak|gitpod)(?:[._-].*)?`,
    String.raw`(?:appveyor|azure-pipelines|bitbucket-pipelines|buildkite|bitrise|buildspec|circle|cloudbuild|codefresh|wercker|amplify|render|action|pipeline)(?:[._-].*)?\.(?:ya?ml|json)`,
    String.raw`jenkinsfile(?:[._-].*)?|.+\.jenkinsfile`,
    String.raw`netlify\.toml|vercel\.json|now\.json`,
    String.raw`\.?renovate(?:rc)?(?:\.json5?)?`,
    String.raw`bors\.toml|\.?(?:prow|zuul|atlantis|shippable|screwdriver)\.ya?ml|codeship-(?:services|steps)\.ya?ml|dangerfile(?:\.(?:[cm]?[jt]sx?|rb|swift|kts|df\.kts))?`,
  ]
    .map((names) => `^(?:${names})$`)
    .join("|"),
);
const ciFolders = new Set(
  ".circleci .buildkite .woodpecker .teamcity .semaphore .azure-pipelines .azuredevops .gitlab .tekton .forgejo .gitea .drone .harness .builds .codecatalyst .ci .prow .zuul.d zuul.d".split(
    " ",
  ),
);
/** What makes git and reviewers skip files, or show them in another way: a patch could hide itself. */
const gitFiles = new Set([".gitattributes", ".gitignore", ".git-blame-ignore-revs"]);
const keyFiles =
  /^(?:\.env(?:\..+)?|.+\.env|id_(?:rsa|dsa|ecdsa|ed25519)|\.npmrc|\.netrc|\.pypirc|\.pgpass|\.git-credentials|\.htpasswd|\.dockercfg|\.dockerconfigjson|\.vault-token|.+\.(?:pem|key|p12|pfx|jks|keystore|kubeconfig|tfvars|tfvars\.json)|credentials(?:\.(?:json|ya?ml|ini|toml))?|service-?_?account.*\.json|kubeconfig(?:[._-].*)?)$/;
const keyFolders = new Set([".aws", ".ssh", ".gnupg", ".kube", ".docker", ".azure", ".gcloud"]);
const keyFileTemplates = /\.(example|sample|template|dist)$/;

/**
 * Why midwatch never writes to a path, in words, or null when it may. Letter case does not count: on some disks `.GitHub/` is `.github/`.
 */
export function whyUntouchable(path: string): string | null {
  const parts = path.toLowerCase().split("/");
  const name = parts.at(-1) ?? "";
  if (parts.some((part) => part === "" || part === "." || part === ".." || part === ".git")) return "not a path that a change may have";
  if (parts.includes(".github")) return "under .github/, which midwatch never writes";
  if (name === "codeowners") return "CODEOWNERS, which midwatch never writes";
  // Prow's, in any folder.
  if (name === "owners" || name === "owners_aliases") return "says who may approve, which midwatch never writes";
  const folders = parts.slice(0, -1);
  if (ciFile.test(name) || folders.some((part) => ciFolders.has(part))) return "CI configuration, which midwatch never writes";
  if (name === ".gitmodules") return "names submodules, which midwatch never writes";
  if (gitFiles.has(name)) return "controls which files git skips or how it shows them, which midwatch never writes";
  if ((keyFiles.test(name) && !keyFileTemplates.test(name)) || folders.some((part) => keyFolders.has(part)))
    return "may hold credentials, which midwatch never writes";
  return null;
}

const parts = (path: string): string[] => path.toLowerCase().split("/");
const nameOf = (path: string): string => parts(path).at(-1) ?? "";

const lockFiles = new Set(
  "package-lock.json npm-shrinkwrap.json pnpm-lock.yaml yarn.lock bun.lock bun.lockb deno.lock cargo.lock go.sum go.work.sum poetry.lock pdm.lock uv.lock pipfile.lock requirements.lock gemfile.lock composer.lock mix.lock podfile.lock package.resolved pubspec.lock packages.lock.json gradle.lockfile flake.lock .terraform.lock.hcl conan.lock rebar.lock cartfile.resolved stack.yaml.lock".split(
    " ",
  ),
);

export const isLockFile = (path: string): boolean => lockFiles.has(nameOf(path));

const generatedFolders = new Set(
  "vendor node_modules bower_components dist build out target third_party third-party thirdparty external_libs .next .nuxt __pycache__ __generated__ generated .yarn .venv venv site-packages".split(
    " ",
  ),
);
const generatedFile =
  /\.min\.(?:js|css|mjs)$|\.(?:js|css)\.map$|\.bundle\.js$|\.pb\.(?:go|cc|h|swift|dart)$|_pb2(?:_grpc)?\.pyi?$|_pb\.(?:js|ts|d\.ts|rb)$|\.generated\.|\.gen\.(?:go|ts|cs)$|\.g\.(?:dart|cs)$|\.designer\.(?:cs|vb)$|(?:^|_)generated\.(?:go|py|ts|rs)$|\.snap$/;

/** Why a file is nobody's to edit by hand, by its path; null when it may be. A file of a "build" folder in a service's own sources counts too. */
export function whyGenerated(path: string): string | null {
  const folder = parts(path)
    .slice(0, -1)
    .find((part) => generatedFolders.has(part));
  if (folder !== undefined) return `under ${folder}/, which is generated or vendored`;
  return generatedFile.test(nameOf(path)) ? "a generated file by its name" : null;
}

const testFolders = new Set(
  "test tests spec specs __tests__ __test__ e2e it itest integration-test integration-tests testdata test-data fixtures __fixtures__ __mocks__".split(
    " ",
  ),
);
const testFile =
  /(?:^|[._-])(?:test|tests|spec|specs|e2e)\.[a-z0-9]+$|^test_.+\.py$|^conftest\.py$|_(?:test|spec)\.[a-z0-9]+$|\.(?:test|spec)\.[a-z0-9.]+$/;

/** Whether a file is a test, or what tests need, by its path. */
export const isTestPath = (path: string): boolean =>
  parts(path)
    .slice(0, -1)
    .some((part) => testFolders.has(part)) ||
  testFile.test(nameOf(path)) ||
  // Cucumber's. The folder "features" itself is often the program's own.
  nameOf(path).endsWith(".feature") ||
  // JUnit, xUnit and the like name them in capitals: "CartTest.java", "CartTests.cs", "CartSpec.scala".
  /[a-z0-9](?:Tests?|Spec|IT)\.(?:java|kt|kts|scala|groovy|cs|fs|vb|php|swift)$/.test(path);

const runsOnInstall = new RegExp(
  [
    String.raw`binding\.gyp|build\.rs|bunfig\.toml|pnpm-workspace\.ya?ml|(?:lefthook|lint-staged|simple-git-hooks|commitlint|husky)(?:[._-].*)?\.(?:[cm]?[jt]s|json|ya?ml|toml)`,
    String.raw`setup\.py|setup\.cfg|pip\.(?:conf|ini)|uv\.toml|noxfile\.py|(?:site|user)customize\.py|.+\.pth`,
    String.raw`gemfile|gems\.rb|.+\.gemspec|mix\.exs|brewfile|mise(?:[._-].*)?\.toml`,
    String.raw`settings\.gradle(?:\.kts)?|init\.gradle(?:\.kts)?|gradle-wrapper\..+|gradlew(?:\.bat)?|mvnw(?:\.cmd)?|directory\.build\..+|nuget\.config`,
    // What manifests name as their scripts of these steps.
    String.raw`(?:pre-?|post-?)install\.(?:[cm]?[jt]s|py|rb|php|pl)|prepublish(?:-?only)?\.[cm]?[jt]s`,
    // Git's own hooks, wherever a repository keeps them.
    String.raw`(?:pre-commit|prepare-commit-msg|commit-msg|post-commit|pre-rebase|post-checkout|post-merge|pre-push|post-rewrite|pre-receive|post-receive|update-hook|pre-auto-gc|pre-applypatch|post-applypatch|fsmonitor-watchman)(?:\.(?:sh|bash|py|rb|pl|[cm]?js|ps1|bat))?`,
  ]
    .map((names) => `^(?:${names})$`)
    .join("|"),
);

/** Names that a program's own files have as well, but not among scripts. */
const installScript = /(?:^|\/)(?:scripts?|tools?|tasks|hack)\/(?:install|prepare|prepack)\.(?:[cm]?[jt]s|py|rb|php|pl)$/;

/** Whether a file's code runs on machines that install or check out the repository, before anybody starts the program. */
export const isInstallCode = (path: string): boolean => runsOnInstall.test(nameOf(path)) || installScript.test(path.toLowerCase());

const buildFile = new RegExp(
  [
    String.raw`(?:gnu)?makefile(?:[._-](?!(?:[cm]?[jt]sx?|py|go|rb|rs|java|kt|cs|md)$).*)?|.+\.mk|\.?justfile|taskfile(?:\..+)?\.ya?ml|rakefile(?:\.rb)?|.+\.rake|(?:gulp|grunt|jake)file(?:\..+)?\.(?:[cm]?[jt]s|coffee)|earthfile|tiltfile|snakefile|sconstruct|sconscript|wscript|magefile\.go|fabfile\.py|dodo\.py`,
    String.raw`.+\.(?:sh|bash|zsh|ksh|fish|ps1|psm1|bat|cmd)`,
    String.raw`(?:.+\.)?(?:docker|container)file(?:[._-].*)?|(?:docker-)?compose(?:[._-].*)?\.ya?ml|docker-bake(?:[._-].*)?\.(?:hcl|json)|vagrantfile|skaffold\.ya?ml`,
    String.raw`cmakelists\.txt|.+\.cmake|meson\.build|configure(?:\.(?:ac|in))?|build\.(?:xml|cake|fsx|sc|boot)|project\.clj|conanfile\.py|(?:build|workspace)(?:\.bazel)?|module\.bazel|.+\.bzl|(?!build\.gradle).+\.gradle(?:\.kts)?`,
    // Run for each pull request where a platform makes a preview or a plan of it.
    String.raw`procfile(?:[._-].*)?|heroku\.ya?ml|app\.json|railway\.(?:json|toml)|.+\.(?:tf|tofu)|terragrunt\.hcl|serverless\.(?:ya?ml|json|[cm]?[jt]s)|cdk\.json|pulumi(?:\..+)?\.ya?ml`,
    String.raw`(?:nx|turbo|dagger)\.json|sonar-project\.properties|codecov\.ya?ml`,
    // Programs that build tools and linters load.
    String.raw`(?:webpack|rollup|rolldown|rspack|esbuild|babel|next|nuxt|svelte|astro|remix|gatsby|metro|postcss|tailwind|eslint|prettier|stylelint|tsup|tsdown|swc|craco|vue|knip|release)(?:[._-].+)?[._-]config(?:[._-].+)?\.(?:[cm]?[jt]sx?|json)`,
  ]
    .map((names) => `^(?:${names})$`)
    .join("|"),
);
const buildFolders = new Set("ci cicd ci-cd jenkins tekton buildkite".split(" "));

/**
 * Whether builds or CI run a file directly, or read from it what to run and what to look at, by its path. A fault may lie there, but then
 * a change brought it: beside that, nothing in an incident asks for such a file.
 */
export const isBuildCode = (path: string): boolean =>
  buildFile.test(nameOf(path)) ||
  parts(path)
    .slice(0, -1)
    .some((part) => buildFolders.has(part));

/** Whether the first line of a text makes it a script of a shell, whatever its name. */
export const isShellScript = (text: string): boolean =>
  /^#![^\n]*\b(?:(?:ba|z|k|da|a|c|tc|fi)?sh|make|just|pwsh|powershell|expect)\b/.test(text.slice(0, 300));

const agentFile = /^(?:agents|claude|gemini|copilot-instructions|skill)(?:\.local)?\.md$/;
/** Dotfiles that make no machine run or fetch anything. */
const harmlessDotfile = /^\.(?:env\.(?:example|sample|template|dist)|editorconfig|nvmrc|(?:node|python|ruby|java)-version)$/;

/**
 * Why no patch writes a file whatever it changes there, by its path, or null: it runs before anybody has read it, steers tools or agents, or is
 * written by tools. A revert brings back what people wrote, and may.
 */
export function whyNeverPatched(path: string): string | null {
  if (isLockFile(path)) return "a lock file, which a package manager writes; midwatch leaves it to the person who takes the patch over";
  if (
    isInstallCode(path) ||
    parts(path)
      .slice(0, -1)
      .some((part) => part === ".husky" || /^\.?git-?hooks$/.test(part))
  )
    return "runs when somebody installs the package, which midwatch never writes";
  if (agentFile.test(nameOf(path))) return "instructs coding agents, which midwatch never writes";
  if (parts(path).some((part, index, all) => part.startsWith(".") && !(index === all.length - 1 && harmlessDotfile.test(part))))
    return "a hidden file or in a hidden folder, where tools keep what they run";
  return null;
}

const testRunner = "vitest|vite|jest|playwright|cypress|karma|mocha|ava|jasmine|wdio|nightwatch|testcafe|web-test-runner|japa|cucumber";
const runnerConfig = new RegExp(
  String.raw`^(?:(?:.+\.)?(?:${testRunner})[._-](?:.+[._-])?(?:config|conf|workspace|setup|preset|global|env|projects?|ct)(?:[._-].+)?\.(?:[cm]?[jt]sx?|json)|(?:jest|vitest|mocha|test)[._-]?(?:global)?[._-]?(?:setup|teardown)(?:[._-].+)?\.[cm]?[jt]sx?|pytest\.(?:ini|toml)|tox\.(?:ini|toml)|conftest\.py|phpunit(?:\..+)?\.xml(?:\.dist)?|(?:spec|rails|test)_helper\.rb|nose2?\.cfg|unittest\.cfg|\.coveragerc)$`,
);

/** Whether a file says how tests are run: with it a patch could make its own test fail and pass at will. */
export const isRunnerConfig = (path: string): boolean => runnerConfig.test(nameOf(path));
