import { type Command, flag, number, onePositional, text } from "../command.ts";
import { conditionOptions } from "../condition-options.ts";

export const replayCommand: Command = {
  name: "replay",
  summary: "Serves a recorded incident through vendor-shaped APIs on loopback and prints the settings that point at it.",
  positionals: "DIR",
  options: {
    json: { type: "boolean", about: "prints the settings as one JSON object" },
    page: { type: "string", hint: "URL", about: "sends the incident's webhook there once replay is up" },
    ...conditionOptions,
  },
  notes:
    'Point midwatch at it: npm run --silent midwatch -- replay DIR > .env.replay, and in a second terminal: set -a; . ./.env.replay; set +a; npm run midwatch -- serve\nSend the page again: POST <control URL>/_replay/page {"url": "http://127.0.0.1:3000/webhooks/pagerduty"}',
  async run(args) {
    const { replay } = await import("../replay.ts");
    return replay({
      folder: onePositional(args, "folder of a recorded incident"),
      json: flag(args, "json"),
      page: text(args, "page"),
      latencyMs: number(args, "latency", { min: 0, max: 60_000 }) ?? 0,
      rateLimit: number(args, "rate-limit", { min: 1, max: 1e6 }),
      fault: text(args, "fault"),
      ci: flag(args, "ci"),
    });
  },
};
