import type { Fact, Source } from "../../incident/source.ts";
import { askParts } from "../ask-parts.ts";
import type { GithubClient } from "./client.ts";
import { servicesByRepository } from "./services.ts";

/** While an incident is open: how long a deployment may take. Longer ones are looked at in a triage only, for each costs calls. */
const ROLLOUT_MS = 30 * 60_000;

/** GitHub as triage asks it: what reached production lately, once per repository of the question's services. */
export function githubSource(github: GithubClient): Source {
  return {
    name: "GitHub",
    brings: ["changes"],
    again: true,
    async changedAt(question, signal) {
      const [first] = servicesByRepository(question);
      if (first === undefined) return [];
      const [repository, services] = first;
      const window = { from: question.changesFrom, to: question.window.to };
      return github.deployedAt({ repository, services, environment: question.environment, window }, signal);
    },
    async ask(question, emit, signal) {
      const window = { from: question.changesFrom, to: question.window.to };
      const rollout = question.again === true ? { rolloutMs: ROLLOUT_MS, live: true as const } : {};
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
