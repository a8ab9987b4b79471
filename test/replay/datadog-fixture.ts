import type { Hono } from "hono";
import { replayClock } from "../../src/replay/clock.ts";
import { createDatadogReplay, type DatadogReplayOptions } from "../../src/replay/datadog/datadog-replay.ts";
import { loadRecording } from "../../src/replay/recording.ts";
import { incidentJson, type RecordingFiles, recordingFolder, secondsAt } from "../support/recording-folder.ts";

/** When the replays of these tests "start": the made-up incident's end, 12:30, is served as this. */
export const startedAt = Date.parse("2026-05-06T07:08:09.010Z");

/** Served time of a time on the made-up incident's day, epoch milliseconds. */
export const servedAt = (time: string): number => startedAt + (secondsAt(time) - secondsAt("12:30:00")) * 1000;
export const isoAt = (time: string): string => new Date(servedAt(time)).toISOString();

export const keys = { "dd-api-key": "api", "dd-application-key": "application" };

/** An answer of the replay, its JSON already read. Tests look into it by path, so it is typed loosely on purpose: by what they expect. */
export interface Reply<T> {
  readonly status: number;
  readonly body: T;
}

export interface ReplayedDatadog {
  readonly app: Hono;
  get<T>(path: string, query?: Readonly<Record<string, string | number>>): Promise<Reply<T>>;
  post<T>(path: string, body: unknown): Promise<Reply<T>>;
}

/** A replayed Datadog over a made-up recording: `files` as for `recordingFolder`, with an incident.json unless they have one. */
export async function replayedDatadog(files: RecordingFiles, options: DatadogReplayOptions = {}): Promise<ReplayedDatadog> {
  await using folder = await recordingFolder({ "incident.json": incidentJson(), ...files });
  const recording = await loadRecording(folder.path);
  const app = createDatadogReplay(recording, replayClock(recording.incident.window.to, startedAt), { now: () => startedAt, ...options });
  const reply = async <T>(response: Response): Promise<Reply<T>> => ({ status: response.status, body: (await response.json()) as T });
  return {
    app,
    get: async (path, query = {}) => {
      const search = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]));
      return reply(await app.request(`${path}?${search}`, { headers: keys }));
    },
    post: async (path, body) =>
      reply(
        await app.request(path, { method: "POST", headers: { ...keys, "content-type": "application/json" }, body: JSON.stringify(body) }),
      ),
  };
}

export interface Errors {
  readonly errors: readonly string[];
}
