import type { Context } from "hono";
import { type SSEMessage, streamSSE } from "hono/streaming";
import type { LoggedEvent } from "../incident/event.ts";
import { toStatus } from "../report/status.ts";
import { toTimeline } from "../report/timeline.ts";
import { contentMark } from "./content-mark.ts";
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
  /** Called once the stream has ended. */
  readonly onEnd: () => void;
}

/** By which a part of the page is known again: its text would be kept for each open page. */
const markOf = (text: string): string => `${text.length} ${contentMark(text)}`;

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
 *
 * Between two events a stream holds marks of what it sent and nothing of the log, which is read again; of what its reader has not taken yet a message
 * or two.
 */
export function liveStream(c: Context, id: string, options: LiveOptions): Response {
  const { incidents, now, withoutModel, heartbeatMs, until = null, onEnd } = options;
  const leftMs = () => (until === null ? Infinity : until - now());
  const after = lastSeen(c);
  // Some proxies collect an answer before they pass it on, unless a header forbids it.
  c.header("x-accel-buffering", "no");
  return streamSSE(c, async (stream) => {
    let wake = () => {};
    let isNews = true;
    let unsubscribe = () => {};
    const open = () => !stream.aborted && !stream.closed;
    const gone = new Promise<void>((resolve) => {
      stream.onAbort(() => {
        wake();
        resolve();
      });
    });
    /** Waits until its reader takes it, or has left: what nobody reads is never written. */
    const send = (message: SSEMessage): Promise<void> => Promise.race([stream.writeSSE(message), gone]);
    const sent = new Map<RegionName, string>();
    let seq = after;

    const regions = async (log: readonly LoggedEvent[]) => {
      const rendered = renderRegions({ id, log, evidence: (await incidents.evidenceIndex(id)) ?? [], now: now(), withoutModel });
      const texts = REGIONS.map((name) => [name, String(rendered[name])] as const);
      const changed = texts.filter(([name, text]) => sent.get(name) !== markOf(text));
      for (const [name, text] of changed) sent.set(name, markOf(text));
      return {
        title: pageTitle(toStatus(log)),
        asOf: String(html`as of ${time(now())}`),
        regions: Object.fromEntries(changed),
      };
    };
    const tell = async () => {
      const log = (await incidents.log(id)) ?? [];
      const fresh = log.filter((logged) => logged.seq > seq);
      const last = fresh.at(-1);
      if (last === undefined) return;
      const entries = toTimeline(log);
      for (const logged of fresh) {
        if (!open()) return;
        const own = entries
          .filter((entry) => entry.seq === logged.seq)
          .map((entry) => ({ ...entry, html: String(timelineItem(id, entry)) }));
        const rest = logged === last ? await regions(log) : {};
        await send({ id: String(logged.seq), event: "news", data: JSON.stringify({ seq: logged.seq, entries: own, ...rest }) });
        seq = logged.seq;
      }
    };

    try {
      unsubscribe = await incidents.subscribe(id, () => {
        isNews = true;
        wake();
      });
      const known = ((await incidents.log(id)) ?? []).at(-1)?.seq ?? 0;
      if (after > known) {
        await send({ event: "reset", data: String(known) });
        return;
      }
      await send({ event: "ping", data: String(now()), retry: 1000 });
      while (open() && leftMs() > 0) {
        if (isNews) {
          isNews = false;
          await tell();
          continue;
        }
        const quiet = await new Promise<boolean>((resolve) => {
          const timer = setTimeout(() => resolve(true), Math.max(0, Math.min(heartbeatMs, leftMs())));
          wake = () => {
            clearTimeout(timer);
            resolve(false);
          };
        });
        wake = () => {};
        if (quiet && open()) await send({ event: "ping", data: String(now()) });
      }
    } finally {
      unsubscribe();
      onEnd();
    }
  });
}
