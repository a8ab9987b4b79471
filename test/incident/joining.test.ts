import { describe, expect, test } from "vitest";
import type { Footprint, MovedService } from "../../src/incident/footprint.ts";
import { type JoinPage, judgeJoining, type Lead } from "../../src/incident/joining.ts";

const minute = 60_000;
const began = Date.parse("2026-03-01T02:10:00Z");

const moved = (service: string, end: string, over: Partial<MovedService> = {}): MovedService => ({
  ...{ service, since: began, fails: true, kinds: ["errors"], ends: [{ service: end, probability: 0.9 }] },
  ...over,
});
const footprint = (services: readonly MovedService[], over: Partial<Footprint> = {}): Footprint => ({
  ...{ asOf: began + 5 * minute, service: "web", onset: began, stepMs: minute, moved: services, alike: [], culprits: [] },
  ...over,
});
const page = (service: string, over: Partial<JoinPage> = {}): JoinPage => ({
  ...{ incidentId: `pd-${service}`, pagerId: service.toUpperCase(), service, names: [service] },
  ...{ title: `Failing requests on ${service}`, details: "", priority: null, createdAt: began + 5 * minute },
  ...over,
});
const lead = (over: Partial<Lead> = {}): Lead => ({
  ...page("web", { createdAt: began + 3 * minute }),
  ...{ joined: [], triageDueAt: null, endedAt: null, environment: "production" },
  footprint: footprint([moved("web", "payments"), moved("payments", "payments"), moved("cart", "payments"), moved("search", "index")]),
  ...over,
});
const judge = (of: Lead, other: JoinPage) => judgeJoining(of, other, began + 6 * minute);

describe("one cause", () => {
  test.each(["cart", "payments"])("a page of %s joins, for its trouble ends where the first one's does", (service) => {
    expect(judge(lead(), page(service))).toMatchObject({ how: "joins", lead: "lead", because: { code: "same-end", end: "payments" } });
  });

  test("a page of a service whose trouble ends elsewhere stays apart", () => {
    expect(judge(lead(), page("search"))).toMatchObject({ how: "apart", because: { code: "other-end", ends: ["payments", "index"] } });
  });

  test("a page of a service that did not move stays apart until its own triage has said so for good", () => {
    expect(judge(lead(), page("mail"))).toMatchObject({ how: "apart", isFinal: false, because: { code: "not-moved" } });
    const own = footprint([moved("web", "payments")]);
    expect(judge(lead(), page("mail", { footprint: own }))).toMatchObject({ how: "apart", isFinal: true });
  });

  test("a page joins by its own triage where the first one was too early to see its service", () => {
    const late = page("mail", { footprint: footprint([moved("mail", "payments")]) });
    expect(judge(lead(), late)).toMatchObject({ how: "joins", because: { code: "same-end", end: "payments" } });
  });

  test.each([
    ["cart", 0.9, "joins"],
    ["search", 0.9, "apart"],
    ["cart", 0.6, "apart"],
  ])(
    "a page of %s is held against whom the triage blames, with a probability of %d, where the first one's service hardly moved: it %s",
    (service, probability, how) => {
      const blames = footprint([moved("payments", "payments"), moved("cart", "payments"), moved("search", "index")], {
        culprits: [{ service: "payments", probability, change: null }],
      });
      expect(judge(lead({ footprint: blames }), page(service))).toMatchObject({ how });
      // A P1 would lead it, and nothing could be said of why it follows.
      expect(judge(lead({ footprint: blames }), page(service, { priority: "P1" }))).toMatchObject({ how: "apart" });
    },
  );

  test("agreement on several possible places counts against chance, and one on a minor place does not", () => {
    const ends = (...all: readonly (readonly [string, number])[]) => all.map(([service, probability]) => ({ service, probability }));
    const judged = (a: MovedService["ends"], b: MovedService["ends"]) =>
      judge(lead({ footprint: footprint([moved("web", "", { ends: a }), moved("cart", "", { ends: b })]) }), page("cart"));
    const open = ends(["payments", 0.4], ["stock", 0.3], ["tax", 0.3]);
    // 0.34 of agreement, where chance agrees once in three times: odds of 3 x 0.34 to 0.66.
    expect(judged(open, open)).toMatchObject({ how: "joins", because: { code: "same-end", end: "payments" } });
    expect(judged(ends(["payments", 0.6], ["tax", 0.4]), ends(["stock", 0.6], ["tax", 0.4]))).toMatchObject({ how: "apart" });
    expect(judged(ends(["payments", 1]), ends(["stock", 1]))).toMatchObject({ how: "apart", because: { probability: 0 } });
  });

  test("an onset an hour later is another story, whatever calls whom", () => {
    const of = lead({ footprint: footprint([moved("web", "payments"), moved("cart", "payments", { since: began + 60 * minute })]) });
    expect(judge(of, page("cart"))).toMatchObject({ how: "apart", because: { code: "other-onset", minutes: 60 } });
  });

  test("services that fail alike and at once join, though none calls another", () => {
    const names = ["web", "cart", "search"];
    const of = lead({
      footprint: footprint(
        names.map((name) => moved(name, name)),
        { alike: names },
      ),
    });
    expect(judge(of, page("search"))).toMatchObject({ how: "joins", because: { code: "alike", count: 3 } });
  });

  test("two services that one commit was deployed to join, where each triage blames it on its own service", () => {
    const blaming = (service: string, of = service) =>
      footprint([moved("web", "web"), moved("cart", "cart")], {
        culprits: [{ service, probability: 0.9, change: { service: of, sha: "9f2c1e4a", version: null, at: began } }],
      });
    const cart = page("cart", { footprint: blaming("cart") });
    expect(judge(lead({ footprint: blaming("web") }), cart)).toMatchObject({ how: "joins", because: { code: "same-change" } });
    expect(judge(lead({ footprint: blaming("web", "cart") }), cart)).toMatchObject({ how: "apart" });
  });
});

describe("the same service again", () => {
  test("it joins, with nothing read", () => {
    const again = page("web", { incidentId: "pd-2" });
    const third = page("web", { incidentId: "pd-3", title: "Slow answers of web" });
    expect(judge(lead({ footprint: null }), again)).toMatchObject({ how: "joins", because: { code: "again", since: began + 3 * minute } });
    expect(judge(lead({ footprint: null, joined: [again] }), third)).toMatchObject({
      because: { code: "again", since: began + 3 * minute },
    });
  });

  test("after the incident was over a page has one of its own: what was said then says nothing of now", () => {
    const over = lead({ endedAt: began + 4 * minute });
    for (const service of ["web", "cart"]) expect(judge(over, page(service))).toMatchObject({ how: "apart", because: { code: "ended" } });
  });
});

test("an incident that nobody closed takes no page of half a day later", () => {
  const later = page("web", { createdAt: began + 12 * 60 * minute });
  expect(judge(lead(), later)).toMatchObject({ how: "apart", because: { code: "long-ago" } });
  // While it goes on paging it is one.
  const hourly = Array.from({ length: 12 }, (_, hour) => page("web", { createdAt: began + hour * 60 * minute }));
  expect(judge(lead({ joined: hourly }), later)).toMatchObject({ how: "joins", because: { code: "again" } });
});

describe("the same alert of another resource", () => {
  test.each([
    ["Disk almost full on db-7", "", "Disk almost full on db-12", ""],
    ["Plattenplatz knapp: orders-db-1", "", "Plattenplatz knapp: orders-db-2", ""],
    ["Consumer lag", "tags: env:prod,topic:orders,team:core", "Consumer lag", "tags: env:prod,topic:refunds,team:core"],
    ["High CPU", "dbinstanceidentifier: main-a\nregion: eu-west-1", "High CPU", "dbinstanceidentifier: main-b\nregion: eu-west-1"],
    ["High CPU", "labels.pod: web-7f6d", "High CPU", "labels.pod: web-9a1c"],
    ["Erreurs sur shard 3", "", "Erreurs sur shard 9", ""],
  ])("%s %s | %s %s", (title, details, otherTitle, otherDetails) => {
    const of = lead({ title, details });
    expect(judge(of, page("web", { title: otherTitle, details: otherDetails }))).toMatchObject({
      how: "apart",
      because: { code: "other-resource" },
    });
    // The other one has an incident of its own by now, which the third page is about.
    const both = lead({ title, details, joined: [page("web", { title: otherTitle, details: otherDetails })] });
    expect(judge(both, page("web", { title: otherTitle, details: otherDetails }))).toMatchObject({ how: "joins" });
  });

  test.each([
    ["Error rate 2.4 % on web", "Error rate 5.31 % on web"],
    ["web: p99 1.2s above 1s", "web: p99 840ms above 1s"],
    ["High latency (PD0LEAD7)", "High latency (PD0PAGE9)"],
    ["[FIRING:2] Fehlerquote", "[FIRING:5] Fehlerquote"],
    ["High latency on web", "High error rate on web"],
  ])("%s and %s are about one", (title, other) => {
    const again = page("web", { title: other, pagerId: "PD0PAGE9" });
    expect(judge(lead({ title, pagerId: "PD0LEAD7" }), again)).toMatchObject({ how: "joins", because: { code: "again" } });
  });

  test("pods of two services that have one cause keep nobody apart", () => {
    const of = lead({ title: "Pod web-7f6d fails requests", details: "pod: web-7f6d" });
    expect(judge(of, page("cart", { title: "Pod cart-9a1c fails requests", details: "pod: cart-9a1c" }))).toMatchObject({ how: "joins" });
  });

  test("a queue of which nothing was read is not explained by the service's other trouble", () => {
    const named = page("cart", { title: "Backlog grows", details: "queue: refunds-dlq" });
    expect(judge(lead(), named)).toMatchObject({ how: "apart", because: { code: "unexplained-resource", name: "refunds-dlq" } });
  });
});

describe("environment, priority and the pager's word", () => {
  test.each(["env:staging", "environment: stg", "deployment.environment: Staging"])("%s keeps apart from production", (details) => {
    expect(judge(lead(), page("web", { details }))).toMatchObject({ how: "apart", because: { code: "other-environment" } });
  });

  test("another name of one environment keeps nobody apart", () => {
    expect(judge(lead(), page("cart", { details: "env:prod" }))).toMatchObject({ how: "joins" });
  });

  test("of a P1 and a lower one the P1 leads", () => {
    expect(judge(lead({ priority: "P3" }), page("cart", { priority: "P1" }))).toMatchObject({ how: "joins", lead: "page" });
    expect(judge(lead({ priority: "P1" }), page("cart", { priority: "P3" }))).toMatchObject({ how: "joins", lead: "lead" });
    expect(judge(lead(), page("cart", { priority: "SEV-1" }))).toMatchObject({ how: "joins", lead: "page" });
  });

  test("what people merged in the pager is one, whatever else", () => {
    const merged = page("search", { details: "env:staging", mergedInto: "WEB" });
    expect(judge(lead(), merged)).toMatchObject({ how: "joins", because: { code: "merged" } });
  });

  test("pages that the pager relates join where both moved at once and the end is open, and not by its word alone", () => {
    const open = moved("search", "index", {
      ends: [
        { service: "index", probability: 0.5 },
        { service: "search", probability: 0.3 },
      ],
    });
    const of = lead({ footprint: footprint([moved("web", "payments"), moved("cart", "payments"), open]) });
    const related = (...ids: string[]) => ({ ...of.footprint!, related: ids });
    expect(judge(of, page("search", { footprint: related("WEB") }))).toMatchObject({ how: "joins", because: { code: "related" } });
    expect(judge(of, page("mail", { footprint: related("WEB") }))).toMatchObject({ how: "apart", because: { code: "not-moved" } });
    // The incident's own triage was told of the page.
    expect(judge({ ...of, footprint: related("SEARCH") }, page("search", { footprint: null }))).toMatchObject({ how: "joins" });
    // A page that joined the incident is of it too.
    const joined = { ...page("cart"), pagerId: "CART" };
    expect(judge({ ...of, joined: [joined] }, page("search", { footprint: related("CART") }))).toMatchObject({
      because: { code: "related" },
    });
    expect(judge(of, page("search", { footprint: related("ELSE") }))).toMatchObject({ how: "apart" });
  });

  test("pages that the pager relates stay apart where each likely ends in a place of its own", () => {
    const of = lead();
    const related = { ...of.footprint!, related: ["WEB"] };
    expect(judge(of, page("search", { footprint: related }))).toMatchObject({ how: "apart", because: { code: "other-end" } });
  });
});

test("a page waits for a triage that is due, and not longer", () => {
  const due = began + 20 * minute;
  const of = lead({ footprint: null, triageDueAt: due });
  expect(judgeJoining(of, page("cart"), due - 1)).toEqual({ how: "wait", until: due });
  expect(judgeJoining(of, page("cart", { priority: "P1" }), due - 1)).toMatchObject({ how: "apart", isFinal: false });
  expect(judgeJoining(of, page("cart"), due)).toMatchObject({ how: "apart", isFinal: false, because: { code: "not-read" } });
});

describe("an incident that is not read again", () => {
  const quiet = lead({ lookedAtUntil: began + 4 * minute });

  test("takes in no page that came after it was read, be it of the same service or of one whose trouble ends there", () => {
    for (const service of ["web", "cart", "payments"])
      expect(judge(quiet, page(service))).toMatchObject({ how: "apart", isFinal: true, because: { code: "nothing-found" } });
    // Nor does it lose one whose own triage saw more.
    const late = page("cart", {
      createdAt: began + 3 * minute,
      footprint: footprint([moved("web", "payments"), moved("cart", "payments")]),
    });
    expect(judge(quiet, late)).toMatchObject({ how: "apart", because: { code: "nothing-found" } });
  });

  test("takes in what it was read for as well, and what people merged", () => {
    expect(judge(quiet, page("web", { createdAt: began + 3 * minute }))).toMatchObject({ how: "joins", because: { code: "again" } });
    expect(judge(quiet, page("web", { mergedInto: "WEB" }))).toMatchObject({ how: "joins", because: { code: "merged" } });
  });
});

test("a page's text is read once, however many incidents are open, and of hundreds of names in it only the first count", () => {
  let reads = 0;
  const names = (from: number) => Array.from({ length: 600 }, (_, index) => `db:a${from + index}`).join(" ");
  const text = names(0);
  const long = {
    ...page("cart"),
    get details() {
      reads += 1;
      return text;
    },
  };
  for (let number = 0; number < 50; number += 1)
    expect(judge(lead({ details: names(1_000) }), long)).toMatchObject({ because: { code: "other-resource", names: ["a1000", "a0"] } });
  expect(reads).toBeLessThanOrEqual(2);
});
