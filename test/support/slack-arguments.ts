import { Ajv, type ValidateFunction } from "ajv";
import { readContract } from "./contracts.ts";

interface ArgumentSchemas {
  methods: Record<string, { args: string } | undefined>;
  definitions: Record<string, object>;
}

/** Holds arguments of Web API methods against the types of Slack's own SDK, and blocks against its block types. */
export function loadArguments() {
  const { methods, definitions } = readContract<ArgumentSchemas>("slack/web-api-args.schema.json.gz");
  const ajv = new Ajv({ strict: false, allErrors: true, logger: false });
  const compiled = new Map<string, ValidateFunction>();
  const problemsOf = (type: string, value: unknown): string[] => {
    let validate = compiled.get(type);
    if (validate === undefined) {
      validate = ajv.compile({ $ref: `#/definitions/${type}`, definitions });
      compiled.set(type, validate);
    }
    if (validate(value)) return [];
    return (validate.errors ?? []).map((error) => `${error.instancePath || "/"} ${error.message ?? ""}`);
  };
  return {
    /** @param form the request's body as sent: JSON inside of form fields */
    argumentProblems(method: string, form: string): string[] {
      const known = methods[method];
      if (known === undefined) return [`no such method: ${method}`];
      const fields = Object.fromEntries([...new URLSearchParams(form)].map(([name, value]) => [name, decoded(name, value)]));
      return problemsOf(`X_${known.args}`, fields).map((problem) => `${method}: ${problem}`);
    },
    blockProblems: (block: unknown): string[] => problemsOf("X_KnownBlock", block),
    types: Object.keys(definitions),
  };
}

/** A form has only text; the schema speaks of what the caller gave. */
function decoded(name: string, value: string): unknown {
  if (["blocks", "metadata", "attachments", "view", "files"].includes(name)) return JSON.parse(value);
  if (value === "true" || value === "false") return value === "true";
  return ["limit", "length"].includes(name) ? Number(value) : value;
}
