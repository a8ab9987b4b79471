import type { Source } from "../../incident/source.ts";
import type { GithubClient } from "./client.ts";
import { servicesByRepository } from "./services.ts";

/** GitHub as triage asks it: what reached production lately, once per repository of the question's services. */
export function githubSource(github: GithubClient): Source {
  return {
    name: "GitHub",
    brings: ["changes"],
    async ask(question, emit, signal) {
      const window = { from: question.changesFrom, to: question.window.to };
      const asked = await Promise.allSettled(
        [...servicesByRepository(question)].map(async ([repository, services]) => {
          const answer = await github.productionChanges({ repository, services, environment: question.environment, window }, signal);
          emit({ answer, telemetry: (evidence) => ({ changes: answer.value.map((change) => ({ ...change, evidence })) }) });
        }),
      );
      // One repository that cannot be read must not hide the others; the coverage says that something is missing.
      const failed = asked.find((result) => result.status === "rejected");
      if (failed !== undefined) throw failed.reason;
    },
  };
}
