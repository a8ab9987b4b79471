import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createBrowser } from "./browser.ts";
import { createSealer } from "../../src/access/seal.ts";
import { openPages, rulesOf, SECRET } from "./pages.ts";

const ANA = { sub: "1", email: "ana@acme.example", email_verified: true };
const MEI = { sub: "2", email: "mei@acme.example", email_verified: true, groups: ["sre", "all"] };
const JON = { sub: "3", email: "jon@acme.example", email_verified: true };
const MINUTE = 60_000;

let pages: Awaited<ReturnType<typeof openPages>>;
beforeAll(async () => {
  pages = await openPages();
});
afterAll(() => pages[Symbol.asyncDispose]());
beforeEach(() => {
  pages.provider.misbehave({});
  pages.reported.length = 0;
  // Limits of how often begin anew.
  pages.pass(MINUTE);
});

/** A browser in which this person has signed in. */
async function signedIn(person: { readonly sub: string }, to = "/incidents") {
  pages.provider.signIn(person);
  const browser = createBrowser();
  const opened = await browser.open(pages.url + to);
  return { ...browser, opened };
}
/** The page that a person comes to who signs in at pages of their own rules. */
async function pageOf(own: typeof pages, person: typeof JON): Promise<string> {
  own.provider.signIn(person);
  return (await createBrowser().open(`${own.url}/incidents`)).body;
}
const csrfOf = (body: string) => /name="csrf" value="([^"]+)"/.exec(body)?.[1] ?? "";
const form = (fields: Record<string, string>, headers: Record<string, string> = {}) => ({
  method: "POST",
  body: new URLSearchParams(fields).toString(),
  headers: { "content-type": "application/x-www-form-urlencoded", ...headers },
});

describe("signing in", () => {
  test("a page asked for without a session leads through the provider and back to that page", async () => {
    const { opened, cookies } = await signedIn(ANA, "/incidents/pd-Q1?x=1");
    expect(opened.way.map((url) => new URL(url).pathname)).toEqual([
      "/incidents/pd-Q1",
      "/sign-in",
      "/authorize",
      "/sign-in/callback",
      "/incidents/pd-Q1",
    ]);
    expect(opened.way.at(-1)).toBe(`${pages.url}/incidents/pd-Q1?x=1`);
    expect(opened.response.status).toBe(200);
    expect(opened.body).toContain("ana@acme.example · admin");
    expect([...cookies(pages.url).keys()].toSorted()).toEqual(["__Host-midwatch", "__Host-midwatch-sign-in"]);
    // Nothing of the person can be read from the cookie.
    expect(cookies(pages.url).get("__Host-midwatch")).not.toContain(Buffer.from("ana@acme").toString("base64url").slice(0, 8));
  });

  test("the request to the provider carries PKCE, state and nonce, new ones each time; the session cookie is closed to scripts and other sites", async () => {
    const first = await createBrowser().once(`${pages.url}/sign-in`);
    const second = await createBrowser().once(`${pages.url}/sign-in`);
    const [one, two] = [first, second].map((response) => new URL(response.headers.get("location") ?? "").searchParams);
    expect(one?.get("code_challenge_method")).toBe("S256");
    for (const name of ["state", "nonce", "code_challenge"]) {
      expect(one?.get(name)?.length).toBeGreaterThanOrEqual(43);
      expect(one?.get(name)).not.toBe(two?.get(name));
    }
    pages.provider.signIn(ANA);
    const browser = createBrowser();
    const started = await browser.once(`${pages.url}/sign-in`);
    const back = await fetch(started.headers.get("location") ?? "", { redirect: "manual" });
    const done = await browser.once(back.headers.get("location") ?? "");
    expect(done.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^__Host-midwatch=\S+; Max-Age=3600; Path=\/; HttpOnly; Secure; SameSite=Lax$/),
    ]);
  });

  test("several tabs that sign in at once all arrive where they wanted to", async () => {
    pages.provider.signIn(JON);
    const browser = createBrowser();
    const starts: string[] = [];
    for (const to of ["/incidents/pd-Q1", "/incidents/pd-Q2"])
      starts.push((await browser.once(`${pages.url}/sign-in?to=${to}`)).headers.get("location") ?? "");
    const ends = [];
    for (const start of starts) ends.push((await browser.open(start)).way.at(-1));
    expect(ends).toEqual([`${pages.url}/incidents/pd-Q1`, `${pages.url}/incidents/pd-Q2`]);
  });

  test("claims that the identity token leaves out are asked of userinfo", async () => {
    pages.provider.signIn(MEI, ["email", "email_verified", "groups"]);
    const { body } = await createBrowser().open(`${pages.url}/incidents`);
    expect(body).toContain("mei@acme.example · responder");
    // Enough for a role, and not for the highest: what is missing may give more.
    pages.provider.signIn(MEI, ["groups"]);
    expect((await createBrowser().open(`${pages.url}/incidents`)).body).toContain("mei@acme.example · responder");
    pages.provider.calls.length = 0;
    await signedIn(MEI);
    expect(pages.provider.calls).not.toContain("GET /userinfo");
  });

  test("an address written as a claim counts like any address: by the provider's word for it", async () => {
    await using own = await openPages(rulesOf({ viewer: "*", admin: "email=ana@acme.example" }));
    expect(await pageOf(own, ANA)).toContain("ana@acme.example · admin");
    expect(await pageOf(own, { ...ANA, email_verified: false })).toContain("ana@acme.example · viewer");
  });

  test("a rule that an address must be verified goes together with rules of addresses", async () => {
    await using own = await openPages(rulesOf({ required: "email_verified=true", viewer: "@acme.example" }));
    expect(await pageOf(own, JON)).toContain("jon@acme.example · viewer");
    expect(await pageOf(own, { ...JON, email_verified: false })).toContain("give you no role here");
  });

  test("an address that is too long is nobody's, and not what its beginning says", async () => {
    await using own = await openPages(rulesOf({ viewer: "*", admin: "@acme.example" }));
    const email = `${"x".repeat(320 - "@acme.example".length)}@acme.example.evil.example`;
    expect(await pageOf(own, { sub: "9", email, email_verified: true })).toContain("· viewer");
  });

  test.each([
    ["another domain", { sub: "9", email: "eve@evil.example", email_verified: true }],
    ["an address that only ends like ours", { sub: "9", email: "eve@notacme.example", email_verified: true }],
    ["our address in another's domain", { sub: "9", email: "ana@acme.example@evil.example", email_verified: true }],
    ["an address that the provider does not vouch for", { sub: "9", email: "ana@acme.example", email_verified: false }],
    ["a letter that only becomes ours in lower case", { sub: "9", email: "\u212Aim@acme.example", email_verified: true }],
    ["an address of which nothing is said", { sub: "9", email: "ana@acme.example" }],
    ["a group that contains ours in its name", { sub: "9", groups: ["sre-alumni", "SRE"] }],
    ["groups as one text", { sub: "9", groups: "sre,all" }],
    ["no claims at all", { sub: "9" }],
  ])("nobody gets a role by %s", async (_what, person) => {
    const { opened, cookies } = await signedIn(person);
    expect(opened.response.status).toBe(403);
    expect(opened.body).toContain("give you no role here");
    expect(cookies(pages.url).has("__Host-midwatch")).toBe(false);
  });

  test("that an address was verified is not taken of another address", async () => {
    pages.provider.signIn({ sub: "9", email: "eve@evil.example", email_verified: true });
    pages.provider.misbehave({ claims: { email: "ana@acme.example", email_verified: undefined } });
    const { response } = await createBrowser().open(`${pages.url}/incidents`);
    expect(response.status).toBe(403);
    pages.provider.misbehave({});
    pages.provider.signIn(JON, ["email_verified"]);
    expect((await createBrowser().open(`${pages.url}/incidents`)).body).toContain("jon@acme.example · viewer");
  });
});

describe("an attacker at the sign-in", () => {
  test.each([
    ["signed with a key that is not published", { foreignKey: true }],
    ["without a signature", { unsigned: true }],
    ["for another client", { claims: { aud: "another" } }],
    ["of another issuer", { claims: { iss: "https://evil.example" } }],
    ["that is over", { claims: { exp: 1_000_000_000, iat: 999_999_000 } }],
    ["with another's nonce", { claims: { nonce: "another" } }],
    ["without a nonce", { claims: { nonce: undefined } }],
  ])("an identity token %s signs nobody in", async (_what, misdeed) => {
    pages.provider.misbehave(misdeed);
    const { opened, cookies } = await signedIn(ANA);
    expect(opened.response.status).toBe(502);
    expect(opened.body).toContain("does not hold");
    expect(cookies(pages.url).has("__Host-midwatch")).toBe(false);
    expect(pages.reported).toHaveLength(1);
    expect(JSON.stringify(pages.reported) + String(pages.reported[0]) + opened.body).not.toContain("canary");
  });

  test("a way back that another browser began, or nobody, is refused before the provider is asked", async () => {
    pages.provider.signIn(JON);
    const attacker = createBrowser();
    const started = await attacker.once(`${pages.url}/sign-in`);
    const back = (await fetch(started.headers.get("location") ?? "", { redirect: "manual" })).headers.get("location") ?? "";
    const victim = createBrowser();
    await victim.once(`${pages.url}/sign-in`);
    pages.provider.calls.length = 0;
    for (const browser of [victim, createBrowser()]) {
      const { response, body } = await browser.open(back);
      expect(response.status).toBe(400);
      expect(body).toContain("Not this browser&#39;s sign-in");
      expect(browser.cookies(pages.url).has("__Host-midwatch")).toBe(false);
    }
    const forged = new URL(back);
    forged.searchParams.set("state", "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..AAAA.AAAA.AAAA");
    expect((await attacker.open(forged.href)).response.status).toBe(400);
    expect(pages.provider.calls).not.toContain("POST /token");
    // A code works once.
    expect((await attacker.open(back)).response.status).toBe(200);
    const again = await attacker.open(back);
    expect(again.response.status).toBe(502);
    expect(again.body).toContain("invalid_grant");
  });

  test("an attempt is over after ten minutes", async () => {
    pages.provider.signIn(JON);
    const browser = createBrowser();
    const started = await browser.once(`${pages.url}/sign-in`);
    const back = (await fetch(started.headers.get("location") ?? "", { redirect: "manual" })).headers.get("location") ?? "";
    pages.pass(10 * MINUTE + 1_000);
    expect((await browser.open(back)).response.status).toBe(400);
  });

  test.each([
    "https://evil.example/",
    "//evil.example/incidents",
    "/\\evil.example",
    "/incidents\\..\\..\\@evil.example",
    "/incidents/../../sign-out",
    "/incidents/..//evil.example",
    "/\t/evil.example",
    "javascript:alert(1)",
    "/incidentsx",
    "/sign-in",
    `/incidents/${"x".repeat(2_000)}`,
  ])("the sign-in ends on our own pages, whatever it was asked for: %s", async (to) => {
    pages.provider.signIn(JON);
    const { way } = await createBrowser().open(`${pages.url}/sign-in?to=${encodeURIComponent(to)}`);
    expect(way.at(-1)).toBe(`${pages.url}/incidents`);
  });

  test("the sixty-first request of a sign-in from one address within a minute is refused, that of another address is not", async () => {
    const from = (client: string) => fetch(`${pages.url}/sign-in`, { redirect: "manual", headers: { "x-test-client": client } });
    const statuses = [];
    for (let attempt = 0; attempt < 62; attempt++) statuses.push((await from("203.0.113.7")).status);
    expect(statuses.slice(0, 60)).toEqual(Array.from({ length: 60 }, () => 302));
    expect(statuses.slice(60)).toEqual([429, 429]);
    expect((await from("203.0.113.8")).status).toBe(302);
    // The way back and links count to the same.
    const at = (path: string) => fetch(`${pages.url}${path}`, { redirect: "manual", headers: { "x-test-client": "203.0.113.7" } });
    for (const path of ["/sign-in/callback?state=x&code=y", "/link/forged"]) expect((await at(path)).status).toBe(429);
    pages.pass(MINUTE);
    expect((await from("203.0.113.7")).status).toBe(302);
    for (const path of ["/sign-in/callback?state=x&code=y", "/link/forged"]) expect((await at(path)).status).not.toBe(429);
  });

  test("a provider that fails, or calls itself another, is told in plain words and asked again the next time", async () => {
    await using broken = await openPages(rulesOf({ viewer: "@acme.example" }));
    broken.provider.signIn(JON);
    broken.provider.misbehave({ issuer: "https://evil.example" });
    const wrong = await createBrowser().open(`${broken.url}/incidents`);
    expect(wrong.response.status).toBe(502);
    expect(wrong.body).toContain("does not hold");
    broken.provider.misbehave({ tokenStatus: 500 });
    const failing = await createBrowser().open(`${broken.url}/incidents`);
    expect(failing.response.status).toBe(502);
    expect(failing.body).toContain("answered the sign-in with 500");
    expect(broken.provider.calls.filter((call) => call === "POST /token")).toHaveLength(1);
    broken.provider.misbehave({});
    expect((await createBrowser().open(`${broken.url}/incidents`)).response.status).toBe(200);
  });
});

describe("a provider whose clock is wrong, or at which sign-ins fail", () => {
  test("failed sign-ins make midwatch read the provider's description once a minute, not each time", async () => {
    await using own = await openPages(rulesOf({ viewer: "@acme.example" }));
    const browser = createBrowser();
    const started = await browser.once(`${own.url}/sign-in`);
    const state = new URL(started.headers.get("location") ?? "").searchParams.get("state") ?? "";
    const isDescription = (call: string) => call.includes("/.well-known/");
    for (let attempt = 0; attempt < 5; attempt++)
      await browser.once(`${own.url}/sign-in/callback?error=access_denied&state=${encodeURIComponent(state)}`);
    expect(own.provider.calls.filter(isDescription)).toHaveLength(1);
    own.pass(MINUTE);
    for (let attempt = 0; attempt < 5; attempt++)
      await browser.once(`${own.url}/sign-in/callback?error=access_denied&state=${encodeURIComponent(state)}`);
    expect(own.provider.calls.filter(isDescription)).toHaveLength(2);
  });

  test.each([
    ["ahead by an hour", 3_600, "jon@acme.example · viewer"],
    ["behind by less than a token's life", -250, "jon@acme.example · viewer"],
    ["behind by more", -600, "does not hold: unexpected JWT &quot;exp&quot;"],
  ])("a provider's clock that is %s", async (_what, clockAheadS, words) => {
    pages.provider.misbehave({ clockAheadS });
    const { opened } = await signedIn(JON);
    expect(opened.body).toContain(words);
  });
});

describe("pages behind the sign-in", () => {
  test("without a session nothing is told: pages lead to the sign-in, the API and streams answer 401, and so does what is not there", async () => {
    for (const path of [
      "/",
      "/incidents",
      "/incidents/pd-Q1",
      "/incidents/pd-Q1/evidence/1",
      "/anything",
      "/incidents/pd-Q1.json",
      "/incidents/none",
    ]) {
      const page = await fetch(pages.url + path, { redirect: "manual", headers: { accept: "text/html" } });
      expect([path, page.status, new URL(page.headers.get("location") ?? "").pathname]).toEqual([path, 302, "/sign-in"]);
      const data = await fetch(pages.url + path, { redirect: "manual" });
      expect([path, data.status, await data.json()]).toEqual([path, 401, { error: "sign in first" }]);
      expect(data.headers.get("cache-control")).toBe("no-store");
    }
    const stream = await fetch(`${pages.url}/incidents/pd-Q1/events`, { headers: { accept: "text/event-stream" } });
    expect(stream.status).toBe(401);
    expect((await fetch(`${pages.url}/incidents/pd-Q1/act`, { method: "POST" })).status).toBe(401);
    // Stylesheet and script hold nothing; the webhook has a signature of its own.
    expect((await fetch(`${pages.url}/assets/midwatch.css`)).status).toBe(200);
    expect((await fetch(`${pages.url}/webhooks/pagerduty`, { method: "POST" })).status).toBe(401);
  });

  test("a forged session, one sealed for another purpose or with another secret, opens nothing", async () => {
    const { cookies } = await signedIn(JON);
    const real = cookies(pages.url).get("__Host-midwatch") ?? "";
    const link = (await pages.link("pd-Q1")).split("/").at(-1) ?? "";
    const started = await createBrowser().once(`${pages.url}/sign-in`);
    const state = new URL(started.headers.get("location") ?? "").searchParams.get("state") ?? "";
    const ask = async (value: string) =>
      (await fetch(`${pages.url}/incidents`, { headers: { cookie: `__Host-midwatch=${value}` }, redirect: "manual" })).status;
    expect(await ask(real)).toBe(200);
    const flipped = `${real.slice(0, -2)}${real.endsWith("AA") ? "BB" : "AA"}`;
    const unsigned = `${Buffer.from('{"alg":"none"}').toString("base64url")}.${Buffer.from('{"kind":"person"}').toString("base64url")}.`;
    for (const value of [flipped, link, state, unsigned, "", "x", "a.b.c.d.e", real.repeat(30)])
      expect([value, await ask(value)]).toEqual([value, 401]);
    // What makes a session is what it was sealed for, not what is in it.
    const at = Math.floor(Date.now() / 1000);
    const session = { kind: "person", sub: "3", name: "jon", claims: { email: JON.email, email_verified: true }, since: at, at, csrf: "x" };
    const sealed = (purpose: "session" | "incident-link") => createSealer([SECRET], Date.now).seal(purpose, session, 12 * 3_600);
    expect([await ask(await sealed("session")), await ask(await sealed("incident-link"))]).toEqual([200, 401]);
    // The name without its prefix is another cookie.
    expect((await fetch(`${pages.url}/incidents`, { headers: { cookie: `midwatch=${real}` } })).status).toBe(401);
  });

  test("a session outlives the process and the change of the secret, ends an hour after its last use and twelve hours after the sign-in", async () => {
    await using own = await openPages(rulesOf({ viewer: "@acme.example" }));
    own.provider.signIn(JON);
    const browser = createBrowser();
    await browser.open(`${own.url}/incidents`);
    const idle = createBrowser();
    await idle.open(`${own.url}/incidents`);
    const ask = async (who = browser) => (await who.once(`${own.url}/incidents`)).status;
    own.restart({ secrets: ["another-secret-of-more-than-32-characters", "session-secret-of-more-than-32-characters"] });
    for (let hour = 0; hour < 11; hour++) {
      own.pass(58 * MINUTE);
      expect(await ask()).toBe(200);
    }
    expect(await ask(idle)).toBe(302);
    own.pass(58 * MINUTE);
    expect(await ask()).toBe(200);
    own.pass(30 * MINUTE);
    expect(await ask()).toBe(302);
  });

  test("a change of the settings takes a role away from those who are signed in; another secret ends every session", async () => {
    await using own = await openPages(rulesOf({ viewer: "@acme.example" }));
    own.provider.signIn(JON);
    const browser = createBrowser();
    await browser.open(`${own.url}/incidents`);
    own.restart({ rules: rulesOf({ viewer: "ana@acme.example" }) });
    expect((await browser.once(`${own.url}/incidents`)).status).toBe(302);
    own.restart({ rules: rulesOf({ viewer: "@acme.example" }) });
    expect((await browser.once(`${own.url}/incidents`)).status).toBe(200);
    own.restart({ secrets: ["another-secret-of-more-than-32-characters"] });
    expect((await browser.once(`${own.url}/incidents`)).status).toBe(302);
  });

  test("the tenant that the settings require must be the person's, also with the right address", async () => {
    await using own = await openPages(rulesOf({ viewer: "*", admin: "ana@acme.example", required: "https://slack.com/team_id=T0HOME" }));
    own.provider.signIn({ ...ANA, "https://slack.com/team_id": "T0OTHER" });
    expect((await createBrowser().open(`${own.url}/incidents`)).response.status).toBe(403);
    own.provider.signIn({ ...ANA, "https://slack.com/team_id": "T0HOME" });
    expect((await createBrowser().open(`${own.url}/incidents`)).body).toContain("ana@acme.example · admin");
    own.provider.signIn({ sub: "7", name: "Kim", "https://slack.com/team_id": "T0HOME" });
    expect((await createBrowser().open(`${own.url}/incidents`)).body).toContain("Kim · viewer");
  });

  test("each role may do what it says and no more", async () => {
    const statuses = [];
    for (const person of [JON, MEI, ANA]) {
      const { once, opened } = await signedIn(person);
      const act = form({ csrf: csrfOf(opened.body) }, { origin: pages.url });
      statuses.push([
        (await once(`${pages.url}/incidents/pd-Q1`)).status,
        (await once(`${pages.url}/incidents/pd-Q1/act`, act)).status,
        (await once(`${pages.url}/incidents/pd-Q1/masked`)).status,
      ]);
    }
    expect(statuses).toEqual([
      [200, 403, 403],
      [200, 200, 403],
      [200, 200, 200],
    ]);
    const { once } = await signedIn(JON);
    expect(await (await once(`${pages.url}/incidents/pd-Q1/masked`)).text()).toContain("This needs the role admin; you have viewer");
  });

  test("a form must come from these pages and carry the session's own token", async () => {
    const { once, opened } = await signedIn(MEI);
    const other = csrfOf((await signedIn(MEI)).opened.body);
    const csrf = csrfOf(opened.body);
    const origin = pages.url;
    const cases: [number, Record<string, string>, Record<string, string>][] = [
      [200, { csrf }, { origin }],
      [200, {}, { origin, "x-csrf-token": csrf }],
      [200, { csrf }, { origin, "sec-fetch-site": "same-origin" }],
      [403, {}, { origin }],
      [403, { csrf: "" }, { origin }],
      [403, { csrf: other }, { origin }],
      [403, { csrf }, {}],
      [403, { csrf }, { origin: "null" }],
      [403, { csrf }, { origin: "https://evil.example" }],
      [403, { csrf }, { origin: `${origin}.evil.example` }],
      [403, { csrf }, { origin, "sec-fetch-site": "cross-site" }],
      [403, { csrf }, { origin, "sec-fetch-site": "same-site" }],
    ];
    for (const [status, fields, headers] of cases)
      expect([fields, headers, (await once(`${pages.url}/incidents/pd-Q1/act`, form(fields, headers))).status]).toEqual([
        fields,
        headers,
        status,
      ]);
  });

  test("a form that is too long is not read", async () => {
    const { once, opened } = await signedIn(MEI);
    const long = form({ csrf: csrfOf(opened.body), more: "x".repeat(70_000) }, { origin: pages.url });
    expect((await once(`${pages.url}/incidents/pd-Q1/act`, long)).status).toBe(413);
  });

  test("signing out ends the session in the browser, but not by another site's form", async () => {
    const { once, opened, cookies } = await signedIn(JON);
    const csrf = csrfOf(opened.body);
    expect((await once(`${pages.url}/sign-out`, form({}, { origin: "https://evil.example" }))).status).toBe(403);
    expect((await once(`${pages.url}/sign-out`)).status).toBe(404);
    expect((await once(`${pages.url}/incidents`)).status).toBe(200);
    const out = await once(`${pages.url}/sign-out`, form({ csrf }, { origin: pages.url }));
    expect([out.status, out.headers.get("location")]).toEqual([303, "/signed-out"]);
    expect(cookies(pages.url).size).toBe(0);
    expect((await once(`${pages.url}/incidents`)).status).toBe(302);
  });

  test("another site's form, with which no cookie comes, deletes none; who is signed out may sign out again", async () => {
    for (const headers of [{}, { origin: "https://evil.example" }, { origin: pages.url, "sec-fetch-site": "cross-site" }]) {
      const refused = await createBrowser().once(`${pages.url}/sign-out`, form({}, headers));
      expect([refused.status, refused.headers.get("set-cookie")]).toEqual([403, null]);
    }
    const out = await createBrowser().once(`${pages.url}/sign-out`, form({}, { origin: pages.url }));
    expect([out.status, out.headers.get("location")]).toEqual([303, "/signed-out"]);
  });

  test("no page is kept in a cache, framed, or told of to other sites; nothing of another's runs in one", async () => {
    const { once } = await signedIn(JON);
    for (const path of ["/incidents", "/incidents/pd-Q1", "/incidents/pd-Q1.json", "/incidents/none", "/signed-out"]) {
      const { headers } = await once(pages.url + path);
      expect([path, headers.get("cache-control")]).toEqual([path, expect.stringContaining("no-store")]);
      const policy = headers.get("content-security-policy") ?? "";
      for (const part of [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "frame-ancestors 'none'",
        "form-action 'self'",
        "base-uri 'none'",
      ])
        expect(policy).toContain(part);
      expect(policy).not.toContain("unsafe");
      expect(headers.get("x-frame-options")).toBe("DENY");
      expect(headers.get("referrer-policy")).toBe("same-origin");
      expect(headers.get("x-content-type-options")).toBe("nosniff");
    }
  });

  test("a stream that is open ends with the session, at the latest after ten minutes, so that it is looked at anew", async () => {
    const { once } = await signedIn(JON);
    const stream = await once(`${pages.url}/incidents/pd-Q1/events?after=0`, { headers: { accept: "text/event-stream" } });
    expect(stream.status).toBe(200);
    pages.pass(10 * MINUTE);
    // Ends by itself: read to its end.
    expect(await stream.text()).toContain("event: ping");
    pages.pass(61 * MINUTE);
    expect((await once(`${pages.url}/incidents/pd-Q1/events`, { headers: { accept: "text/event-stream" } })).status).toBe(401);
  });
});

describe("a link from Slack", () => {
  test("shows its one incident for half an hour, to look at, and nothing else", async () => {
    const browser = createBrowser();
    const { response, body, way } = await browser.open(await pages.link("pd-Q1"));
    expect(response.status).toBe(200);
    expect(way.at(-1)).toBe(`${pages.url}/incidents/pd-Q1`);
    expect(body).toContain("by a link from Slack · viewer");
    const ask = async (path: string, init: RequestInit = {}) => (await browser.once(pages.url + path, init)).status;
    for (const path of ["/incidents/pd-Q1.json", "/incidents/pd-Q1.md", "/incidents/pd-Q1/evidence/5"])
      expect([path, await ask(path)]).toEqual([path, 200]);
    for (const path of [
      "/incidents",
      "/incidents/pd-Q2",
      "/incidents/pd-Q2.json",
      "/incidents/pd-Q1.jsonx",
      "/incidents/pd-Q1%2F..%2Fpd-Q2",
      "/incidents/pd-Q2/events",
    ])
      expect([path, await ask(path)]).toEqual([path, 302]);
    expect(await ask("/incidents/pd-Q1/masked")).toBe(403);
    expect(await ask("/incidents/pd-Q1/act", form({ csrf: "" }, { origin: pages.url }))).toBe(403);
    pages.pass(29 * MINUTE);
    expect(await ask("/incidents/pd-Q1")).toBe(200);
    pages.pass(2 * MINUTE);
    expect(await ask("/incidents/pd-Q1")).toBe(302);
  });

  test("is over after its minutes, cannot be made by others, and is no session", async () => {
    const old = await pages.link("pd-Q1", 10);
    pages.pass(10 * MINUTE + 1_000);
    const late = await createBrowser().open(old);
    expect(late.response.status).toBe(403);
    expect(late.body).toContain("This link is over");
    const { cookies } = await signedIn(JON);
    for (const token of ["x", cookies(pages.url).get("__Host-midwatch") ?? "", `${old.split("/").at(-1)}x`])
      expect((await createBrowser().open(`${pages.url}/link/${token}`)).response.status).toBe(403);
  });

  test("leaves whoever is signed in what they are", async () => {
    const browser = await signedIn(ANA);
    const { body } = await browser.open(await pages.link("pd-Q1"));
    expect(body).toContain("ana@acme.example · admin");
    expect((await browser.once(`${pages.url}/incidents/pd-Q2`)).status).toBe(200);
  });
});
