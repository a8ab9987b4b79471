import { expect, test } from "vitest";
import type { StepContext } from "../../src/store/incident-store.ts";
import { viewOf } from "../../src/incident/view.ts";
import { refusalOf } from "../../src/integrations/slack/errors.ts";
import { createMessages } from "../../src/slack/messages.ts";
import { createSpeaker } from "../../src/slack/speaker.ts";
import { IncidentThread } from "../../src/slack/thread.ts";
import { finding, handedIn, nightWith } from "../support/example-investigation.ts";

const context = { incidentId: "pd-1", signal: new AbortController().signal } as unknown as StepContext;
const view = viewOf(nightWith(handedIn({ ...finding, service: "orders-db2", change: null })));

/** Corrects the brief in a Slack that refuses to edit with this word. */
const correctsWhile = (code: string) =>
  new IncidentThread({
    speaker: {
      ...({} as ReturnType<typeof createSpeaker>),
      edit: () => Promise.reject(refusalOf("chat.update", { error: code }, "C1")),
    },
    messages: { ...createMessages({ timelineUrl: () => null, withoutModel: null }), reply: () => expect.fail() },
    serviceOf: () => "checkout",
  }).shrinkBrief(context, view);

test("a brief that was deleted, or may not be edited, does not cost the finding; what passes is tried again", async () => {
  await expect(correctsWhile("message_not_found")).resolves.toBeUndefined();
  await expect(correctsWhile("edit_window_closed")).resolves.toBeUndefined();
  await expect(correctsWhile("internal_error")).rejects.toThrow("internal_error");
});
