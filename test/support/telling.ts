import { pageTrigger } from "../../src/incident/trigger.ts";
import type { Answer } from "../../src/incident/answer.ts";
import type { Page } from "../../src/incident/page.ts";
import type { Fact, Question, Source } from "../../src/incident/source.ts";
import type { PlatformEvent } from "../../src/incident/telemetry.ts";
import { exampleQuestion } from "./example-question.ts";

export const NOW = Date.UTC(2026, 10, 3, 3, 14);

export const page: Page = {
  pager: "pagerduty",
  id: "PINC1",
  number: 4821,
  title: "checkout errors above 5 %",
  details: "",
  status: "triggered",
  urgency: "high",
  priority: "P1",
  createdAt: NOW - 60_000,
  service: { id: "PSERV1", name: "checkout" },
  assignees: [{ id: "PUSER1", name: "Ana" }],
  link: "https://acme.pagerduty.com/incidents/PINC1",
};

export const question: Question = {
  ...exampleQuestion,
  trigger: pageTrigger(page),
  service: "checkout",
  window: { from: NOW - 900_000, to: NOW },
  baseline: { from: NOW - 4 * 3_600_000, to: NOW - 900_000 },
  changesFrom: NOW - 86_400_000,
};

export const answerOf = (source: string, raw: string, cut: string | null = null): Answer<null> => ({
  source,
  query: "*",
  window: question.window,
  link: null,
  value: null,
  raw,
  cut,
});

const eventOf = (title: string, evidence: number): PlatformEvent => ({
  at: NOW - 120_000,
  source: "kubernetes",
  service: "checkout",
  instance: null,
  severity: "warning",
  title,
  text: title,
  tags: [],
  evidence,
});

export const factOf = (source: string, title: string, cut: string | null = null): Fact => ({
  answer: answerOf(source, `{"title":"${title}"}`, cut),
  telemetry: (evidence) => ({ events: [eventOf(title, evidence)] }),
});

/** A source that says the given facts at once. */
export const telling = (name: string, ...facts: Fact[]): Source => ({ name, ask: async (_question, emit) => facts.forEach(emit) });
