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

const migrationFolder = /(^|\/)(migrations?|migrate|db\/changelog|changelogs?\/db|alembic\/versions|flyway|liquibase|schema-?changes)\//i;
const migrationFile = /(^|\/)([VUR]\d[\w.]*__.+\.(sql|java|kt)|\d{8,}[_-].+\.(sql|rb|py|ts|js|php|go)|.+\.(up|down)\.sql)$/i;

/** Whether a file is a step of a database migration: reverting it does not undo what it did to the data. */
export const isMigration = (path: string): boolean =>
  (migrationFolder.test(path) && !/(^|\/)(readme[^/]*|__init__\.py)$/i.test(path)) || migrationFile.test(path);
