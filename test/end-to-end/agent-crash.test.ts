import { expect, test } from "vitest";
import type { IncidentEvent } from "../../src/incident/event.ts";
import { incidentIdOf } from "../../src/incident/page.ts";
import { incidentLog } from "../../src/store/incident-store.ts";
import { openNodeSqlite } from "../../src/durable/node-sqlite.ts";
import { type ScriptedModel, startScriptedModel } from "../../src/replay/anthropic/server.ts";
import { type Replay, startReplay } from "../../src/replay/server.ts";
import { copyOf, eventsOf, freshDatabase, shown, ORDERS_TIMEOUT } from "../support/bot.ts";
import { createRandom } from "../support/random.ts";
import { investigator, TURNS } from "./investigator.ts";
import { essence, live, type Moment, said, type Story, type StoryPlan, withoutPorts } from "./story.ts";

/** `npm run bench -- crashes` sets both, and kills at random too. */
const { MIDWATCH_CRASH_SEED: seed = "1", MIDWATCH_CRASH_KILLS: kills = "0" } = process.env;
const RANDOM_KILLS = Number(kills);

/** The turn, from 1, whose tools are the first to ask Datadog, and the one whose answer is cut in the middle. */
const DATADOG_TURN = 2;
const CUT_TURN = 6;
/** How many calls of vendors the tools of one turn make, about; and how long a turn takes, ms, about. */
const CALLS_OF_A_TURN = 4;
const TURN_MS = 120;

const answer = (when: Moment["when"], more: Partial<Moment> = {}): Moment => ({
  vendor: "anthropic",
  call: /POST .*messages/,
  when,
  ...more,
});

/** A kill somewhere in the next `reach` turns: around a model's answer, among the calls of tools, or at any time. */
const among =
  (reach: number): NonNullable<StoryPlan["draw"]> =>
  (random) => {
    const nth = Math.ceil(random() * reach);
    const of = <const T>(choices: readonly [T, ...T[]]): T => choices[Math.floor(random() * choices.length)] ?? choices[0];
    const kind = of(["turn", "tools", "time"] as const);
    if (kind === "time") return { afterStartMs: random() * TURN_MS * reach };
    if (kind === "tools") {
      const when = of(["unsent", "unanswered"]);
      return { vendor: "any", call: /^(?!POST \/v1\/messages)/, when, nth: Math.ceil(random() * CALLS_OF_A_TURN * reach) };
    }
    const when = of(["unsent", "unanswered", "told-in-part", "told", "told"]);
    return answer(when, { nth, bytes: Math.ceil(random() * 2_000), afterMs: Math.floor(random() * 20) });
  };

function logOf(database: string, incidentId: string) {
  const store = openNodeSqlite(database);
  try {
    return incidentLog(store.sql).read(incidentId);
  } finally {
    store.close();
  }
}

/** One investigation from a store on, with all that is compared. */
interface Investigated {
  readonly story: Story;
  /** Bodies of the requests for each turn, byte by byte, in the order of arrival. */
  readonly asked: readonly { readonly turn: number; readonly text: string }[];
  /** How many turns were stored at each kill, and how many requests had come by then. */
  readonly cuts: readonly { readonly stored: number; readonly asked: number }[];
  readonly finding: readonly Extract<IncidentEvent, { type: "finding-submitted" }>[];
  readonly said: readonly string[];
}

/** What Slack shows, without what more calls of the model cost in time and money. */
const told = (replay: Replay) =>
  said(replay).map((text) => text.replace(/^.*( · \d+ turns · \d+ tool calls · )\$[\d.]+( · \d+k tokens), \d+ %/m, "…$1…$2, … %"));

test(
  "killed at any moment of a model's work, the next start goes on: no turn is paid twice, same finding",
  { timeout: 600_000 },
  async () => {
    await using replay = await startReplay({ folder: ORDERS_TIMEOUT });
    const incidentId = incidentIdOf(replay.pagerduty.incidentIds[0] ?? "", "pd");
    const settings = {
      ...replay.settings,
      // The same for each start, as its port is not.
      PUBLIC_URL: "https://midwatch.example",
      // What a kill costs in time and repeated turns must not be told to the model.
      MIDWATCH_MINUTES: "60",
      MIDWATCH_DOLLARS: "50",
    };

    /** Runs an investigation from a store on, in a channel where it has not yet said its finding. */
    async function investigate(from: string | null, plan: StoryPlan): Promise<Investigated> {
      for (const { ts } of shown(replay).slice(2)) await removeMessage(replay, ts);
      const database = from === null ? freshDatabase() : copyOf(from);
      // One for each, for thinking is signed over all before it, ports included.
      await using model = await startScriptedModel({ script: investigator });
      const asked = () => requestsOf(model);
      const cuts: { stored: number; asked: number }[] = [];
      const story = await live(replay, {
        ...plan,
        settings: { ...settings, ANTHROPIC_BASE_URL: model.url, ANTHROPIC_API_KEY: model.apiKey },
        database,
        paged: from !== null,
        onKilled: () => {
          cuts.push({ stored: eventsOf(logOf(database, incidentId), "model-turn").length, asked: asked().length });
          plan.onKilled?.(database);
        },
      });
      return { story, asked: asked(), cuts, finding: eventsOf(logOf(database, incidentId), "finding-submitted"), said: told(replay) };
    }

    // Killed before its first turn and not again: all that is compared below goes on from what this triage has left, so that bytes can be compared.
    const stores: string[] = [];
    const undisturbed = await investigate(null, {
      moments: [answer("unsent")],
      onKilled: (database) => stores.push(copyOf(database)),
    });
    const [first = ""] = stores;
    expect(undisturbed.asked.map((one) => one.turn)).toEqual(Array.from({ length: TURNS }, (_, index) => index));
    expect(undisturbed.finding).toMatchObject([{ dropped: [], finding: { verdict: "incident", service: "orders" } }]);
    expect(undisturbed.said[0]).toContain("orders gives payments no time to answer");
    expect(undisturbed.story.exported.evidence.length).toBeGreaterThan(40);

    function expectSame({ story, asked, cuts, finding, said: words }: Investigated) {
      for (const one of asked) expect(difference(one.text, undisturbed.asked[one.turn]?.text ?? ""), `turn ${one.turn + 1}`).toBeNull();
      for (const { stored, asked: index } of cuts)
        expect(
          asked.slice(index).filter((one) => one.turn < stored),
          `asked again after ${stored} were stored`,
        ).toEqual([]);
      for (let of = 0; of < TURNS; of++) {
        const times = asked.filter((one) => one.turn === of).length;
        expect(times, `requests of turn ${of + 1}`).toBeLessThanOrEqual(1 + cuts.filter(({ stored }) => stored === of).length);
      }
      expect(finding).toEqual(undisturbed.finding);
      expect(words).toEqual(undisturbed.said);
      expect(evidenceOf(story)).toEqual(evidenceOf(undisturbed.story));
      expect(essence(story)).toEqual(essence(undisturbed.story));
    }

    const { next: random, pick } = createRandom(Number(seed));
    const cut: readonly Moment[] = [
      { vendor: "datadog", call: /./, when: pick(["unsent", "unanswered"] as const) },
      answer("told-in-part", { nth: CUT_TURN - DATADOG_TURN, bytes: Math.ceil(random() * 2_000) }),
      // Around the last answer: while it is stored, checked and said. The turn that was cut is asked for again before it.
      answer("told", { nth: 1 + TURNS - CUT_TURN, afterMs: Math.floor(random() * 60) }),
    ];
    const shaken = [await investigate(first, { moments: cut })];
    if (RANDOM_KILLS > 0) {
      const draw = among((1.5 * TURNS) / Math.max(RANDOM_KILLS, 2));
      shaken.push(await investigate(first, { randomKills: RANDOM_KILLS, random, draw }));
    }
    for (const one of shaken) {
      expectSame(one);
      const { underWay, atRest } = one.story.kills;
      expect(one.story.left, "moments that never came").toEqual([]);
      console.log(
        `${underWay} kills under way and ${atRest} at rest, ${one.asked.length} requests for ${TURNS} turns; turns stored at the kills: ${one.cuts.map(({ stored }) => stored).join(" ")}`,
      );
    }
    expect(await replay.pullRequests()).toHaveLength(1);
  },
);

/** The ledger, but for ports and the ends of queries that go up to now. */
const evidenceOf = ({ exported }: Story) =>
  exported.evidence.map(({ number, source, query, from, url }) => ({
    number,
    source,
    query: withoutPorts(query).replace(/&until=\S+/, ""),
    from,
    url,
  }));

/** Where two texts begin to differ, or null. Whole requests would be too long to read. */
function difference(one: string, other: string): readonly string[] | null {
  if (one === other) return null;
  const at = [...one].findIndex((character, index) => character !== other[index]);
  return [one, other].map((text) => text.slice(Math.max(0, at - 200), at + 200));
}

/** Requests as they came, but for the ports of this run's servers and the signatures over them, which the scripted model has checked. */
function requestsOf({ requests }: ScriptedModel) {
  return requests.map(({ text, body, problem }) => {
    expect(problem).toBeNull();
    const turn = body?.messages.filter(({ role }) => role === "assistant").length ?? -1;
    return { turn, text: withoutPorts(text).replaceAll(/"signature":"[^"]+"/g, '"signature":""') };
  });
}

async function removeMessage(replay: Replay, ts: string): Promise<void> {
  const removed = await fetch(`${replay.settings.SLACK_API_URL}/chat.delete`, {
    method: "POST",
    headers: { authorization: `Bearer ${replay.settings.SLACK_BOT_TOKEN}`, "content-type": "application/json" },
    body: JSON.stringify({ channel: replay.slack.channelId, ts }),
  });
  expect(await removed.json()).toMatchObject({ ok: true });
}
