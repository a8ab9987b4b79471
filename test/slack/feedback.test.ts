import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { feedbackOf, isFeedbackUnshown } from "../../src/incident/feedback.ts";
import type { IncidentEvent, LoggedEvent } from "../../src/incident/event.ts";
import { viewOf } from "../../src/incident/view.ts";
import { plainText } from "../../src/integrations/slack/mrkdwn.ts";
import { toTimeline } from "../../src/report/timeline.ts";
import { explainedIn, wrongDialog } from "../../src/slack/feedback-dialog.ts";
import { type InboundOf, toInbound } from "../../src/slack/inbound.ts";
import { createMessages } from "../../src/slack/messages.ts";
import { freshStore, openApprovalDesk, THREAD } from "../approval/desk.ts";
import { handedIn, nightWith } from "../support/example-investigation.ts";
import { exampleTriage } from "../support/example-log.ts";
import { loadArguments } from "../support/slack-arguments.ts";
import { CHANNEL, everybody, type FakeSlack, HOME, startSlackPeople } from "../support/slack-people.ts";
import { page } from "../support/telling.ts";

const view = wrongDialog({ channel: CHANNEL, thread: THREAD });
const payload = (user: string, values: Readonly<Record<string, string | null>>, more: object = {}) => ({
  type: "view_submission",
  team: { id: HOME.team_id },
  user: { id: user, username: user.toLowerCase(), name: user.toLowerCase(), team_id: HOME.team_id },
  view: {
    id: "V1",
    hash: "1.a",
    callback_id: view.callback_id,
    private_metadata: view.private_metadata,
    state: { values: Object.fromEntries(Object.entries(values).map(([id, value]) => [id, { [id]: { type: "plain_text_input", value } }])) },
    ...more,
  },
});
const submission = (values: Readonly<Record<string, string | null>>) =>
  toInbound(payload("U0ANA", values), null) as InboundOf<"submission">;

describe("the dialog behind Wrong", () => {
  test("is one that Slack takes, and finds its incident again", () => {
    const form = new URLSearchParams({ trigger_id: "1.2.a", view: JSON.stringify(view) }).toString();
    expect(loadArguments().argumentProblems("views.open", form)).toEqual([]);
    expect(submission({ was: "x" })).toMatchObject({ type: "submission", channel: CHANNEL, metadata: view.private_metadata });
  });

  test("takes a sentence, and a service and an address where they are given", () => {
    expect(explainedIn(submission({ was: " DNS of\nthe provider ", service: null, link: null }))).toEqual({
      ...{ was: "DNS of the provider", service: null, link: null },
    });
    expect(explainedIn(submission({ was: "DNS", service: "resolver", link: "https://github.com/acme/shop/pull/7" }))).toEqual({
      ...{ was: "DNS", service: "resolver", link: "https://github.com/acme/shop/pull/7" },
    });
    expect(explainedIn(submission({ was: "  " }))).toEqual({ errors: { was: expect.any(String) } });
    for (const link of ["javascript:alert(1)", "pull 7"])
      expect(explainedIn(submission({ was: "DNS", link }))).toEqual({ errors: { link: expect.any(String) } });
  });
});

const at = Date.UTC(2026, 10, 3, 3, 12);
const press = (user: string, action: string): IncidentEvent => ({
  ...{ type: "slack-action-received", action, value: "the answer from the data", user, userId: `U${user}`, channel: CHANNEL },
});
const explained: IncidentEvent = {
  type: "feedback-explained",
  user: "Ana",
  userId: "UAna",
  was: "DNS of the provider",
  service: "resolver",
  link: null,
};
const logOf = (...events: IncidentEvent[]) =>
  [{ type: "page-received", page } as const, exampleTriage, { type: "brief-posted", ts: "1.2", text: "" } as const, ...events].map(
    (event, index): LoggedEvent => ({ seq: index + 1, at: at + index * 1_000, event }),
  );
const messages = createMessages({ timelineUrl: () => null, withoutModel: "ANTHROPIC_API_KEY is not set" });
const brief = (...events: IncidentEvent[]) => plainText(messages.brief(viewOf(logOf(...events)), "pd-1").text);

describe("what people say of an answer", () => {
  test("is in its message for everybody: each with their last word, what they said before, and what it was", () => {
    expect(brief()).not.toContain("Feedback");
    expect(brief(press("Ana", "right"))).toContain("*Feedback:* Ana right");
    expect(brief(press("Ana", "right"), press("Jonas", "right-area"), press("Ana", "wrong"), explained)).toContain(
      "*Feedback:* Jonas right area · Ana wrong (before: right), it was DNS of the provider (resolver)",
    );
    const found = createMessages({ timelineUrl: () => null, withoutModel: null }).finding(
      viewOf(nightWith([...handedIn(), ["03:20:00", press("Ana", "wrong")]])),
      "pd-1",
    );
    expect(plainText(found.text)).toContain("*Feedback:* Ana wrong");
  });

  test("a new word takes back what it was before", () => {
    const [only] = feedbackOf(logOf(press("Ana", "wrong"), explained, press("Ana", "right")));
    expect(only).toMatchObject({ verdict: "right", before: "wrong", was: null });
  });

  test("is on the timeline, and shown until the message has it", () => {
    const log = logOf(press("Ana", "wrong"), explained);
    expect(toTimeline(log).map(({ text, detail }) => `${text}${detail === null ? "" : `: ${detail}`}`)).toContain(
      "Ana says the cause was: DNS of the provider: resolver",
    );
    expect(isFeedbackUnshown(log)).toBe(true);
    const shown: LoggedEvent = { seq: 20, at, event: { type: "feedback-shown", seen: log.length } };
    expect(isFeedbackUnshown([...log, shown])).toBe(false);
    expect(isFeedbackUnshown([...log, shown, { seq: 21, at, event: press("Jonas", "right") }])).toBe(true);
  });

  test("words from outside are no markup in it", () => {
    const nasty = { ...explained, was: "<!channel> <https://evil.test|x> *b*", service: "<@U1>" };
    expect(messages.brief(viewOf(logOf(press("Ana", "wrong"), nasty)), "pd-1").text).not.toMatch(/<!channel>|<https:\/\/evil|<@U1>/);
  });
});

describe("sent to midwatch", () => {
  let slack: FakeSlack;
  beforeAll(async () => {
    slack = await startSlackPeople();
  });
  afterAll(() => slack[Symbol.asyncDispose]());
  beforeEach(() => slack.set({ people: everybody, channel: {}, home: {}, down: false }));

  test("is kept with who said it, once; of a guest it is not", async () => {
    await using desk = openApprovalDesk({
      slackUrl: slack.url,
      vendorUrl: slack.url,
      database: freshStore(),
      catalog: "version: 1\nservices:\n  - name: checkout\n",
    });
    await desk.begin();
    await desk.button();
    const send = (body: object) =>
      desk.send(new URLSearchParams({ payload: JSON.stringify(body) }).toString(), { "content-type": "application/x-www-form-urlencoded" });
    for (let again = 0; again < 2; again += 1) expect(await send(payload("U0ANA", { was: "DNS", service: null, link: null }))).toBe(200);
    expect(await send(payload("U0GUEST", { was: "me" }, { id: "V2" }))).toBe(200);
    const kept = (await desk.log()).flatMap(({ event }) => (event.type === "feedback-explained" ? [event] : []));
    expect(kept).toEqual([{ type: "feedback-explained", user: "u0ana", userId: "U0ANA", was: "DNS", service: null, link: null }]);
  });
});
