import type { IncidentLinks } from "../access/incident-link.ts";
import type { Catalog } from "../catalog.ts";
import type { ListedIncident } from "../durable/directory.ts";
import { nearestName } from "../guard/nearest-name.ts";
import type { LoggedEvent } from "../incident/event.ts";
import { viewOf } from "../incident/view.ts";
import { setEntry } from "./desk-commands.ts";
import { type DeskVerb, deskVerbs } from "./desk-entry.ts";
import { LOOKED_AT, pageUrl } from "./open-incidents.ts";
import { updateOffer, updateRequest } from "./update-steps.ts";
import type { SlackMessage } from "../integrations/slack/block-kit.ts";
import { catchUp, handOver, lastEntries, standing, stakeholderUpdate } from "../report/for-people.ts";
import { postmortemLines } from "../report/postmortem-lines.ts";
import { unlinked } from "../report/text.ts";
import { counted, outsideLine } from "../report/tool-view.ts";
import type { IncidentStore } from "../store/incident-store.ts";
import { triggerDelivery } from "../store/trigger-delivery.ts";

export interface CommandContext {
  /** `list`: title, service and the pager's status. All else that is known of one incident: `viewOf(await store.read(id))`. */
  readonly store: Pick<IncidentStore, "list" | "read" | "receive" | "tell">;
  readonly catalog: Pick<Catalog, "find" | "services">;
  /** Slack id of who typed it. Only they see the answer. */
  readonly user: string;
  /** What people call them. */
  readonly userName: string;
  /** The same for every delivery of one command: what it sets counts once. */
  readonly key: string;
  /** The incident in whose thread or channel it was typed; null: none. */
  readonly here: string | null;
  /** Where it was typed. */
  readonly channel: string;
  /** How people call a Slack id. */
  readonly nameOf: (id: string) => Promise<string>;
  /** The message that somebody wants looked into. Text from outside. Missing: there is none. */
  readonly about?: string;
  /** What follows the command's name. */
  readonly words: string;
  /** Where people reach the pages, or null. */
  readonly publicUrl: string | null;
  /** Shows a message to who typed it alone; false: Slack did not take it. Missing: messages cannot be shown here. */
  readonly show?: (message: SlackMessage) => Promise<boolean>;
  /** Links that show an incident without a sign-in; null: plain ones. */
  readonly links: IncidentLinks | null;
  readonly now: () => number;
}

/** What follows /midwatch. `help` is its line in the list of commands. */
export interface SlackCommand {
  readonly name: string;
  /** What may follow the name; "": nothing. */
  readonly takes: string;
  readonly help: string;
  /** The answer, as plain text: it is escaped where it leaves. Words from outside go through {@link unlinked}. */
  run(context: CommandContext): Promise<string>;
}

const LISTED = 5;
const ENTRIES = 8;
const LONGEST_TITLE = 150;

const listedTitle = (title: string): string => unlinked(outsideLine(title, LONGEST_TITLE));

const linkOf = (id: string, context: CommandContext): Promise<string | null> => pageUrl(id, context.user, context);

interface Candidate {
  readonly id: string;
  readonly title: string;
  readonly log: readonly LoggedEvent[];
  /** The pager's, or null. */
  readonly number: number | null;
  readonly service: string | null;
  /** Of the page. */
  readonly link: string | null;
  readonly status: ListedIncident["status"];
  readonly isOpen: boolean;
  /** Pages that joined it: each by its number and service. */
  readonly joined: readonly { readonly id: string; readonly name: string; readonly service: string }[];
}

/** Incidents that lead, newest first. What joined another one is read there, also where the one it joined is older than those looked at. */
async function candidates({ store }: CommandContext): Promise<readonly Candidate[]> {
  const { incidents } = await store.list({ limit: LOOKED_AT });
  const read = async (id: string, listed: ListedIncident | null) => {
    const log = await store.read(id);
    const view = viewOf(log);
    const status = listed?.status ?? view.status;
    const candidate: Candidate = {
      ...{ id, log, status, isOpen: status !== "resolved", number: view.page?.number ?? null },
      title: listed?.title ?? view.page?.title ?? id,
      service: listed?.service ?? view.page?.service?.name ?? null,
      link: view.page?.link ?? null,
      joined: view.joining.pages.map(({ incident, page }) => ({ id: incident, name: page.name, service: page.service })),
    };
    return { candidate, lead: view.joining.lead?.incident ?? null };
  };
  const all = await Promise.all(incidents.map((one) => read(one.id, one)));
  const known = new Set(incidents.map(({ id }) => id));
  const older = new Set(all.flatMap(({ lead }) => (lead === null || known.has(lead) ? [] : [lead])));
  const leads = await Promise.all([...older].map((id) => read(id, null)));
  return [...all, ...leads].flatMap(({ candidate, lead }) => (lead === null ? [candidate] : []));
}

async function latestIncidents(context: CommandContext): Promise<string> {
  const all = await candidates(context);
  if (all.length === 0) return "No pages yet.";
  const lines = await Promise.all(
    all.slice(0, LISTED).map(async ({ id, title, status, joined }) => {
      const url = await linkOf(id, context);
      const more = joined.length === 0 ? "" : ` (${counted(joined.length, "more page")} joined it)`;
      return `• ${status}: ${listedTitle(title)}${more}${url === null ? "" : ` ${url}`}`;
    }),
  );
  return ["Latest incidents:", ...lines].join("\n");
}

const isSame = (service: string | null, words: string) => service?.toLowerCase() === words.toLowerCase();

/** Whether words name an incident, or a page that joined it. */
const named = ({ id, number, service, link, joined }: Candidate, words: string): boolean =>
  id === words ||
  link === words ||
  (number !== null && words.replace(/^#/, "") === String(number)) ||
  isSame(service, words) ||
  joined.some((page) => page.id === words || page.name.endsWith(` #${words.replace(/^#/, "")}`) || isSame(page.service, words));

/** The incident that is meant, or what to answer where that is open. */
async function meant(context: CommandContext): Promise<Candidate | string> {
  const all = await candidates(context);
  const [newest] = all;
  if (newest === undefined) return "No pages yet.";
  const words = context.words.trim();
  if (words !== "") {
    const found = all.filter((one) => named(one, words));
    return (
      found.find(({ isOpen }) => isOpen) ??
      found[0] ??
      `None of the latest incidents has the number or service “${unlinked(outsideLine(words, 60))}”. /midwatch incidents lists them.`
    );
  }
  const { here } = context;
  const around = here === null ? undefined : all.find(({ id, joined }) => id === here || joined.some((page) => page.id === here));
  if (around !== undefined) return around;
  const open = all.filter(({ isOpen }) => isOpen);
  if (open.length < 2) return open[0] ?? newest;
  const names = open.slice(0, LISTED).map(({ number, title }) => `• ${number === null ? "" : `#${number} `}${listedTitle(title)}`);
  return ["Several incidents are open. Name one by its number or service:", ...names].join("\n");
}

/** A command about one incident. */
const aboutOne = (name: string, help: string, answer: (log: readonly LoggedEvent[], now: number) => readonly string[]): SlackCommand => ({
  name,
  takes: "[number or service]",
  help,
  run: async (context) => {
    const one = await meant(context);
    if (typeof one === "string") return one;
    const url = await linkOf(one.id, context);
    return [...answer(one.log, context.now()), ...(url === null ? [] : [url])].join("\n");
  },
});

/** A number in front names the incident: "#4821 roll back". */
const NUMBERED = /^#(\d{1,9})(?:\s+|$)/;

async function setOne(verb: DeskVerb, context: CommandContext): Promise<string> {
  const { store, user, nameOf, key, words } = context;
  const numbered = NUMBERED.exec(words);
  const one = await meant({ ...context, words: numbered?.[1] ?? "" });
  if (typeof one === "string") return numbered === null ? `${one}\nPut its number first: /midwatch ${verb.name} #4821 …` : one;
  const rest = words.slice(numbered?.[0].length ?? 0);
  const answer = await setEntry(verb, rest, one.id, { store, me: { user: await nameOf(user), userId: user }, nameOf, key });
  return `${one.number === null ? listedTitle(one.title) : `#${one.number}`}: ${answer}`;
}

async function linkChannel(context: CommandContext): Promise<string> {
  const { store, channel, user, nameOf, key } = context;
  const one = await meant(context);
  if (typeof one === "string") return one;
  if (!/^[CG]/.test(channel)) return "Only a channel can belong to an incident. Run this command in one.";
  const by = { user: await nameOf(user), userId: user };
  await store.tell(one.id, [{ type: "channel-linked", channel, clue: "person", by }], key);
  const name = one.number === null ? listedTitle(one.title) : `#${one.number}`;
  return `From now on, messages here go on the timeline of ${name}. midwatch must be a member: /invite @midwatch. It does not read a channel that the catalog names for many incidents or that another organisation shares; the timeline then says so.`;
}

/** A command that sets something of the incident. */
const setting = (verb: DeskVerb): SlackCommand => ({
  ...{ name: verb.name, takes: `[#number] ${verb.takes}`, help: verb.help },
  // Alone, `status` shows how the open incidents are.
  run: (context) => (verb.name === "status" && context.words.trim() === "" ? statusOfAll(context) : setOne(verb, context)),
});

/** The text for people outside the team, with a button that posts it where that can be shown. */
async function update(context: CommandContext): Promise<string> {
  const { store, nameOf, user, key, now, show } = context;
  const one = await meant(context);
  if (typeof one === "string") return one;
  const text = stakeholderUpdate(one.log, now()).join(" ");
  const request = show === undefined ? null : await updateRequest({ incident: one.id, text, by: await nameOf(user), now: now() }, one.log);
  if (request === null || show === undefined) return text;
  if ((await store.tell(one.id, [{ type: "approval-requested", request }], key)) !== "stored") return text;
  return (await show(updateOffer(one.id, request))) ? "The update is in a message that only you see. Its button posts it." : text;
}

/** So often a draft is worded again: an end, should people or programs never stop asking. */
const MOST_DRAFTS = 20;

/** The draft of the postmortem, which a model words where there is one; with "canvas" behind the name it is to become one. */
async function postmortem(context: CommandContext): Promise<string> {
  const { store, nameOf, user, key, links } = context;
  const [, asked = "", canvas] = /^(.*?)(?:(?:^|\s+)(canvas))?$/i.exec(context.words.trim()) ?? [];
  const one = await meant({ ...context, words: asked });
  if (typeof one === "string") return one;
  const { id, log } = one;
  const before = log.filter(({ event }) => event.type === "postmortem-asked").length;
  const by = { user: await nameOf(user), userId: user };
  if (before < MOST_DRAFTS) await store.tell(id, [{ type: "postmortem-asked", by, canvas: canvas !== undefined }], key);
  const url = await linkOf(id, context);
  const after = canvas === undefined ? [] : ["midwatch asks in the incident's thread before it writes the canvas."];
  // A link that needs no sign-in leads to the incident itself.
  return [...postmortemLines(log), ...after, ...(url === null ? [] : [links === null ? `${url}/postmortem` : url])].join("\n");
}

async function statusOfAll(context: CommandContext): Promise<string> {
  const open = (await candidates(context)).filter(({ isOpen }) => isOpen);
  if (open.length === 0) return "No incident is open.";
  const lines = open.slice(0, LISTED).map(({ number, log }) => `• ${number === null ? "" : `#${number} `}${standing(log, context.now())}`);
  const more = open.length > LISTED ? [`and ${open.length - LISTED} more`] : [];
  return [`Open incidents: ${open.length}`, ...lines, ...more].join("\n");
}

/** Anyone who asks for the same service within this time is shown what was begun, ms. */
const ASKED_AGAIN_MS = 10 * 60_000;
const LISTED_SERVICES = 20;

/** Looks at a service as if it had paged; at one of which an incident is open, that one is the answer. */
async function investigate(context: CommandContext): Promise<string> {
  const { store, catalog, userName, now } = context;
  const asked = context.words.trim();
  const known = asked === "" ? undefined : (await candidates(context)).find((one) => one.isOpen && named(one, asked));
  const answer = async (id: string, words: string) => [words, (await linkOf(id, context)) ?? ""].join(" ").trim();
  if (known !== undefined) return answer(known.id, `An incident is open: ${listedTitle(known.title)}`);
  const service = catalog.find(asked);
  if (service === null) {
    const names = catalog.services.map(({ name }) => name);
    const near = nearestName(asked, names);
    if (near !== null) return `The catalog has no service “${unlinked(outsideLine(asked, 60))}”. Did you mean ${near}?`;
    const some = names.slice(0, LISTED_SERVICES).join(", ");
    const more = names.length > LISTED_SERVICES ? `, and ${names.length - LISTED_SERVICES} more` : "";
    const said = asked === "" ? "Name a service" : `The catalog has no service “${unlinked(outsideLine(asked, 60))}”`;
    return `${said}: ${some}${more}.`;
  }
  const { name } = service;
  const at = now();
  const delivery = triggerDelivery(`slack-${name}-${Math.floor(at / ASKED_AGAIN_MS)}`, {
    ...{ kind: "person", by: userName, title: `How is ${name} doing?`, details: context.about ?? "", service: { id: name, name }, at },
  });
  const { repeated, incidentId } = await store.receive(delivery);
  return answer(
    incidentId ?? "",
    repeated
      ? `Someone already asked about ${name} less than 10 minutes ago.`
      : `midwatch is looking at ${name} and reports in its incident channel.`,
  );
}

/** Every command. Without a name, /midwatch runs the first one. */
export const commands: readonly [SlackCommand, ...SlackCommand[]] = [
  { name: "incidents", takes: "", help: "shows the latest incidents, with links", run: latestIncidents },
  ...deskVerbs.map(setting),
  aboutOne("catchup", "brings you up to date: what, since when, how bad, who does what, why, what was done, what next", catchUp),
  aboutOne("timeline", `shows the last ${ENTRIES} entries of the timeline`, (log) => lastEntries(log, ENTRIES)),
  {
    ...{ name: "update", takes: "[number or service]", run: update },
    help: "drafts an update for people outside the team; only you see it, and its button posts it in the incident's channel",
  },
  aboutOne("handoff", "lists what the next shift needs: what waits for a person, what to watch, what could not be checked", handOver),
  {
    ...{ name: "postmortem", takes: "[number or service] [canvas]", run: postmortem },
    help: "drafts the postmortem; with “canvas”, also asks in the thread whether to create a Slack canvas from it",
  },
  {
    name: "link",
    takes: "[#number or service]",
    help: "links this channel to the incident: messages here go on its timeline",
    run: linkChannel,
  },
  { name: "investigate", takes: "service", help: "investigates a service as if it had paged", run: investigate },
  { name: "help", takes: "", help: "shows this list", run: async () => helpText() },
];

const helpText = (): string =>
  ["Commands:", ...commands.map(({ name, takes, help }) => `• /midwatch ${name}${takes === "" ? "" : ` ${takes}`}: ${help}`)].join("\n");

/** Whether words begin with the name of a command. */
export const isCommand = (typed: string): boolean => {
  const [name = ""] = typed.trim().split(/\s+/);
  return commandNamed(name) !== undefined;
};

/** "decision" and "decision:" are the same. */
const commandNamed = (typed: string): SlackCommand | undefined =>
  commands.find(({ name }) => name === typed.toLowerCase().replace(/:$/, ""));

/** Runs what was typed after /midwatch. */
export async function runCommand(typed: string, context: Omit<CommandContext, "words">): Promise<string> {
  const [name = "", ...rest] = typed.trim().split(/\s+/);
  const command = name === "" ? commands[0] : commandNamed(name);
  if (command === undefined) {
    const near = nearestName(
      name,
      commands.map((one) => one.name),
    );
    const hint = near === null ? "" : ` Did you mean ${near}?`;
    return `midwatch has no command “${unlinked(outsideLine(name, 40))}”.${hint}\n${helpText()}`;
  }
  return command.run({ ...context, words: rest.join(" ") });
}
