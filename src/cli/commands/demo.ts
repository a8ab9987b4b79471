import { type Command, flag, number, text } from "../command.ts";
import { conditionOptions } from "../condition-options.ts";

export const demoCommand: Command = {
  name: "demo",
  summary: "Plays a recorded incident through midwatch, from the page to the draft PR. Needs no key and no network, unless --model.",
  options: {
    incident: { type: "string", hint: "DIR", about: "folder of a recorded incident; default: the Train Ticket one of this repository" },
    scripted: {
      type: "boolean",
      about: "plain code takes a model's place, and hands in the patch that lies beside the recording; proves the code, not a model",
    },
    model: { type: "boolean", about: "the model of ANTHROPIC_API_KEY investigates too; it costs, and MIDWATCH_* limits it" },
    storm: { type: "boolean", about: "plays a made-up outage with fourteen pages, from the first one to the recovery, in about a minute" },
    once: { type: "boolean", about: "ends after the report instead of staying up" },
    json: { type: "boolean", about: "prints one JSON summary instead of the story (implies --once)" },
    port: { type: "string", hint: "PORT", about: "port of midwatch's pages; default: a free one" },
    ...conditionOptions,
  },
  async run(args) {
    const json = flag(args, "json");
    const once = json || flag(args, "once");
    const port = number(args, "port", { min: 0, max: 65_535 }) ?? 0;
    if (flag(args, "storm")) {
      const { storm } = await import("../storm.ts");
      return storm({ once, json, port });
    }
    const { demo } = await import("../demo.ts");
    return demo({
      incident: text(args, "incident"),
      model: flag(args, "model"),
      scripted: flag(args, "scripted"),
      ...{ once, json, port },
      latencyMs: number(args, "latency", { min: 0, max: 60_000 }) ?? 0,
      rateLimit: number(args, "rate-limit", { min: 1, max: 1e6 }),
      fault: text(args, "fault"),
      ci: flag(args, "ci"),
    });
  },
};
