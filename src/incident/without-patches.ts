import type { ChangeEvent } from "./telemetry.ts";

/** Changes as the log keeps them: which files each touched, and not how. The diffs are in the evidence. */
export const withoutPatches = (changes: readonly ChangeEvent[]): ChangeEvent[] =>
  changes.map((change) => ({ ...change, files: change.files?.map((file) => ({ ...file, patch: null })) ?? null }));
