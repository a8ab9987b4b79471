/** A mistake of the person at the keyboard, or something they must mend: shown as one clear message, without a stack. */
export class CommandError extends Error {
  readonly exitCode: number;
  constructor(message: string, exitCode = 2) {
    super(message);
    this.name = "CommandError";
    this.exitCode = exitCode;
  }
}

export interface Arguments {
  readonly values: Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;
  readonly positionals: readonly string[];
}

export interface Command {
  readonly summary: string;
  /** How its positional arguments are shown: `DIR`. */
  readonly positionals?: string;
  readonly options: Readonly<Record<string, { readonly type: "string" | "boolean"; readonly hint?: string; readonly about: string }>>;
  readonly notes?: string;
  /** @returns the exit code */
  run(args: Arguments): Promise<number>;
}

const text = (args: Arguments, name: string): string | null => {
  const value = args.values[name];
  return typeof value === "string" ? value : null;
};

/** A number option. @throws CommandError when it is not one in its range */
function number(args: Arguments, name: string, range: { min: number; max: number }): number | null {
  const value = text(args, name);
  if (value === null) return null;
  const parsed = Number(value);
  if (value.trim() === "" || !Number.isFinite(parsed) || parsed < range.min || parsed > range.max) {
    throw new CommandError(`--${name} must be a number from ${range.min} to ${range.max}, not "${value}".`);
  }
  return parsed;
}

function onePositional(args: Arguments, what: string): string {
  const [first, ...more] = args.positionals;
  if (first === undefined) throw new CommandError(`The ${what} is missing.`);
  if (more.length > 0) throw new CommandError(`Only one ${what} is understood; "${more.join(" ")}" is too much.`);
  return first;
}

const conditions = {
  latency: { type: "string", hint: "MS", about: "every vendor call takes this long, ms" },
  "rate-limit": { type: "string", hint: "N", about: "each vendor answers N calls a minute, then 429" },
  fault: {
    type: "string",
    hint: "VENDOR=FAULT",
    about: "datadog, sentry, github, pagerduty or slack with a status (503), timeout, cut or malformed",
  },
  ci: { type: "boolean", about: "GitHub runs the recording's own checks for pushed commits: its code runs on this machine" },
} as const;

/** Every command. Each loads its own code, so that `--help` and `serve` start at once. */
export const commands: Readonly<Record<string, Command>> = {
  serve: {
    summary: "Runs midwatch: webhooks in, Slack and pages out. Settings come from the environment and .env.",
    options: {},
    async run() {
      const { serve } = await import("./serve.ts");
      return serve();
    },
  },
  demo: {
    summary: "Plays a recorded incident through midwatch, from the page to the draft PR. Needs no key and no network, unless --model.",
    options: {
      incident: { type: "string", hint: "DIR", about: "folder of a recorded incident; default: the Train Ticket one of this repository" },
      scripted: {
        type: "boolean",
        about: "plain code takes a model's place, and hands in the patch that lies beside the recording; proves the code, not a model",
      },
      model: { type: "boolean", about: "the model of ANTHROPIC_API_KEY investigates too; it costs, and MIDWATCH_* limits it" },
      once: { type: "boolean", about: "ends after the report instead of staying up" },
      json: { type: "boolean", about: "prints one JSON summary instead of the story (implies --once)" },
      port: { type: "string", hint: "PORT", about: "port of midwatch's pages; default: a free one" },
      ...conditions,
    },
    async run(args) {
      const { demo } = await import("./demo.ts");
      const json = args.values["json"] === true;
      return demo({
        incident: text(args, "incident"),
        model: args.values["model"] === true,
        scripted: args.values["scripted"] === true,
        once: json || args.values["once"] === true,
        json,
        port: number(args, "port", { min: 0, max: 65_535 }) ?? 0,
        latencyMs: number(args, "latency", { min: 0, max: 60_000 }) ?? 0,
        rateLimit: number(args, "rate-limit", { min: 1, max: 1e6 }),
        fault: text(args, "fault"),
        ci: args.values["ci"] === true,
      });
    },
  },
  replay: {
    summary: "Serves a recorded incident through vendor-shaped APIs on loopback and prints the settings that point at it.",
    positionals: "DIR",
    options: {
      json: { type: "boolean", about: "prints the settings as one JSON object" },
      page: { type: "string", hint: "URL", about: "sends the incident's webhook there once replay is up" },
      ...conditions,
    },
    notes:
      'Point midwatch at it: npm run --silent midwatch -- replay DIR > .env.replay, and in a second terminal: set -a; . ./.env.replay; set +a; npm run midwatch -- serve\nSend the page again: POST <control URL>/_replay/page {"url": "http://127.0.0.1:3000/webhooks/pagerduty"}',
    async run(args) {
      const { replay } = await import("./replay.ts");
      return replay({
        folder: onePositional(args, "folder of a recorded incident"),
        json: args.values["json"] === true,
        page: text(args, "page"),
        latencyMs: number(args, "latency", { min: 0, max: 60_000 }) ?? 0,
        rateLimit: number(args, "rate-limit", { min: 1, max: 1e6 }),
        fault: text(args, "fault"),
        ci: args.values["ci"] === true,
      });
    },
  },
  "replay-model": {
    summary: "Serves a Messages API whose model is you: requests come as files into DIR, answers are read from files there.",
    positionals: "DIR",
    options: { port: { type: "string", hint: "PORT", about: "its port; default: a free one" } },
    async run(args) {
      const { replayModel } = await import("./replay-model.ts");
      return replayModel({ folder: onePositional(args, "folder"), port: number(args, "port", { min: 0, max: 65_535 }) ?? 0 });
    },
  },
  investigate: {
    summary: "Investigates one PagerDuty incident now, as if its page had just come, and prints the finding.",
    positionals: "PAGERDUTY_ID",
    options: {},
    async run(args) {
      const { investigate } = await import("./investigate.ts");
      return investigate(onePositional(args, "id of a PagerDuty incident"));
    },
  },
  doctor: {
    summary: "Checks settings, the catalog, every vendor's reachability and what each credential may read; one line each with what to do.",
    options: { json: { type: "boolean", about: "prints one JSON object" } },
    async run(args) {
      const { doctor } = await import("./doctor.ts");
      return doctor({ json: args.values["json"] === true });
    },
  },
  "mcp pin": {
    summary: "Lists the tools of an MCP server as they are now, for MCP_SERVERS_PATH: to be read, then pasted.",
    positionals: "SERVER",
    options: { tool: { type: "string", hint: "NAME", about: "only this tool" } },
    async run(args) {
      const { pinMcp } = await import("./mcp.ts");
      return pinMcp(onePositional(args, "name of the server"), text(args, "tool"));
    },
  },
  "mcp check": {
    summary: "Compares MCP servers with their pins, and shows what differs: such tools are refused.",
    positionals: "[SERVER]",
    options: {},
    async run(args) {
      const { checkMcp } = await import("./mcp.ts");
      return checkMcp(args.positionals.length === 0 ? null : onePositional(args, "name of the server"));
    },
  },
  policy: {
    summary: "Prints everything that midwatch may call, as a table for a security review. Reads no settings.",
    options: { json: { type: "boolean", about: "prints the rules as JSON" } },
    async run(args) {
      const { printPolicy } = await import("./policy.ts");
      return printPolicy({ json: args.values["json"] === true });
    },
  },
  "audit verify": {
    summary: "Reads the audit's whole chain; exit code 1 and the entry where something was changed or is missing.",
    options: {
      head: { type: "string", hint: "HASH", about: "an entry's hash from the log or an export: it must be part of the chain" },
      json: { type: "boolean", about: "prints one JSON object" },
    },
    notes: "The store is that of DATABASE_PATH; midwatch may be running.",
    async run(args) {
      const { verify } = await import("./audit.ts");
      return verify({ head: text(args, "head"), json: args.values["json"] === true });
    },
  },
  "audit export": {
    summary: "Prints the audit: every outgoing call, refusal and decision, one JSON line each.",
    options: {
      incident: { type: "string", hint: "ID", about: "of this incident alone (pd-…)" },
      since: { type: "string", hint: "TIME", about: "from this time on, for example 2026-01-31T09:00:00Z" },
    },
    async run(args) {
      const { exportEntries } = await import("./audit.ts");
      return exportEntries({ incident: text(args, "incident"), since: text(args, "since") });
    },
  },
  "sql grants": {
    summary: "Prints the SQL that makes the login role for the model's SQL, with grants for what the catalog declares. Runs nothing.",
    positionals: "DATABASE",
    options: { role: { type: "string", hint: "NAME", about: "name of the role; default midwatch_sql" } },
    notes:
      "DATABASE is the name in the catalog. An administrator runs it: npm run --silent midwatch -- sql grants orders-db | psql <primary>",
    async run(args) {
      const { sqlGrants } = await import("./sql-grants.ts");
      return sqlGrants({ database: onePositional(args, "name of the database"), role: text(args, "role") });
    },
  },
  "skills check": {
    summary: "Checks skills and runbooks: each problem with its file and line, and how to mend it.",
    positionals: "[DIR]",
    options: { json: { type: "boolean", about: "prints one JSON object" } },
    notes:
      "DIR holds skills/ and runbooks/, or is the folder of one skill. Without it: what midwatch would load here, with the folder of SKILLS_PATH.",
    async run(args) {
      const { checkSkills } = await import("./skills.ts");
      return checkSkills({
        folder: args.positionals.length === 0 ? null : onePositional(args, "folder"),
        json: args.values["json"] === true,
      });
    },
  },
  "skills list": {
    summary: "Lists the skills and runbooks that are loaded: from where, how long, what they fit.",
    options: { json: { type: "boolean", about: "prints one JSON object" } },
    async run(args) {
      const { listSkills } = await import("./skills.ts");
      return listSkills({ json: args.values["json"] === true });
    },
  },
  "skills new": {
    summary: "Writes the skeleton of a skill, skills/NAME/SKILL.md.",
    positionals: "NAME",
    options: { dir: { type: "string", hint: "DIR", about: "folder that holds skills/; default: SKILLS_PATH, or this folder" } },
    async run(args) {
      const { newSkill } = await import("./skills.ts");
      return newSkill({ name: onePositional(args, "name of the skill"), folder: text(args, "dir") });
    },
  },
  "eval incidents": {
    summary: "Ranks suspects for recorded incidents with the analysis alone.",
    positionals: "DIR...",
    options: {
      out: { type: "string", hint: "FILE", about: "writes one JSON line a case" },
      truth: { type: "boolean", about: "reads truth.json afterwards and prints AC@1/3/5, SF@1 and C@1 by data set" },
    },
    async run(args) {
      const { evalIncidents } = await import("./eval-incidents.ts");
      return evalIncidents({ folders: args.positionals, out: text(args, "out"), truth: args.values["truth"] === true });
    },
  },
  "eval agent": {
    summary: "Runs the agent over recorded incidents with the model of ANTHROPIC_BASE_URL, and judges its reports.",
    positionals: "DIR...",
    options: {
      out: { type: "string", hint: "FOLDER", about: "where the reports go, one file a case; cases that have theirs are not run again" },
      concurrency: { type: "string", hint: "N", about: "cases under way at once; default 2" },
      json: { type: "boolean", about: "prints one JSON object" },
    },
    notes:
      "Settings: ANTHROPIC_API_KEY, ANTHROPIC_BASE_URL and MIDWATCH_*. docs/evaluation.md explains the columns. Ctrl-C ends it; the same command goes on.",
    async run(args) {
      const { evalAgent } = await import("./eval-agent.ts");
      const { readEnvironment } = await import("../node/node.ts");
      const out = text(args, "out");
      if (out === null) throw new CommandError("--out FOLDER is missing: the reports are written there.");
      const stop = new AbortController();
      process.once("SIGINT", () => stop.abort());
      return evalAgent({
        folders: args.positionals,
        out,
        concurrency: number(args, "concurrency", { min: 1, max: 32 }) ?? 2,
        json: args.values["json"] === true,
        settings: readEnvironment(),
        print: console.log,
        tell: console.error,
        signal: stop.signal,
      });
    },
  },
  "eval logs": {
    summary: "Reads log messages on stdin and prints the id of each one's pattern, one a line.",
    options: {},
    async run() {
      const { evalLogs } = await import("./eval-logs.ts");
      return evalLogs();
    },
  },
  "eval healthy": {
    summary: "Counts false alarms on healthy hours, cut into half-hour windows.",
    positionals: "DIR",
    options: {},
    async run(args) {
      const { evalHealthy } = await import("./eval-healthy.ts");
      return evalHealthy({ folder: onePositional(args, "folder") });
    },
  },
};
