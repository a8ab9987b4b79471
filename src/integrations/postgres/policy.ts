import type { Policy } from "../../guard/policy.ts";

/** Connections of PostgreSQL's own protocol: to the host and port of an entry of DATABASES, and to no other. */
export const postgresPolicy: Policy = {
  vendor: "postgres",
  setting: "DATABASES",
  usual: null,
  rules: [{ method: "CONNECT", path: "/", effect: "read", purpose: "read-only sessions" }],
};

/** The same for SQL of the model, which has logins of its own. */
export const sqlPolicy: Policy = {
  vendor: "postgres",
  setting: "SQL_DATABASES",
  usual: null,
  rules: [{ method: "CONNECT", path: "/", effect: "read", purpose: "read-only sessions for SQL of the model" }],
};
