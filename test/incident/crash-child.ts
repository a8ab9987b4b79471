// A small midwatch in a process of its own, made to be killed: crash-child.ts <database> <vendor's URL> <run number>
import type { LoggedEvent } from "../../src/incident/event.ts";
import type { Plan, StepContext } from "../../src/incident/incident.ts";
import { openNodeHost } from "../../src/incident/node-host.ts";
import { delivery, posted, postedTexts } from "./pages.ts";

const [path = "", vendor = "", run = ""] = process.argv.slice(2);

const ask = async (method: "GET" | "POST", route: string, signal: AbortSignal): Promise<unknown> =>
  (await fetch(`${vendor}${route}`, { method, headers: { "x-run": run }, signal })).json();

/** Posts under a key that the vendor keeps beside the message but does not itself watch over: twice posted is two messages. */
const post = (name: string) => ({
  name,
  run: async ({ effects, incidentId, signal }: StepContext) => {
    const key = encodeURIComponent(`${incidentId}:${name}`);
    await effects.deliver<null, string>(name, "message", null, {
      find: async () => (await ask("GET", `/messages?key=${key}&step=${name}`, signal)) as string | null,
      act: async () => (await ask("POST", `/messages?key=${key}&step=${name}`, signal)) as string,
    });
    return [posted(name)];
  },
});

const read = (name: string) => ({
  name,
  run: async ({ signal }: StepContext) => {
    await Promise.all([1, 2, 3].map((part) => ask("GET", `/read?part=${part}&step=${name}`, signal)));
    return [posted(name)];
  },
});

const steps = Array.from({ length: 12 }, (_, index) => (index % 3 === 1 ? read(`read ${index}`) : post(`post ${index}`)));
const plan: Plan = (log: readonly LoggedEvent[]) => steps.find(({ name }) => !postedTexts(log).includes(name)) ?? null;

const host = openNodeHost({
  path,
  plan,
  settleMs: 120,
  // What a killed predecessor can't tell any more; anything else is a fault of this test's subject.
  onError: (error) => {
    console.error(error);
    process.exitCode = 1;
  },
});
await host.receive(delivery(1));

// Kept alive by more than its alarms, as `serve` is, and gone when whoever started it is.
process.stdin.on("end", () => process.exit()).resume();
