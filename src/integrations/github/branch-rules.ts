import { IntegrationError } from "../../guard/errors.ts";
import type { Connection } from "./connection.ts";
import { branchRulesSchema, branchSchema, rulesetSchema } from "./schema.ts";

/** What the rulesets of a repository ask for before a branch moves. What classic branch protection asks for is visible only to those who can change it. */
export interface BranchRules {
  /** How many rules there are, of any kind. */
  readonly count: number;
  /** The rulesets that ask for an approved pull request. `bypass`: this credential may merge past it. */
  readonly reviewed: readonly { readonly name: string; readonly bypass: boolean }[];
}

/** GitHub gives at most this many at once. */
const MOST_RULES = 100;

/** What guards a branch. */
export function branchRuleCalls(connection: Connection) {
  const unlessMissing = <T>(asked: Promise<T>): Promise<T | null> =>
    asked.catch((error: unknown) => {
      if (error instanceof IntegrationError && error.status === 404) return null;
      throw error;
    });

  return {
    /**
     * Whether a branch is protected, by a rule or a ruleset. What the protection requires is unknown: that would need "administration: read".
     * null: there is no such branch (yet), or GitHub does not say.
     */
    async branchProtection(
      args: { readonly repository: string; readonly branch: string },
      signal: AbortSignal,
    ): Promise<{ readonly protected: boolean | null }> {
      const { repository, branch } = args;
      const asked = await unlessMissing(
        connection.call(
          {
            route: "GET /repos/{owner}/{repo}/branches/{branch}",
            repository,
            parameters: { branch },
            schema: branchSchema,
            what: `branch ${branch}`,
            permission: "contents: read",
          },
          signal,
        ),
      );
      return { protected: asked?.value.protected ?? null };
    },

    /** What rulesets ask for before a branch moves; null where GitHub does not say, as older Enterprise Servers. */
    async branchRules(args: { readonly repository: string; readonly branch: string }, signal: AbortSignal): Promise<BranchRules | null> {
      const { repository, branch } = args;
      const rules = await unlessMissing(
        connection.call(
          {
            route: "GET /repos/{owner}/{repo}/rules/branches/{branch}",
            repository,
            parameters: { branch, per_page: MOST_RULES },
            schema: branchRulesSchema,
            what: `the rules of branch ${branch}`,
            permission: "metadata: read",
          },
          signal,
        ),
      );
      if (rules === null) return null;
      const ids = new Set(
        rules.value.flatMap(({ type, parameters, ruleset_id: id }) =>
          type === "pull_request" && (parameters?.required_approving_review_count ?? 0) > 0 && id !== undefined ? [id] : [],
        ),
      );
      // One of an owner whom the credential may not see cannot be bypassed by it either.
      const rulesets = await Promise.all(
        Array.from(ids, (id) =>
          unlessMissing(
            connection.call(
              {
                route: "GET /repos/{owner}/{repo}/rulesets/{ruleset_id}",
                repository,
                parameters: { ruleset_id: id },
                schema: rulesetSchema,
                what: "a ruleset",
                permission: "metadata: read",
              },
              signal,
            ),
          ),
        ),
      );
      const reviewed = rulesets.map((asked) => ({
        name: asked?.value.name ?? "one that it may not see",
        bypass: (asked?.value.current_user_can_bypass ?? "never") !== "never",
      }));
      return { count: rules.value.length, reviewed };
    },
  };
}
