import { setTimeout as sleep } from "node:timers/promises";
import { incidentIdOf } from "../../src/incident/page.ts";
import type { Replay } from "../../src/replay/server.ts";
import type { IncidentExport } from "../../src/web/export.ts";
import { freshDatabase, shown, webhookOf } from "../support/bot.ts";
import { readExport, startServe } from "../support/command.ts";
import { strays } from "./closed-outputs.ts";
import { type PassedCall, startProxy } from "./proxy.ts";

/**
 * A moment at which the process is killed: when a call comes, before the vendor has it (`unsent`), when the vendor has done it and nobody was
 * told (`unanswered`), when a part of the answer was told (`told-in-part`) or all of it (`told`), or when the call is on its way and reaches the
 * vendor after the process is dead (`late`).
 */
export interface Moment {
  readonly vendor: string;
  readonly call: RegExp;
  readonly when: "unsent" | "unanswered" | "told-in-part" | "told" | "late";
  /** Which of the calls that fit, counted since the last kill. Default 1. */
  readonly nth?: number;
  /** Of the answer, for `told-in-part`. Default 1. */
  readonly bytes?: number;
  /** Time for work with the answer, ms, for `told`. Default 0. */
  readonly afterMs?: number;
}

/** How long a late call is on its way, ms: less than the outbox waits before it believes that an effect is not there. */
const LATE_MS = 700;

export interface Story {
  readonly exported: IncidentExport;
  /** Kills before the investigation had ended, and after. */
  readonly kills: { underWay: number; atRest: number };
  readonly incidents: number;
  /** Moments that never came. */
  readonly left: readonly Moment[];
}

export interface StoryPlan {
  readonly moments?: readonly Moment[];
  /** How many kills at moments drawn from `random`. */
  readonly randomKills?: number;
  /** From 0 to below 1; needed for `randomKills`. */
  readonly random?: () => number;
  /** Draws the moment of one kill: at a call, or so many ms after the start. Default: anywhere in a run without a model. */
  readonly draw?: (random: () => number) => Moment | { readonly afterStartMs: number };
  /** Settings of `serve`. Default: those of the replay. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Path of the store. Default: a new one. */
  readonly database?: string;
  /** Whether the store knows of the page. Default: no. */
  readonly paged?: boolean;
  /** Called after each kill, while no process owns the store. */
  readonly onKilled?: (database: string) => void;
}

/** Calls of one undisturbed run without a model, about; and how long it takes, ms, about. Random moments are spread over both. */
const RUN_CALLS = 90;
const RUN_MS = 2_500;

const anywhere: NonNullable<StoryPlan["draw"]> = (random) => {
  if (random() >= 0.5) return { afterStartMs: random() * RUN_MS };
  const when = (["unsent", "unanswered", "late"] as const)[Math.floor(random() * 3)] ?? "unsent";
  return { vendor: "any", call: /./, when, nth: Math.ceil(RUN_CALLS * random() ** 2) };
};

/** Runs one page through `serve`, killing it at the moments in their order, or at random ones, and starting it again until the end. */
export async function live(replay: Replay, plan: StoryPlan): Promise<Story> {
  const { random = () => 0, draw = anywhere, database = freshDatabase() } = plan;
  const moments = [...(plan.moments ?? [])];
  const kills = { underWay: 0, atRest: 0 };
  let randomLeft = plan.randomKills ?? 0;
  let counted = 0;
  let serve: Awaited<ReturnType<typeof startServe>> | null = null;
  let finished = false;
  // While one moment is carried out no other begins: two at once would be one kill.
  let cutting = false;
  const kill = () => {
    if (serve === null) return;
    kills[finished ? "atRest" : "underWay"]++;
    serve.signal("SIGKILL");
    serve = null;
  };
  await using proxy = await startProxy(plan.settings ?? replay.settings, async (call: PassedCall, forward) => {
    const [next] = moments;
    if (
      next === undefined ||
      cutting ||
      serve === null ||
      (next.vendor !== "any" && call.vendor !== next.vendor) ||
      !next.call.test(`${call.method} ${call.path}`)
    )
      return forward();
    if (++counted < (next.nth ?? 1)) return forward();
    moments.shift();
    counted = 0;
    cutting = true;
    if (next.when === "unanswered") await forward({ bytes: 0 });
    if (next.when === "told-in-part") await forward({ bytes: next.bytes ?? 1 });
    if (next.when === "told") await forward().then(() => sleep(next.afterMs ?? 0));
    const ended = serve?.ended;
    kill();
    cutting = false;
    await ended;
    if (next.when === "late") await sleep(LATE_MS).then(() => forward({ bytes: 0 }));
    return undefined;
  });
  const incident = incidentIdOf(replay.pagerduty.incidentIds[0] ?? "", "pd");
  let told = plan.paged === true;
  for (;;) {
    const running = await startServe(proxy.settings, database);
    serve = running;
    let timer: NodeJS.Timeout | null = null;
    if (randomLeft > 0) {
      randomLeft--;
      const drawn = finished ? { afterStartMs: random() * 300 } : draw(random);
      if ("vendor" in drawn) moments.push(drawn);
      else timer = setTimeout(kill, drawn.afterStartMs);
    }
    const isDead = () => serve !== running;
    // PagerDuty sends again what was not answered.
    while (!isDead() && !told) told = (await replay.page(webhookOf(running.url)))[0]?.status === 202;
    let exported: IncidentExport | null = null;
    while (!isDead() && exported?.status.finished !== true) {
      await Promise.race([sleep(200), running.ended]);
      exported = await readExport(`${running.url}/incidents/${incident}.json`);
    }
    finished = exported?.status.finished === true;
    // What was to be cut is over: a process at rest is killed instead, and its successor must find nothing to do.
    if (finished && !isDead() && plan.randomKills !== undefined && moments.length > 0) kill();
    if (plan.randomKills !== undefined && isDead()) moments.length = 0;
    if (timer !== null && !isDead()) await running.ended;
    if (isDead() || exported === null) {
      await running.ended;
      plan.onKilled?.(database);
      continue;
    }
    const list = await (await fetch(`${running.url}/incidents`)).text();
    serve = null;
    running.signal("SIGTERM");
    await running.ended;
    const stray = strays(proxy.calls, { channel: replay.slack.channelId, repository: replay.repository });
    if (stray.length > 0) throw new Error(`calls outside of the closed list: ${stray.join(", ")}`);
    return { exported, kills, incidents: new Set(list.match(/\/incidents\/pd-\w+/g)).size, left: moments };
  }
}

/**
 * What must be alike between runs: not the times, not the ports of this run's servers, and not the numbers of answers, for on a busy machine some are
 * late and come after the brief.
 */
export function essence({ exported }: Story) {
  const { finding, pullRequest, evidence } = exported;
  const entries = new Map(evidence.map(({ number, source, from }) => [number, `${source} from ${from ?? "ever"}`]));
  return {
    verdict: finding?.verdict,
    suspects: finding?.suspects.map(({ service, instance, fault, probability, change, reasons }) => ({
      service,
      instance,
      fault,
      probability,
      sha: change?.sha ?? null,
      reasons: reasons.map(({ text, evidence: cited }) => ({ text, evidence: cited.map((number) => entries.get(number)) })),
    })),
    ruledOut: finding?.ruledOut.map(({ what, why }) => ({ what, why })),
    // Queries end when triage first ran, which is a matter of milliseconds.
    evidence: [...entries.values()].toSorted(),
    numbers: evidence.map(({ number }) => number),
    pullRequest: pullRequest === null ? null : { branch: pullRequest.branch, title: pullRequest.title, files: pullRequest.files },
    failures: exported.failures,
  };
}

export const withoutPorts = (text: string): string => text.replaceAll(/127\.0\.0\.1:\d+/g, "host");

/** What Slack shows, without the ports of this run's servers, the time that reading took, the numbers of answers and what came late of them. */
export const said = (replay: Replay): string[] =>
  shown(replay).map(({ text }) =>
    withoutPorts(text)
      .replaceAll(/read in [\d.]+ (ms|s|min)/g, "read in a moment")
      .replaceAll(/\bE\d+\b/g, "E")
      .replaceAll(/evidence\/\d+/g, "evidence")
      .replaceAll(/^\*Corrected\* at .*\n/gm, ""),
  );
