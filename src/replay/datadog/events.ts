import type { Hono } from "hono";
import { z } from "zod";
import type { RecordedMoment } from "../recorded-changes.ts";
import type { DatadogContext } from "./context.ts";
import { readJson, validated } from "./input.ts";
import { filterFromQuery, filterSchema, pageAnswer, pageOf, pagingFromQuery, pagingSchema } from "./paging.ts";
import { attributeAt, matcher, parseSearchQuery, type Searchable } from "./search-query.ts";
import { parseWindow } from "./time.ts";

const statuses = { info: "info", warning: "warning", error: "error" } as const;

/** A moment as Datadog holds it; `at` is still recording time. */
export function storedEvent(moment: RecordedMoment, index: number, toServed: (at: number) => number) {
  const [source = "replay"] = moment.sources;
  return {
    at: moment.at,
    id: `event-${index}`,
    message: moment.text,
    tags: [...moment.tags],
    attributes: {
      title: moment.title,
      ...(moment.service === null ? {} : { service: moment.service }),
      status: statuses[moment.severity],
      priority: "normal",
      source_type_name: source,
      timestamp: toServed(moment.at),
      evt: { id: String(index + 1), name: moment.title, type: source },
    },
  };
}

/** An event as the searches answer it. */
export const eventAnswer = ({ id, at, message, tags, attributes }: ReturnType<typeof storedEvent>, toServed: (at: number) => number) => ({
  id,
  type: "event",
  attributes: { attributes, message, tags, timestamp: new Date(toServed(at)).toISOString() },
});

const searchRequest = pagingSchema.extend({ filter: filterSchema });

/** `POST /api/v2/events/search` and `GET /api/v2/events` over the platform's events and the changes, oldest first. */
export function eventRoutes(app: Hono, moments: readonly RecordedMoment[], { clock, now }: DatadogContext): void {
  const events = moments.map((moment, index) => storedEvent(moment, index, clock.toServed));
  type Event = ReturnType<typeof storedEvent>;
  const searchable: Searchable<Event> = {
    field(event, name) {
      if (name === "title") return event.attributes.title;
      if (name === "message" || name === "text") return event.message;
      if (name === "status" || name === "priority") return event.attributes[name];
      return event.tags.filter((tag) => tag.startsWith(`${name}:`)).map((tag) => tag.slice(name.length + 1));
    },
    attribute: (event, path) => attributeAt(event.attributes, path),
    text: (event) => `${event.attributes.title}\n${event.message}`,
    everything: (event) => `${event.attributes.title}\n${event.message}\n${event.tags.join("\n")}`,
    anyCase: () => true,
  };
  const search = (input: unknown, url: string) => {
    const request = validated(searchRequest, input);
    const { filter } = request;
    const { from, to } = parseWindow(filter, now(), 400);
    const window = { from: clock.toRecorded(from), to: clock.toRecorded(to) };
    const found = pageOf(events, window, ({ at }) => at, matcher(parseSearchQuery(filter.query), searchable), request);
    return {
      data: found.items.map((event) => eventAnswer(event, clock.toServed)),
      ...pageAnswer(found.after, { url, path: "/api/v2/events" }, filter, request),
    };
  };
  app.post("/api/v2/events/search", async (c) => c.json(search(await readJson(c.req), c.req.url)));
  app.get("/api/v2/events", (c) => {
    const query = c.req.query();
    return c.json(search(z.looseObject({}).parse({ filter: filterFromQuery(query), ...(pagingFromQuery(query) as object) }), c.req.url));
  });
}
