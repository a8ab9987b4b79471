import type { IncidentLinks } from "../access/incident-link.ts";
import { outsideLine } from "../report/tool-view.ts";
import type { IncidentStore } from "../store/incident-store.ts";

export interface CommandContext {
  /** `list`: title, service and the pager's status. All else that is known of one incident: `viewOf(await store.read(id))`. */
  readonly store: Pick<IncidentStore, "list" | "read">;
  /** Slack id of who typed it. Only they see the answer. */
  readonly user: string;
  /** What follows the command's name. */
  readonly words: string;
  /** Where people reach the pages, or null. */
  readonly publicUrl: string | null;
  /** Links that show an incident without a sign-in; null: plain ones. */
  readonly links: IncidentLinks | null;
}

/** What follows /midwatch. `help` is its line in the list of commands. */
export interface SlackCommand {
  readonly name: string;
  readonly help: string;
  /** The answer, as plain text: it is escaped where it leaves. Titles in it go through {@link listedTitle}. */
  run(context: CommandContext): Promise<string>;
}

const LISTED = 5;
const LONGEST_TITLE = 150;
/** A title from outside within words of ours, in which Slack makes links of addresses: on one line, and none of it an address. */
const listedTitle = (title: string): string =>
  outsideLine(title, LONGEST_TITLE)
    .replaceAll("://", ": //")
    .replaceAll(/\bwww\./gi, "www .");

async function latestIncidents({ store, user, publicUrl, links }: CommandContext): Promise<string> {
  const { incidents } = await store.list({ limit: LISTED });
  if (incidents.length === 0) return "No pages yet.";
  const lines = await Promise.all(
    incidents.map(async ({ id, title, status }) => {
      const plain = publicUrl === null ? null : `${publicUrl}/incidents/${encodeURIComponent(id)}`;
      const url = links === null ? plain : await links.url(id, user);
      return `• ${status}: ${listedTitle(title)}${url === null ? "" : ` ${url}`}`;
    }),
  );
  return ["Latest incidents:", ...lines].join("\n");
}

/** Every command. Without a name, /midwatch runs the first one. */
export const commands: readonly [SlackCommand, ...SlackCommand[]] = [
  { name: "incidents", help: "shows the latest incidents, with links", run: latestIncidents },
  { name: "help", help: "shows this list", run: async () => helpText() },
];

const helpText = (): string => ["Commands:", ...commands.map(({ name, help }) => `• /midwatch ${name}: ${help}`)].join("\n");

/** Runs what was typed after /midwatch. */
export async function runCommand(typed: string, context: Omit<CommandContext, "words">): Promise<string> {
  const [name = "", ...rest] = typed.trim().split(/\s+/);
  const command = name === "" ? commands[0] : commands.find((one) => one.name === name.toLowerCase());
  if (command === undefined) return `midwatch has no command “${outsideLine(name, 40)}”.\n${helpText()}`;
  return command.run({ ...context, words: rest.join(" ") });
}
