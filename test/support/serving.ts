import { serve } from "@hono/node-server";
import type { Hono } from "hono";
import type { Server } from "node:http";
import { replayClock, type ReplayClock } from "../../src/replay/clock.ts";
import type { Recording } from "../../src/replay/recorded.ts";
import { loadRecording } from "../../src/replay/recording.ts";
import { incidentJson, recordingFolder, type RecordingFiles } from "./recording-folder.ts";

export interface Serving extends AsyncDisposable {
  readonly url: string;
}

/** A hono app as a real server on a free loopback port. Disposing cuts open connections too. */
export function serving(app: Hono): Promise<Serving> {
  return new Promise((resolve) => {
    const server = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }, ({ port }) =>
      resolve({
        url: `http://127.0.0.1:${port}`,
        [Symbol.asyncDispose]: () =>
          new Promise((done) => {
            server.close(() => done());
            server.closeAllConnections();
          }),
      }),
    ) as Server;
  });
}

/** When the made-up recordings are replayed: 2026-06-01T08:00:00Z, which is what their 12:30 is served as. */
export const replayedAt = Date.parse("2026-06-01T08:00:00Z");

/** A made-up recording, loaded, on a clock that stands at `replayedAt`. */
export async function madeUp(
  files: RecordingFiles,
  incident: Readonly<Record<string, unknown>> = {},
): Promise<{ recording: Recording; clock: ReplayClock }> {
  await using folder = await recordingFolder({ "incident.json": incidentJson(incident), ...files });
  const recording = await loadRecording(folder.path);
  return { recording, clock: replayClock(recording.incident.window.to, replayedAt) };
}
