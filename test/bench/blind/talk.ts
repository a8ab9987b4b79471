import type { DeskEntry, Person } from "../../../src/incident/desk.ts";
import type { IncidentEvent, LoggedEvent } from "../../../src/incident/event.ts";
import { viewOf } from "../../../src/incident/view.ts";
import { entriesIn } from "../../../src/slack/desk-entry.ts";

/** What people say and set while an incident goes on; invented. */

const ana: Person = { user: "Ana Ruiz", userId: "U0ANA" };
const jonas: Person = { user: "Jonas Berg", userId: "U0JONAS" };
const mei: Person = { user: "Mei Tanaka", userId: "U0MEI" };

/** Minutes after the page, who, and what they wrote, set, or did in the pager. */
type Line = readonly [minute: number, who: Person, what: string | DeskEntry | "acknowledges"];

interface Staged {
  readonly name: string;
  /** Of `test/scenarios`. */
  readonly folder: string;
  readonly withModel: boolean;
  readonly talk: readonly Line[];
  readonly right: readonly string[];
}

export const stagedIncidents: readonly Staged[] = [
  {
    name: "trains",
    folder: "train-ticket-early-return",
    withModel: true,
    talk: [
      [1, ana, "acknowledges"],
      [2, ana, { what: "commander", person: ana }],
      [2.5, ana, "I lead this one. Jonas, please take basic-service. Mei, can you ask support what they see?"],
      [3, ana, { what: "role", person: jonas, task: "ts-basic-service" }],
      [3.2, ana, { what: "role", person: mei, task: "support and status page" }],
      [6, mei, "Support has 14 tickets since a few minutes: nobody sees a price when they search a train"],
      [6.5, mei, { what: "impact", text: "no prices in the train search, 14 tickets" }],
      [8, jonas, "restarted all pods of ts-basic-service, latency is the same"],
      [11, ana, { what: "decision", text: "roll ts-basic-service back to 9c94b87" }],
      [11.3, ana, { what: "phase", phase: "identified" }],
      [12, jonas, "rollback is running, first pod is up"],
      [16, mei, "status page is orange since now"],
      [18, jonas, "2 of 3 pods are on the old version"],
      [19, ana, { what: "action", text: "watch p99 of the gateway for 10 minutes after the rollback", owner: mei }],
    ],
    right: [
      "1. ts-gateway-service is slow (p99 to minutes); ts-basic-service returns early since deploy 370b991 (answers from the route cache).",
      "2. The onset that the page names; paged 20 minutes ago.",
      "3. Nobody sees prices in the train search; 14 tickets. The share of customers is not known.",
      "4. Ana Ruiz leads. Jonas Berg: ts-basic-service and its rollback. Mei Tanaka: support and status page.",
      "5. Restart of ts-basic-service, no change. Rollback to 9c94b87 is running, 2 of 3 pods. Next: watch p99 for 10 minutes (Mei).",
    ],
  },
  {
    name: "timeouts",
    folder: "orders-bad-timeout",
    withModel: false,
    talk: [
      [2, jonas, "acknowledges"],
      [3, jonas, "I have this. looks like checkout gives up on payments"],
      [5, mei, "I'll go through the payments logs"],
      [7, mei, "payments itself is healthy, it answers in 300 ms as always"],
      [9, jonas, "tried raising the retry count to 3, made it worse, took it back"],
      [12, ana, "sales says about every third checkout fails, roughly 90 orders lost so far"],
      [14, jonas, "we'll revert the timeout change. Mei reviews the draft, I deploy it"],
      [17, mei, "reviewed, looks right to me"],
      [19, jonas, "deploying the revert now, should be live in 4 minutes"],
    ],
    right: [
      "1. Checkout fails or is slow because a deploy set a timeout too low.",
      "2. The onset that the page names; paged 20 minutes ago.",
      "3. About every third checkout, roughly 90 orders (Ana, from sales).",
      "4. Jonas Berg has it (no commander was set) and deploys; Mei Tanaka read the payments logs and reviewed the draft.",
      "5. A higher retry count made it worse and was taken back. The revert is being deployed, live at about minute 23.",
    ],
  },
  {
    name: "index",
    folder: "orders-missing-index",
    withModel: true,
    talk: [
      [1, mei, "acknowledges"],
      [1.5, mei, { what: "commander", person: mei }],
      [2, mei, { what: "severity", level: "SEV2" }],
      [4, ana, "every list of orders takes seconds, the rest of the shop is fine"],
      [5, mei, { what: "role", person: ana, task: "database" }],
      [7, ana, "the orders table is read whole for each request, there is no index for it any more"],
      [9, mei, { what: "impact", text: "order history opens in 3 to 5 seconds for all customers who are signed in; buying works" }],
      [10, jonas, "added a read replica to take load off, did not help"],
      [13, mei, { what: "decision", text: "create the index by hand, concurrently, no rollback" }],
      [13.5, mei, { what: "action", text: "create the index", owner: ana }],
      [15, ana, "create index concurrently is running, about 40 % done"],
      [18, jonas, { what: "action", text: "add the index to the migration", owner: jonas }],
    ],
    right: [
      "1. Pages with orders are slow: a deploy removed (or came without) an index, each request reads the whole table.",
      "2. The onset that the page names; paged 20 minutes ago.",
      "3. All customers who are signed in wait 3 to 5 seconds for their order history; buying works.",
      "4. Mei Tanaka leads, SEV2. Ana Ruiz: database, creates the index. Jonas Berg: adds it to the migration.",
      "5. A read replica did not help. Next: the index is being created concurrently, about 40 % done; no rollback.",
    ],
  },
];

/** The log with what people did after its end, as they would have by then. */
export function handedOver(log: readonly LoggedEvent[], talk: readonly Line[]): LoggedEvent[] {
  const view = viewOf(log);
  const { page, statusMessage } = view;
  const from = page?.createdAt ?? log[0]?.at ?? 0;
  let seq = log.at(-1)?.seq ?? 0;
  const added = talk.flatMap(([minute, who, what]): LoggedEvent[] => {
    const at = Math.round(from + minute * 60_000);
    const said = { channel: statusMessage?.channel ?? "", ts: (at / 1000).toFixed(6), threadTs: statusMessage?.ts ?? null };
    const event: IncidentEvent =
      what === "acknowledges"
        ? {
            ...{ type: "pager-event-received", kind: "acknowledged", eventType: "incident.acknowledged", occurredAt: at, by: who.user },
            ...{ text: `${who.user} acknowledged`, page: page === null ? null : { ...page, status: "acknowledged" } },
          }
        : typeof what === "string"
          ? { type: "slack-message-received", ...said, user: who.user, userId: who.userId ?? "", text: what }
          : { type: "desk-entry-made", entry: what, by: who };
    // As the bot does: what a message proposes waits for its author's click.
    const proposed = typeof what === "string" ? entriesIn(what, who) : [];
    const proposals = proposed.map((entry, index): IncidentEvent => ({
      type: "desk-entry-proposed",
      id: `${said.channel}:${said.ts}:${index}`,
      entry,
      by: who,
    }));
    return [event, ...proposals].map((one) => ({ seq: ++seq, at, event: one }));
  });
  return [...log, ...added];
}
