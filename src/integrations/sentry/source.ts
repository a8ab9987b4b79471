import type { Source } from "../../incident/source.ts";
import type { SentryClient } from "./client.ts";

const ISSUES = 100;

/** Sentry as triage asks it: issues seen in the time under suspicion, most frequent first; their first sighting separates new from known. */
export function sentrySource(sentry: SentryClient): Source {
  return {
    name: "Sentry",
    async ask(question, emit, signal) {
      const answer = await sentry.listIssues({ query: "is:unresolved", window: question.window, sort: "freq", limit: ISSUES }, signal);
      const byProject = new Map(
        question.services.flatMap(({ name, names: { sentry: own } }) =>
          own?.["name"] === undefined ? [] : [[own["name"], name] as const],
        ),
      );
      emit({
        answer,
        telemetry: (evidence) => ({
          issues: answer.value.map((issue) => ({
            ...issue,
            service: issue.service === null ? null : (byProject.get(issue.service) ?? issue.service),
            evidence,
          })),
        }),
      });
    },
  };
}
