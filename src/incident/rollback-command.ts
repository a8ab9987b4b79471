import type { ChangeEvent } from "./telemetry.ts";

/** A service's own command for a rollback, as the catalog has it: `helm rollback orders`, or with a place for what was live before. */
export interface RollbackCommand {
  readonly service: string;
  readonly command: string;
}

/** Longest command in the catalog, characters: it is shown whole, on a phone. */
export const LONGEST_COMMAND = 100;

/** What a place in a command stands for. */
const PLACES: Readonly<Record<string, (previousSha: string) => string>> = {
  previous: (sha) => sha,
  previous_short: (sha) => sha.slice(0, 7),
};
const PLACE = /\{(\w+)\}/g;
/** People paste the command into a shell, and the commit comes from outside. */
const COMMIT = /^[0-9a-f]{7,64}$/i;

/** Names of places in a command that stand for nothing. */
export const unknownPlaces = (command: string): string[] =>
  [...command.matchAll(PLACE)].flatMap(([, name = ""]) => (Object.hasOwn(PLACES, name) ? [] : [name]));

/**
 * The command that rolls a change back; null where the catalog has none for its service, or where it would lead to another place: a command that
 * names no commit goes one deploy back, so it fits the newest one alone.
 * @param changes all that triage has read
 */
export function rollbackCommand(
  commands: readonly RollbackCommand[],
  change: Pick<ChangeEvent, "service" | "at" | "previousSha">,
  changes: readonly ChangeEvent[],
): string | null {
  const command = commands.find(({ service }) => service === change.service)?.command;
  if (command === undefined) return null;
  if (command.search(PLACE) < 0) {
    const isOld = changes.some(
      ({ kind, service, at }) => service === change.service && at > change.at && (kind === "deploy" || kind === "rollback"),
    );
    return isOld ? null : command;
  }
  const { previousSha } = change;
  if (previousSha === null || !COMMIT.test(previousSha)) return null;
  return command.replaceAll(PLACE, (whole, name: string) => PLACES[name]?.(previousSha) ?? whole);
}
