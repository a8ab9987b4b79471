import { keepCompiled } from "./compile-cache.ts";

// Ahead of all that the thread loads.
keepCompiled();
await import("./triage-thread.ts");
