import type { RecordedChange, Recording } from "./recorded.ts";

const deployKinds = new Set(["deploy", "deployment", "rollback"]);

/** Whether a change put something live. */
export const isDeploy = ({ kind }: Pick<RecordedChange, "kind">): boolean => deployKinds.has(kind);

/** Deploys and rollbacks up to the recording's end, oldest first. */
export const deploysOf = (recording: Recording): RecordedChange[] =>
  recording.changes.filter((change) => isDeploy(change) && change.at <= recording.incident.window.to);
