import { type Command, flag, text } from "../command.ts";

export const auditVerifyCommand: Command = {
  name: "audit verify",
  summary: "Reads the audit's whole chain; exit code 1 and the entry where something was changed or is missing.",
  options: {
    head: { type: "string", hint: "HASH", about: "an entry's hash from the log or an export: it must be part of the chain" },
    json: { type: "boolean", about: "prints one JSON object" },
  },
  notes: "The store is that of DATABASE_PATH; midwatch may be running.",
  async run(args) {
    const { verify } = await import("../audit.ts");
    return verify({ head: text(args, "head"), json: flag(args, "json") });
  },
};

export const auditExportCommand: Command = {
  name: "audit export",
  summary: "Prints the audit: every outgoing call, refusal and decision, one JSON line each.",
  options: {
    incident: { type: "string", hint: "ID", about: "of this incident alone (pd-…)" },
    since: { type: "string", hint: "TIME", about: "from this time on, for example 2026-01-31T09:00:00Z" },
  },
  async run(args) {
    const { exportEntries } = await import("../audit.ts");
    return exportEntries({ incident: text(args, "incident"), since: text(args, "since") });
  },
};
