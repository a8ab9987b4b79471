/** What goes wrong, as runbooks are matched with it: narrower than a kind of fault, and said by facts of the analysis. */
export const troubleKinds = [
  "out-of-memory",
  "memory",
  "crash",
  "probe",
  "image",
  "scheduling",
  "quota",
  "disk",
  "connections",
  "locks",
  "statement",
  "replication",
  "queue",
  "cache",
  "certificate",
  "dns",
  "vendor",
  "network",
  "cpu",
  // How it shows, where nothing narrower is known.
  "errors",
  "slow",
] as const;
export type TroubleKind = (typeof troubleKinds)[number];

/** Kinds of change that a runbook may be for. */
export const runbookChanges = ["deploy", "rollback", "flag", "config", "migration", "other"] as const;
export type RunbookChange = (typeof runbookChanges)[number];

/** What an analysis says that decides which runbook fits. */
export interface RunbookFacts {
  /** Of what is blamed, the strongest fact first; where nothing is blamed, of what the page claims. */
  readonly trouble: readonly TroubleKind[];
  /** The change that is likely the cause. null: none is. */
  readonly change: RunbookChange | null;
  /** Whether a change near the onset may be the cause: blamed, or neither blamed nor proven innocent. */
  readonly mayBeChange: boolean;
  /** Whether the paged service itself is blamed. null: nothing is. */
  readonly isOwn: boolean | null;
}

/** A runbook that fits, as it is shown and kept with the incident. */
export interface FittingRunbook {
  readonly name: string;
  readonly title: string;
  readonly steps: readonly string[];
  /** What people must not do, after "Do not". Missing where the runbook names nothing. */
  readonly doNot?: string;
}
