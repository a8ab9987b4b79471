import type { IncidentLinks } from "../access/incident-link.ts";
import { approvalsOf } from "../incident/approval.ts";
import { incidentDesk } from "../incident/desk.ts";
import { type Block, fitBlocks, sections } from "../integrations/slack/block-kit.ts";
import { cutShort, escapeText, link } from "../integrations/slack/mrkdwn.ts";
import { standing } from "../report/for-people.ts";
import type { IncidentStore } from "../store/incident-store.ts";
import { openIncidents, type OpenIncident, pageUrl } from "./open-incidents.ts";
import { proposalBlocks } from "./proposals.ts";

/** midwatch's own page in Slack: the open incidents, and what waits for the person who looks. */

const LISTED = 8;
const MOST_WAITING = 10;
const LONGEST = 500;

export interface HomeDependencies {
  readonly store: Pick<IncidentStore, "list" | "read">;
  readonly publicUrl: string | null;
  readonly links: IncidentLinks | null;
  readonly now: () => number;
}

interface Named extends OpenIncident {
  /** Its number, or what it is about; as a link where people reach the pages. Mrkdwn. */
  readonly name: string;
}

const named = async (one: OpenIncident, deps: HomeDependencies, user: string): Promise<Named> => {
  const number = one.view.page?.number ?? null;
  return { ...one, name: link(await pageUrl(one.id, user, deps), number === null ? cutShort(one.title, 80) : `#${number}`) };
};

/** What waits for one person in an incident. @param user their Slack id */
function waiting({ id, log, view, name }: Named, user: string): Block[] {
  const desk = incidentDesk(log);
  const mine = desk.actions.filter(({ done, owner }) => done === null && owner?.userId === user);
  // The button of an update is with who asked for it.
  const asked = approvalsOf(log).approvals.filter(({ state, request }) => state === "waiting" && request.action !== "post-update");
  return [
    ...(view.status === "triggered" && view.page !== null ? sections(`${name}: nobody has acknowledged the page`) : []),
    ...asked.flatMap(({ request }) => sections(`${name}: answer in its thread: ${escapeText(cutShort(request.summary, LONGEST))}`)),
    ...mine.flatMap(({ number, text }) =>
      sections(`${name}: your action ${number}: ${escapeText(cutShort(text, LONGEST))}. When it is done: \`/midwatch done ${number}\``),
    ),
    // A button's id may be there once in a row: each proposal has a row of its own.
    ...desk.proposals.flatMap((proposal) => proposalBlocks(id, proposal, name)),
  ];
}

/** @param said what became of a click, above all else; null: there was none */
export async function homeBlocks(deps: HomeDependencies, user: string, said: string | null): Promise<readonly Block[]> {
  const open = await Promise.all((await openIncidents(deps.store)).map((one) => named(one, deps, user)));
  const lines = open
    .slice(0, LISTED)
    .map(
      ({ name, log, view }) =>
        `• ${view.page?.number == null ? "" : `${name} `}${escapeText(cutShort(standing(log, deps.now()), LONGEST))}${view.channel === null ? "" : ` · <#${view.channel}>`}`,
    );
  const more = open.length > LISTED ? [`and ${open.length - LISTED} more`] : [];
  const waits = open.flatMap((one) => waiting(one, user)).slice(0, 2 * MOST_WAITING);
  return fitBlocks([
    ...(said === null ? [] : sections(escapeText(said))),
    ...sections(`*Open incidents: ${open.length}*`),
    ...sections([...lines, ...more].join("\n")),
    ...sections("*Waiting for you*"),
    ...(waits.length === 0 ? sections("Nothing that midwatch knows of.") : waits),
    ...sections(
      "`/midwatch help` lists all commands. *Investigate this*, in the menu of a message, looks at the service that the message names.",
    ),
  ]);
}
