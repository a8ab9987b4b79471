import { requestApproval } from "../guard/approval.ts";
import type { ApprovalRequest } from "../incident/approval-request.ts";
import { approvalsOf, buttonValue, newestApproval } from "../incident/approval.ts";
import type { LoggedEvent } from "../incident/event.ts";
import { button, type SlackMessage, toMessage } from "../integrations/slack/block-kit.ts";
import { cutMrkdwn, escapeText } from "../integrations/slack/mrkdwn.ts";
import type { Step } from "../store/incident-store.ts";
import type { IncidentThread } from "./thread.ts";
import { viewOf } from "../incident/view.ts";

/**
 * The text for people outside the team: who asked for it sees it alone, and a click of a person puts exactly that text in the incident's channel. The
 * request holds the text, so what is posted is what was shown, also when the log has gone on.
 */

const POST_UPDATE = "post-update" satisfies ApprovalRequest["action"];
/** Of the button. Its message may be anywhere, so it names the incident. */
export const RELEASE = "release-update";

/** So many texts an incident offers: endless asking must not fill its log. */
const MOST_OFFERS = 30;

/** What the button carries. */
export function releaseIn(value: string): { readonly incident: string; readonly value: string } | null {
  const found = /^(\S{1,200}) (a\d{1,6}:[0-9a-f]{64})$/.exec(value);
  return found?.[1] === undefined || found[2] === undefined ? null : { incident: found[1], value: found[2] };
}

/**
 * The request to post a text, or null where the incident has no channel yet or has offered enough.
 * @param by who asked for the text
 */
export async function updateRequest(
  { incident, text, by, now }: { readonly incident: string; readonly text: string; readonly by: string; readonly now: number },
  log: readonly LoggedEvent[],
): Promise<ApprovalRequest | null> {
  const { statusMessage } = viewOf(log);
  const { approvals } = approvalsOf(log);
  if (statusMessage === null || approvals.filter(({ request }) => request.action === POST_UPDATE).length >= MOST_OFFERS) return null;
  const payload = { incident, channel: statusMessage.channel, text };
  const summary = `update in the incident's channel: “${text}”`;
  return requestApproval({ action: POST_UPDATE, payload, summary, because: `${by} asked for it` }, { earlier: approvals.length, now });
}

/** The text with its button, for who asked for it. */
export const updateOffer = (incident: string, request: ApprovalRequest): SlackMessage =>
  toMessage(
    [
      { text: "*Update for people outside the team.* Only you see it. Check it; the button posts exactly this in the incident's channel." },
      { text: `> ${escapeText(String(request.payload["text"]))}` },
    ],
    [button({ actionId: RELEASE, text: "Post in channel", value: `${incident} ${buttonValue(request)}`, style: "primary" })],
  );

/** Posts the text that a person released; null: there is none to post. */
export function nextUpdateStep(thread: IncidentThread, log: readonly LoggedEvent[]): Step | null {
  const approval = newestApproval(log, POST_UPDATE);
  if (approval === null || approval.state !== "released") return null;
  const { id, payload } = approval.request;
  if (log.some(({ event }) => event.type === "update-posted" && event.request === id)) return null;
  const key = `update:${id}`;
  return {
    id: `post-${key}`,
    attempts: 15,
    timeLimitMs: 30_000,
    async run(context) {
      const text = String(payload["text"]);
      const { ts } = await thread.postInChannel(
        context,
        viewOf(context.log),
        key,
        toMessage([{ text: cutMrkdwn(escapeText(text), 2_900) }]),
      );
      return [{ type: "update-posted", request: id, ts, text }];
    },
  };
}

/** The same for the plan. */
export const updateStep =
  (thread: IncidentThread) =>
  (log: readonly LoggedEvent[]): Step | null =>
    nextUpdateStep(thread, log);
