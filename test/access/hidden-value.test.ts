import { incidentEvents } from "../../src/store/incident-store.ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createOpenAccess } from "../../src/access/access.ts";
import { createRedaction } from "../../src/guard/redact.ts";
import { readAudit } from "../../src/durable/audit.ts";
import { incidentIdOf } from "../../src/incident/page.ts";
import { openNodeHost } from "../../src/durable/node-host.ts";
import { toTimeline } from "../../src/report/timeline.ts";
import { evidenceMigrations, evidenceQueries } from "../../src/store/evidence.ts";
import { hiddenValueMigrations, hiddenValueQueries } from "../../src/store/hidden-values.ts";
import { revealingOf } from "../../src/access/page-access.ts";
import { storeRedaction } from "../../src/store/redaction.ts";
import { storeIncidents } from "../../src/web/store-incidents.ts";
import { freshDatabase } from "../support/bot.ts";
import { createBrowser } from "./browser.ts";
import { openPages, rulesOf } from "./pages.ts";

const KEY = "reveal-key-of-this-test-0123456789abcdef";
const CUSTOMER = "mia.customer@acme.example";
const INCIDENT = incidentIdOf("Q7", "pd");
const RULES = rulesOf({ viewer: "@acme.example", responder: "groups=sre", admin: "ana@acme.example" });
const ANA = { sub: "1", email: "ana@acme.example", email_verified: true };
const MEI = { sub: "2", email: "mei@acme.example", email_verified: true, groups: ["sre"] };
const JON = { sub: "3", email: "jon@acme.example", email_verified: true };

const redaction = createRedaction({ own: [], labelSecret: "of this test alone", revealKey: KEY });
const pseudonym = redaction.forIncident(INCIDENT).text(CUSTOMER);
const settings = { REDACTION_KEY: KEY, OIDC_ISSUER: "https://id.example" };

function openStore() {
  return openNodeHost({
    events: incidentEvents,
    path: freshDatabase(),
    plan: () => null,
    migrations: [evidenceMigrations, hiddenValueMigrations],
    queries: { ...evidenceQueries, ...hiddenValueQueries },
    redaction: storeRedaction(redaction),
    onError: (error) => {
      throw error;
    },
  });
}
let store: ReturnType<typeof openStore>;
let pages: Awaited<ReturnType<typeof openPages>>;
beforeAll(async () => {
  store = openStore();
  const text = `${CUSTOMER} cannot pay, password=hunter22`;
  await store.receive({
    ...{ deliveryId: "d1", eventId: "e1", eventType: "incident.annotated", occurredAt: 1 },
    incident: {
      ...{ id: INCIDENT, pagerId: "Q7", title: "PagerDuty incident Q7" },
      event: { type: "pager-event-received", eventType: "incident.annotated", occurredAt: 1, by: null, text, page: null },
    },
  });
  pages = await openPages(RULES, (access) => ({
    incidents: storeIncidents(store),
    revealing: revealingOf(settings, { access, store, unseal: redaction.unseal }),
  }));
});
afterAll(async () => {
  await pages[Symbol.asyncDispose]();
  await store.close();
});

async function signedIn(person: { readonly sub: string }) {
  pages.provider.signIn(person);
  const browser = createBrowser();
  const { body } = await browser.open(`${pages.url}/incidents/${INCIDENT}`);
  return { ...browser, body, csrf: /name="csrf" value="([^"]+)"/.exec(body)?.[1] ?? "" };
}
const asking = (fields: Record<string, string>, headers: Record<string, string> = {}) => ({
  method: "POST",
  body: new URLSearchParams(fields).toString(),
  headers: { "content-type": "application/x-www-form-urlencoded", origin: pages.url, ...headers },
});
const REVEAL = () => `${pages.url}/incidents/${INCIDENT}/reveal`;
const looks = async () => (await store.read(INCIDENT)).filter(({ event }) => event.type === "value-revealed");

test("an admin sees the value behind a pseudonym in one answer that nothing keeps, and the timeline says who looked", async () => {
  const { once, body, csrf } = await signedIn(ANA);
  expect(body).toContain(`action="/incidents/${INCIDENT}/reveal"`);
  expect(body).not.toContain(CUSTOMER);
  const before = (await looks()).length;
  const answer = await once(REVEAL(), asking({ csrf, pseudonym }));
  expect([answer.status, answer.headers.get("cache-control")]).toEqual([200, expect.stringContaining("no-store")]);
  expect(await answer.text()).toContain(`<code>${CUSTOMER}</code>`);
  // Without the brackets, and with the token in a header.
  const again = await once(REVEAL(), asking({ pseudonym: ` ${pseudonym.slice(1, -1)} ` }, { "x-csrf-token": csrf }));
  expect(await again.text()).toContain(CUSTOMER);
  expect((await looks()).length - before).toBe(2);
  expect(toTimeline(await store.read(INCIDENT)).at(-1)).toMatchObject({
    kind: "person",
    text: `ana@acme.example (1) looked at the value behind ${pseudonym}`,
  });
  const audited = [...readAudit(store.sql, { incident: INCIDENT })].map(({ record }) => record);
  expect(audited.at(-1)).toEqual({ kind: "access", what: `the value behind ${pseudonym}`, by: "ana@acme.example (1)" });
  expect(JSON.stringify(audited)).not.toContain(CUSTOMER);
  const page = await (await once(`${pages.url}/incidents/${INCIDENT}`)).text();
  expect(page).toContain("ana@acme.example (1) looked at the value behind");
  expect(page).not.toContain(CUSTOMER);
});

test("nobody else sees it, nothing else is shown, and no such look is put on the timeline", async () => {
  const before = await looks();
  const refused = async (status: number, answer: Response) => {
    expect(answer.status).toBe(status);
    expect(await answer.text()).not.toContain(CUSTOMER);
  };
  for (const person of [MEI, JON]) {
    const { once, body, csrf } = await signedIn(person);
    expect(body).not.toContain("/reveal");
    await refused(403, await once(REVEAL(), asking({ csrf, pseudonym })));
  }
  await refused(401, await createBrowser().once(REVEAL(), asking({ csrf: "x", pseudonym })));
  const linked = createBrowser();
  await linked.open(await pages.link(INCIDENT));
  await refused(403, await linked.once(REVEAL(), asking({ csrf: "", pseudonym })));

  const { once, csrf } = await signedIn(ANA);
  const other = (await signedIn(ANA)).csrf;
  for (const token of ["", other]) await refused(403, await once(REVEAL(), asking({ csrf: token, pseudonym })));
  await refused(403, await once(REVEAL(), asking({ csrf, pseudonym }, { origin: "https://evil.example" })));
  await refused(404, await once(REVEAL()));
  for (const unknown of ["<email:bcdfghjk>", pseudonym.replace("email", "phone")])
    await refused(404, await once(REVEAL(), asking({ csrf, pseudonym: unknown })));
  for (const malformed of ["<password>", "", "' or 1=1 --", `${pseudonym}${pseudonym}`])
    await refused(400, await once(REVEAL(), asking({ csrf, pseudonym: malformed })));
  await refused(404, await once(`${pages.url}/incidents/pd-Q8/reveal`, asking({ csrf, pseudonym })));
  expect(await looks()).toEqual(before);
});

test("without a key or without a sign-in there is no such route", () => {
  const parts = { access: createOpenAccess(), store, unseal: redaction.unseal };
  expect(revealingOf({ ...settings, REDACTION_KEY: undefined }, parts)).toBeNull();
  expect(revealingOf({ ...settings, OIDC_ISSUER: undefined }, parts)).toBeNull();
});
