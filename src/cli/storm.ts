import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { parseConfig } from "../config.ts";
import type { LoggedEvent } from "../incident/event.ts";
import { incidentIdOf } from "../incident/page.ts";
import { type IncidentView, viewOf } from "../incident/view.ts";
import { plainText } from "../integrations/slack/mrkdwn.ts";
import { loadCatalog } from "../node/environment.ts";
import { interrupted } from "../node/interrupt.ts";
import { type Running, startNode } from "../node/node.ts";
import { type Person, people } from "../replay/people.ts";
import { recordedChanges } from "../replay/recorded-changes.ts";
import { loadRecording } from "../replay/recording.ts";
import { startWorkspacePage } from "../replay/slack/page/server.ts";
import { type Replay, startReplay } from "../replay/server.ts";
import { CommandError } from "./command-error.ts";
import { createStoryClock, type StoryClock } from "./story-clock.ts";
import { storyLine } from "./story-line.ts";

export interface StormArguments {
  readonly once: boolean;
  readonly json: boolean;
  readonly port: number;
}

const RECORDING = fileURLToPath(new URL("../../test/scenarios/shop-storm", import.meta.url));
/** Who watches sees a minute of the outage in so long, while midwatch has nothing to do. */
const WATCHED_MINUTE_MS = 1_500;
/** The outage begins so long before its first page: the replay shows nothing of what comes later. */
const BEFORE_MS = 5_000;
const LOOK_AGAIN_MS = 10;
const LONGEST_MS = 300_000;

/** Its agent in PagerDuty, where no person resolves a page. */
const MONITORING: Person = { name: "monitoring", realName: "Monitoring Service", email: "monitoring@acme.example" };

const storySchema = z.array(
  z.object({
    at_s: z.number(),
    page: z.int().min(0),
    does: z.enum(["acknowledged", "resolved"]),
    by: z.enum(people.map(({ name }) => name) as [string, ...string[]]).optional(),
  }),
);

/** What `--json` prints. Times are milliseconds of the outage since its first page. */
export interface StormSummary {
  readonly pages: readonly {
    readonly incident: string;
    readonly service: string;
    readonly number: number | null;
    /** The incident that it joined; null: it has its own. */
    readonly lead: string | null;
    readonly investigated: boolean;
    readonly status: string;
    readonly belief: string | null;
    readonly timelineUrl: string;
  }[];
  /** Threads of the channel, each with its first message. */
  readonly threads: readonly (readonly { readonly ts: string; readonly text: string; readonly at: number; readonly edits: number }[])[];
  readonly pullRequests: readonly string[];
}

/** Something that happens in the story at an instant of the clock. */
interface Happening {
  readonly at: number;
  happen(): Promise<void>;
}

/** Plays an outage with many pages through midwatch on this machine, its half hour in about a minute. */
export async function storm(args: StormArguments): Promise<number> {
  const { incident } = await loadRecording(RECORDING);
  const begins = incident.detectedAt - BEFORE_MS;
  // It has just ended when it has been played: what people open in the browser is of the last half hour.
  const clock = createStoryClock(Date.now() - (incident.window.to - begins));
  const scratch = mkdtempSync(join(tmpdir(), "midwatch-storm-"));
  try {
    await using replay = await startReplay({ folder: RECORDING, now: clock.now, startsAt: begins });
    const config = parseConfig({ ...replay.settings, PORT: args.port, DATABASE_PATH: join(scratch, "midwatch.db") });
    const running = await startNode({
      config,
      catalog: loadCatalog(config),
      log: (line) => console.error(line),
      instead: { now: clock.now },
    });
    const workspace = await startWorkspacePage({ replay, botUrl: `${running.url}/slack/events` });
    try {
      await running.warm();
      return await new Storm(args, { replay, running, clock, slackUrl: workspace.url }).play();
    } finally {
      await workspace.close();
      await running.close();
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

interface Scene {
  readonly replay: Replay;
  readonly running: Running;
  readonly clock: StoryClock;
  /** The emulated workspace, for people. */
  readonly slackUrl: string;
}

class Storm {
  readonly #args: StormArguments;
  readonly #replay: Replay;
  readonly #running: Running;
  readonly #clock: StoryClock;
  readonly #logs = new Map<string, LoggedEvent[]>();
  readonly #slackUrl: string;
  readonly #firstAt: number;

  constructor(args: StormArguments, { replay, running, clock, slackUrl }: Scene) {
    this.#args = args;
    this.#slackUrl = slackUrl;
    this.#replay = replay;
    this.#running = running;
    this.#clock = clock;
    this.#firstAt = replay.clock.toServed(replay.recording.incident.detectedAt);
  }

  async play(): Promise<number> {
    const { clock, recording } = this.#replay;
    this.#tell(
      [
        "midwatch demo: an outage of a shop with fourteen pages. Twelve share one cause, one is a separate fault, and one resolves by itself.",
        "All of it is made up (test/scenarios/shop-storm). No key, no network: every vendor is a replay on this machine. Half an hour passes in about a minute.",
        `Watch it: ${this.#running.url}/incidents, and Slack with its Split menus and buttons at ${this.#slackUrl}\n`,
      ].join("\n"),
    );
    const limit = Date.now() + LONGEST_MS;
    for (const { at, happen } of this.#happenings()) {
      await this.#passUntil(at, limit);
      await happen();
    }
    await this.#passUntil(clock.toServed(recording.incident.window.to), limit);
    await this.#settle(limit);
    const views = [...this.#logs].map(([id, log]) => ({ id, view: viewOf(log) }));
    const isOver = views.some(({ view }) => view.joining.pages.length > 0 && view.belief?.state === "recovered");
    if (this.#args.json) {
      console.log(JSON.stringify(await this.#summary(views)));
      return isOver ? 0 : 1;
    }
    this.#tell("\nWhat Slack shows now:\n");
    for (const thread of this.#threads())
      for (const [index, { text }] of thread.entries()) this.#tell(indented(plainText(text), index === 0 ? "" : "    "));
    const gone = this.#args.once ? " (gone when this ends)" : "";
    this.#tell(`Slack, emulated: ${this.#slackUrl}${gone}. Choose a page in “Split …” to make it an incident of its own.`);
    for (const { id, view } of views.filter(({ view: { joining } }) => joining.lead === null))
      this.#tell(`Timeline of ${view.trigger?.service?.name ?? id}: ${this.#timelineUrl(id)}${gone}`);
    if (!isOver) this.#tell("The demo did not come to a recovery.");
    if (!this.#args.once) {
      this.#tell("It stays up; Ctrl-C ends it.");
      await interrupted();
    }
    return isOver ? 0 : 1;
  }

  /** Pages, what people do, and changes that go live, in order. */
  #happenings(): Happening[] {
    const { recording, clock, pagerduty } = this.#replay;
    const { pages } = recording;
    const webhook = `${this.#running.url}/webhooks/pagerduty`;
    const nameOf = (index: number) => pages[index]?.service ?? String(index);
    const paged = pages.map(({ offsetMs }, index): Happening => ({
      at: this.#firstAt + offsetMs,
      happen: async () => {
        await this.#replay.deliver(webhook, { kind: "triggered" }, index);
        this.#logs.set(incidentIdOf(pagerduty.incidentIds[index] ?? "", "pd"), []);
      },
    }));
    const file = join(recording.folder, "story.json");
    if (!existsSync(file)) throw new CommandError(`${file} is missing: it says what people do in the outage.`, 1);
    const acts = storySchema.parse(JSON.parse(readFileSync(file, "utf8"))).map(({ at_s, page, does, by }): Happening => {
      const person = people.find(({ name }) => name === by) ?? MONITORING;
      return {
        at: this.#firstAt + at_s * 1000,
        happen: async () => {
          this.#say(nameOf(page), `people    ${person.realName}: ${does} in PagerDuty`);
          await this.#replay.deliver(webhook, { kind: does, by: person }, page);
        },
      };
    });
    const changes = recordedChanges(recording)
      .map((change) => ({ ...change, at: clock.toServed(change.at) }))
      .filter(({ at }) => at > this.#clock.now())
      .map(({ at, service, title, author }): Happening => ({
        at,
        happen: async () => this.#say(service ?? "", `people    ${author ?? "somebody"}: ${title}`),
      }));
    return [...paged, ...acts, ...changes].toSorted((a, b) => a.at - b.at);
  }

  /** Lets the story go on: at its own pace while midwatch works, quickly while it waits for something. */
  async #passUntil(until: number, limit: number): Promise<void> {
    const { store } = this.#running;
    while (this.#clock.now() < until) {
      if (Date.now() > limit) throw new CommandError("The demo takes too long on this machine.", 1);
      await this.#news();
      const to = Math.min(until, store.nextAt() ?? until);
      const left = to - this.#clock.now();
      if (store.health().running > 0 || left <= 0) await sleep(LOOK_AGAIN_MS);
      else if (this.#args.json) this.#forward(left);
      else {
        // In small pieces: a click in the browser is work that is not passed over.
        const pieceMs = Math.min(left, 2_000);
        await sleep((pieceMs * WATCHED_MINUTE_MS) / 60_000);
        if (store.health().running === 0) this.#forward(Math.max(0, Math.min(to, this.#clock.now() + pieceMs) - this.#clock.now()));
      }
    }
  }

  #forward(ms: number): void {
    this.#clock.forward(ms);
    this.#running.store.checkClock();
  }

  /** Waits until nothing is due any more. */
  async #settle(limit: number): Promise<void> {
    const { store } = this.#running;
    const isBusy = () => store.health().running > 0 || (store.nextAt() ?? Infinity) <= this.#clock.now();
    while (isBusy() && Date.now() < limit) await sleep(LOOK_AGAIN_MS);
    await this.#news();
  }

  /** Prints what midwatch did since the last time. */
  async #news(): Promise<void> {
    for (const [id, log] of this.#logs) {
      for (const logged of await this.#running.store.read(id, log.at(-1)?.seq ?? 0)) {
        log.push(logged);
        const { event } = logged;
        // The incident that it joined says so as well.
        if (event.type === "joined") continue;
        const line = event.type === "belief-said" ? `slack     ${plainText(event.text)}` : storyLine(event);
        if (line !== null) this.#say(viewOf(log).trigger?.service?.name ?? id, line, logged.at);
      }
    }
  }

  /** @param at of the clock */
  #say(service: string, line: string, at = this.#clock.now()): void {
    const seconds = Math.max(0, Math.round((at - this.#firstAt) / 1000));
    const time = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    this.#tell(`${time.padStart(6)}  ${service.padEnd(16)}${line}`);
  }

  #tell(line: string): void {
    if (this.#args.json) console.error(line);
    else console.log(line);
  }

  #timelineUrl(id: string): string {
    return `${this.#running.url}/incidents/${encodeURIComponent(id)}`;
  }

  /** The channel's messages as they are now, by thread. */
  #threads() {
    const messages = this.#replay.messages().filter(({ deleted }) => !deleted);
    return messages
      .filter(({ threadTs }) => threadTs === null)
      .map((first) =>
        [first, ...messages.filter(({ threadTs }) => threadTs === first.ts)].map(({ ts, versions }) => ({
          ts,
          text: versions.at(-1)?.text ?? "",
          at: (versions[0]?.at ?? 0) - this.#firstAt,
          edits: versions.length - 1,
        })),
      );
  }

  async #summary(views: readonly { readonly id: string; readonly view: IncidentView }[]): Promise<StormSummary> {
    const investigated = (id: string) => this.#logs.get(id)?.some(({ event }) => event.type === "triage-started") === true;
    return {
      pages: views.map(({ id, view }) => ({
        ...{ incident: id, service: view.trigger?.service?.name ?? "", number: view.page?.number ?? null },
        ...{ lead: view.joining.lead?.incident ?? null, investigated: investigated(id), status: view.status },
        ...{ belief: view.belief?.state ?? null, timelineUrl: this.#timelineUrl(id) },
      })),
      threads: this.#threads(),
      pullRequests: (await this.#replay.pullRequests()).map(({ title }) => title),
    };
  }
}

const indented = (text: string, indent: string): string =>
  `${text
    .split("\n")
    .map((line) => indent + line)
    .join("\n")}\n`;
