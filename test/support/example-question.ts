import type { Question } from "../../src/incident/source.ts";

const window = { from: 0, to: 1 };

/** A question about a service that nothing is known of, for tools that need no more of it. */
export const exampleQuestion: Question = {
  trigger: { kind: "person", by: "Ana", title: "disk", details: "", service: null, at: 0, page: null },
  service: "cart",
  services: [],
  nameOf: (name) => name,
  kindOf: () => "other",
  environment: null,
  signals: [],
  window,
  baseline: window,
  changesFrom: 0,
};
