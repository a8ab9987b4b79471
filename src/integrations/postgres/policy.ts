import type { Policy } from "../../guard/policy.ts";

/** Connections of PostgreSQL's own protocol: to the host and port of an entry of DATABASES, and to no other. */
export const postgresPolicy: Policy = {
  vendor: "postgres",
  setting: "DATABASES",
  usual: null,
  rules: [{ method: "CONNECT", path: "/", effect: "read", purpose: "read-only sessions" }],
};
