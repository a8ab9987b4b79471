import type { Gate } from "../../src/guard/policy.ts";

/** Lets everything out: GET and HEAD as reads, the rest as outputs. For tests that are about something else. */
export const openToAll: Gate = ({ method }) => ({
  allowed: {
    method: "GET",
    path: "/{path...}",
    effect: method === "GET" || method === "HEAD" ? "read" : "output",
    purpose: "a test",
  },
});

/** The same, all of it reads. */
export const readsOnly: Gate = () => ({ allowed: { method: "POST", path: "/{path...}", effect: "read", purpose: "a test" } });

/** Lets everything out as what is good for one try. */
export const onceOnly: Gate = () => ({ allowed: { method: "POST", path: "/{path...}", effect: "auth", purpose: "a test", once: true } });
