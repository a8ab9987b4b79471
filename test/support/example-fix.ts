import type { EventOf } from "../../src/incident/event.ts";

/** A fix as it was opened. */
export const fixProposed = (more: Partial<EventOf<"fix-proposed">> = {}): EventOf<"fix-proposed"> => ({
  type: "fix-proposed",
  kind: "patch",
  repository: "acme/shop",
  number: 7,
  url: "https://github.com/acme/shop/pull/7",
  branch: "midwatch/x",
  draft: true,
  title: "t",
  body: "b",
  files: [],
  base: { branch: "main", sha: "base" },
  commits: [],
  ...more,
});
