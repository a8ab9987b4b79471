import type { z } from "zod";
import { IntegrationError, UnexpectedAnswerError } from "../../guard/errors.ts";
import type { Fetch } from "../../guard/outgoing.ts";
import { type Access, type Permissions, permissionsFor } from "./permissions.ts";
import { appSchema, installationSchema, installationTokenSchema } from "./schema.ts";
import type { RepositoryName } from "./repository-name.ts";

/** A fine-grained token, or a GitHub App (recommended). `privateKey` is PEM; on Workers it must be PKCS#8 ("BEGIN PRIVATE KEY"). */
export type GithubAuth = { readonly token: string } | { readonly appId: string | number; readonly privateKey: string };

/** The GitHub App that a key belongs to, with all that it may be granted. */
export interface AppIdentity {
  readonly name: string;
  readonly permissions: Permissions;
}

export interface TokenSource {
  /** Value of the `authorization` header for calls to one repository. */
  authorization(repository: RepositoryName, access: Access): Promise<string>;
  /** Drops what is cached for a repository, after GitHub refused it. */
  forget(repository: RepositoryName): void;
  /** The app itself; null where a fixed token is used. */
  app(): Promise<AppIdentity | null>;
}

// Installation tokens live an hour; a call that starts with one must be able to end with it.
const EXPIRY_MARGIN_MS = 5 * 60_000;

interface AppOptions {
  readonly appId: string | number;
  readonly privateKey: string;
  readonly baseUrl: string;
  readonly fetch: Fetch;
  readonly now: () => number;
}

/** Asks as the app itself; octokit signs the JWT. */
function appRequester({ appId, privateKey, baseUrl, fetch }: AppOptions) {
  let app: Promise<{ request: (route: string, parameters: Record<string, unknown>) => Promise<{ data: unknown }> }> | null = null;
  /** `missing`: what a 404 means. */
  return async (route: string, parameters: Record<string, unknown>, what: string, missing: string): Promise<unknown> => {
    app ??= Promise.all([import("@octokit/core"), import("@octokit/auth-app")]).then(([{ Octokit }, { createAppAuth }]) => {
      const quiet = () => undefined;
      const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
      // Keys pasted into one settings line often carry "\n" as two characters.
      const auth = { appId, privateKey: privateKey.replaceAll("\\n", "\n") };
      return new Octokit({ baseUrl, request: { fetch }, log, authStrategy: createAppAuth, auth });
    });
    const octokit = await app;
    try {
      return (await octokit.request(route, parameters)).data;
    } catch (error) {
      throw appError(error, what, missing);
    }
  };
}

function appError(error: unknown, what: string, missing: string): unknown {
  for (let at = error, depth = 0; at instanceof Error && depth < 4; at = at.cause, depth++) if (at instanceof IntegrationError) return at;
  const status = typeof error === "object" && error !== null && "response" in error && "status" in error ? Number(error.status) : null;
  if (status === 404) return new IntegrationError("github", missing, { status });
  if (status !== null && status >= 500) {
    return new IntegrationError("github", `github: ${status} for ${what}`, { status, retryable: true });
  }
  if (status !== null) {
    const todo = "Check GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY, and that the installation is not suspended.";
    return new IntegrationError("github", `github: ${status} for ${what}. ${todo}`, { status });
  }
  // Errors of key parsing and signing: their text may quote the key, so it is not repeated.
  return new IntegrationError(
    "github",
    'GITHUB_APP_PRIVATE_KEY cannot be used to sign. It must be the app\'s PEM key; on Workers in PKCS#8 ("openssl pkcs8 -topk8 -nocrypt").',
  );
}

function parsed<T>(schema: z.ZodType<T>, answer: unknown, what: string): T {
  const result = schema.safeParse(answer);
  if (result.success) return result.data;
  // The answer may hold a token, so only the fields are named.
  const fields = result.error.issues.map((issue) => issue.path.join(".")).join(", ");
  throw new UnexpectedAnswerError("github", what, `look at ${fields}`);
}

function appTokens(options: AppOptions): TokenSource {
  const ask = appRequester(options);
  const cache = new Map<string, Promise<{ token: string; expiresAt: number }>>();
  const keyOf = (repository: RepositoryName, access: Access) => `${repository.fullName.toLowerCase()} ${access}`;
  const create = async (repository: RepositoryName, access: Access) => {
    const { owner, repo, fullName } = repository;
    const what = `a token of the GitHub App on ${fullName}`;
    const missing = `The GitHub App is not installed on ${fullName}. Install it there with the permissions of its README.`;
    const found = await ask("GET /repos/{owner}/{repo}/installation", { owner, repo }, what, missing);
    const installation = parsed(installationSchema, found, what);
    if (typeof installation.suspended_at === "string") {
      throw new IntegrationError("github", `The GitHub App's installation on ${fullName} is suspended. Ask an owner to unsuspend it.`);
    }
    const permissions = permissionsFor(access, installation.permissions);
    const asked = { installation_id: installation.id, repositories: [repo], permissions };
    const answer = await ask("POST /app/installations/{installation_id}/access_tokens", asked, what, missing);
    const created = parsed(installationTokenSchema, answer, what);
    return { token: created.token, expiresAt: created.expires_at };
  };
  return {
    async authorization(repository, access) {
      const key = keyOf(repository, access);
      for (let known = cache.get(key); known !== undefined; known = cache.get(key)) {
        const cached = await known.catch(() => null);
        if (cached !== null && cached.expiresAt - options.now() > EXPIRY_MARGIN_MS) return `token ${cached.token}`;
        // Of all that waited for it the first one takes it away and, without a pause in between, asks again for all.
        if (cache.get(key) === known) cache.delete(key);
      }
      const asked = create(repository, access);
      cache.set(key, asked);
      return `token ${(await asked).token}`;
    },
    forget(repository) {
      for (const access of ["read", "write"] as const) cache.delete(keyOf(repository, access));
    },
    async app() {
      const what = "the GitHub App itself";
      return parsed(
        appSchema,
        await ask("GET /app", {}, what, "There is no GitHub App of this GITHUB_APP_ID. Look it up on the app's page."),
        what,
      );
    },
  };
}

/**
 * Tokens for calls. An app's installation tokens are narrowed to one repository and to reading or writing, and kept until shortly before
 * they expire; a fixed token is what it is.
 */
export function createTokenSource(auth: GithubAuth, options: Pick<AppOptions, "baseUrl" | "fetch" | "now">): TokenSource {
  if ("appId" in auth) return appTokens({ ...auth, ...options });
  return { authorization: async () => `token ${auth.token}`, forget: () => undefined, app: async () => null };
}
