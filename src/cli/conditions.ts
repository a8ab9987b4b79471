import type { IntegrationName } from "../guard/errors.ts";
import type { Fault, FaultKind } from "../replay/conditions.ts";
import { CommandError } from "./command-error.ts";

const vendors = ["datadog", "github", "pagerduty", "sentry", "slack"] as const satisfies readonly IntegrationName[];

function faultKind(text: string): FaultKind | null {
  if (text === "timeout" || text === "cut" || text === "malformed") return { kind: text };
  return /^[45]\d\d$/.test(text) ? { kind: "status", status: Number(text) } : null;
}

/**
 * The conditions of a replay from the command line's words.
 * @throws CommandError saying which word is not understood
 */
export function parseConditions(args: { latencyMs: number; rateLimit: number | null; fault: string | null; ci: boolean }): {
  ci: boolean;
  latencyMs: number;
  rateLimits: Partial<Record<IntegrationName, number>>;
  faults: Fault[];
} {
  const { rateLimit } = args;
  const faults = (args.fault?.split(",") ?? []).map((word): Fault => {
    const [name, what] = word.split("=");
    const vendor = vendors.find((known) => known === name);
    const kind = faultKind(what ?? "");
    if (vendor === undefined || kind === null) {
      throw new CommandError(
        `--fault "${word}" is not understood. Write VENDOR=FAULT: one of ${vendors.join(", ")}, and a status (503), timeout, cut or malformed.`,
      );
    }
    return { vendor, ...kind };
  });
  return {
    ci: args.ci,
    latencyMs: args.latencyMs,
    rateLimits: rateLimit === null ? {} : Object.fromEntries(vendors.map((vendor) => [vendor, rateLimit])),
    faults,
  };
}
