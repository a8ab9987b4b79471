import type { Plan, StepContext } from "../../src/store/incident-store.ts";
import { posted, postedTexts } from "./pages.ts";

const isRead = (index: number) => index % 3 === 1;

/** Names of the steps of `crashPlan`, in order. */
export const STEPS: readonly string[] = Array.from({ length: 12 }, (_, index) => `${isRead(index) ? "read" : "post"} ${index}`);

/**
 * A plan of twelve steps, some of which read from a vendor (heavy ones) and some of which post to it, each message at most once.
 * @param run told to the vendor with each request, so that it knows which start of the program asked
 */
export function crashPlan(vendor: string, run: string): Plan {
  const ask = async (method: "GET" | "POST", route: string, { signal, audit }: StepContext): Promise<unknown> => {
    const effect = method === "POST" ? "output" : "read";
    const url = route.replace(/\?.*/, "");
    const note = (outcome: "begun" | "answered", status: number | null) =>
      audit({
        ...{ kind: "call", vendor: "slack", method, url, outcome, effect, purpose: "a test", status },
        ...{ bytesOut: 0, bytesIn: 0, tookMs: 0, attempt: 1 },
      });
    if (effect === "output") note("begun", null);
    const answer = await fetch(`${vendor}${route}`, { method, headers: { "x-run": run }, signal });
    const told: unknown = await answer.json();
    note("answered", answer.status);
    return told;
  };

  /** The vendor keeps the key beside the message but does not itself watch over it: twice posted is two messages. */
  const post = (id: string) => ({
    id,
    run: async (context: StepContext) => {
      const { claim, effects, incidentId } = context;
      const query = `key=${encodeURIComponent(`${incidentId}:${id}`)}&step=${encodeURIComponent(id)}`;
      await effects.deliver<null, string>(id, "message", null, {
        find: async () => (await ask("GET", `/messages?${query}`, context)) as string | null,
        act: async () => (await ask("POST", `/messages?${query}`, context)) as string,
      });
      await claim(`${incidentId}:${id}`);
      return [posted(id)];
    },
  });

  const read = (id: string) => ({
    id,
    heavy: true,
    run: async (context: StepContext) => {
      const about = `step=${encodeURIComponent(id)}&reader=${encodeURIComponent(context.incidentId)}`;
      await Promise.all([1, 2, 3].map((part) => ask("GET", `/read?part=${part}&${about}`, context)));
      return [posted(id)];
    },
  });

  const steps = STEPS.map((id, index) => (isRead(index) ? read(id) : post(id)));
  return (log) => steps.find(({ id }) => !postedTexts(log).includes(id)) ?? null;
}
