import type { ChangeEvent } from "./telemetry.ts";

/** A part of a commit's name that identifies it. Shorter ones are versions and numbers by chance. */
const SHORTEST_SHA = 6;

/** Whether a text is a commit's name, or the beginning of it, long enough to mean it. */
export const isShaPrefix = (short: string, long: string | null): boolean =>
  long !== null && short.length >= SHORTEST_SHA && /^[0-9a-f]+$/i.test(short) && long.toLowerCase().startsWith(short.toLowerCase());

/** Whether two texts are the same version, with or without a "v" in front. */
export const isSameVersion = (one: string, other: string | null): boolean =>
  other !== null && one.replace(/^v/i, "") === other.replace(/^v/i, "");

/**
 * The change that an id (sha or version) means, or undefined. Where one is known by this very version and another one's commit begins like it, the
 * version counts: a name of it means that.
 * @param repository `owner/name`, where the id comes with one: a change of another repository is not meant
 */
export function changeOfId(
  changes: readonly ChangeEvent[],
  { id, repository }: { readonly id: string; readonly repository: string | null },
): ChangeEvent | undefined {
  const here = changes.filter(
    (change) => repository === null || change.repository === null || change.repository.toLowerCase() === repository.toLowerCase(),
  );
  return here.find(({ version }) => isSameVersion(id, version)) ?? here.find(({ sha }) => isShaPrefix(id, sha));
}
