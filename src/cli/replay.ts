import { CommandError } from "./command-error.ts";

export interface ReplayArguments {
  readonly folder: string;
  readonly json: boolean;
  readonly page: string | null;
  readonly latencyMs: number;
  readonly rateLimit: number | null;
  readonly fault: string | null;
  /** Whether the recording's CI runs: its code, and what is pushed, on this machine. */
  readonly ci: boolean;
}

/** `replay`: serves a recording alone until interrupted. */
export async function replay(args: ReplayArguments): Promise<number> {
  const { startReplay } = await import("../replay/server.ts");
  const { parseConditions } = await import("./conditions.ts");
  const { interrupted } = await import("../node/interrupt.ts");
  await using running = await startReplay({ folder: args.folder, ...parseConditions(args) }).catch((error: unknown) => {
    throw new CommandError(error instanceof Error ? error.message : String(error), 1);
  });
  const lines = Object.entries(running.settings).map(([name, value]) => `${name}=${value}`);
  console.log(args.json ? JSON.stringify(running.settings) : lines.join("\n"));
  console.error(
    `Serving ${args.folder} at ${running.url}; Ctrl-C ends it. Send its page: POST ${running.url}/_replay/page {"url": "<webhook URL>"}`,
  );
  if (args.page !== null) await running.page(args.page);
  await interrupted();
  return 0;
}
