import { Hono } from "hono";
import type { Context } from "hono";
import { toStatus } from "../report/status.ts";
import type { Account } from "./account.ts";
import { evidencePage } from "./evidence-page.ts";
import { exportIncident } from "./export.ts";
import { pageHeaders } from "./headers.ts";
import { hiddenValueRoute, type Revealing } from "./hidden-value.ts";
import { incidentPath } from "./html.ts";
import { incidentPage } from "./incident-page.ts";
import type { Incidents } from "./incidents.ts";
import { listFilter, listPage, type PagerSetup } from "./list-page.ts";
import { jsonText } from "./json-text.ts";
import { liveStream } from "./live.ts";
import { markdownOf } from "./markdown.ts";
import { postmortemRoutes } from "./postmortem-routes.ts";
import { problemPage } from "./problem-page.ts";
import { script } from "./script.ts";
import { createStreamPlaces, type StreamPlaces } from "./stream-places.ts";
import { stylesheet } from "./stylesheet.ts";

export interface WebOptions {
  readonly incidents: Incidents;
  readonly now: () => number;
  /** Pagers that can be connected, for the list while it is empty. Default: none. */
  readonly pagers?: readonly PagerSetup[];
  /** Where people reach midwatch, for links in exports; by default where the request came to. */
  readonly publicUrl?: string | undefined;
  /** Why no model takes part ("ANTHROPIC_API_KEY is not set"), or null where one does. */
  readonly withoutModel?: string | null;
  /** Longest silence of a live stream, ms. */
  readonly heartbeatMs?: number;
  /** How many live pages may be open. Default: see there. */
  readonly places?: StreamPlaces;
  /** Whose request it is, for that; null where the connection does not tell. Default: all are one. */
  readonly clientAddress?: (c: Context) => string | null;
  /** Who looks, if a sign-in says it. */
  readonly accountOf?: (c: Context) => Account | null;
  /** Until when a stream that begins now may last, epoch milliseconds; null: for as long as it likes. */
  readonly streamUntil?: (c: Context) => number | null;
  /** How people with the right see what redaction hid; null or absent: nobody does. */
  readonly revealing?: Revealing | null;
  /** What the people who run midwatch should see above the list. Default: nothing. */
  readonly notices?: () => readonly string[];
  /** Called with an error that prevented a page; the reader gets a page in plain words. */
  readonly reportError?: (error: unknown, where: string) => void;
}

/** What the routes share. */
interface Site extends WebOptions {
  readonly places: StreamPlaces;
  account(c: Context): Account | null;
  /** Where people reach midwatch, without a slash at the end. */
  origin(c: Context): string;
  problem(c: Context, about: { title: string; text: string; back?: { href: string; label: string } }): Response | Promise<Response>;
}

/** Longest search text that is looked for, characters. */
const QUERY_LENGTH = 500;
const HEARTBEAT_MS = 15_000;

const noIncident = (c: Context, site: Site, id: string) =>
  site.problem(c, {
    title: "No such incident",
    text: `midwatch knows no incident “${id.slice(0, 80).toWellFormed()}”. It may have been opened by another midwatch, or its record was cleared. Open ones are in the list.`,
  });

const asset = (content: string, type: string) => (c: Context) => {
  // The address holds a mark of the content, so it may be kept for good.
  const lasting = c.req.query("v") !== undefined;
  return c.body(content, 200, {
    "content-type": `${type}; charset=utf-8`,
    "cache-control": lasting ? "public, max-age=31536000, immutable" : "no-cache",
  });
};

async function streamed(c: Context, site: Site, id: string): Promise<Response> {
  const { incidents, now, withoutModel = null } = site;
  if ((await incidents.log(id)) === null) return c.text("midwatch knows no incident with this id\n", 404);
  const leave = site.places.take(site.clientAddress?.(c) ?? "unknown");
  if (typeof leave !== "function") return c.text(leave.full, 503, { "retry-after": "30" });
  // Nobody reads the stream of such an answer, so nobody would end it.
  if (c.req.method === "HEAD") {
    leave();
    return c.body(null, 200, { "content-type": "text/event-stream" });
  }
  const until = site.streamUntil?.(c) ?? null;
  return liveStream(c, id, { incidents, now, withoutModel, heartbeatMs: site.heartbeatMs ?? HEARTBEAT_MS, until, onEnd: leave });
}

async function evidence(c: Context, site: Site, id: string, number: string): Promise<Response> {
  const { incidents, now } = site;
  const wanted = /^E?(\d{1,9})(\.txt)?$/i.exec(number);
  const log = await incidents.log(id);
  if (log === null) return noIncident(c, site, id);
  const entry = wanted === null ? null : await incidents.evidence(id, Number(wanted[1]));
  const index = (await incidents.evidenceIndex(id)) ?? [];
  const count = index.at(-1)?.number ?? index.length;
  if (entry === null) {
    return site.problem(c, {
      title: wanted === null ? "Not an evidence number" : `No evidence E${Number(wanted[1])}`,
      text: `Evidence of an incident is numbered from 1. ${index.length === 0 ? "It has none yet." : `It has E1 to E${count}.`}`,
      back: { href: incidentPath(id), label: "Back to the incident" },
    });
  }
  if (wanted?.[2] !== undefined) return c.text(entry.raw);
  const page = c.req.query("page") ?? "";
  const { headline, onset } = toStatus(log);
  return c.html(
    evidencePage({
      ...{ id, headline, onset, entry, count, now: now(), account: site.account(c) },
      query: (c.req.query("q") ?? "").slice(0, QUERY_LENGTH).trim(),
      page: /^\d{1,6}$/.test(page) ? Number(page) : 1,
      isRawAsked: page !== "",
    }),
  );
}

/** An incident's page, or its export where the name ends in .json or .md. */
async function incident(c: Context, site: Site, file: string): Promise<Response> {
  const { incidents, withoutModel = null } = site;
  const [, id = file, ending] = /^(.+)\.(json|md)$/.exec(file) ?? [];
  const log = await incidents.log(id);
  if (log === null) {
    return ending === "json"
      ? c.json({ error: `midwatch knows no incident ${JSON.stringify(id.slice(0, 80))}` }, 404)
      : noIncident(c, site, id);
  }
  const about = { id, log, evidence: (await incidents.evidenceIndex(id)) ?? [], now: site.now(), withoutModel };
  if (ending === undefined) return c.html(incidentPage(about, site.account(c), (site.revealing ?? null) !== null));
  const input = { ...about, audit: await incidents.audit(id), origin: site.origin(c) };
  if (ending === "json") return jsonText(c, exportIncident(input));
  return c.body(markdownOf(input), 200, { "content-type": "text/markdown; charset=utf-8" });
}

/**
 * The pages under /incidents and their two assets. Every page is complete without a script; the only scripts and styles that run are our
 * own two files, so text from outside can't bring one. They read only; a look at a hidden value is put on the timeline.
 */
export function createWeb(options: WebOptions): Hono {
  const { incidents, now, revealing = null } = options;
  const account = (c: Context) => options.accountOf?.(c) ?? null;
  const site: Site = {
    ...options,
    places: options.places ?? createStreamPlaces(),
    account,
    origin: (c) => (options.publicUrl ?? new URL(c.req.url).origin).replace(/\/+$/, ""),
    problem: (c, about) => c.html(problemPage({ ...about, now: now(), account: account(c) }), 404),
  };
  const web = new Hono();
  web.use("/incidents/*", pageHeaders, async (c, next) => {
    await next();
    // The pages tell of an incident as it is now, and may tell of it only to who asked.
    if (!c.res.headers.has("cache-control")) c.header("cache-control", "private, no-cache");
  });
  web.use("/assets/*", pageHeaders);
  web.get("/assets/midwatch.css", asset(stylesheet, "text/css"));
  web.get("/assets/midwatch.js", asset(script, "text/javascript"));
  web.get("/incidents", async (c) =>
    c.html(
      listPage(await incidents.list(), {
        ...{ now: now(), origin: site.origin(c), pagers: options.pagers ?? [], account: account(c) },
        notices: options.notices?.() ?? [],
        filter: listFilter((name) => c.req.query(name)),
      }),
    ),
  );
  web.get("/incidents/", (c) => c.redirect("/incidents"));
  web.get("/incidents/:id/events", (c) => streamed(c, site, c.req.param("id")));
  web.route("/", postmortemRoutes({ ...site, noIncident: (c, id) => noIncident(c, site, id) }));
  web.get("/incidents/:id/evidence/:number", (c) => evidence(c, site, c.req.param("id"), c.req.param("number")));
  web.get("/incidents/:file", (c) => incident(c, site, c.req.param("file")));
  if (revealing !== null) web.route("/", hiddenValueRoute(revealing, { now, accountOf: account }));
  web.all("/incidents/*", (c) =>
    site.problem(c, {
      title: "No such page",
      text: "There is nothing at this address. It may be cut off; links in Slack and in the list are whole.",
    }),
  );
  web.onError((error, c) => {
    options.reportError?.(error, `${c.req.method} ${c.req.path}`);
    const text =
      "midwatch could not make this page. That is a fault in midwatch, not in your incident: its work continues, and Slack has the same findings. Try again in a moment.";
    return c.html(problemPage({ title: "This page failed", text, now: now() }), 500);
  });
  return web;
}
