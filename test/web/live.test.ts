import { describe, expect, test } from "vitest";
import type { Incidents } from "../../src/web/incidents.ts";
import { createWeb } from "../../src/web/web.ts";
import { at, exampleLog, logUntil, memoryIncidents } from "../support/example-log.ts";

interface Message {
  readonly id: string | undefined;
  readonly event: string | undefined;
  readonly data: string;
}

/** Reads a stream of server-sent events message by message. */
class Stream {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #decoder = new TextDecoder();
  #rest = "";
  constructor(response: Response) {
    if (response.body === null) throw new Error("no body");
    this.#reader = response.body.getReader();
  }
  async next(): Promise<Message | null> {
    for (;;) {
      const end = this.#rest.indexOf("\n\n");
      if (end >= 0) {
        const block = this.#rest.slice(0, end);
        this.#rest = this.#rest.slice(end + 2);
        const field = (name: string) =>
          block.split("\n").flatMap((line) => (line.startsWith(`${name}:`) ? [line.slice(name.length + 1).replace(/^ /, "")] : []));
        return { id: field("id")[0], event: field("event")[0], data: field("data").join("\n") };
      }
      const { done, value } = await this.#reader.read();
      if (done) return null;
      this.#rest += this.#decoder.decode(value, { stream: true });
    }
  }
  /** The next message of a kind, passing over others. */
  async nextOf(event: string): Promise<Message> {
    for (;;) {
      const message = await this.next();
      if (message === null) throw new Error(`the stream ended before ${event}`);
      if (message.event === event) return message;
    }
  }
  close = () => this.#reader.cancel();
}

interface News {
  readonly seq: number;
  readonly title?: string;
  readonly entries: readonly { readonly key: string; readonly text: string; readonly html: string }[];
  readonly regions?: Readonly<Record<string, string>>;
}
const newsOf = (message: Message) => JSON.parse(message.data) as News;

const open = async (options: { after?: string; lastEventId?: string; length?: number; heartbeatMs?: number } = {}) => {
  const incidents = memoryIncidents({ Q1: exampleLog().slice(0, options.length ?? 4) });
  const web = createWeb({ incidents, now: () => at("03:16:40"), heartbeatMs: options.heartbeatMs ?? 60_000 });
  const response = await web.request(`/incidents/Q1/events${options.after === undefined ? "" : `?after=${options.after}`}`, {
    headers: options.lastEventId === undefined ? {} : { "last-event-id": options.lastEventId },
  });
  return { incidents, response, stream: new Stream(response) };
};

describe("GET /incidents/:id/events", () => {
  test("is a stream that proxies are told not to hold back", async () => {
    const { response, stream } = await open();
    expect(response.headers.get("content-type")).toContain("text/event-stream");
    expect(response.headers.get("x-accel-buffering")).toBe("no");
    expect(response.headers.get("cache-control")).toContain("no-cache");
    await stream.close();
  });

  test("a client without a last event gets all, one message an event, numbered", async () => {
    const { stream } = await open();
    const ids: (string | undefined)[] = [];
    for (let seq = 1; seq <= 4; seq += 1) ids.push((await stream.nextOf("news")).id);
    expect(ids).toEqual(["1", "2", "3", "4"]);
    await stream.close();
  });

  test.each([{ lastEventId: "2" }, { after: "2" }, { lastEventId: "2", after: "0" }])("with %j it gets what it missed", async (options) => {
    const { stream } = await open(options);
    expect((await stream.nextOf("news")).id).toBe("3");
    expect((await stream.nextOf("news")).id).toBe("4");
    await stream.close();
  });

  test("an event that comes later is sent at once, with its entries and the parts of the page it changes", async () => {
    const { incidents, stream } = await open({ after: "4" });
    await stream.nextOf("ping");
    const [triage] = exampleLog().slice(4, 5);
    if (triage === undefined) throw new Error("the story is too short");
    incidents.append("Q1", triage);
    const news = newsOf(await stream.nextOf("news"));
    expect(news.seq).toBe(5);
    expect(news.title).toContain("checkout: errors");
    expect(news.entries.map((entry) => entry.key)).toContain("5.0");
    expect(news.entries[0]?.html).toMatch(/^<li id="t-5\.0"/);
    expect(news.regions?.["answer"]).toContain("Best suspect");
    expect(news.regions?.["charts"]).toContain("<svg");
    await stream.close();
  });

  test("parts that did not change are not sent again", async () => {
    const { incidents, stream } = await open({ after: "0", length: 10 });
    for (let seq = 1; seq <= 10; seq += 1) await stream.nextOf("news");
    const [next] = exampleLog().slice(10, 11);
    if (next === undefined) throw new Error("the story is too short");
    incidents.append("Q1", next);
    const { regions } = newsOf(await stream.nextOf("news"));
    // Somebody acknowledged it: that stands in the head, among what was done, and on the axis.
    expect(Object.keys(regions ?? {})).toEqual(["head", "answer", "axis"]);
    await stream.close();
  });

  test("events that were appended but not told, and events told twice, are sent once each", async () => {
    const { incidents, stream } = await open({ after: "4" });
    await stream.nextOf("ping");
    const [fifth, sixth, seventh] = exampleLog().slice(4, 7);
    if (fifth === undefined || sixth === undefined || seventh === undefined) throw new Error("the story is too short");
    incidents.appendUntold("Q1", fifth, sixth);
    incidents.append("Q1", seventh);
    incidents.tellAgain("Q1", sixth, seventh);
    const ids = [(await stream.nextOf("news")).id, (await stream.nextOf("news")).id, (await stream.nextOf("news")).id];
    expect(ids).toEqual(["5", "6", "7"]);
    const eighth = exampleLog()[7];
    if (eighth === undefined) throw new Error("the story is too short");
    incidents.append("Q1", eighth);
    expect((await stream.nextOf("news")).id).toBe("8");
    await stream.close();
  });

  test("an event that comes between the reading of the log and the start of listening is not lost", async () => {
    const memory = memoryIncidents({ Q1: exampleLog().slice(0, 4) });
    const [fifth] = exampleLog().slice(4, 5);
    if (fifth === undefined) throw new Error("the story is too short");
    const incidents: Incidents = {
      ...memory,
      subscribe: (id, listener) => {
        memory.appendUntold(id, fifth);
        return memory.subscribe(id, listener);
      },
    };
    const web = createWeb({ incidents, now: () => at("03:16:40"), heartbeatMs: 60_000 });
    const stream = new Stream(await web.request("/incidents/Q1/events?after=4"));
    expect((await stream.nextOf("news")).id).toBe("5");
    await stream.close();
  });

  test("a quiet stream pings", async () => {
    const { stream } = await open({ after: "4", heartbeatMs: 5 });
    for (let count = 0; count < 3; count += 1) expect((await stream.next())?.event).toBe("ping");
    await stream.close();
  });

  test("a client that knows more than the log is told to start anew", async () => {
    const { stream, incidents } = await open({ lastEventId: "900" });
    expect((await stream.next())?.event).toBe("reset");
    expect(await stream.next()).toBeNull();
    expect(incidents.listeners()).toBe(0);
  });

  test.each(["-1", "1e3", "abc", "9".repeat(40), ""])("a last event of %j counts as none", async (lastEventId) => {
    const { stream } = await open({ lastEventId });
    expect((await stream.nextOf("news")).id).toBe("1");
    await stream.close();
  });

  test("a client that goes away is forgotten", async () => {
    const { stream, incidents } = await open({ after: "4", heartbeatMs: 5 });
    await stream.nextOf("ping");
    expect(incidents.listeners()).toBe(1);
    await stream.close();
    await expect.poll(() => incidents.listeners()).toBe(0);
  });

  test("a client that asks for the head alone leaves nothing open", async () => {
    const incidents = memoryIncidents({ Q1: exampleLog() });
    const web = createWeb({ incidents, now: () => at("03:16:40"), heartbeatMs: 5 });
    expect((await web.request("/incidents/Q1/events", { method: "HEAD" })).status).toBe(200);
    const stream = new Stream(await web.request("/incidents/Q1/events"));
    await stream.nextOf("ping");
    expect(incidents.listeners()).toBe(1);
    await stream.close();
  });

  test("what is streamed adds up to what the page shows", async () => {
    const whole = exampleLog();
    const incidents = memoryIncidents({ Q1: whole });
    const web = createWeb({ incidents, now: () => at("03:30:00") });
    const page = await (await web.request("/incidents/Q1")).text();
    const stream = new Stream(await web.request("/incidents/Q1/events"));
    const streamed: string[] = [];
    let regions: Readonly<Record<string, string>> = {};
    for (let seq = 1; seq <= whole.length; seq += 1) {
      const news = newsOf(await stream.nextOf("news"));
      streamed.push(...news.entries.map((entry) => entry.html));
      regions = { ...regions, ...news.regions };
    }
    await stream.close();
    expect(streamed.length).toBe(page.match(/<li id="t-/g)?.length);
    for (const entry of streamed) expect(page).toContain(entry);
    expect(Object.keys(regions).toSorted()).toEqual(["answer", "axis", "charts", "details", "evidence", "head", "work"]);
    for (const region of Object.values(regions)) expect(page).toContain(region);
  });
});

test("a page rendered at an event streams on from it", async () => {
  const incidents = memoryIncidents({ Q1: logUntil("status-posted") });
  const web = createWeb({ incidents, now: () => at("03:12:22") });
  const page = await (await web.request("/incidents/Q1")).text();
  const events = /data-events="([^"]+)" data-seq="(\d+)"/.exec(page);
  const [, path = "", seq = ""] = events ?? [];
  const stream = new Stream(await web.request(`${path}?after=${seq}`));
  await stream.nextOf("ping");
  const third = exampleLog()[2];
  if (third === undefined) throw new Error("the story is too short");
  incidents.append("Q1", third);
  expect((await stream.nextOf("news")).id).toBe("3");
  await stream.close();
});
