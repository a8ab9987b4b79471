import { readFileSync } from "node:fs";
import { createSlackReplay } from "../../src/replay/slack/app.ts";
import { messageEvent } from "../../src/replay/slack/inbound.ts";
import { slackApp } from "../../src/replay/slack/workspace.ts";
import { incidentDesk } from "../../src/incident/desk.ts";
import type { LoggedEvent } from "../../src/incident/event.ts";
import { toTimeline } from "../../src/report/timeline.ts";
import { startWorkspaceScene, WORKSPACE_TOKEN } from "../support/workspace-scene.ts";

/**
 * Plays written incident channels to the real intake and store, half of them before midwatch is invited, and counts which of the acts that were marked
 * by hand are on the timeline under their author's name, and how many raw ids it shows.
 *
 * npm run bench -- channel                  CHANNEL_LIST=threads also prints what is missing of that one; the other two stay unseen
 *
 * A line of a channel: [kind:]who [> n] [!] words. `> n`: in the thread of line n; `!`: an act or a decision of theirs.
 */

const NAMES = ["terse", "threads", "chatty"] as const;
const LINE = /^(?:(?<kind>me|file|edit|broadcast|bot):)?(?<who>\w+) (?:> (?<thread>\d+) )?(?<act>! )?(?<words>.+)$/;
const RAW_ID = /\b[UWCGSB]0?[A-Z0-9]{6,}\b|<[@#!]/;

interface Spoken {
  readonly kind: string;
  readonly who: string;
  readonly thread: number | null;
  readonly isAct: boolean;
  readonly words: string;
}

const linesOf = (name: string): Spoken[] =>
  readFileSync(new URL(`channels/${name}.txt`, import.meta.url), "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => {
      const found = LINE.exec(line)?.groups;
      if (found === undefined) throw new Error(`not a line of a channel: ${line}`);
      const { kind = "", who = "", thread, act, words = "" } = found;
      return { kind, who, words, thread: thread === undefined ? null : Number(thread), isAct: act !== undefined };
    });

/** Words as Slack sends them, and as people read them. */
const sent = (words: string, idOf: (who: string) => string) =>
  words.replaceAll(/<?@(ana|jonas|mei)>?/g, (_whole, who: string) => `<@${idOf(who)}>`);
const letters = (text: string) =>
  text
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} ]+/gu, " ")
    .split(/\s+/)
    .filter((word) => word.length > 3 && !/^[us]0/.test(word));

const slack = await createSlackReplay({ botToken: WORKSPACE_TOKEN });
const full = { ana: "Ana Ruiz", jonas: "Jonas Berg", mei: "Mei Tanaka" } as const;
const has = (type: LoggedEvent["event"]["type"]) => (log: readonly LoggedEvent[]) => log.some(({ event }) => event.type === type);
for (const name of NAMES) {
  await using scene = await startWorkspaceScene(slack, 'incident_channels: { name: "inc-*", join: true }');
  const lines = linesOf(name);
  const channel = await slack.make("ana", `inc-4821-${name}`);
  const half = Math.floor(lines.length / 2);
  const stamps: string[] = [];
  const rootOf = (number: number): string | undefined => {
    const above = lines[number - 1]?.thread ?? null;
    return above === null || above >= number ? stamps[number - 1] : rootOf(above);
  };
  for (const [at, line] of lines.entries()) {
    if (at === half) {
      await slack.invite(channel);
      await scene.event({ type: "member_joined_channel", user: slackApp.botUserId, channel, inviter: scene.idOf("ana") });
      await scene.until(has("channel-heard"));
    }
    const text = sent(line.words, scene.idOf);
    const user = scene.idOf(line.who);
    // Threads are one level deep: a reply to a reply is one to their first message.
    const threadTs = line.thread === null ? undefined : rootOf(line.thread);
    if (line.kind === "bot") {
      stamps.push(stamps.at(-1) ?? "");
      continue;
    }
    if (line.kind === "edit" && at >= half) {
      const ts = stamps.at(-1) ?? "";
      const message = { type: "message", user, ts, text };
      await scene.event({
        ...{ type: "message", subtype: "message_changed", channel, event_ts: `${ts}9`, ts: `${ts}9` },
        message,
        previous_message: { ...message, text: "before" },
      });
      stamps.push(ts);
      continue;
    }
    const ts = await slack.say(line.who, text, threadTs, channel);
    stamps.push(ts);
    if (at < half) continue;
    const subtype = { me: "me_message", file: "file_share", broadcast: "thread_broadcast" }[line.kind];
    const event = messageEvent({ channel, user, text, ts, threadTs });
    await scene.event(
      subtype === undefined
        ? event
        : { ...event, subtype, ...(line.kind === "file" ? { files: [{ id: "F0CHART11", name: "chart.png" }] } : {}) },
    );
  }
  const log = await scene.log();
  const timeline = toTimeline(log);
  const theirs = timeline.filter(({ kind }) => kind === "person").map(({ text, detail }) => `${text}\n${detail ?? ""}`);
  const isThere = ({ who, words }: Spoken) => {
    const wanted = letters(words.replaceAll(/<[^>]*>|@\w+/g, " "));
    return theirs.some((one) => one.startsWith(full[who as keyof typeof full]) && wanted.every((word) => letters(one).includes(word)));
  };
  const acts = lines.filter(({ isAct }) => isAct);
  const missing = acts.filter((one) => !isThere(one));
  const raw = timeline.map(({ text, detail }) => `${text} ${detail ?? ""}`).filter((text) => RAW_ID.test(text));
  const proposed = incidentDesk(log).proposals.length;
  console.log(
    `${name}: ${lines.length} messages; ${acts.length - missing.length} of ${acts.length} acts on the timeline (${Math.round(((acts.length - missing.length) / acts.length) * 100)} %); lines with raw ids ${raw.length}; proposals by the plain rules ${proposed}; errors ${scene.errors.length}`,
  );
  if (process.env["CHANNEL_LIST"] === name)
    console.log([...missing.map(({ who, words }) => `missing: ${who} ${words}`), ...raw.map((text) => `raw: ${text}`)].join("\n"));
}
await slack.close();
