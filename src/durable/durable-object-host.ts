import type { DurableObjectState } from "cloudflare:workers";
import { DirectoryOfAll } from "./directory-object.ts";
import { IncidentOfOne } from "./incident-object.ts";
import type { ObjectBindings, ObjectDeps } from "./object-calls.ts";
import type { Queries } from "./store.ts";

/**
 * The two classes that wrangler.toml names: one object per incident and one directory. They run the same `Actor` and `Directory` as Node.
 * `export const { IncidentObject, DirectoryObject } = defineObjects((env: Env) => ({ events, plan, onError }));`
 */
export function defineObjects<Env extends ObjectBindings<E>, E, Q extends Queries = Record<never, never>>(
  build: (env: Env) => ObjectDeps<E, Q>,
) {
  const made = new WeakMap<Env, ObjectDeps<E, Q>>();
  const depsOf = (env: Env): ObjectDeps<E, Q> => {
    const deps = made.get(env) ?? build(env);
    made.set(env, deps);
    return deps;
  };
  return {
    IncidentObject: class extends IncidentOfOne<Env, E, Q> {
      constructor(ctx: DurableObjectState, env: Env) {
        super(ctx, env, depsOf(env));
      }
    },
    DirectoryObject: class extends DirectoryOfAll<Env, E, Q> {
      constructor(ctx: DurableObjectState, env: Env) {
        super(ctx, env, depsOf(env));
      }
    },
  };
}
