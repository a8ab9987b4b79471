import { createGithubReplay, type GithubReplayOptions } from "../../../src/replay/github/app.ts";
import type { RecordingFiles } from "../recording-folder.ts";
import { madeUp, serving } from "../serving.ts";
import { octokitOf } from "./quiet-octokit.ts";

/** The replayed GitHub of a made-up recording, on loopback. Its token is `token`. */
export async function replayedGithub(files: RecordingFiles, options: Partial<GithubReplayOptions> = {}, incident = { system: "Shop" }) {
  const { recording, clock } = await madeUp(files, incident);
  const replay = await createGithubReplay(recording, clock, { token: "token", ...options });
  const server = await serving(replay.app);
  return {
    replay,
    url: server.url,
    octokit: octokitOf(server.url),
    [Symbol.asyncDispose]: async () => {
      await replay.close();
      await server[Symbol.asyncDispose]();
    },
  };
}
