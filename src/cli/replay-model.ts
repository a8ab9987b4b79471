import { CommandError } from "./command-error.ts";

/** `replay-model`: a Messages API whose model is the person at the keyboard, until interrupted. */
export async function replayModel(args: { readonly folder: string; readonly port: number }): Promise<number> {
  const { startModelByHand } = await import("../replay/anthropic/by-hand.ts");
  const { interrupted } = await import("../node/interrupt.ts");
  await using running = await startModelByHand({ ...args, log: (line) => console.error(line) }).catch((error: unknown) => {
    throw new CommandError(error instanceof Error ? error.message : String(error), 1);
  });
  console.log(`ANTHROPIC_BASE_URL=${running.url}\nANTHROPIC_API_KEY=${running.apiKey}`);
  console.error(`Requests come to ${args.folder}; src/replay/anthropic/README.md says how answers are written. Ctrl-C ends it.`);
  await interrupted();
  return 0;
}
