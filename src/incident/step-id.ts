/**
 * Ids of steps that more than one file knows. Logs hold them: an id is never changed or given to another step. What people read of a step is made
 * of its id in `report/step-words.ts`.
 */
export const stepIds = {
  triage: "triage",
  readOn: "read-on",
  join: "join",
  pin: "pin",
  countFlap: "count-flap",
  tellLead: "tell-lead",
  readAgain: (number: number) => `read-again:${number}`,
  lookForChanges: (number: number) => `look-for-changes:${number}`,
  hear: (channel: string) => `hear-channel:${channel}`,
  countImpact: (number: number) => `count-impact:${number}`,
  readPeople: (number: number) => `read-people:${number}`,
  askProposals: (proposal: string) => `ask-proposals:${proposal}`,
  makeChannel: "make-channel",
  furnishChannel: "furnish-channel",
  chart: (number: number) => `chart:${number}`,
  note: (about: string) => `note:${about}`,
  modelTurn: (round: number) => `model-turn:${round}`,
  modelTools: (round: number) => `model-tools:${round}`,
  patchTurn: (attempt: number) => `patch-turn:${attempt}`,
  patchTools: (attempt: number) => `patch-tools:${attempt}`,
  readChecks: (sha: string) => `read-checks:${sha.slice(0, 12)}`,
  fixCommit: (number: number) => `fix-commit:${number}`,
  lookAtFix: (times: number) => `look-at-fix:${times}`,
} as const;

/** What a step does, without what it is done for: `model-turn` of `model-turn:2`. */
export const stepKind = (id: string): string => id.split(":", 1)[0] ?? id;

const modelKinds: ReadonlySet<string> = new Set(
  [stepIds.modelTurn(1), stepIds.modelTools(1), stepIds.patchTurn(1), stepIds.patchTools(1)].map(stepKind),
);

/** Whether a step that failed is one of the model's own: how its round, or its work on a patch, ended says so already. */
export const isModelStep = (id: string): boolean => modelKinds.has(stepKind(id));
