import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import type { BrowserContextOptions, Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import type { LoggedEvent } from "../../src/incident/event.ts";
import { createWeb } from "../../src/web/web.ts";
import { browserForTests, browserMissing } from "../support/browser.ts";
import { finding, handedIn, looked, nightWith, providerFailed } from "../support/example-investigation.ts";
import { at, exampleEvidence, exampleLog, hostile, logUntil, memoryIncidents } from "../support/example-log.ts";

const browser = browserForTests();

/** axe-core as a browser takes it, and what it says. */
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
interface AxeWindow {
  readonly axe: {
    run(options: object): Promise<{
      readonly violations: readonly {
        readonly id: string;
        readonly impact: string | null;
        readonly nodes: readonly { readonly html: string }[];
      }[];
    }>;
  };
}

const PHONE = { viewport: { width: 390, height: 844 } };

/** A server with one or more incidents, on loopback. */
async function serveIncidents(incidents: ReturnType<typeof memoryIncidents>) {
  const web = createWeb({ incidents, now: () => at("03:16:40") });
  const server = serve({ fetch: web.fetch, port: 0, hostname: "127.0.0.1" });
  await new Promise<void>((resolve) => {
    server.once("listening", resolve);
  });
  const { port } = server.address() as AddressInfo;
  /** Cuts every connection, as a proxy or a restart does. */
  const cut = () => "closeAllConnections" in server && server.closeAllConnections();
  return {
    url: `http://127.0.0.1:${port}`,
    cut,
    [Symbol.asyncDispose]: async () => {
      cut();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}

/** A page of its own context, with all that the browser complained about. */
async function openPage(url: string, options: BrowserContextOptions = {}) {
  const context = await browser().newContext(options);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("dialog", (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) =>
      console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`),
    );
  });
  await page.goto(url);
  return { page, complaints, [Symbol.asyncDispose]: () => context.close() };
}

/** One incident on a server of its own, and its page. */
async function openIncident(log: LoggedEvent[], options: BrowserContextOptions = {}, evidence = exampleEvidence()) {
  const incidents = memoryIncidents({ Q1: log }, evidence);
  const server = await serveIncidents(incidents);
  const opened = await openPage(`${server.url}/incidents/Q1`, options);
  return {
    ...opened,
    server,
    append: (...events: LoggedEvent[]) => incidents.append("Q1", ...events),
    [Symbol.asyncDispose]: async () => {
      await opened[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

const live = (page: Page) => page.locator('#live[data-state="on"]').waitFor();
const overflows = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
const texts = (page: Page) => page.locator("#entries > li .text").allTextContents();

describe.runIf(browserMissing === null)("in a real browser", () => {
  test("an event that is appended appears without a reload, in its place, and the answer with it", async () => {
    await using opened = await openIncident(logUntil("triage-started"));
    const { page, complaints } = opened;
    await live(page);
    await page.evaluate(() => document.body.setAttribute("data-same-page", "yes"));
    expect(await page.locator("h1").textContent()).toContain("Checkout error rate");
    opened.append(...exampleLog().slice(3));
    await page.locator("#entries").getByText("Ana resolved the page").waitFor();
    expect(await page.locator("h1").textContent()).toContain("errors 0.3\u00a0% → 18\u00a0%");
    expect(await page.title()).toBe("Resolved: checkout: errors 0.3 % → 18 % since 03:12 · midwatch");
    expect(await page.locator(".suspect.top .name").textContent()).toContain("payments");
    expect(await page.locator("svg[role=img]").count()).toBe(4);
    expect(await page.locator("body").getAttribute("data-same-page")).toBe("yes");
    // The deploy, learned last, stands first, just as the server would write it.
    const shown = await texts(page);
    await page.reload();
    expect(shown).toEqual(await texts(page));
    expect(shown[0]).toContain("deployed");
    expect(complaints).toEqual([]);
  });

  test("after a cut connection it goes on from where it was", async () => {
    await using opened = await openIncident(logUntil("status-posted"));
    const { page } = opened;
    await live(page);
    const asked: (string | undefined)[] = [];
    page.on("request", (request) => {
      if (request.url().includes("/events")) asked.push(request.headers()["last-event-id"]);
    });
    const [third, fourth, fifth, sixth] = exampleLog().slice(2, 6);
    if (third === undefined || fourth === undefined || fifth === undefined || sixth === undefined)
      throw new Error("the story is too short");
    opened.append(third, fourth);
    await page.locator('#incident[data-seq="4"]').waitFor();
    opened.server.cut();
    opened.append(fifth, sixth);
    await page.locator('#incident[data-seq="6"]').waitFor();
    // What midwatch did itself is folded until somebody asks.
    const brief = page.locator("#entries").getByText("brief (5.5 s after the webhook)");
    expect(await brief.isVisible()).toBe(false);
    await page.getByLabel("own steps").check();
    await brief.waitFor();
    const shown = await texts(page);
    expect(new Set(shown).size).toBe(shown.length);
    expect(asked.length).toBeGreaterThan(0);
  });

  test("what a reader looks at stays where it is while events stream in above and below", async () => {
    await using opened = await openIncident(logUntil("status-posted"), { viewport: { width: 390, height: 500 } });
    const { page } = opened;
    await live(page);
    const entry = page.locator("#t-1\\.0");
    await entry.evaluate((element) => element.scrollIntoView({ block: "center" }));
    const before = await entry.boundingBox();
    opened.append(...exampleLog().slice(2));
    await page.locator("#entries").getByText("Ana resolved the page").waitFor();
    const after = await entry.boundingBox();
    expect(before).not.toBeNull();
    expect(Math.abs((after?.y ?? 0) - (before?.y ?? 0))).toBeLessThan(2);
    // What came out of sight is announced, and one tap away.
    const pill = page.locator(".pill");
    expect(await pill.textContent()).toMatch(/^\d+ new/);
    await pill.click();
    await expect.poll(() => pill.isHidden()).toBe(true);
    await page.locator("#entries").getByText("Ana resolved the page").waitFor();
  });

  test("what a reader has opened stays open, and the focus stays where it was", async () => {
    await using opened = await openIncident(logUntil("fix-proposed"));
    const { page } = opened;
    await live(page);
    await page.locator("#suspect-1 > summary").click();
    await page.locator(".suspect.top a.ev").first().focus();
    const failed = { type: "step-failed", step: "finish", error: "Slack: 500", attempt: 5, final: true } as const;
    opened.append({ seq: 9, at: at("03:12:40"), event: failed });
    await page.locator("#failures").waitFor();
    expect(await page.locator("#suspect-1").getAttribute("open")).not.toBeNull();
    expect(await page.evaluate(() => document.activeElement?.getAttribute("href"))).toBe("/incidents/Q1/evidence/3?q=payments");
  });

  test("a model's work appears as it goes on, and what a reader unfolded of it stays open", async () => {
    const log = nightWith(handedIn());
    await using opened = await openIncident(log.slice(0, 8));
    const { page, complaints } = opened;
    await live(page);
    await page.locator("#work > summary").click();
    await page.getByText("is at turn 1").waitFor();
    opened.append(...log.slice(8, 11));
    await page.locator("#at-work").getByText("provider latency 38 ms").waitFor();
    expect(await page.locator("#work .turns > li").count()).toBe(2);
    opened.append(...log.slice(11));
    await page.locator("#finding .cause-words").waitFor();
    expect(await page.locator("#at-work").count()).toBe(0);
    expect(await page.locator("#work .turns > li").count()).toBe(3);
    expect(await page.locator("#work").getAttribute("open")).not.toBeNull();
    const shown = await page.locator('[data-region="answer"]').innerText();
    await page.reload();
    expect(await page.locator('[data-region="answer"]').innerText()).toBe(shown);
    expect(complaints).toEqual([]);
  });

  test("headings step down one at a time, and each part has one name", async () => {
    const logs = {
      WORK: nightWith(looked),
      FOUND: nightWith(handedIn(finding, ["claims[1]: it is empty"])),
      FAILED: nightWith(providerFailed(true)),
    };
    await using server = await serveIncidents(memoryIncidents(logs));
    for (const id of Object.keys(logs)) {
      await using opened = await openPage(`${server.url}/incidents/${id}`);
      const levels = await opened.page.evaluate(() =>
        [...document.querySelectorAll("h1, h2, h3, h4")].map((one) => Number(one.tagName[1])),
      );
      expect(levels.filter((level, index) => level > (levels[index - 1] ?? 0) + 1)).toEqual([]);
      const ids = await opened.page.evaluate(() => [...document.querySelectorAll("[id]")].map((one) => one.id));
      expect(new Set(ids).size).toBe(ids.length);
    }
  });

  test("times are said in the reader's zone on hover, and how long ago", async () => {
    await using opened = await openIncident(exampleLog(), { timezoneId: "Asia/Tokyo", locale: "en-GB" });
    const time = opened.page.locator("#entries time").first();
    await expect.poll(() => time.getAttribute("title")).toContain("12:10:55 Asia/Tokyo");
    expect(await time.getAttribute("title")).toContain("2026-11-23 03:10:55 UTC");
    expect(await opened.page.locator("time[data-ago]").first().textContent()).toBe("5 min ago");
  });

  test("without a script the page is whole", async () => {
    await using opened = await openIncident(exampleLog(), { javaScriptEnabled: false });
    expect(await opened.page.locator("#entries > li").count()).toBeGreaterThan(12);
    expect(await opened.page.getByText("reload to update").isVisible()).toBe(true);
  });

  test("by keyboard the content is one step away, and every link can be reached and seen", async () => {
    await using opened = await openIncident(exampleLog());
    const { page } = opened;
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Skip to content");
    await page.keyboard.press("Enter");
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("main");
    expect(await page.getByRole("heading", { level: 1 }).count()).toBe(1);
    expect(await page.getByRole("list").count()).toBeGreaterThan(3);
    const unnamed = await page.evaluate(
      () =>
        [...document.querySelectorAll("a:not([hidden]), button, input, svg:not(svg svg)")].filter(
          (one) =>
            one.closest("[aria-hidden=true]") === null &&
            (one.getAttribute("aria-label") ?? one.textContent ?? "").trim() === "" &&
            (one as HTMLInputElement).labels?.length !== 1,
        ).length,
    );
    expect(unnamed).toBe(0);
    const ids = await page.evaluate(() => [...document.querySelectorAll("[id]")].map((one) => one.id));
    expect(new Set(ids).size).toBe(ids.length);
  });

  test("axe finds nothing serious on any page, in the light and in the dark, with everything unfolded", async () => {
    const logs = {
      Q1: exampleLog(),
      OPEN: exampleLog().slice(0, 12),
      WORK: nightWith(looked),
      FOUND: nightWith(handedIn(finding, ["claims[1]: it is empty"])),
      FAILED: nightWith(providerFailed(true)),
    };
    await using server = await serveIncidents(memoryIncidents(logs));
    const paths = ["/incidents", "/incidents?show=open&q=nothing", ...Object.keys(logs).map((id) => `/incidents/${id}`)];
    const evidencePaths = ["/incidents/Q1/evidence/3?q=payments", "/incidents/Q1/evidence/9?q=merchant%208812", "/incidents/nope"];
    for (const colorScheme of ["light", "dark"] as const) {
      await using opened = await openPage(`${server.url}/incidents`, { colorScheme });
      for (const path of [...paths, ...evidencePaths]) {
        await opened.page.goto(server.url + path);
        await opened.page.evaluate(() => document.querySelectorAll("details").forEach((one) => (one.open = true)));
        await opened.page.evaluate(axe);
        const found = await opened.page.evaluate(async () => {
          const { violations } = await (globalThis as unknown as AxeWindow).axe.run({ resultTypes: ["violations"] });
          return violations
            .filter(({ impact }) => impact === "serious" || impact === "critical")
            .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(" | ")}`);
        });
        expect({ path, colorScheme, found }).toEqual({ path, colorScheme, found: [] });
      }
    }
  });

  test("the cause is at most five steps of the Tab key away, and letters have at most six sizes", async () => {
    await using opened = await openIncident(exampleLog().slice(0, 12));
    const { page } = opened;
    const stops = await page.evaluate(() => {
      // The head says it in one line; the card below has what it rests on.
      const cause = document.querySelector(".lead");
      const all = [...document.querySelectorAll<HTMLElement>("a[href], button, input, summary, select")];
      return all.filter(
        (one) => one.tabIndex >= 0 && cause !== null && (one.compareDocumentPosition(cause) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0,
      ).length;
    });
    expect(await page.locator(".lead").textContent()).toContain("payments, deploy 9f2c1e4");
    expect(stops).toBeLessThanOrEqual(5);
    await page.evaluate(() => document.querySelectorAll("details").forEach((one) => (one.open = true)));
    const sizes = await page.evaluate(() => [
      ...new Set([...document.querySelectorAll("body *")].map((one) => getComputedStyle(one).fontSize)),
    ]);
    expect(sizes.length).toBeLessThanOrEqual(6);
  });

  test("keys lead from entry to entry and to their evidence, and a list of them can turn them off", async () => {
    await using opened = await openIncident(exampleLog());
    const { page, complaints } = opened;
    const focused = () => page.evaluate(() => document.activeElement?.id);
    await page.keyboard.press("j");
    const first = await focused();
    expect(first).toMatch(/^t-/);
    await page.keyboard.press("j");
    expect(await focused()).not.toBe(first);
    await page.keyboard.press("k");
    expect(await focused()).toBe(first);
    await page.keyboard.press("/");
    await page.keyboard.type("rolling payments");
    expect(await page.locator("#entries > .entry:visible").count()).toBe(1);
    await page.locator("#find").fill("");
    await page.keyboard.press("Escape");
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
    await page.getByLabel("Use single-key shortcuts").uncheck();
    await page.keyboard.press("Escape");
    await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
    await page.keyboard.press("g");
    await page.keyboard.press("j");
    expect(await page.locator(".entry.at").count()).toBe(1);
    expect(complaints).toEqual([]);
  });

  test("lanes are switched, and zoomed to the onset, and stay so when the axis is drawn anew", async () => {
    await using opened = await openIncident(exampleLog().slice(0, 13));
    const { page } = opened;
    await live(page);
    await page.locator("#lane-signal").uncheck();
    expect(await page.locator(".entry.k-signal:visible").count()).toBe(0);
    expect(await page.locator(".entry.k-change:visible").count()).toBeGreaterThan(0);
    await page.getByRole("button", { name: "Onset" }).click();
    const width = () => page.locator(".axis-body").evaluate((body) => body.clientWidth / (body.parentElement?.clientWidth ?? 1));
    const zoomed = await width();
    expect(zoomed).toBeGreaterThan(1.5);
    opened.append(...exampleLog().slice(13));
    await page.locator(`#incident[data-seq="${exampleLog().length}"]`).waitFor();
    expect(await width()).toBeCloseTo(zoomed, 1);
    await page.getByRole("button", { name: "All" }).click();
    expect(await width()).toBeLessThanOrEqual(1);
  });

  test("nothing scrolls sideways on a phone, however long the words are", async () => {
    const long = "x".repeat(600);
    const incidents = memoryIncidents(
      {
        Q1: exampleLog(),
        LONG: hostile(exampleLog(), long),
        EMPTY: logUntil("page-received"),
        WORK: hostile(nightWith(looked), long),
        FOUND: hostile(nightWith(handedIn(finding, ["claims[1]"])), long),
        FAILED: hostile(nightWith(providerFailed(true)), long),
      },
      hostile(exampleEvidence(), long),
    );
    await using server = await serveIncidents(incidents);
    await using empty = await serveIncidents(memoryIncidents({}));
    const paths = [
      "/incidents",
      "/incidents/Q1",
      "/incidents/LONG",
      "/incidents/EMPTY",
      "/incidents/WORK",
      "/incidents/FOUND",
      "/incidents/FAILED",
      "/incidents/Q1/evidence/9",
      "/incidents/Q1/evidence/3?q=xx",
      `/incidents/${long}`,
    ];
    for (const url of [...paths.map((path) => server.url + path), `${empty.url}/incidents`]) {
      await using opened = await openPage(url, PHONE);
      await opened.page.evaluate(() => document.querySelectorAll("details").forEach((one) => (one.open = true)));
      expect({ url, overflows: await overflows(opened.page) }).toEqual({ url, overflows: false });
    }
  });

  test("hostile text runs nothing and asks for nothing, on no page and in no streamed part", async () => {
    const evil = [
      ...hostile(nightWith(handedIn(finding, ["claims[1]"]))),
      ...hostile(exampleLog())
        .slice(6)
        .map((event, index) => ({ ...event, seq: nightWith(handedIn()).length + index + 1 })),
    ];
    await using opened = await openIncident(evil.slice(0, 4), {}, hostile(exampleEvidence()));
    const { page, complaints, server } = opened;
    const asked: string[] = [];
    page.on("request", (request) => asked.push(new URL(request.url()).pathname));
    await live(page);
    opened.append(...evil.slice(4));
    await page.locator(`#incident[data-seq="${evil.length}"]`).waitFor();
    for (const path of ["/incidents", "/incidents/Q1/evidence/9", "/incidents/Q1/evidence/9?q=%3Cimg"]) await page.goto(server.url + path);
    expect(complaints).toEqual([]);
    expect(asked.filter((path) => !/^\/(?:incidents|assets)\b/.test(path))).toEqual([]);
  });
});
