/** A revert of more files than this is a person's decision, not a draft to wave through. */
export const MOST_REVERTED_FILES = 100;
/** A longer text is not for a review. Lock files come near it. */
export const LARGEST_TEXT_BYTES = 1_000_000;
/** Texts of all files together, before and after, that are kept with the proposal; stores hold at most 2 MB a row. */
export const MOST_KEPT_TEXT_BYTES = 500_000;
/** Folders that are read to find what a change touched. */
export const MOST_FOLDERS_READ = 400;

/** A patch that a person reads within minutes. */
export const MOST_PATCHED_FILES = 10;
/** Lines added and removed, over all files. */
export const MOST_CHANGED_LINES = 400;
/** Edits that are looked at; a patch within the other limits needs fewer. */
export const MOST_EDITS = 60;
/** Characters of one edit's search text, and of its new text. */
export const LONGEST_SEARCH = 20_000;
export const LONGEST_REPLACEMENT = 100_000;
/** A text of at most {@link LARGEST_TEXT_BYTES} has no more characters than that. */
export const LARGEST_TEXT_CHARACTERS = LARGEST_TEXT_BYTES;

const ciFiles = new Set([
  ".gitlab-ci.yml",
  ".gitlab-ci.yaml",
  ".travis.yml",
  ".drone.yml",
  ".appveyor.yml",
  "appveyor.yml",
  ".cirrus.yml",
  "bitbucket-pipelines.yml",
  "azure-pipelines.yml",
  "azure-pipelines.yaml",
  "cloudbuild.yaml",
  "cloudbuild.yml",
  "buildspec.yml",
  "buildspec.yaml",
  "codefresh.yml",
  "wercker.yml",
  "jenkinsfile",
]);
const ciFolders = new Set([".circleci", ".buildkite", ".woodpecker", ".teamcity", ".semaphore", ".azure-pipelines", ".gitlab", ".tekton"]);
const keyFiles =
  /^(\.env(\..+)?|.+\.env|id_(rsa|dsa|ecdsa|ed25519)|\.npmrc|\.netrc|\.pypirc|\.git-credentials|\.htpasswd|.+\.(pem|key|p12|pfx|jks|keystore))$/;
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
  if (ciFiles.has(name) || parts.slice(0, -1).some((part) => ciFolders.has(part))) return "CI configuration, which midwatch never writes";
  if (name === ".gitmodules") return "names submodules, which midwatch never writes";
  if (keyFiles.test(name) && !keyFileTemplates.test(name)) return "may hold credentials, which midwatch never writes";
  return null;
}

const parts = (path: string): string[] => path.toLowerCase().split("/");
const nameOf = (path: string): string => parts(path).at(-1) ?? "";

/** Lock files, each with the manifests that it belongs to. */
const manifestsOfLock: ReadonlyMap<string, readonly string[]> = new Map([
  ["package-lock.json", ["package.json"]],
  ["npm-shrinkwrap.json", ["package.json"]],
  ["pnpm-lock.yaml", ["package.json", "pnpm-workspace.yaml"]],
  ["yarn.lock", ["package.json"]],
  ["bun.lock", ["package.json"]],
  ["bun.lockb", ["package.json"]],
  ["deno.lock", ["deno.json", "deno.jsonc", "package.json"]],
  ["cargo.lock", ["cargo.toml"]],
  ["go.sum", ["go.mod"]],
  ["go.work.sum", ["go.work", "go.mod"]],
  ["poetry.lock", ["pyproject.toml"]],
  ["pdm.lock", ["pyproject.toml"]],
  ["uv.lock", ["pyproject.toml"]],
  ["pipfile.lock", ["pipfile"]],
  ["requirements.lock", ["pyproject.toml", "requirements.in"]],
  ["gemfile.lock", ["gemfile"]],
  ["composer.lock", ["composer.json"]],
  ["mix.lock", ["mix.exs"]],
  ["podfile.lock", ["podfile"]],
  ["package.resolved", ["package.swift"]],
  ["pubspec.lock", ["pubspec.yaml"]],
  ["packages.lock.json", ["directory.packages.props"]],
  ["gradle.lockfile", ["build.gradle", "build.gradle.kts"]],
  ["flake.lock", ["flake.nix"]],
  [".terraform.lock.hcl", ["versions.tf", "main.tf", "providers.tf"]],
]);

export const isLockFile = (path: string): boolean => manifestsOfLock.has(nameOf(path));

/** Whether one of the paths is a manifest that a lock file belongs to: in its folder, or below it as in a workspace. */
export function hasManifest(lock: string, paths: readonly string[]): boolean {
  const manifests = manifestsOfLock.get(nameOf(lock)) ?? [];
  const folder = lock.slice(0, lock.lastIndexOf("/") + 1);
  return paths.some((path) => path.startsWith(folder) && manifests.includes(nameOf(path)));
}

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
  "test tests spec specs __tests__ __test__ e2e it itest integration-test integration-tests testdata test-data fixtures __fixtures__ __mocks__ features".split(
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
  // JUnit, xUnit and the like name them in capitals: "CartTest.java", "CartTests.cs", "CartSpec.scala".
  /[a-z0-9](?:Tests?|Spec|IT)\.(?:java|kt|kts|scala|groovy|cs|fs|vb|php|swift)$/.test(path);

const runsOnInstall =
  /^(?:\.pnpmfile\.c?js|\.yarnrc|\.yarnrc\.yml|binding\.gyp|build\.rs|setup\.py|lefthook\.ya?ml|\.pre-commit-config\.ya?ml|\.lefthook\.ya?ml)$/;

/** Whether a file's code runs on whoever installs or checks the repository out, before anybody starts the program. */
export const isInstallCode = (path: string): boolean =>
  runsOnInstall.test(nameOf(path)) || parts(path).includes(".husky") || parts(path).includes(".githooks");
