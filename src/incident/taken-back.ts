import type { IncidentEvent, LoggedEvent } from "./event.ts";

/** Whether an event is a message, or an edit of one, that its author deleted in Slack: a person who deletes a message takes it back everywhere. */
export function takenBack(log: readonly LoggedEvent[]): (event: IncidentEvent) => boolean {
  const gone = new Set(log.flatMap(({ event }) => (event.type === "slack-message-deleted" ? [`${event.channel}:${event.ts}`] : [])));
  return (event) =>
    (event.type === "slack-message-received" || event.type === "slack-message-edited") && gone.has(`${event.channel}:${event.ts}`);
}
