import { IntegrationError } from "../guard/errors.ts";
import { feedbackWordOf, mayExplain } from "../incident/feedback.ts";
import type { SlackClient } from "../integrations/slack/client.ts";
import { VERDICT_WORDS } from "../report/feedback-words.ts";
import { refusalToYou } from "../report/refusal-words.ts";
import type { IncidentStore } from "../store/incident-store.ts";
import { addressIn, explainedIn, wrongDialog } from "./feedback-dialog.ts";
import type { Gate } from "./gate.ts";
import type { InboundOf } from "./inbound.ts";
import type { DialogErrors } from "./receiver.ts";
import { nameOfClicker } from "./said.ts";

type Action = InboundOf<"action">;

/** Where no dialog could be opened. */
const ASK_WHAT_IT_WAS =
  "Noted. What was the cause? Reply in this thread. Your answer goes on the timeline, and a model that is still investigating reads it.";
/** A press must be answered within three seconds, and the dialog opened by then, ms. */
const DIALOG_MS = 1_800;

export interface FeedbackDependencies {
  readonly store: Pick<IncidentStore, "tell" | "read" | "incidentAt">;
  readonly slack: Pick<SlackClient, "openView" | "userName">;
  readonly gate: Gate;
  /** To who pressed alone. */
  readonly tell: (inbound: Action, text: string) => Promise<void>;
  readonly reportError: (error: unknown, where: string) => void;
}

/** What follows a press of Right, Right area or Wrong. */
export function createFeedback({ store, slack, gate, tell, reportError }: FeedbackDependencies) {
  /** Opens the dialog: a press is good for three seconds. Where that fails, the thread takes the answer. */
  async function askWhatItWas(inbound: Action): Promise<void> {
    const { channel, threadTs, messageTs, trigger } = inbound;
    try {
      if (trigger === null) throw new IntegrationError("slack", "the press named no trigger_id");
      await slack.openView(trigger, wrongDialog({ channel, thread: threadTs ?? messageTs }), AbortSignal.timeout(DIALOG_MS));
    } catch (error) {
      reportError(error, "Slack");
      await tell(inbound, ASK_WHAT_IT_WAS);
    }
  }

  /** The same word again, or one of endless changes: the last one that was kept holds. */
  async function saidAgain(incident: string, inbound: Action): Promise<void> {
    const log = await store.read(incident);
    const mine = feedbackWordOf(log, inbound.user);
    if (mine === "wrong" && inbound.action === "wrong" && mayExplain(log, inbound.user)) return askWhatItWas(inbound);
    await tell(
      inbound,
      mine === null ? "You have given no feedback on this answer." : `Your feedback on this answer: ${VERDICT_WORDS[mine]}.`,
    );
  }

  /** Keeps what somebody filled in. What is wrong with it is shown in the dialog. */
  async function explained(inbound: InboundOf<"submission">): Promise<DialogErrors | undefined> {
    const about = addressIn(inbound);
    const incident = about === null ? null : await store.incidentAt(about.address);
    const [field = ""] = Object.keys(inbound.values);
    if (incident === null) return { errors: { [field]: "midwatch does not know this incident." } };
    const code = await gate.refusal(inbound);
    if (code !== null) return { errors: { [field]: `Not saved: ${refusalToYou(code)}.` } };
    const found = explainedIn(inbound);
    if ("errors" in found) return found;
    const { user: userId } = inbound;
    if (mayExplain(await store.read(incident), userId)) {
      const user = await nameOfClicker({ slack }, inbound);
      await store.tell(incident, [{ type: "feedback-explained", user, userId, ...found }], `slack:${inbound.key}`);
    }
    return undefined;
  }

  return { askWhatItWas, saidAgain, explained };
}
