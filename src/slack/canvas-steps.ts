import { requestApproval } from "../guard/approval.ts";
import type { ApprovalRequest } from "../incident/approval-request.ts";
import { APPROVE, approvalsOf, buttonValue, newestApproval, REFUSE } from "../incident/approval.ts";
import type { EventOf, LoggedEvent } from "../incident/event.ts";
import { viewOf } from "../incident/view.ts";
import { button, type SlackMessage, toMessage } from "../integrations/slack/block-kit.ts";
import type { SlackClient } from "../integrations/slack/client.ts";
import { escapeText, link } from "../integrations/slack/mrkdwn.ts";
import { counted } from "../report/tool-view.ts";
import type { Step } from "../store/incident-store.ts";
import type { IncidentThread } from "./thread.ts";

/**
 * The postmortem draft as a canvas: a person asks for it, sees exactly what would be written, and another click, or theirs, releases it. The request holds
 * the whole text, so what is released is what was shown, also when the log has gone on.
 */

const OPEN_CANVAS = "open-canvas" satisfies ApprovalRequest["action"];

export interface CanvasDependencies {
  readonly slack: Pick<SlackClient, "createCanvas">;
  /** The draft as Markdown, as of `now`. */
  readonly draft: (incidentId: string, log: readonly LoggedEvent[], now: number) => { readonly title: string; readonly markdown: string };
  /** The incident's page, or null. */
  readonly pageOf: (incidentId: string) => string | null;
}

interface CanvasPayload {
  readonly incident: string;
  readonly channel: string;
  readonly title: string;
  readonly markdown: string;
}

const payloadOf = ({ payload }: ApprovalRequest): CanvasPayload => ({
  incident: String(payload["incident"]),
  channel: String(payload["channel"]),
  title: String(payload["title"]),
  markdown: String(payload["markdown"]),
});

const idOf = ({ id }: ApprovalRequest): string => `canvas:${id}`;

/** A person asked for a canvas, and no request was made for it. */
function unasked(log: readonly LoggedEvent[]): LoggedEvent | null {
  const asked = log.findLast(({ event }) => event.type === "postmortem-asked" && event.canvas);
  if (asked === undefined) return null;
  const isMade = log.some(
    ({ seq, event }) => seq > asked.seq && event.type === "approval-requested" && event.request.action === OPEN_CANVAS,
  );
  return isMade ? null : asked;
}

const requestStep = ({ draft }: CanvasDependencies, asked: LoggedEvent): Step => ({
  id: `ask-canvas:${asked.seq}`,
  attempts: 3,
  timeLimitMs: 30_000,
  async run({ log, incidentId, now }) {
    const { statusMessage } = viewOf(log);
    if (statusMessage === null || asked.event.type !== "postmortem-asked") throw new Error("a canvas needs the incident's channel");
    const { title, markdown } = draft(incidentId, log, now());
    const payload = { incident: incidentId, channel: statusMessage.channel, title, markdown };
    const request = await requestApproval(
      {
        ...{ action: OPEN_CANVAS, payload, because: `${asked.event.by.user} asked for it` },
        summary: `canvas “${title}” in the incident's channel: ${counted(markdown.split("\n").length, "line")}`,
      },
      { earlier: approvalsOf(log).approvals.length, now: now() },
    );
    return [{ type: "approval-requested", request }];
  },
});

function offerMessage(request: ApprovalRequest, page: string | null): SlackMessage {
  const exact = page === null ? "" : ` ${link(`${page}/approvals/${request.id}`, "See exactly what midwatch would write")}.`;
  const { title } = payloadOf(request);
  return toMessage(
    [
      {
        text: `*Create a canvas from the postmortem draft?* “${escapeText(title)}” becomes a tab of this channel. All its members can read it.${exact}`,
      },
    ],
    [
      button({ actionId: APPROVE, text: "Create canvas", value: buttonValue(request), style: "primary" }),
      button({ actionId: REFUSE, text: "No", value: buttonValue(request) }),
    ],
  );
}

/** Asks in the thread. */
const offerStep = ({ pageOf }: CanvasDependencies, thread: IncidentThread, request: ApprovalRequest): Step => ({
  id: `offer-${idOf(request)}`,
  attempts: 15,
  timeLimitMs: 30_000,
  async run(context) {
    const message = offerMessage(request, pageOf(context.incidentId));
    const { ts } = await thread.post(context, viewOf(context.log), `offer-${idOf(request)}`, message);
    return [{ type: "canvas-offered", request: request.id, ts, text: message.text }];
  },
});

/** Writes it, and says where it is. Slack gives no way to look for a canvas by a key: a crash between the two may leave a second one. */
const createStep = ({ slack }: CanvasDependencies, thread: IncidentThread, request: ApprovalRequest): Step => ({
  id: `create-${idOf(request)}`,
  attempts: 5,
  timeLimitMs: 30_000,
  async run(context) {
    const { channel, title, markdown } = payloadOf(request);
    const made = await context.effects.deliver(
      idOf(request),
      "slack-canvas",
      { channel, title, markdown },
      { find: async () => null, act: (kept) => slack.createCanvas(kept, context.signal) },
    );
    const words = `The postmortem draft is in a canvas: ${made.link === null ? escapeText(title) : link(made.link, title)}`;
    await thread.post(context, viewOf(context.log), `said-${idOf(request)}`, toMessage([{ text: words }]));
    return [{ type: "canvas-created", request: request.id, canvas: made.id, link: made.link }];
  },
});

/** What is to be done for a canvas now, or null. A draft that a model words is asked about in its words: that step comes first. */
export function nextCanvasStep(deps: CanvasDependencies, thread: IncidentThread, log: readonly LoggedEvent[]): Step | null {
  const asked = unasked(log);
  if (asked !== null) return requestStep(deps, asked);
  const approval = newestApproval(log, OPEN_CANVAS);
  if (approval === null) return null;
  const { request, state } = approval;
  const has = (type: EventOf<"canvas-offered" | "canvas-created">["type"]) =>
    log.some(({ event }) => event.type === type && event.request === request.id);
  if (state === "waiting") return has("canvas-offered") ? null : offerStep(deps, thread, request);
  return state === "released" && !has("canvas-created") ? createStep(deps, thread, request) : null;
}

/** The same for the plan; null where there are no canvases. */
export const canvasStep =
  (deps: CanvasDependencies | undefined, thread: IncidentThread) =>
  (log: readonly LoggedEvent[]): Step | null =>
    deps === undefined ? null : nextCanvasStep(deps, thread, log);
