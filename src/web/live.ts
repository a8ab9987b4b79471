import type { Context } from "hono";
import { streamSSE } from "hono/streaming";
import type { LoggedEvent } from "../incident/event.ts";
import { toStatus } from "../report/status.ts";
import { toTimeline } from "../report/timeline.ts";
import { type RegionName, pageTitle, renderRegions } from "./incident-page.ts";
import type { Incidents } from "./incidents.ts";
import { html, time } from "./html.ts";
import { timelineItem } from "./timeline-list.ts";

export interface LiveOptions {
  readonly incidents: Incidents;
  readonly now: () => number;
  readonly withoutModel: string | null;
  /** A word is sent at least this often, because proxies close quiet streams; ms. */
  readonly heartbeatMs: number;
  /** When the stream is ended, so that the client comes back and is checked again; epoch milliseconds, null: never. */
  readonly until?: number | null;
}

const REGIONS: readonly RegionName[] = ["head", "answer", "axis", "charts", "work", "details", "evidence"];

/**
 * The last event that a client has: `Last-Event-ID` when it comes back by itself, `?after=` when its page was just rendered, else 0.
 */
function lastSeen(c: Context): number {
  for (const told of [c.req.header("last-event-id"), c.req.query("after")]) {
    if (told !== undefined && /^\d{1,15}$/.test(told)) return Number(told);
  }
  return 0;
}

/**
 * Streams an incident: one `news` message per logged event, its id the event's number, so that a client that comes back gets exactly
 * what it missed. The data is JSON: `seq`, `entries` (new timeline entries, each with its markup), and with the last of a batch the
 * `regions` of the page that changed. `ping` keeps the stream open; `reset` says that the client knows more than the log does.
 * @param log the whole log as read when the request came
 */
export function liveStream(c: Context, id: string, log: readonly LoggedEvent[], options: LiveOptions): Response {
  const { incidents, now, withoutModel, heartbeatMs, until = null } = options;
  const leftMs = () => (until === null ? Infinity : until - now());
  const after = lastSeen(c);
  // Some proxies collect an answer before they pass it on, unless a header forbids it.
  c.header("x-accel-buffering", "no");
  return streamSSE(c, async (stream) => {
    let wake = () => {};
    const open = () => !stream.aborted && !stream.closed;
    const queue: LoggedEvent[] = [];
    stream.onAbort(() => wake());
    const unsubscribe = await incidents.subscribe(id, (event) => {
      queue.push(event);
      wake();
    });
    const sent = new Map<RegionName, string>();
    let seq = after;
    let known: LoggedEvent[] = [...log];

    const tell = async () => {
      const fresh = known.filter((logged) => logged.seq > seq);
      const last = fresh.at(-1);
      if (last === undefined) return;
      const entries = toTimeline(known);
      for (const logged of fresh) {
        if (!open()) return;
        const own = entries
          .filter((entry) => entry.seq === logged.seq)
          .map((entry) => ({ ...entry, html: String(timelineItem(id, entry)) }));
        const rest = logged === last ? await regions() : {};
        await stream.writeSSE({ id: String(logged.seq), event: "news", data: JSON.stringify({ seq: logged.seq, entries: own, ...rest }) });
        seq = logged.seq;
      }
    };
    const regions = async () => {
      const rendered = renderRegions({ id, log: known, evidence: (await incidents.evidenceIndex(id)) ?? [], now: now(), withoutModel });
      const changed = REGIONS.filter((name) => sent.get(name) !== String(rendered[name]));
      for (const name of changed) sent.set(name, String(rendered[name]));
      return {
        title: pageTitle(toStatus(known)),
        asOf: String(html`as of ${time(now())}`),
        regions: Object.fromEntries(changed.map((name) => [name, String(rendered[name])])),
      };
    };

    try {
      // What was appended between reading the log and subscribing would be lost without reading it again.
      known = [...((await incidents.log(id)) ?? known)];
      if (after > (known.at(-1)?.seq ?? 0)) {
        await stream.writeSSE({ event: "reset", data: String(known.at(-1)?.seq ?? 0) });
        return;
      }
      await stream.writeSSE({ event: "ping", data: String(now()), retry: 1000 });
      while (open() && leftMs() > 0) {
        for (const logged of queue.splice(0)) {
          const next = (known.at(-1)?.seq ?? 0) + 1;
          if (logged.seq === next) known.push(logged);
          else if (logged.seq > next) known = [...((await incidents.log(id)) ?? known)];
        }
        await tell();
        if (queue.length > 0 || !open()) continue;
        const quiet = await new Promise<boolean>((resolve) => {
          const timer = setTimeout(() => resolve(true), Math.max(0, Math.min(heartbeatMs, leftMs())));
          wake = () => {
            clearTimeout(timer);
            resolve(false);
          };
        });
        wake = () => {};
        if (quiet && open()) await stream.writeSSE({ event: "ping", data: String(now()) });
      }
    } finally {
      unsubscribe();
    }
  });
}
