import { incidentDesk, messageOf, type Proposal } from "../incident/desk.ts";
import type { LoggedEvent } from "../incident/event.ts";
import { stepIds } from "../incident/step-id.ts";
import type { SlackClient } from "../integrations/slack/client.ts";
import { IntegrationError } from "../guard/errors.ts";
import type { Step } from "../store/incident-store.ts";
import { askAuthor } from "./proposals.ts";

/** Shows the author of a message what a model found in it. Anyone who opens App Home sees it too, so a whisper that is lost costs a click there. */

/** Proposals of a model whose authors were not asked yet. */
function unasked(log: readonly LoggedEvent[]): readonly Proposal[] {
  const asked = new Set(log.flatMap(({ event }) => (event.type === "proposals-asked" ? event.proposals : [])));
  const byModel = new Set(log.flatMap(({ event }) => (event.type === "desk-entry-proposed" && event.found === "model" ? [event.id] : [])));
  return incidentDesk(log).proposals.filter(({ id, by }) => byModel.has(id) && !asked.has(id) && by.userId !== null);
}

/** The step that is due; null: none is. */
export function askProposalsStep(slack: Pick<SlackClient, "postEphemeral">, log: readonly LoggedEvent[]): Step | null {
  const open = unasked(log);
  const [first] = open;
  if (first === undefined) return null;
  return {
    id: stepIds.askProposals(first.id),
    attempts: 2,
    timeLimitMs: 30_000,
    async run({ log: current, incidentId, signal }) {
      const due = unasked(current);
      for (const proposal of due) {
        const { channel, ts } = messageOf(proposal);
        const said = current.find(
          ({ event }) => event.type === "slack-message-received" && event.channel === channel && event.ts === ts,
        )?.event;
        const threadTs = said?.type === "slack-message-received" ? said.threadTs : null;
        try {
          await slack.postEphemeral({ channel, user: proposal.by.userId ?? "", threadTs, ...askAuthor(incidentId, proposal) }, signal);
        } catch (error) {
          if (!(error instanceof IntegrationError)) throw error;
        }
      }
      return [{ type: "proposals-asked", proposals: due.map(({ id }) => id) }];
    },
  };
}
