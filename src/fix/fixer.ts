import type { CheckQuestion, ReadChecks } from "../incident/fix.ts";
import { readChecks } from "./ci.ts";
import { declined, type FixerDeps, type FixerOptions, NOT_CONFIGURED } from "./fixer-deps.ts";
import { look, tell } from "./follow-pull-request.ts";
import { prepare } from "./prepare-fix.ts";
import { commit, patch } from "./propose-patch.ts";
import { resume, revert } from "./propose-revert.ts";

type Rest<F> = F extends (deps: FixerDeps, ...rest: infer R) => unknown ? R : never;

/** Writes the one draft pull request of an incident, adds to it, and reports what happens to it; or says why there is none. */
export function createFixer(options: FixerOptions) {
  const { github, own = [], now = Date.now, redactedFor = () => (text: string) => text } = options;
  const deps: FixerDeps | null = github === null ? null : { ...options, github, own, now, redactedFor };
  const withGithub = (): FixerDeps => {
    if (deps === null) throw new Error("there is no pull request without GitHub");
    return deps;
  };
  return {
    resume: async (...rest: Rest<typeof resume>) => (deps === null ? null : resume(deps, ...rest)),
    revert: async (...rest: Rest<typeof revert>) => (deps === null ? declined(NOT_CONFIGURED) : revert(deps, ...rest)),
    patch: async (...rest: Rest<typeof patch>) => (deps === null ? declined(NOT_CONFIGURED) : patch(deps, ...rest)),
    prepare: async (...rest: Rest<typeof prepare>) =>
      deps === null ? { status: "refused" as const, problems: [NOT_CONFIGURED] } : prepare(deps, ...rest),
    commit: async (...rest: Rest<typeof commit>) => commit(withGithub(), ...rest),
    tell: async (...rest: Rest<typeof tell>) => tell(withGithub(), ...rest),
    look: async (...rest: Rest<typeof look>) => look(withGithub(), ...rest),
    readChecks: async (question: CheckQuestion, signal: AbortSignal): Promise<ReadChecks> =>
      readChecks(withGithub().github, question, signal),
  };
}
