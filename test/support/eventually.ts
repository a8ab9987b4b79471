import { vi } from "vitest";

/** Tries until it throws no more, and gives what it gave. The limit is for a machine that does other work beside; vitest's own is one second. */
export const eventually = <T>(attempt: () => T | Promise<T>): Promise<T> => vi.waitFor(attempt, { timeout: 120_000 });
