import { AsyncLocalStorage } from "node:async_hooks";

/** How urgent the page is for which code runs, as `pageRank` has it: 0 is the most urgent. Not set: it is for no single page, or people wait. */
export const urgency = new AsyncLocalStorage<{ readonly rank: number }>();
