import { type Command, number, onePositional } from "../command.ts";

export const replayModelCommand: Command = {
  name: "replay-model",
  summary: "Serves a Messages API whose model is you: requests come as files into DIR, answers are read from files there.",
  positionals: "DIR",
  options: { port: { type: "string", hint: "PORT", about: "its port; default: a free one" } },
  async run(args) {
    const { replayModel } = await import("../replay-model.ts");
    return replayModel({ folder: onePositional(args, "folder"), port: number(args, "port", { min: 0, max: 65_535 }) ?? 0 });
  },
};
