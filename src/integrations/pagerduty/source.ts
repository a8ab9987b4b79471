import type { Source } from "../../incident/source.ts";
import type { PagerdutyClient } from "./client.ts";

/** PagerDuty as triage asks it: the page with its alerts' bodies, and what its change events say. */
export function pagerdutySource(pagerduty: PagerdutyClient): Source {
  return {
    name: "PagerDuty",
    async ask(question, emit, signal) {
      const window = { from: question.changesFrom, to: question.window.to };
      const asked = await Promise.allSettled([
        pagerduty.readPage(question.page.id, signal).then((answer) => emit({ answer, telemetry: () => ({}), page: answer.value })),
        pagerduty.listChangeEvents({ window }, signal).then((answer) =>
          emit({
            answer,
            telemetry: (evidence) => ({
              // PagerDuty names services by its ids; a change of several services is one of each.
              changes: answer.value.flatMap((change) =>
                (change.pagerdutyServiceIds.length === 0 ? [change.service] : change.pagerdutyServiceIds.map(question.nameOf)).map(
                  (service) => ({
                    ...change,
                    service,
                    evidence,
                  }),
                ),
              ),
            }),
          }),
        ),
      ]);
      // The page read but its changes not (or the other way) is still something; the coverage says what is missing.
      const failed = asked.find((result) => result.status === "rejected");
      if (failed !== undefined) throw failed.reason;
    },
  };
}
