import { z } from "zod";
import { IntegrationError } from "../../guard/errors.ts";
import type { Library } from "./library.ts";
import { type Read, reads } from "./reads.ts";
import type { Transport } from "./transport.ts";

/** What Datadog reports about an application key. */
export type KeyRights =
  /** `because`: for people, why nothing is known. */
  | { readonly state: "untold"; readonly because: string }
  /** It can do whatever its owner can. */
  | { readonly state: "unscoped" }
  | { readonly state: "scoped"; readonly excess: { readonly writes: readonly string[]; readonly reads: readonly string[] } };

const keysSchema = z.object({
  data: z.array(z.object({ attributes: z.object({ last4: z.string().nullish(), scopes: z.array(z.string()).nullish() }).nullish() })),
});

const PAGE_SIZE = 100;
/** Logs of restricted indexes need the last one. */
const needed: ReadonlySet<string> = new Set([
  ...Object.values(reads).flatMap(({ permission }) => permission ?? []),
  "logs_read_index_data",
]);
/** This permission lets its holder create keys, so midwatch must not have it. */
const keyScopes: Read = { source: "Datadog", what: "the scopes of the application key", permission: "user_app_keys" };
const READS = /_read(_|$)|_query$/;

/**
 * The scopes of the application key, found among its owner's by its last four characters. Datadog shows them to keys with `user_app_keys`
 * alone, which a key of midwatch's should not have.
 * Source: docs.datadoghq.com, Key Management, "Get all application keys owned by current user".
 * @throws IntegrationError when Datadog cannot be asked
 */
export async function keyRights(library: Library, send: Transport["send"], appKey: string, signal: AbortSignal): Promise<KeyRights> {
  const request = await library.keys.listCurrentUserApplicationKeys(PAGE_SIZE);
  let answer: z.output<typeof keysSchema>;
  try {
    answer = (await send(request, keyScopes, keysSchema, signal)).value;
  } catch (error) {
    if (error instanceof IntegrationError && error.status === 403) return { state: "untold", because: "without the scope user_app_keys" };
    throw error;
  }
  const own = answer.data.flatMap(({ attributes }) => (attributes?.last4 === appKey.slice(-4) ? [attributes] : []));
  if (own.length === 0) return { state: "untold", because: "it is not among the keys that Datadog lists" };
  // Of several with the same end it is not known which it is, so all of them are looked at.
  if (own.some(({ scopes }) => scopes == null || scopes.length === 0)) return { state: "unscoped" };
  const more = [...new Set(own.flatMap(({ scopes }) => scopes ?? []))].filter((scope) => !needed.has(scope));
  return {
    state: "scoped",
    excess: { writes: more.filter((scope) => !READS.test(scope)), reads: more.filter((scope) => READS.test(scope)) },
  };
}
