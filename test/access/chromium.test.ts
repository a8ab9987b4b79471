import { expect, test } from "vitest";
import { browserForTests, browserMissing } from "../support/browser.ts";
import { openPages } from "./pages.ts";

const browser = browserForTests();

test.skipIf(browserMissing !== null)(
  "in a real browser: sign in, a live page, sign out by its form, and another site's form does nothing",
  async () => {
    await using pages = await openPages();
    pages.provider.signIn({ sub: "3", email: "jon@acme.example", email_verified: true });
    const context = await browser().newContext();
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on("console", (message) => {
      if (message.type() === "error") complaints.push(message.text());
    });
    await page.goto(`${pages.url}/incidents/pd-Q1`);
    expect(page.url()).toBe(`${pages.url}/incidents/pd-Q1`);
    await page.waitForSelector('#live[data-state="on"]');
    expect(await page.textContent(".account")).toContain("jon@acme.example · viewer");
    expect(await page.evaluate(() => document.cookie)).toBe("");
    // On a phone the bar stays one line: nothing in it is broken or pushed out of sight.
    const bar = async () => ((await page.locator(".bar").boundingBox()) ?? { height: 0 }).height;
    const wide = await bar();
    await page.setViewportSize({ width: 360, height: 800 });
    expect(await bar()).toBe(wide);
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
    expect(await page.locator("text=Sign out").evaluate((element) => element.getBoundingClientRect().right <= innerWidth)).toBe(true);
    expect(complaints).toEqual([]);

    // Another origin of the same site (ports do not count), so the cookie travels with its form: what stops it is where it comes from.
    const other = await context.newPage();
    await other.goto(`${pages.provider.issuer}/keys`);
    await other.setContent(`<form method="post" action="${pages.url}/sign-out"><input name="csrf" value="x"><button>go</button></form>`);
    await other.click("button");
    await other.waitForURL(`${pages.url}/**`);
    await page.reload();
    expect(await page.textContent(".account")).toContain("jon@acme.example");

    const watching = await context.newPage();
    await watching.goto(`${pages.url}/incidents/pd-Q2`);
    await watching.waitForSelector('#live[data-state="on"]');

    pages.provider.signIn({ sub: "refuses" });
    await page.click("text=Sign out");
    expect(page.url()).toBe(`${pages.url}/signed-out`);
    await page.goto(`${pages.url}/incidents/pd-Q1`);
    expect(await page.textContent("h1")).toBe("Not signed in");
    // What was live in another tab ends, and says why.
    pages.pass(10 * 60_000);
    await watching.waitForSelector('#live:has-text("signed out: reload")');
    await context.close();
  },
);
