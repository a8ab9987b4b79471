import { describe, expect, test } from "vitest";
import type { BeliefState } from "../../src/incident/belief.ts";
import type { EventOf, IncidentEvent } from "../../src/incident/event.ts";
import { viewOf } from "../../src/incident/view.ts";
import { plainText } from "../../src/integrations/slack/mrkdwn.ts";
import { doNowOf } from "../../src/report/do-now.ts";
import { toStatus } from "../../src/report/status.ts";
import { toTimeline } from "../../src/report/timeline.ts";
import { createMessages } from "../../src/slack/messages.ts";
import { noteOf } from "../../src/fix/review-context.ts";
import { at, deploy, exampleLog, HOSTILE, logOf, logUntil, story } from "../support/example-log.ts";

const messages = createMessages({ timelineUrl: () => null, withoutModel: "no key" });
const before = logUntil("brief-posted");
const reading = (state: BeliefState, over: Partial<EventOf<"belief-read">> = {}): EventOf<"belief-read"> => ({
  ...{
    type: "belief-read",
    state,
    since: at("03:45:00"),
    asOf: at("03:51:00"),
    service: "payments",
    isOut: true,
    level: null,
    undoneAt: null,
  },
  ...{ after: null, changes: [], evidence: [2], calls: 3, ...over },
});
const logAfter = (event: IncidentEvent) => [
  ...before,
  ...logOf([["03:51:00", event]]).map((one) => ({ ...one, seq: before.length + one.seq })),
];
const viewAfter = (event: IncidentEvent) => viewOf(logAfter(event));
const told = (event: IncidentEvent) => {
  const view = viewAfter(event);
  return { line: plainText(messages.belief(view).text), status: plainText(messages.status(view).text) };
};

describe("how an incident stands by a later reading", () => {
  test("recovered: since when, minutes after what, that the page is open, and no steps any more", () => {
    const live = { ...deploy, kind: "rollback" as const, at: at("03:41:00") };
    const { line, status } = told(reading("recovered", { after: live, isOut: false }));
    expect(line).toMatch(/back in their usual range since 03:45, 4 min after the rollback to 9f2c1e4\. The page is still open\.$/);
    const ahead = told(reading("recovered", { after: { ...live, kind: "deploy" }, isOut: false }));
    expect(ahead.line).toMatch(/since 03:45, 4 min after 9f2c1e4 went live\. The page is still open\.$/);
    expect(status).toMatch(/^\*Recovered\* 03:45 · /);
    expect(plainText(messages.status(viewOf(before)).text)).toContain("Do now");
    expect(status).not.toContain("Do now");
    // On no surface: nobody rolls back what works again.
    expect(doNowOf(viewOf(before)).order).not.toBeNull();
    expect(doNowOf(viewAfter(reading("recovered", { after: live, isOut: false })))).toEqual({
      decided: null,
      order: null,
      before: [],
      steps: [],
      doNot: [],
      books: [],
    });
  });

  test("withdrawn: the suspect is not named as such any more", () => {
    const { line, status } = told(reading("withdrawn"));
    expect(line).toContain("rolled back at 03:45, with no clear improvement in 6 min: it is withdrawn as the cause");
    expect(status).not.toMatch(/suspect \(|Do now/);
  });

  test("withdrawn: an open draft is named with what to do, is marked in its own text, and its button is no invitation any more", () => {
    const proposed = (kind: "revert" | "patch"): IncidentEvent => {
      const [, found] = story.find(([, { type }]) => type === "fix-proposed") ?? [];
      if (found?.type !== "fix-proposed") throw new Error("the story has it");
      return { ...found, kind };
    };
    const after = (...events: readonly IncidentEvent[]) => {
      const log = [...logUntil("finding-posted"), ...logOf(events.map((event) => ["03:51:00", event] as const))];
      return viewOf(log.map((one, index) => ({ ...one, seq: index + 1 })));
    };
    const back = reading("withdrawn");
    const say = (view: ReturnType<typeof viewOf>) => messages.belief(view).text;
    const revert = after(proposed("revert"), back);
    expect(say(revert)).toContain("Draft <https://github.com/acme/shop/pull/2216|#2216> reverts it: close it if you agree.");
    expect(say(after(proposed("patch"), back))).toMatch(/#2216> was written for that cause: close it if you agree\.$/);
    const closed: IncidentEvent = { type: "fix-changed-by-people", what: "closed", by: "Ana", when: at("03:50:00") };
    expect(say(after(proposed("revert"), closed, back))).not.toContain("#2216");
    expect(noteOf({ view: revert })).toMatch(/rolled back at 03:45 UTC, with no clear improvement: .*Close this if you agree/);
    expect(noteOf({ view: after(proposed("revert")) })).toBeNull();
    const finding = plainText(messages.finding(revert, "pd-1").text);
    expect(finding).toMatch(/^\*Withdrawn:\* the change to \*payments\* was rolled back at 03:45/);
    expect(finding).not.toMatch(/Do now|or merge/);
    // A person may have it opened all the same.
    const offer: IncidentEvent = { type: "fix-offered", kind: "revert", because: "the cause is only possible", request: "r1" };
    const request = {
      id: "r1",
      action: "open-fix",
      payload: {},
      summary: "revert of 9f2c1e4",
      hash: "h",
      because: "",
      expiresAt: at("05:00:00"),
      requester: "midwatch",
    };
    const asked = { type: "approval-requested", request } as unknown as IncidentEvent;
    const buttons = (view: ReturnType<typeof viewOf>) => JSON.stringify(messages.finding(view, "pd-1").blocks);
    expect(buttons(after(asked, offer))).toContain("Open draft revert PR");
    const withdrawn = buttons(after(asked, offer, back));
    expect(withdrawn).toContain("Withdrawn: open it anyway");
    expect(withdrawn).not.toMatch(/Open draft revert PR|"primary"/);
  });

  test("what a rollback left is not called over, nor a cause that is known", () => {
    const { line, status } = told(reading("second-fault", { service: null, isRest: true }));
    expect(line).toContain("but the signals of *checkout* are still out of their usual range");
    expect(status).toMatch(/^\*Partly recovered\* · /);
  });

  test("worse: both levels", () => {
    const level = { service: "checkout", what: "errors", unit: "fraction", was: 0.12, now: 0.4, since: at("03:45:00"), evidence: 2 };
    const { line, status } = told(reading("worse", { level }));
    expect(line).toContain("errors 40 %, was 12 % in the first reading");
    expect(status).toMatch(/^\*Getting worse\* since 03:45 · /);
    expect(status).toContain("Do now");
  });

  test("a second fault names a service only where it is known", () => {
    expect(told(reading("second-fault", { service: "stock" })).line).toMatch(/Second fault.*stock.*likely cause/s);
    expect(told(reading("second-fault", { service: null })).line).toMatch(/Trouble again.*The cause is not known/s);
  });

  test("what is the same, or only on its way back, is not news", () => {
    for (const state of ["same", "recovering"] as const) expect(viewAfter(reading(state)).belief).toBeNull();
  });

  test("names from outside are no markup", () => {
    expect(messages.belief(viewAfter(reading("second-fault", { service: `<!channel> ${HOSTILE}` }))).text).not.toContain("<!channel>");
  });

  test("the list of incidents and the command say it too, and name no suspect that is withdrawn", () => {
    const status = (event: IncidentEvent) => toStatus(logAfter(event));
    expect(status(reading("recovered")).headline).toMatch(/^Recovered 03:45: /);
    expect(status(reading("recovered")).topSuspect).not.toBeNull();
    expect(status(reading("withdrawn"))).toMatchObject({
      headline: expect.stringMatching(/^Suspect withdrawn: /) as string,
      topSuspect: null,
    });
  });

  test("the timeline has what people changed meanwhile, when it was over, and how long each part took", () => {
    const back = { ...deploy, kind: "rollback" as const, at: at("03:41:20"), sha: deploy.previousSha };
    const entries = toTimeline(logAfter(reading("recovered", { since: at("03:45:20"), changes: [back], after: back })));
    const own = entries.filter(({ seq }) => seq > before.length);
    expect(own.map(({ at: when, kind }) => [when, kind])).toEqual([
      [at("03:41:20"), "change"],
      [at("03:45:20"), "signal"],
    ]);
    // The page came at 03:12:20.
    expect(own[1]?.detail).toMatch(/^time after the page: .*first words .*last change before the recovery 29 min, recovered 33 min$/);
  });
});

test("when the page is resolved, the timeline has how long after the page each part of the response came, also where no recovery was seen", () => {
  const ended = toTimeline(exampleLog()).find(({ text }) => text === "Ana resolved the page");
  expect(ended).toMatchObject({ detail: null });
  // What a person did has what that person wrote, not what midwatch says of it.
  expect(toTimeline(exampleLog()).find(({ seq, text }) => seq === ended?.seq && text !== ended.text)).toMatchObject({
    kind: "midwatch",
    text: "time after the page: acknowledged 102 s, first words 1.2 s, finding 8.4 s, resolved 13 min",
  });
});
