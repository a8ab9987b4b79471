/** What a package manifest may not gain: code that runs when somebody installs, and packages from elsewhere than the registry. */

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

const dependencyFields = [
  "dependencies",
  "devDependencies",
  "optionalDependencies",
  "peerDependencies",
  "overrides",
  "resolutions",
  "pnpm",
];
const record = (value: unknown) => (isRecord(value) ? value : {});
const changed = (before: Record<string, unknown>, after: Record<string, unknown>) =>
  Object.keys(after).filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));

/** All texts below a value, with the way to them. */
function* textsIn(value: unknown, way: string): Generator<readonly [string, string]> {
  if (typeof value === "string") yield [way, value];
  if (!isRecord(value)) return;
  for (const [name, inner] of Object.entries(value)) yield* textsIn(inner, way === "" ? name : `${way}.${name}`);
}

/** `^1.2.3`, `1.x || 2.x`, `latest`, `workspace:*`: what the registry or the repository itself has. */
const fromRegistry = (range: string) => /^(?:(?:workspace|catalog):[\w.*^~-]*|[^:/]*)$/.test(range);

function packageJsonProblems(before: string | null, after: string): string[] {
  const [was, is] = [parsed(before), parsed(after)];
  if (is === null) return ["is no valid JSON any more"];
  const scripts = changed(record(was?.scripts), record(is.scripts));
  const gone = Object.keys(record(was?.scripts)).filter((name) => !(name in record(is.scripts)));
  const sources = dependencyFields.flatMap((field) => {
    const known = new Map(textsIn(was?.[field], field));
    return [...textsIn(is[field], field)].filter(([way, range]) => known.get(way) !== range && !fromRegistry(range)).map(([way]) => way);
  });
  return [
    ...(scripts.length + gone.length > 0 ? [`changes the scripts ${[...scripts, ...gone].join(", ")}, which run on install or in CI`] : []),
    ...(sources.length > 0 ? [`takes ${sources.join(", ")} from elsewhere than the registry`] : []),
  ];
}

function composerProblems(before: string | null, after: string): string[] {
  const [was, is] = [parsed(before), parsed(after)];
  if (is === null) return ["is no valid JSON any more"];
  return ["scripts", "repositories"].flatMap((field) =>
    JSON.stringify(was?.[field]) === JSON.stringify(is[field]) ? [] : [`changes ${field}, which run or load code on install`],
  );
}

const addedBuild = /^\s*(?:build\s*=|build-backend\s*=|backend-path\s*=)/;

/**
 * Problems of a changed manifest, each to be read behind the file's name; empty for any other file.
 * @param addedLines lines that the change adds
 */
export function manifestProblems(path: string, before: string | null, after: string, addedLines: readonly string[]): readonly string[] {
  const name = path.split("/").at(-1)?.toLowerCase();
  if (name === "package.json") return packageJsonProblems(before, after);
  if (name === "composer.json") return composerProblems(before, after);
  if ((name === "cargo.toml" || name === "pyproject.toml") && addedLines.some((line) => addedBuild.test(line))) {
    return ["names code that runs when the package is built"];
  }
  return [];
}
