import type { Problem } from "./problem.ts";
import { readRunbook, type Runbook } from "./runbook.ts";
import { parseSkill, type Skill, type SkillFiles } from "./skill.ts";

/** The content of one place: the folder that comes with midwatch, or the team's own. */
export interface SkillSource {
  /** What people call the place: its path, or "midwatch". */
  readonly origin: string;
  /** null: the place could not be read just now, see the problems; so it is with a runbook's text. */
  readonly content: {
    readonly skills: readonly SkillFiles[];
    readonly runbooks: readonly { readonly file: string; readonly text: string | null }[];
  } | null;
  readonly problems: readonly Problem[];
}

interface Kept<T> {
  readonly origin: string;
  /** Path that it was read from, and its text then. */
  readonly path: string;
  readonly source: string;
  /** The last good version; null: there never was one. */
  readonly good: T | null;
  readonly problems: readonly Problem[];
}

/** Skills and runbooks as an investigation sees them. It does not change: a later reading is another library. */
export interface Library {
  /** By name; one of a later source replaces one of the same name before it. */
  readonly skills: readonly (Skill & { readonly origin: string })[];
  readonly runbooks: readonly (Runbook & { readonly origin: string })[];
  /** All of them, for the operator. */
  readonly problems: readonly Problem[];
  /** What the next reading is compared with. */
  readonly kept: { readonly skills: readonly Kept<Skill>[]; readonly runbooks: readonly Kept<Runbook>[] };
}

const emptyLibrary: Library = { skills: [], runbooks: [], problems: [], kept: { skills: [], runbooks: [] } };

const textOf = ({ files }: SkillFiles): string => JSON.stringify([...files].toSorted(([a], [b]) => (a < b ? -1 : 1)));

/** One file or folder read again: nothing new costs nothing, and an edit that broke it leaves the version before. */
function reread<T>(
  previous: readonly Kept<T>[],
  origin: string,
  path: string,
  source: string,
  parse: () => { value: T | null; problems: readonly Problem[] },
): Kept<T> {
  const before = previous.find((one) => one.origin === origin && one.path === path);
  if (before?.source === source) return before;
  const { value, problems } = parse();
  const stays = value === null && before != null && before.good !== null;
  return {
    origin,
    path,
    source,
    good: value ?? before?.good ?? null,
    problems: stays
      ? [
          ...problems,
          { file: path, line: null, severity: "warning", message: "the last version without errors stays in use until this one is fixed" },
        ]
      : problems,
  };
}

/** Of each name the last one, in the order of names. */
function byName<T extends { readonly name: string }>(kept: readonly Kept<T>[]): (T & { origin: string })[] {
  const found = new Map<string, T & { origin: string }>();
  for (const { good, origin } of kept) if (good !== null) found.set(good.name, { ...good, origin });
  return [...found.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * Reads skills and runbooks of all places. Never throws: what is wrong is left out, or stays as it was in `previous`, and is in the problems.
 * @param sources midwatch's own first; the team's come later and win
 */
export function readLibrary(sources: readonly SkillSource[], previous: Library = emptyLibrary): Library {
  const skills: Kept<Skill>[] = [];
  const runbooks: Kept<Runbook>[] = [];
  for (const { origin, content } of sources) {
    if (content === null) {
      skills.push(...previous.kept.skills.filter((one) => one.origin === origin));
      runbooks.push(...previous.kept.runbooks.filter((one) => one.origin === origin));
      continue;
    }
    for (const one of content.skills) {
      skills.push(
        reread(previous.kept.skills, origin, one.folder, textOf(one), () => {
          const { skill, problems } = parseSkill(one);
          return { value: skill, problems };
        }),
      );
    }
    for (const { file, text } of content.runbooks) {
      runbooks.push(
        reread(previous.kept.runbooks, origin, file, text ?? "", () => {
          const { runbook, problems } = text === null ? { runbook: null, problems: [] } : readRunbook(file, text);
          return { value: runbook, problems };
        }),
      );
    }
  }
  return {
    skills: byName(skills),
    runbooks: byName(runbooks),
    problems: [
      ...sources.flatMap(({ problems }) => problems),
      ...skills.flatMap(({ problems }) => problems),
      ...runbooks.flatMap(({ problems }) => problems),
    ],
    kept: { skills, runbooks },
  };
}

/**
 * A source made of texts that travel with the code, for a host without a disk.
 * @param skills text by path: `triage-method/SKILL.md`
 * @param runbooks text by file name: `slow-dependency.md`
 */
export function bundledSource(skills: Readonly<Record<string, string>>, runbooks: Readonly<Record<string, string>>): SkillSource {
  const folders = new Map<string, Map<string, string>>();
  for (const [path, text] of Object.entries(skills)) {
    const slash = path.indexOf("/");
    const folder = path.slice(0, slash);
    folders.set(folder, (folders.get(folder) ?? new Map<string, string>()).set(path.slice(slash + 1), text));
  }
  return {
    origin: "midwatch",
    content: {
      skills: [...folders].map(([name, files]) => ({ folder: `skills/${name}`, files })),
      runbooks: Object.entries(runbooks).map(([file, text]) => ({ file: `runbooks/${file}`, text })),
    },
    problems: [],
  };
}
