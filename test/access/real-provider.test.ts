import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { CODE_S, startRealProvider } from "../support/real-provider.ts";
import { createBrowser } from "./browser.ts";
import { CLIENT, openPagesBehind, rulesOf } from "./pages.ts";

const MEI = { sub: "mei", email: "mei@other.example", email_verified: true, groups: ["all", "sre"] };
const EVE = { sub: "eve", email: "eve@other.example", email_verified: true, groups: ["sales"] };
const MINUTE = 60_000;
const SIGNED_IN = "mei@other.example · responder";

const openPages = () => openPagesBehind(startRealProvider, rulesOf({ viewer: "@acme.example", responder: "groups=sre" }));
let pages: Awaited<ReturnType<typeof openPages>>;
beforeAll(async () => {
  pages = await openPages();
});
afterAll(() => pages[Symbol.asyncDispose]());
beforeEach(() => {
  pages.provider.signIn(MEI);
  pages.reported.length = 0;
  // Limits of how often begin anew.
  pages.pass(MINUTE);
});
afterEach(() => void vi.useRealTimers());

const arrive = (browser = createBrowser()) => browser.open(`${pages.url}/incidents`);

/** Signs in at the provider, and stops at the address by which it sends the browser back. */
async function sentBack(browser: ReturnType<typeof createBrowser>): Promise<URL> {
  let url = `${pages.url}/sign-in?to=/incidents`;
  for (let hops = 0; hops < 10; hops++) {
    const response = await browser.once(url);
    url = new URL(response.headers.get("location") ?? "", url).href;
    if (url.startsWith(`${pages.url}/sign-in/callback`)) return new URL(url);
  }
  throw new Error(`the provider sends nobody back: ${url}`);
}

/** Status, and whether the page says this; nobody is signed in by a page that refuses. */
async function refusal(browser: ReturnType<typeof createBrowser>, url: string, words: string) {
  const { response, body } = await browser.open(url);
  return [response.status, body.includes(words), browser.cookies(pages.url).has("__Host-midwatch")];
}

test("a group that the provider names gives a role, by PKCE, state and nonce", async () => {
  const { response, body, way } = await arrive();
  expect([response.status, body.includes(SIGNED_IN)]).toEqual([200, true]);
  const asked = way.map((url) => new URL(url)).find(({ searchParams }) => searchParams.has("code_challenge"))?.searchParams;
  const back = way.map((url) => new URL(url)).find(({ pathname }) => pathname === "/sign-in/callback")?.searchParams;
  expect(asked?.get("code_challenge_method")).toBe("S256");
  expect(asked?.get("nonce")).toMatch(/^[\w-]{43}$/);
  expect(back?.get("state")).toBe(asked?.get("state"));
  expect(pages.reported).toEqual([]);
});

test("a person of another group is told that they have no role", async () => {
  pages.provider.signIn(EVE);
  expect(await refusal(createBrowser(), `${pages.url}/incidents`, "give you no role here")).toEqual([403, true, false]);
});

test("who refuses consent is told so, and it is no fault to report", async () => {
  pages.provider.signIn(MEI, false);
  expect(await refusal(createBrowser(), `${pages.url}/incidents`, "refused the sign-in: access_denied")).toEqual([403, true, false]);
  expect(pages.reported).toEqual([]);
});

test("a code is refused after its time, and signing in again works", async () => {
  const browser = createBrowser();
  const back = await sentBack(browser);
  vi.setSystemTime(Date.now() + (CODE_S + 1) * 1_000);
  expect(await refusal(browser, back.href, "refused the sign-in: invalid_grant")).toEqual([502, true, false]);
  expect((await arrive(browser)).body).toContain(SIGNED_IN);
});

test("a code works once", async () => {
  const browser = createBrowser();
  const back = await sentBack(browser);
  expect((await browser.open(back.href)).body).toContain(SIGNED_IN);
  browser.cookies(pages.url).delete("__Host-midwatch");
  expect(await refusal(browser, back.href, "refused the sign-in: invalid_grant")).toEqual([502, true, false]);
});

test("the code of another attempt of the same browser is refused, for its PKCE verifier is another", async () => {
  const browser = createBrowser();
  const [one, other] = [await sentBack(browser), await sentBack(browser)];
  one.searchParams.set("code", other.searchParams.get("code") ?? "");
  expect(await refusal(browser, one.href, "refused the sign-in: invalid_grant")).toEqual([502, true, false]);
});

test("a client secret that the provider does not take is a fault that is reported, and the page does not show the secret", async () => {
  pages.provider.changeSecret("another-secret-of-this-client");
  const { response, body } = await arrive();
  pages.provider.changeSecret(CLIENT.secret);
  expect(response.status).toBe(502);
  expect(body).not.toContain(CLIENT.secret);
  expect(pages.reported).toHaveLength(1);
  expect((await arrive()).body).toContain(SIGNED_IN);
});

test("a key that was changed at once fails one sign-in, in words that name the key, and not the next", async () => {
  expect((await arrive()).body).toContain(SIGNED_IN);
  pages.pass(MINUTE);
  await pages.provider.changeKey();
  const first = await arrive();
  expect(first.response.status).toBe(502);
  expect(first.body).toMatch(/does not hold: [^.]*key/);
  expect(pages.reported).toHaveLength(1);
  expect((await arrive()).body).toContain(SIGNED_IN);
});

test("signing out ends midwatch's session and not the provider's, which lets the person in again", async () => {
  const browser = createBrowser();
  const csrf = /name="csrf" value="([^"]+)"/.exec((await arrive(browser)).body)?.[1] ?? "";
  const out = await browser.open(`${pages.url}/sign-out`, {
    method: "POST",
    body: new URLSearchParams({ csrf }).toString(),
    headers: { "content-type": "application/x-www-form-urlencoded", origin: pages.url },
  });
  expect(new URL(out.way.at(-1) ?? "").pathname).toBe("/signed-out");
  expect(out.body).toContain("still signed in at the provider");
  const { body, way } = await arrive(browser);
  expect(body).toContain(SIGNED_IN);
  expect(way.some((url) => url.includes("/interaction/"))).toBe(false);
});
