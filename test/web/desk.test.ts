import { describe, expect, test } from "vitest";
import type { IncidentEvent, LoggedEvent } from "../../src/incident/event.ts";
import type { TimelineEntry } from "../../src/report/timeline.ts";
import { earlierPeakLine } from "../../src/web/charts-view.ts";
import { shortNames } from "../../src/web/short-names.ts";
import { axisRange, LANES, marksOf, timeAxis } from "../../src/web/time-axis.ts";
import { timelineList } from "../../src/web/timeline-list.ts";
import { createWeb } from "../../src/web/web.ts";
import { at, charts, exampleLog, HOSTILE, logUntil, memoryIncidents } from "../support/example-log.ts";
import { readable } from "./readable.ts";

const MINUTE = 60_000;
const now = () => at("03:16:40");
const ana = { user: "Ana", userId: "U1" };
const jonas = { user: "Jonas", userId: null };

async function pageOf(...events: readonly IncidentEvent[]): Promise<string> {
  const log = exampleLog().slice(0, 12);
  const more = events.map((event, index): LoggedEvent => ({ seq: log.length + index + 1, at: at("03:16:00") + index, event }));
  const web = createWeb({ incidents: memoryIncidents({ Q1: [...log, ...more] }), now });
  return (await web.request("/incidents/Q1")).text();
}
const headOf = (body: string) => readable(body.slice(body.indexOf('<dl class="strip">'), body.indexOf("</dl>")));

describe("the head of an incident's page", () => {
  test("shows what nobody has said as not set and not known", async () => {
    const head = headOf(await pageOf());
    expect(head).toContain("Status Open acknowledged by Ana");
    expect(head).toContain("Severity P1, high urgency");
    expect(head).toContain("Commander not set on call: Ana");
    expect(head).toContain("Impact not known");
    // From the onset at 03:11:40 to 03:16:40.
    expect(head).toContain("Duration 5 min since 03:11");
  });

  test("names a proposed commander as proposed, and one that people dropped no more", async () => {
    const proposed = { type: "desk-entry-proposed", id: "p1", entry: { what: "commander", person: jonas }, by: jonas } as const;
    expect(headOf(await pageOf(proposed))).toContain("Commander proposed: Jonas");
    expect(headOf(await pageOf(proposed, { type: "desk-entry-dropped", proposal: "p1", by: ana }))).toContain("Commander not set");
  });

  test("shows what people set, and who did", async () => {
    const made = (entry: Extract<IncidentEvent, { type: "desk-entry-made" }>["entry"]) =>
      ({ type: "desk-entry-made", entry, by: ana }) as const;
    const body = await pageOf(
      made({ what: "phase", phase: "identified" }),
      made({ what: "severity", level: "SEV2" }),
      made({ what: "commander", person: jonas }),
      made({ what: "impact", text: `nobody can pay ${HOSTILE}` }),
      made({ what: "role", person: jonas, task: "rolling back" }),
      made({ what: "decision", text: "roll payments back" }),
      made({ what: "action", text: "write to customers", owner: null }),
      { type: "desk-entry-proposed", id: "p1", entry: { what: "role", person: ana, task: "the status page" }, by: jonas },
    );
    const head = headOf(body);
    for (const words of ["Status Identified", "Severity SEV2 Ana, 03:16", "Commander Jonas", "Impact nobody can pay"])
      expect(head).toContain(words);
    const people = readable(body.slice(body.indexOf('id="people"'), body.indexOf("</section>", body.indexOf('id="people"'))));
    for (const words of [
      "Jonas rolling back since 03:16",
      "roll payments back Ana, 03:16",
      "open write to customers no owner",
      "Proposed, not confirmed Ana works on: the status page in a message from Jonas",
    ])
      expect(people).toContain(words);
    expect(body).not.toMatch(/<img\b/);
  });

  const heard = { type: "channel-heard", channel: "C0WAR00", name: "inc-20261201-checkout-4821" } as const;
  test.each<[string, readonly IncidentEvent[], string | null]>([
    ["the one that midwatch made and reads", [{ type: "channel-made", channel: heard.channel, name: heard.name }, heard], heard.name],
    ["one that it found", [{ type: "channel-linked", channel: heard.channel, clue: "page-link" }, heard], heard.name],
    ["the newer of two", [{ ...heard, channel: "C0OLD00", name: "inc-old" }, heard], heard.name],
    ["none that it may not read", [{ type: "channel-refused", channel: heard.channel, because: "it is private" }], null],
    ["none where there is none", [], null],
  ])("links the incident's own channel: %s", async (_, events, name) => {
    const body = await pageOf(...events);
    const link = /<a class="" href="(https:\/\/acme\.slack\.com\/archives\/C0WAR00)"[^>]*>([^<]*)<\/a>/.exec(body)?.slice(1) ?? null;
    expect(link).toEqual(name === null ? null : ["https://acme.slack.com/archives/C0WAR00", `#${name}`]);
  });

  test("says under what to do what was tried already, the newest last, and nothing while nobody did anything", async () => {
    const triedOf = (body: string) => {
      const from = body.indexOf('id="tried"');
      return from < 0 ? null : readable(body.slice(from, body.indexOf("</section>", from)));
    };
    const wrote = (text: string, clock: string): IncidentEvent => ({
      ...{ type: "slack-message-received", channel: "C1", threadTs: null, user: ana.user, userId: ana.userId, text },
      ts: `${at(clock) / 1000}.000100`,
    });
    const body = await pageOf(wrote(`restarted checkout ${HOSTILE}`, "03:15:30"), wrote("rolling back", "03:15:50"));
    // The last word is with what to do next.
    expect(triedOf(body)).toMatch(/03:14 Ana acknowledged.*03:15 .*“restarted checkout/s);
    expect(triedOf(body)).not.toContain("rolling back");
    expect(body.indexOf('id="tried"')).toBeLessThan(body.indexOf('id="finding"'));
    expect(body).not.toMatch(/<img\b/);
    const early = createWeb({ incidents: memoryIncidents({ Q1: logUntil("page-received") }), now });
    expect(triedOf(await (await early.request("/incidents/Q1")).text())).toBeNull();
  });
});

describe("the list of incidents", () => {
  const logs = { HELD: exampleLog().slice(0, 12), NEW: logUntil("page-received"), DONE: exampleLog() };
  const list = async (query: string, name: string | null = null) => {
    const accountOf = () => (name === null ? null : { name, role: "viewer", csrf: null });
    const web = createWeb({ incidents: memoryIncidents(logs), now, accountOf });
    const body = await (await web.request(`/incidents${query}`)).text();
    return { body, ids: [...body.matchAll(/class="row-link" href="\/incidents\/(\w+)"/g)].map(([, id]) => id) };
  };

  test("begins with what nobody has acknowledged, and marks it", async () => {
    const { body, ids } = await list("");
    expect(ids).toEqual(["NEW", "HELD", "DONE"]);
    expect(body.match(/<li class="row [^"]*unheld/g)).toHaveLength(1);
  });

  test.each([
    ["?show=open", ["NEW", "HELD"]],
    ["?q=PAYMENTS", ["HELD", "DONE"]],
    ["?service=checkout&show=open", ["NEW", "HELD"]],
    ["?service=cart", []],
    ["?severity=P1%2C+high+urgency", ["NEW", "HELD", "DONE"]],
    ["?show=nonsense", ["NEW", "HELD", "DONE"]],
  ])("is cut by its address: %s", async (query, wanted) => {
    expect((await list(query)).ids).toEqual(wanted);
  });

  test("what is mine is what was assigned to me or what I acknowledged, by the name of the mailbox as well", async () => {
    for (const name of ["Ana", "ana@acme.example"]) expect((await list("?show=mine", name)).ids).toEqual(["NEW", "HELD", "DONE"]);
    expect((await list("?show=mine", "anabel@acme.example")).ids).toEqual([]);
    expect((await list("?show=mine")).body).not.toContain(">Mine");
  });
});

describe("names that machines make", () => {
  test.each([
    ["payments-7f9c4b6d58-x2kqz", "payments…x2kqz"],
    ["CPU of shop/cart-5dc8d4f9fd-46997: 92 %", "CPU of shop/cart…46997: 92 %"],
    ["at 370b991a3571547058b40c4f35b0d87382d3d88c", "at 370b991"],
    ["route d693a2c5-ef87-4a3c-bef8-600b43f62c68, next", "route d693a2c5, next"],
    ["a-service-with-quite-a-long-name", "a-service-with-quite-a-long-name"],
    ["orders-db-replica-20260101-abcde", "orders-db-replica-20260101-abcde"],
  ])("%s is drawn as %s, and whole in the markup", (name, drawn) => {
    const markup = String(shortNames(name));
    const shown = markup.replaceAll('<span class="dots">', "…").replace(/<span class="cut">[^<]*<\/span>/g, "");
    expect(shown.replace(/<[^>]*>/g, "")).toBe(drawn);
    expect(markup.replace(/<[^>]*>/g, "")).toBe(name);
  });
});

describe("the time axis", () => {
  const start = at("03:00:00");
  const entry = (minutes: number, more: Partial<TimelineEntry> = {}): TimelineEntry => ({
    ...{ key: `${minutes}.0`, seq: 1, at: start + minutes * MINUTE, learnedAt: start, kind: "change", service: "shop", text: "deployed" },
    ...{ detail: null, tone: null, links: [], evidence: [] },
    ...more,
  });
  const times = { since: start, onset: start, until: null, now: start + 20 * MINUTE };

  test("begins before the onset, reaches to now, and is not pressed together by a change of hours ago", () => {
    const { from, to } = axisRange([entry(-300), entry(-20), entry(5)], times);
    expect((from - start) / MINUTE).toBe(-20);
    expect((to - start) / MINUTE).toBeGreaterThan(20);
    expect((to - start) / MINUTE).toBeLessThan(25);
    expect(readable(String(timeAxis([entry(-300), entry(5)], [], times)))).toContain("1 earlier entry is in the list only");
  });

  test("of an incident left open for days it ends a while after the last thing that happened", () => {
    const { to } = axisRange([entry(10)], { ...times, now: start + 5 * 24 * 60 * MINUTE });
    expect((to - start) / MINUTE).toBeGreaterThan(39);
    expect((to - start) / MINUTE).toBeLessThan(60);
  });

  test("thousands of entries are a bounded number of marks, and none is lost from their count", () => {
    const many = Array.from({ length: 5_000 }, (_, index) => entry(index / 100));
    const marks = marksOf(many, start, start + 50 * MINUTE);
    expect(marks.length).toBeLessThanOrEqual(601);
    expect(marks.reduce((sum, { more }) => sum + 1 + more, 0)).toBe(5_000);
  });

  test("each kind of entry lies in one lane, leads to its entry and is no stop of the Tab key", () => {
    const kinds = LANES.flatMap((lane): readonly TimelineEntry["kind"][] => lane.kinds);
    expect(new Set(kinds).size).toBe(kinds.length);
    const drawn = String(
      timeAxis(
        kinds.map((kind, place) => entry(place, { kind, text: HOSTILE })),
        charts,
        times,
      ),
    );
    for (const [place, kind] of kinds.entries()) expect(drawn).toContain(`<a href="#t-${place}.0" tabindex="-1" class="mark k-${kind} "`);
    expect(drawn).not.toMatch(/<img\b|\sstyle=/);
    expect(drawn.match(/class="lane spark/g)).toHaveLength(3);
  });
});

test("a list of hundreds is not laid out where nobody looks, a short one is", () => {
  const list = (count: number) => {
    const one = {
      seq: 1,
      at: 0,
      learnedAt: 0,
      kind: "note",
      service: null,
      text: "a",
      detail: null,
      tone: null,
      links: [],
      evidence: [],
    } as const;
    return String(
      timelineList(
        "Q1",
        Array.from({ length: count }, (_, place) => ({ ...one, key: `${place}.0` })),
      ),
    );
  };
  expect(list(2_000)).toMatch(/^<ol class="timeline many"/);
  expect(list(200)).not.toMatch(/^<ol class="[^"]*many/);
});

describe("an earlier peak", () => {
  const [latency = expect.fail()] = charts;
  const peaked = (height: number, minutes: number) => ({
    ...latency,
    points: latency.points.map((point, place) => (place >= 40 && place < 40 + minutes ? { ...point, value: height } : point)),
  });

  test("of about the same height is named, with when it was over", () => {
    expect(earlierPeakLine(peaked(4.6, 5))).toBe(
      "It was about as high before: 4.6 s at 01:51, and had fallen by 01:56. Height alone proves nothing.",
    );
  });

  test("that is much lower, or not there, is no word", () => {
    expect(earlierPeakLine(peaked(2, 5))).toBeNull();
    expect(earlierPeakLine(latency)).toBeNull();
    expect(earlierPeakLine({ ...latency, onset: null })).toBeNull();
  });
});
