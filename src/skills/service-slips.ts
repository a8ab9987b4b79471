import type { Problem } from "./problem.ts";
import type { Runbook } from "./runbook.ts";

/**
 * Services in the `match` of runbooks that the catalog does not list, but with a name near to one that it does: such a runbook fits no page.
 * @param nearest the listed name that was likely meant; null for one that is listed, or near to none
 */
export const serviceSlips = (runbooks: readonly Runbook[], nearest: (typed: string) => string | null): Problem[] =>
  runbooks.flatMap(({ file, match }) =>
    match.service.flatMap((typed): Problem[] => {
      const meant = typed.includes("*") ? null : nearest(typed);
      return meant === null
        ? []
        : [
            {
              file,
              line: null,
              severity: "error",
              message: `match.service "${typed}" is not a service of the catalog: did you mean ${meant}?`,
            },
          ];
    }),
  );
