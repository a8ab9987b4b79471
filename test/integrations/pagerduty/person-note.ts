import { people } from "../../../src/replay/people.ts";
import type { Replay } from "../../../src/replay/server.ts";

/** A responder writes a note on an incident of the replay. @returns its id */
export async function personNotes({ settings }: Replay, incidentId: string, content: string): Promise<string> {
  const answer = await fetch(`${settings.PAGERDUTY_API_URL}/incidents/${incidentId}/notes`, {
    method: "POST",
    headers: { authorization: `Token token=${settings.PAGERDUTY_API_TOKEN}`, "content-type": "application/json", from: people[0].email },
    body: JSON.stringify({ note: { content } }),
  });
  if (answer.status !== 201) throw new Error(`the note was answered ${answer.status}`);
  return ((await answer.json()) as { note: { id: string } }).note.id;
}
