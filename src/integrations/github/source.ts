import type { Source } from "../../incident/source.ts";
import type { GithubClient } from "./client.ts";
import type { ServiceInRepository } from "./production-changes.ts";

/** GitHub as triage asks it: what reached production lately, once per repository of the question's services. */
export function githubSource(github: GithubClient): Source {
  return {
    name: "GitHub",
    async ask(question, emit, signal) {
      const byRepository = new Map<string, ServiceInRepository[]>();
      for (const { name, datadog, repository, path } of question.services) {
        if (repository === null) continue;
        const services = byRepository.get(repository) ?? [];
        services.push({ name, aliases: [datadog], path });
        byRepository.set(repository, services);
      }
      const window = { from: question.changesFrom, to: question.window.to };
      const asked = await Promise.allSettled(
        [...byRepository].map(async ([repository, services]) => {
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
