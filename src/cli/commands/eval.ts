import { type Command, flag, number, onePositional, text } from "../command.ts";
import { CommandError } from "../command-error.ts";

export const evalIncidentsCommand: Command = {
  name: "eval incidents",
  summary: "Ranks suspects for recorded incidents with the analysis alone.",
  positionals: "DIR...",
  options: {
    out: { type: "string", hint: "FILE", about: "writes one JSON line a case" },
    truth: { type: "boolean", about: "reads truth.json afterwards and prints AC@1/3/5, SF@1 and C@1 by data set" },
  },
  async run(args) {
    const { evalIncidents } = await import("../eval-incidents.ts");
    return evalIncidents({ folders: args.positionals, out: text(args, "out"), truth: flag(args, "truth") });
  },
};

export const evalAgentCommand: Command = {
  name: "eval agent",
  summary: "Runs the agent over recorded incidents with the model of ANTHROPIC_BASE_URL, and judges its reports.",
  positionals: "DIR...",
  options: {
    out: { type: "string", hint: "FOLDER", about: "where the reports go, one file a case; cases that have theirs are not run again" },
    concurrency: { type: "string", hint: "N", about: "cases under way at once; default 2" },
    json: { type: "boolean", about: "prints one JSON object" },
  },
  notes:
    "Settings: ANTHROPIC_API_KEY, ANTHROPIC_BASE_URL and MIDWATCH_*. docs/evaluation.md explains the columns. Ctrl-C ends it; the same command continues it.",
  async run(args) {
    const { evalAgent } = await import("../eval-agent.ts");
    const { readEnvironment } = await import("../../node/environment.ts");
    const out = text(args, "out");
    if (out === null) throw new CommandError("--out FOLDER is missing: the reports are written there.");
    const stop = new AbortController();
    process.once("SIGINT", () => stop.abort());
    return evalAgent({
      folders: args.positionals,
      out,
      concurrency: number(args, "concurrency", { min: 1, max: 32 }) ?? 2,
      json: flag(args, "json"),
      settings: readEnvironment(),
      print: console.log,
      tell: console.error,
      signal: stop.signal,
    });
  },
};

export const evalLogsCommand: Command = {
  name: "eval logs",
  summary: "Reads log messages on stdin and prints the id of each one's pattern, one a line.",
  options: {},
  async run() {
    const { evalLogs } = await import("../eval-logs.ts");
    return evalLogs();
  },
};

export const evalHealthyCommand: Command = {
  name: "eval healthy",
  summary: "Counts false alarms on healthy hours, cut into half-hour windows.",
  positionals: "DIR",
  options: {},
  async run(args) {
    const { evalHealthy } = await import("../eval-healthy.ts");
    return evalHealthy({ folder: onePositional(args, "folder") });
  },
};
