import { IntegrationError } from "../guard/errors.ts";
import type { SlackMessage } from "../integrations/slack/block-kit.ts";
import { catchUp } from "../report/for-people.ts";
import type { Queries } from "../durable/store.ts";
import { type CommandContext, isCommand, runCommand } from "./commands.ts";
import type { Gate } from "./gate.ts";
import type { InboundOf } from "./inbound.ts";
import { nameOf } from "./said.ts";
import type { SlackIntakeOptions } from "./slack-intake.ts";
import type { Whisper } from "./whisper.ts";

export const MEMBERS_ONLY = "Only full members of this workspace can use midwatch.";
const NO_MODEL = "No model is configured, so midwatch cannot answer questions. What the data show:";
const ELSEWHERE = "midwatch answers questions in the thread of an incident. Here you can use these commands, also as “@midwatch status”:";

type Mention = InboundOf<"mention">;

/** Answers anyone who types a command or calls midwatch by name. */
export function createCalls<Q extends Queries>(options: SlackIntakeOptions<Q> & { readonly gate: Gate; readonly whisper: Whisper }) {
  const { config, store, catalog, slack, publicUrl, links, now, gate, whisper } = options;

  /** In a channel that midwatch is not in, only the answer to a command reaches them. */
  async function show({ channel, user }: Pick<CommandContext, "channel" | "user">, message: SlackMessage): Promise<boolean> {
    try {
      await slack.postEphemeral({ channel, user, ...message });
      return true;
    } catch (error) {
      if (!(error instanceof IntegrationError)) throw error;
      return false;
    }
  }

  const run = (typed: string, by: Pick<CommandContext, "user" | "userName" | "key" | "here" | "channel">): Promise<string> =>
    runCommand(typed, {
      ...{ store, catalog, publicUrl, links, now, nameOf: (id) => nameOf({ slack }, id) },
      show: (message) => show(by, message),
      ...by,
    });

  async function answered(inbound: InboundOf<"command">): Promise<string> {
    if ((await gate.refusal(inbound)) !== null) return MEMBERS_ONLY;
    const { user, userName, channel, key } = inbound;
    const here = await store.incidentAt(`slack:${channel}`);
    return run(inbound.text, { user, userName: userName ?? user, here, channel, key: `slack:command:${key}` });
  }

  /** Anyone who calls midwatch by name gets an answer, also where no model reads the question. */
  async function called(inbound: Mention, incident: string | null): Promise<void> {
    // To somebody of another organisation midwatch says nothing.
    if (inbound.fromOutside) return;
    if ((await gate.refusal(inbound)) !== null) return whisper(inbound, MEMBERS_ONLY);
    const words = inbound.text.replace(/^\s*@\S+\s*/, "");
    const { user } = inbound;
    const by = {
      user,
      userName: await nameOf({ slack }, user),
      here: incident,
      channel: inbound.channel,
      key: `slack:command:${inbound.key}`,
    };
    if (isCommand(words)) return whisper(inbound, await run(words, by));
    if (incident === null) return whisper(inbound, `${ELSEWHERE}\n${await run("help", by)}`);
    if (config.ANTHROPIC_API_KEY !== undefined) return undefined;
    const known = catchUp(await store.read(incident), now());
    return whisper(inbound, [NO_MODEL, ...known].join("\n"));
  }

  return { answered, called };
}
