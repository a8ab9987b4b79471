import type { Question } from "../src/incident/source.ts";

const window = { from: 0, to: 1 };

/** The question of a page about a service that nothing is known of, for tools that need no more of it. */
export const exampleQuestion: Question = {
  page: {
    ...{ pager: "pagerduty", id: "P1", number: 1, title: "disk", details: "", status: "triggered", urgency: null, priority: null },
    ...{ createdAt: 0, service: null, assignees: [], link: null },
  },
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
