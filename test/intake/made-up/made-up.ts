import { z } from "zod";
import { hmacSha256Matches } from "../../../src/guard/hmac.ts";
import { incidentIdOf, type Page } from "../../../src/incident/page.ts";
import { type Intake, orWrongShape, parseJson } from "../../../src/intake/intake.ts";

const body = z.object({
  id: z.string().min(1),
  what: z.enum(["calls", "taken", "over"]),
  at: z.number(),
  who: z.string().nullable(),
  call: z.object({ key: z.string().min(1), about: z.string(), service: z.string() }),
});

const statusAfter = { calls: "triggered", taken: "acknowledged", over: "resolved" } as const;

const settings = { MADE_UP_SECRET: z.string().min(1).optional().describe("secret of the made-up pager") };

/** A pager that nobody sells: what an intake needs and no more. */
export const madeUp = {
  name: "made-up",
  title: "Night Bell",
  menu: "Bells → Wires",
  path: "/webhooks/made-up",
  settings,
  secrets: ["MADE_UP_SECRET"],
  verify: (rawBody, headers, { MADE_UP_SECRET: secret }) =>
    secret !== undefined && hmacSha256Matches([secret], rawBody, [headers.get("x-bell-signature") ?? ""])
      ? null
      : "x-bell-signature does not fit",
  parse(rawBody) {
    const { id, what, at, who, call } = orWrongShape("", body.safeParse(parseJson(rawBody)));
    const status = statusAfter[what];
    const page: Page = {
      ...{ pager: "made-up", pagerTitle: "Night Bell", id: call.key, number: null, title: call.about, details: "", status },
      ...{ urgency: null, priority: null, createdAt: at, service: { id: call.service, name: call.service }, assignees: [], link: null },
    };
    return {
      ...{ deliveryId: `made-up:${id}`, eventId: `made-up:${id}`, eventType: what, occurredAt: at },
      incident: {
        ...{ id: incidentIdOf(call.key, "nb"), pagerId: call.key, title: call.about },
        event:
          what === "calls"
            ? { type: "page-received", page }
            : {
                type: "pager-event-received",
                kind: status,
                eventType: what,
                occurredAt: at,
                by: who,
                text: `${who ?? "Night Bell"}: ${what}`,
                page,
              },
      },
    };
  },
} satisfies Intake<typeof settings>;
