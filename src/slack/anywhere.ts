import type { Queries } from "../durable/store.ts";
import { sections } from "../integrations/slack/block-kit.ts";
import { notice } from "../integrations/slack/modal.ts";
import { SlackRefusalError } from "../integrations/slack/client.ts";
import { escapeLines } from "../integrations/slack/mrkdwn.ts";
import { refusalToYou } from "../report/refusal-words.ts";
import { MEMBERS_ONLY } from "./calls.ts";
import { type CommandContext, runCommand } from "./commands.ts";
import type { Gate } from "./gate.ts";
import { homeBlocks } from "./home.ts";
import type { InboundOf } from "./inbound.ts";
import { CONFIRM, DROP } from "./proposals.ts";
import { nameOf } from "./said.ts";
import type { SlackIntakeOptions } from "./slack-intake.ts";

/** Of the manifest. */
const INVESTIGATE_THIS = "investigate-this";
/** Of a message so much is read for the names in it, and kept. */
const LONGEST_MESSAGE = 2_000;

export interface AnywhereDependencies<Q extends Queries> extends SlackIntakeOptions<Q> {
  readonly gate: Gate;
  /** Answers a click on a proposal in words. */
  readonly decide: (click: InboundOf<"home-action">) => Promise<string>;
}

/** What people do outside of incidents' threads: midwatch's own page, and the entry in a message's menu. */
export function createAnywhere<Q extends Queries>(deps: AnywhereDependencies<Q>) {
  const { store, catalog, slack, publicUrl, links, now, gate, decide } = deps;

  async function home(inbound: InboundOf<"home-opened" | "home-action">): Promise<void> {
    // To somebody of another organisation midwatch says nothing.
    if (inbound.fromOutside) return;
    const isMember = (await gate.refusal(inbound)) === null;
    const isAnswer = inbound.type === "home-action" && (inbound.action === CONFIRM || inbound.action === DROP);
    const said = isAnswer && isMember ? await decide(inbound) : null;
    await slack.publishHome({
      user: inbound.user,
      blocks: isMember ? await homeBlocks({ store, publicUrl, links, now }, inbound.user, said) : sections(MEMBERS_ONLY),
    });
  }

  /** To one person: in the channel, or where midwatch is not in it in a dialog. */
  async function tell({ channel, user, threadTs, key }: InboundOf<"shortcut">, text: string): Promise<void> {
    try {
      await slack.postEphemeral({ channel, user, threadTs, text: escapeLines(text) });
    } catch (error) {
      if (!(error instanceof SlackRefusalError)) throw error;
      await slack.openView(key, notice("midwatch", sections(escapeLines(text))));
    }
  }

  /** Services of the catalog that a message names by a word of its own. */
  function servicesIn(text: string): readonly string[] {
    const words = text.slice(0, LONGEST_MESSAGE).split(/[^\p{L}\p{N}_.-]+/u);
    return [...new Set(words.flatMap((word) => catalog.find(word.replace(/[.-]+$/, ""))?.name ?? []))];
  }

  async function shortcut(inbound: InboundOf<"shortcut">): Promise<void> {
    if (inbound.fromOutside || inbound.callback !== INVESTIGATE_THIS) return;
    const code = await gate.refusal(inbound);
    if (code !== null)
      return tell(inbound, code === "shared-channel" ? `midwatch does nothing here: ${refusalToYou(code)}.` : MEMBERS_ONLY);
    const { channel, user, threadTs, messageTs, text } = inbound;
    const here = (await store.incidentAt(`slack:${channel}:${threadTs ?? messageTs}`)) ?? (await store.incidentAt(`slack:${channel}`));
    const context: Omit<CommandContext, "words"> = {
      ...{ store, catalog, publicUrl, links, now, user, here, channel },
      userName: await nameOf({ slack }, user),
      nameOf: (id) => nameOf({ slack }, id),
      ...{ key: `slack:shortcut:${inbound.key}`, about: text.slice(0, LONGEST_MESSAGE) },
    };
    if (here !== null) return tell(inbound, await runCommand(`catchup ${here}`, context));
    const [service, ...others] = servicesIn(text);
    if (service !== undefined && others.length === 0) return tell(inbound, await runCommand(`investigate ${service}`, context));
    const which =
      service === undefined ? "That message names no service in the catalog." : `That message names ${[service, ...others].join(", ")}.`;
    return tell(inbound, `${which} Say which one: /midwatch investigate ${service ?? "<service>"}`);
  }

  return { home, shortcut };
}
