import type { Fact, Source } from "../../incident/source.ts";
import { askParts } from "../ask-parts.ts";
import type { GithubClient } from "./client.ts";
import { servicesByRepository } from "./services.ts";

/** GitHub as triage asks it: what reached production lately, once per repository of the question's services. */
export function githubSource(github: GithubClient): Source {
  return {
    name: "GitHub",
    brings: ["changes"],
    again: true,
    async ask(question, emit, signal) {
      const window = { from: question.changesFrom, to: question.window.to };
      const rollout = question.again === true ? { rolloutMs: 0 } : {};
      // One repository that cannot be read must not hide the others; the coverage says that something is missing.
      await askParts(
        question,
        emit,
        Object.fromEntries(
          [...servicesByRepository(question)].map(([repository, services]) => [
            repository,
            async (): Promise<Fact> => {
              const answer = await github.productionChanges(
                { repository, services, environment: question.environment, window, ...rollout },
                signal,
              );
              const thin = answer.deployments ? {} : { thin: `the deployments of ${repository} cannot be read` };
              return { answer, ...thin, telemetry: (evidence) => ({ changes: answer.value.map((change) => ({ ...change, evidence })) }) };
            },
          ]),
        ),
      );
    },
  };
}
