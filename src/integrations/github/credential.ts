import { z } from "zod";
import { ForbiddenError, IntegrationError } from "../../guard/errors.ts";
import type { AppIdentity } from "./auth.ts";
import type { Connection } from "./connection.ts";

/** A read that the proof of a fix needs and the credential may not do. */
export interface MissingRead {
  /** As GitHub names it: `checks: read`. */
  readonly permission: string;
  /** What is not seen without it. */
  readonly lost: string;
  /** The permission by which most of it is seen all the same, where the credential has that. */
  readonly instead: string | null;
}

const CHECKS = "checks: read";
const ACTIONS = "actions: read";

const proofReads = [
  { route: "GET /repos/{owner}/{repo}/commits/{ref}/check-runs", permission: CHECKS, lost: "whether CI passes on a fix" },
  {
    route: "GET /repos/{owner}/{repo}/commits/{ref}/status",
    permission: "commit statuses: read",
    lost: "CI that reports by commit statuses",
  },
  { route: "GET /repos/{owner}/{repo}/actions/runs", permission: ACTIONS, lost: "the log of a job that failed" },
] as const;

/** Actions' check runs are its jobs, which "actions: read" shows too; those of other apps are seen by "checks: read" alone. */
const OTHER_APPS = "check runs of apps other than GitHub Actions";

/** What the credential may do; asked by people who set midwatch up, never while it works. */
export function credentialCalls(connection: Connection) {
  return {
    /** The GitHub App with the permissions it was made with; null where a token is used, whose permissions GitHub does not report. */
    app: (): Promise<AppIdentity | null> => connection.app(),

    /** Reads of CI that GitHub refuses, found by trying each on a branch. Empty: a fix can be watched. */
    async missingForProof(args: { readonly repository: string; readonly branch: string }, signal: AbortSignal): Promise<MissingRead[]> {
      const { repository, branch } = args;
      const tried = await Promise.all(
        proofReads.map(async ({ route, permission, lost }): Promise<Omit<MissingRead, "instead">[]> => {
          const parameters = { ...(route.includes("{ref}") ? { ref: branch } : {}), per_page: 1 };
          try {
            await connection.call({ route, repository, parameters, schema: z.unknown(), what: `CI of ${branch}`, permission }, signal);
            return [];
          } catch (error) {
            if (error instanceof ForbiddenError && error.status === 403) return [{ permission, lost }];
            // A repository without a commit, or without Actions: nothing is there to read, and it may be read.
            if (error instanceof IntegrationError && [404, 409, 422].includes(error.status ?? 0)) return [];
            throw error;
          }
        }),
      );
      const missing = tried.flat();
      const seesJobs = missing.every(({ permission }) => permission !== ACTIONS);
      return missing.map((one) =>
        one.permission === CHECKS && seesJobs ? { ...one, lost: OTHER_APPS, instead: ACTIONS } : { ...one, instead: null },
      );
    },
  };
}
