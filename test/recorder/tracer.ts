import { AsyncLocalStorage } from "node:async_hooks";
import { type Random, randomOf } from "./random.ts";
import type { VirtualTime } from "./virtual-time.ts";

export interface TracedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId: string | null;
  readonly service: string;
  readonly instance: string;
  readonly operation: string;
  readonly start: number;
  durationMs: number;
  status: "ok" | "error";
  attributes: Record<string, string>;
}

export interface TracedLog {
  readonly at: number;
  readonly service: string;
  readonly instance: string;
  readonly level: string;
  readonly message: string;
  readonly traceId: string | null;
  readonly spanId: string | null;
  readonly error: Error | null;
}

/** One process of a service. Node runs one thing at a time: while a statement runs, calls wait. */
export interface Instance {
  readonly service: string;
  readonly name: string;
  busyUntil: number;
}

interface Context {
  readonly span: TracedSpan;
  readonly instance: Instance;
  /** Time that the code has used since it last waited for something. */
  usedMs: number;
}

/** Watches the services as a tracing library would: calls, statements, lines of logs. */
export class Tracer {
  readonly spans: TracedSpan[] = [];
  readonly logs: TracedLog[] = [];
  readonly #time: VirtualTime;
  readonly #context = new AsyncLocalStorage<Context>();
  readonly #ids: Random;

  constructor(time: VirtualTime, seed: string) {
    this.#time = time;
    this.#ids = randomOf(seed, "ids");
  }

  /** Time as the code that runs now sees it. */
  now(): number {
    return this.#time.now() + (this.#context.getStore()?.usedMs ?? 0);
  }

  /** Waits for what the code has used so far, so that others see it happen when it did. */
  async #spend(context: Context | undefined): Promise<void> {
    if (context === undefined || context.usedMs === 0) return;
    const used = context.usedMs;
    context.usedMs = 0;
    await this.#time.sleep(used);
  }

  async sleep(ms: number): Promise<void> {
    await this.#spend(this.#context.getStore());
    await this.#time.sleep(ms);
  }

  /**
   * A call that an instance takes, as a span.
   * @param finish what the answer says of the span
   */
  async call<T>(
    instance: Instance,
    operation: string,
    networkMs: number,
    work: () => Promise<T>,
    finish: (answer: T, span: TracedSpan) => void,
  ): Promise<T> {
    const caller = this.#context.getStore();
    await this.#spend(caller);
    await this.#time.sleep(networkMs / 2);
    while (instance.busyUntil > this.#time.now()) await this.#time.at(instance.busyUntil);
    const span: TracedSpan = {
      traceId: caller?.span.traceId ?? this.#ids.hex(16),
      spanId: this.#ids.hex(16),
      parentId: caller?.span.spanId ?? null,
      service: instance.service,
      instance: instance.name,
      operation,
      start: this.#time.now(),
      durationMs: 0,
      status: "ok",
      attributes: {},
    };
    this.spans.push(span);
    const context: Context = { span, instance, usedMs: 0 };
    return this.#context.run(context, async () => {
      const answer = await work();
      await this.#spend(context);
      span.durationMs = this.#time.now() - span.start;
      finish(answer, span);
      await this.#time.sleep(networkMs / 2);
      return answer;
    });
  }

  /** A statement that the code ran and waited for; the process did nothing else meanwhile. */
  statement(text: string, tookMs: number): void {
    const context = this.#context.getStore();
    if (context === undefined) return;
    const { span, instance } = context;
    this.spans.push({
      traceId: span.traceId,
      spanId: this.#ids.hex(16),
      parentId: span.spanId,
      service: span.service,
      instance: instance.name,
      operation: "sqlite.query",
      start: this.now(),
      durationMs: tookMs,
      status: "ok",
      attributes: { "db.system": "sqlite", "db.statement": text },
    });
    context.usedMs += tookMs;
    instance.busyUntil = Math.max(instance.busyUntil, this.now());
  }

  log(instance: Instance, level: string, message: string, error: unknown): void {
    const span = this.#context.getStore()?.span;
    const { service, name } = instance;
    const [traceId, spanId] = [span?.traceId ?? null, span?.spanId ?? null];
    this.logs.push({
      at: this.now(),
      service,
      instance: name,
      level,
      message,
      traceId,
      spanId,
      error: error instanceof Error ? error : null,
    });
  }
}
