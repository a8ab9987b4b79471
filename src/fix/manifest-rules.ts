/**
 * What a package manifest may not gain: packages that it did not name, code that runs when somebody installs, and packages from elsewhere than
 * the registry. A patch may change the range of a package that is there, and little else.
 */

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);

function parsed(text: string | null): Record<string, unknown> | null {
  if (text === null) return {};
  try {
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ""));
    return isRecord(value) ? value : null;
  } catch {
    return null;
  }
}

const dependencyFields = ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"];
/** Fields of package.json that pick versions of packages somewhere below: not a name more, only other ranges. */
const pinningFields = ["overrides", "resolutions"];
/** Further fields that a patch may change: none of them makes a tool run or fetch anything. */
const harmlessFields = new Set([
  ...["version", "description", "type", "main", "module", "types", "exports", "imports", "files", "sideEffects", "browserslist"],
  ...["engines", "scripts", ...dependencyFields, ...pinningFields],
]);
const harmlessComposerFields = new Set(["version", "description", "require", "require-dev", "scripts", "repositories"]);
const record = (value: unknown) => (isRecord(value) ? value : {});
const changed = (before: Record<string, unknown>, after: Record<string, unknown>) =>
  Object.keys(after).filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));

/** All texts below a value, with the way to them. */
function* textsIn(value: unknown, way: string): Generator<readonly [string, string]> {
  if (typeof value === "string") yield [way, value];
  if (!isRecord(value)) return;
  for (const [name, inner] of Object.entries(value)) yield* textsIn(inner, way === "" ? name : `${way}.${name}`);
}

/** `^1.2.3`, `1.x || 2.x`, `latest`, `workspace:*`: what the registry or the repository itself has. A leading dot makes a folder of it. */
const fromRegistry = (range: string) =>
  /^(?:(?:workspace|catalog):[\w.*^~-]*|(?!\.)[^:/\\]*)$/.test(range.trim()) && !/\.(?:tgz|tar|tar\.gz)$/i.test(range.trim());

const otherFields = (was: Record<string, unknown>, is: Record<string, unknown>, harmless: ReadonlySet<string>): string[] => {
  const names = [...new Set([...changed(was, is), ...changed(is, was)])].filter((name) => !harmless.has(name));
  return names.length === 0 ? [] : [`changes ${names.slice(0, 5).map(shownName).join(", ")}, by which a tool could run or fetch something`];
};
/** A name out of a patch, to be shown. */
const shownName = (name: string) => (/^[\w@/.:-]{1,100}$/.test(name) ? name : "a field with unusual characters");

/** Packages that a manifest names for the first time. */
function newNames(was: Record<string, unknown>, is: Record<string, unknown>, fields: readonly string[]): string[] {
  const names = (of: Record<string, unknown>) => fields.flatMap((field) => Object.keys(record(of[field])));
  const known = new Set(names(was));
  return [...new Set(names(is))].filter((name) => !known.has(name));
}

const addsPackages = (names: readonly string[]) =>
  names.length === 0 ? [] : [`adds ${names.slice(0, 5).map(shownName).join(", ")}; a patch changes the ranges of known packages alone`];

const takesPackages = (names: readonly string[]) =>
  names.length === 0
    ? []
    : [`takes ${names.slice(0, 5).map(shownName).join(", ")} out; a patch changes the ranges of known packages alone`];

/** Not reported already as taken from elsewhere. */
const notAmong = (ways: readonly string[]) => (name: string) =>
  !ways.some((way) => way === name || dependencyFields.some((field) => way === `${field}.${name}`));

function packageJsonProblems(before: string | null, after: string): string[] {
  const [was, is] = [parsed(before) ?? {}, parsed(after)];
  if (is === null) return ["is no longer valid JSON"];
  const scripts = changed(record(was.scripts), record(is.scripts));
  const gone = Object.keys(record(was.scripts)).filter((name) => !(name in record(is.scripts)));
  const sources = [...dependencyFields, ...pinningFields].flatMap((field) => {
    const known = new Map(textsIn(was[field], field));
    return [...textsIn(is[field], field)].filter(([way, range]) => known.get(way) !== range && !fromRegistry(range)).map(([way]) => way);
  });
  const pinned = pinningFields.flatMap((field) => {
    const known = new Map(textsIn(was[field], field));
    return [...textsIn(is[field], field)].flatMap(([way]) => (known.has(way) ? [] : [way]));
  });
  return [
    ...(scripts.length + gone.length > 0
      ? [`changes the scripts ${[...scripts, ...gone].map(shownName).join(", ")}, which run on install or in CI`]
      : []),
    ...(sources.length > 0 ? [`takes ${sources.map(shownName).join(", ")} from elsewhere than the registry`] : []),
    ...addsPackages([...newNames(was, is, dependencyFields), ...pinned].filter(notAmong(sources))),
    ...takesPackages(newNames(is, was, dependencyFields)),
    ...otherFields(was, is, harmlessFields),
  ];
}

const composerFields = ["require", "require-dev"];

function composerProblems(before: string | null, after: string): string[] {
  const [was, is] = [parsed(before) ?? {}, parsed(after)];
  if (is === null) return ["is no longer valid JSON"];
  const running = ["scripts", "repositories"].flatMap((field) =>
    JSON.stringify(was[field]) === JSON.stringify(is[field]) ? [] : [`changes ${field}, which run or load code on install`],
  );
  return [
    ...running,
    ...addsPackages(newNames(was, is, composerFields)),
    ...takesPackages(newNames(is, was, composerFields)),
    ...otherFields(was, is, harmlessComposerFields),
  ];
}

/** A file that speaks of others, such as .gitattributes or package.json. */
export interface FolderFile {
  /** Folder that it lies in, "" for the root. */
  readonly folder: string;
  readonly text: string;
}

/** Scripts of package.json that package managers run by themselves when somebody installs. */
const installSteps = /^(?:(?:pre|post)?install|(?:pre|post)?prepare|prepublish|prepublishOnly|prepack|postpack|dependencies)$/;
const withoutEnding = (path: string) => path.replace(/\.[cm]?[jt]sx?$/, "");

/** Which script of a package.json runs a file on install, to be read behind its path; null for none. What such a file loads is not looked for. */
export function whyRunOnInstall(path: string, manifests: readonly FolderFile[]): string | null {
  for (const { folder, text } of manifests) {
    if (folder !== "" && !path.startsWith(`${folder}/`)) continue;
    const below = withoutEnding(folder === "" ? path : path.slice(folder.length + 1));
    const name = below.slice(below.lastIndexOf("/") + 1);
    for (const [step, script] of Object.entries(record(parsed(text)?.["scripts"]))) {
      if (!installSteps.test(step) || typeof script !== "string") continue;
      // Another folder may be the one that it is run in, so the name alone is enough.
      const files = script.split(/[\s;&|'"()]+/).filter((word) => word.includes("/") || withoutEnding(word) !== word);
      const runs = files.some((word) => withoutEnding(word).split("/").at(-1) === name);
      if (runs) return `run on install, by the script ${step} of ${folder === "" ? "" : `${folder}/`}package.json`;
    }
  }
  return null;
}

/** Manifests that are read line by line: their formats differ, and some of them are programs. */
const manifestByLine =
  /^(?:cargo\.toml|pyproject\.toml|go\.(?:mod|work)|.*requirements.*\.(?:txt|in)|constraints.*\.txt|pipfile|pom\.xml|build\.gradle(?:\.kts)?|.+\.versions\.toml|build\.sbt|plugins\.sbt|.+\.(?:cs|fs|vb)proj|packages\.config|directory\.packages\.props|pubspec\.ya?ml|podfile|.+\.podspec|package\.swift|deno\.jsonc?|jsr\.json|environment\.ya?ml|build\.zig\.zon|rebar\.config|cpanfile|description)$/;
// A version or a number, with what compares it; never a part of a name ("log4j", "v2/api", "x-2").
const version = /(?:[\^~<>=!]{1,3}[ \t]?)?(?<![\w/@.+-])v?\d{1,10}(?:\.[\w*]{1,40}){0,6}(?:[-+][\w.]{1,60}){0,4}(?![\w/@:-])/g;
const withoutVersions = (line: string) => line.trim().replace(version, "0");

/** Lines that a text does not hold with another version either. */
function otherLines(text: string | null, lines: readonly string[]): string[] {
  const known = new Set((text ?? "").split("\n").map(withoutVersions));
  return lines.filter((line) => line.trim() !== "" && !known.has(withoutVersions(line)));
}

const differing = (what: string, count: number) =>
  count === 0
    ? []
    : [
        `${what} ${count} line${count === 1 ? "" : "s"} that differ${count === 1 ? "s" : ""} in more than a version from what is there; a patch changes the versions of known packages alone`,
      ];

/**
 * Problems of a changed manifest, each to be read behind the file's name; empty for any other file.
 * @param lines that the change adds and removes
 */
export function manifestProblems(
  path: string,
  before: string | null,
  after: string,
  lines: { readonly added: readonly string[]; readonly removed: readonly string[] },
): readonly string[] {
  const name = path.split("/").at(-1)?.toLowerCase() ?? "";
  if (name === "package.json") return packageJsonProblems(before, after);
  if (name === "composer.json") return composerProblems(before, after);
  if (!manifestByLine.test(name) && !/(?:^|\/)requirements\/[^/]+\.(?:txt|in)$/i.test(path)) return [];
  const gains = differing("gains", otherLines(before, lines.added).length);
  // Without a line that was there, what stood below it may mean something else.
  return gains.length > 0 ? gains : differing("loses", otherLines(after, lines.removed).length);
}
