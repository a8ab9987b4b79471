import { Hono } from "hono";
import type { Context } from "hono";
import { toStatus } from "../report/status.ts";
import type { Account } from "./account.ts";
import { evidencePage } from "./evidence-page.ts";
import { exportIncident } from "./export.ts";
import { pageHeaders } from "./headers.ts";
import { hiddenValueRoute, type Revealing } from "./hidden-value.ts";
import { type Html, incidentPath } from "./html.ts";
import { incidentPage } from "./incident-page.ts";
import type { Incidents } from "./incidents.ts";
import { listPage } from "./list-page.ts";
import { liveStream } from "./live.ts";
import { markdownOf } from "./markdown.ts";
import { problemPage } from "./problem-page.ts";
import { script } from "./script.ts";
import { stylesheet } from "./stylesheet.ts";

export interface WebOptions {
  readonly incidents: Incidents;
  readonly now: () => number;
  /** Where people reach midwatch, for links in exports; by default where the request came to. */
  readonly publicUrl?: string | undefined;
  /** Why no model takes part ("ANTHROPIC_API_KEY is not set"), or null where one does. */
  readonly withoutModel?: string | null;
  /** Longest silence of a live stream, ms. */
  readonly heartbeatMs?: number;
  /** Who looks, where a sign-in tells. */
  readonly accountOf?: (c: Context) => Account | null;
  /** Until when a stream that begins now may last, epoch milliseconds; null: for as long as it likes. */
  readonly streamUntil?: (c: Context) => number | null;
  /** How people with the right see what redaction hid; null or absent: nobody does. */
  readonly revealing?: Revealing | null;
  /** Told of an error that a page could not be made for; the reader gets a page in plain words. */
  readonly reportError?: (error: unknown, where: string) => void;
}

/** Longest search text that is looked for, characters. */
const QUERY_LENGTH = 500;
const HEARTBEAT_MS = 15_000;

/**
 * The pages under /incidents and their two assets. Every page is complete without a script; the only scripts and styles that run are our
 * own two files, so text from outside can't bring one. They read only; a look at a hidden value is put on the timeline.
 */
export function createWeb(options: WebOptions): Hono {
  const { incidents, now, withoutModel = null, revealing = null } = options;
  const web = new Hono();
  web.use("/incidents/*", pageHeaders, async (c, next) => {
    await next();
    // The pages tell of an incident as it is now, and may tell of it only to who asked.
    if (!c.res.headers.has("cache-control")) c.header("cache-control", "private, no-cache");
  });
  web.use("/assets/*", pageHeaders);

  const origin = (c: Context) => (options.publicUrl ?? new URL(c.req.url).origin).replace(/\/+$/, "");
  const page = (c: Context, content: Html, status: 200 | 404 | 500 = 200) => c.html(content, status);
  const accountOf = (c: Context) => options.accountOf?.(c) ?? null;
  const noIncident = (c: Context, id: string) =>
    page(
      c,
      problemPage({
        title: "No such incident",
        text: `midwatch knows no incident “${id.slice(0, 80).toWellFormed()}”. It may have been opened by another midwatch, or its record was cleared. Open ones are in the list.`,
        now: now(),
        account: accountOf(c),
      }),
      404,
    );

  const asset = (content: string, type: string) => (c: Context) => {
    // The address holds a mark of the content, so it may be kept for good.
    const lasting = c.req.query("v") !== undefined;
    return c.body(content, 200, {
      "content-type": `${type}; charset=utf-8`,
      "cache-control": lasting ? "public, max-age=31536000, immutable" : "no-cache",
    });
  };
  web.get("/assets/midwatch.css", asset(stylesheet, "text/css"));
  web.get("/assets/midwatch.js", asset(script, "text/javascript"));

  web.get("/incidents", async (c) => page(c, listPage(await incidents.list(), { now: now(), origin: origin(c), account: accountOf(c) })));
  web.get("/incidents/", (c) => c.redirect("/incidents"));

  web.get("/incidents/:id/events", async (c) => {
    const id = c.req.param("id");
    const log = await incidents.log(id);
    if (log === null) return c.text("midwatch knows no such incident\n", 404);
    // Nobody reads the stream of such an answer, so nobody would end it.
    if (c.req.method === "HEAD") return c.body(null, 200, { "content-type": "text/event-stream" });
    return liveStream(c, id, log, {
      incidents,
      now,
      withoutModel,
      heartbeatMs: options.heartbeatMs ?? HEARTBEAT_MS,
      until: options.streamUntil?.(c) ?? null,
    });
  });

  web.get("/incidents/:id/evidence/:number", async (c) => {
    const id = c.req.param("id");
    const wanted = /^E?(\d{1,9})(\.txt)?$/i.exec(c.req.param("number"));
    const log = await incidents.log(id);
    if (log === null) return noIncident(c, id);
    const entry = wanted === null ? null : await incidents.evidence(id, Number(wanted[1]));
    const index = (await incidents.evidenceIndex(id)) ?? [];
    if (entry === null) {
      const range = index.length === 0 ? "It has none yet." : `It has E1 to E${index.at(-1)?.number ?? index.length}.`;
      const title = wanted === null ? "That is no evidence number" : `No evidence E${Number(wanted[1])}`;
      const back = { href: incidentPath(id), label: "Back to the incident" };
      return page(
        c,
        problemPage({ title, text: `Evidence of an incident is numbered from 1. ${range}`, now: now(), back, account: accountOf(c) }),
        404,
      );
    }
    if (wanted?.[2] !== undefined) return c.text(entry.raw);
    return page(
      c,
      evidencePage({
        id,
        headline: toStatus(log).headline,
        entry,
        count: index.at(-1)?.number ?? index.length,
        query: (c.req.query("q") ?? "").slice(0, QUERY_LENGTH).trim(),
        page: /^\d{1,6}$/.test(c.req.query("page") ?? "") ? Number(c.req.query("page")) : 1,
        now: now(),
        account: accountOf(c),
      }),
    );
  });

  web.get("/incidents/:file", async (c) => {
    const file = c.req.param("file");
    const [, id = file, ending] = /^(.+)\.(json|md)$/.exec(file) ?? [];
    const log = await incidents.log(id);
    if (log === null) {
      return ending === "json"
        ? c.json({ error: `midwatch knows no incident ${JSON.stringify(id.slice(0, 80))}` }, 404)
        : noIncident(c, id);
    }
    const evidence = (await incidents.evidenceIndex(id)) ?? [];
    if (ending === undefined)
      return page(c, incidentPage({ id, log, evidence, now: now(), withoutModel }, accountOf(c), revealing !== null));
    const audit = await incidents.audit(id);
    const exported = exportIncident({ id, log, evidence, audit, now: now(), origin: origin(c), withoutModel });
    if (ending === "json") return c.json(exported);
    return c.body(markdownOf(exported), 200, { "content-type": "text/markdown; charset=utf-8" });
  });

  if (revealing !== null) web.route("/", hiddenValueRoute(revealing, { now, accountOf }));

  web.all("/incidents/*", (c) =>
    page(
      c,
      problemPage({
        title: "No such page",
        text: "There is nothing at this address. It may be cut off; links in Slack and in the list are whole.",
        now: now(),
        account: accountOf(c),
      }),
      404,
    ),
  );

  web.onError((error, c) => {
    options.reportError?.(error, `${c.req.method} ${c.req.path}`);
    const text =
      "midwatch could not make this page. That is a fault of midwatch, not of your incident: its work goes on, and Slack has the same findings. Try again in a moment.";
    return page(c, problemPage({ title: "This page failed", text, now: now() }), 500);
  });
  return web;
}
