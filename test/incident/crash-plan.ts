import type { Plan, StepContext } from "../../src/incident/incident.ts";
import { posted, postedTexts } from "./pages.ts";

const isRead = (index: number) => index % 3 === 1;

/** Names of the steps of `crashPlan`, in order. */
export const STEPS: readonly string[] = Array.from({ length: 12 }, (_, index) => `${isRead(index) ? "read" : "post"} ${index}`);

/**
 * A plan of twelve steps, some of which read from a vendor and some of which post to it, each message at most once.
 * @param run told to the vendor with each request, so that it knows which start of the program asked
 */
export function crashPlan(vendor: string, run: string): Plan {
  const ask = async (method: "GET" | "POST", route: string, signal: AbortSignal): Promise<unknown> =>
    (await fetch(`${vendor}${route}`, { method, headers: { "x-run": run }, signal })).json();

  /** The vendor keeps the key beside the message but does not itself watch over it: twice posted is two messages. */
  const post = (name: string) => ({
    name,
    run: async ({ claim, effects, incidentId, signal }: StepContext) => {
      const query = `key=${encodeURIComponent(`${incidentId}:${name}`)}&step=${encodeURIComponent(name)}`;
      await effects.deliver<null, string>(name, "message", null, {
        find: async () => (await ask("GET", `/messages?${query}`, signal)) as string | null,
        act: async () => (await ask("POST", `/messages?${query}`, signal)) as string,
      });
      await claim(`${incidentId}:${name}`);
      return [posted(name)];
    },
  });

  const read = (name: string) => ({
    name,
    run: async ({ signal }: StepContext) => {
      await Promise.all([1, 2, 3].map((part) => ask("GET", `/read?part=${part}&step=${encodeURIComponent(name)}`, signal)));
      return [posted(name)];
    },
  });

  const steps = STEPS.map((name, index) => (isRead(index) ? read(name) : post(name)));
  return (log) => steps.find(({ name }) => !postedTexts(log).includes(name)) ?? null;
}
