/**
 * The part of the Workers runtime that midwatch uses. The whole of `@cloudflare/workers-types` declares the same globals as the DOM and Node,
 * which one program can't have twice.
 */
declare module "cloudflare:workers" {
  /** Keeps a request or an object's call alive until the work is done. */
  export function waitUntil(work: Promise<unknown>): void;
  export interface DurableObjectState {
    readonly id: { readonly name?: string; toString(): string };
    readonly storage: import("./durable-sqlite.ts").DurableStorage;
    waitUntil(promise: Promise<unknown>): void;
  }
  export abstract class DurableObject<Env = unknown> {
    protected readonly ctx: DurableObjectState;
    protected readonly env: Env;
    constructor(ctx: DurableObjectState, env: Env);
    alarm?(): void | Promise<void>;
  }
}
