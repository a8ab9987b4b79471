import { IntegrationError } from "../../guard/errors.ts";

/** `owner/name`, taken apart and checked. */
export interface RepositoryName {
  readonly owner: string;
  readonly repo: string;
  readonly fullName: string;
}

// Owners: letters, digits, single hyphens, and "_" in names of managed users. Repositories: also "." and "_". Both end up in URL paths.
const shape = /^([A-Za-z0-9][A-Za-z0-9_-]{0,99})\/([A-Za-z0-9._-]{1,100})$/;

/**
 * Takes `owner/name` apart.
 * @param allowed the catalog's repositories; a name outside them is always refused. undefined allows every well-formed name
 * @throws IntegrationError when the name is malformed or not in the catalog
 */
export function parseRepository(name: string, allowed?: readonly string[]): RepositoryName {
  const [, owner, repo] = shape.exec(name) ?? [];
  if (owner === undefined || repo === undefined || repo === "." || repo === "..") {
    throw new IntegrationError("github", `${JSON.stringify(name.slice(0, 120))} is not a repository name. Write it as owner/name.`);
  }
  if (allowed !== undefined && !allowed.some((other) => other.toLowerCase() === name.toLowerCase())) {
    throw new IntegrationError("github", `${name} is not in the catalog. Add it to a service there before midwatch may read it.`);
  }
  return { owner, repo, fullName: name };
}
