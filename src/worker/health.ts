import { Hono } from "hono";
import type { Backlog } from "../durable/admission.ts";

/** Strangers may ask too, so the directory's object is asked no more often, by each isolate. */
const KNOWN_FOR_MS = 5_000;
/** A load balancer waits no longer. */
const LONGEST_MS = 4_000;

type Health = { readonly backlog: Backlog } | { readonly problem: string };

/** Whether the store of a Worker answers, and what waits in it. @param ask the directory's object */
export function openHealth(ask: () => Promise<Backlog>, now: () => number = Date.now) {
  let last: { at: number; readonly health: Health } | null = null;

  async function look(): Promise<Health> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<Health>((resolve) => {
      timer = setTimeout(() => resolve({ problem: `the directory's object did not answer within ${LONGEST_MS / 1_000} s` }), LONGEST_MS);
    });
    const asked = ask().then(
      (backlog): Health => ({ backlog }),
      (error: unknown): Health => ({
        problem: `the directory's object does not answer (${error instanceof Error ? error.name : "no reason given"})`,
      }),
    );
    const health = await Promise.race([asked, late]);
    clearTimeout(timer);
    return health;
  }

  async function current(): Promise<Health> {
    const asked = now();
    if (last !== null && asked - last.at < KNOWN_FOR_MS) return last.health;
    // Who asks in the meantime gets the last answer: no request may wait for what another one began.
    if (last !== null) last.at = asked;
    const health = await look();
    last = { at: asked, health };
    return health;
  }

  const routes = new Hono();
  routes.get("/readyz", async (c) => {
    const health = await current();
    const isReady = "backlog" in health;
    return c.json({ ready: isReady, store: { answers: isReady }, ...health }, isReady ? 200 : 503);
  });
  return {
    /** `/readyz` */
    routes,
    /** For `/healthz`; empty when well. */
    async problems(): Promise<readonly string[]> {
      const health = await current();
      return "problem" in health ? [health.problem] : [];
    },
  };
}
