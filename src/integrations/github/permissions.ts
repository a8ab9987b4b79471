/** What a call needs: reads never carry a token that could write. */
export type Access = "read" | "write";

/** Permissions of a GitHub App or of its installation, by GitHub's names: `{ contents: "write", metadata: "read" }`. */
export type Permissions = Readonly<Record<string, string>>;

/** All that midwatch ever asks for, by access. */
const byAccess = {
  read: {
    metadata: "read",
    contents: "read",
    pull_requests: "read",
    deployments: "read",
    checks: "read",
    statuses: "read",
    actions: "read",
  },
  write: { metadata: "read", contents: "write", pull_requests: "write" },
} as const satisfies Record<Access, Permissions>;

const needed: Permissions = { ...byAccess.read, ...byAccess.write };

const rank = (permission: string | undefined) => ["read", "write", "admin"].indexOf(permission ?? "") + 1;

/** What to ask for with a token: least privilege, and what the installation does not have is not asked for either. */
export function permissionsFor(access: Access, has: Permissions): Record<string, string> {
  return Object.fromEntries(
    Object.entries(byAccess[access]).flatMap(([name, permission]) => {
      if (rank(has[name]) >= rank(permission)) return [[name, permission]];
      return rank(has[name]) > 0 ? [[name, has[name] ?? "read"]] : [];
    }),
  );
}

/** What of an app's permissions midwatch has no use for: `["administration: write", "actions: write"]`. */
export const beyondNeed = (has: Permissions): string[] =>
  Object.entries(has)
    .filter(([name, permission]) => rank(permission) > rank(needed[name]))
    .map(([name, permission]) => `${name}: ${permission}`);

// `repo` is all that a classic token can be narrowed to that reads private repositories and opens pull requests; the others are parts of it.
const scopesNeeded = new Set(["repo", "public_repo", "repo:status", "repo_deployment"]);

/** What of a classic token's scopes midwatch has no use for: `["admin:org", "workflow"]`. */
export const scopesBeyondNeed = (scopes: readonly string[]): string[] => scopes.filter((scope) => !scopesNeeded.has(scope));

/** Roles in a repository of which midwatch needs nothing. `push` ("write") is enough for a branch and a draft. */
export const rolesBeyondNeed = (roles: readonly string[]): string[] => ["admin", "maintain"].filter((role) => roles.includes(role));
