import { WINDOW_WORDS } from "../../src/report/compared-windows.ts";

/** What a model reads about a tool's input; WINDOW_WORDS is for all tools. */
export const windowWords = (field: string, description = ""): string =>
  description === "" && new RegExp(`\\b${field}\\b`).test(WINDOW_WORDS) ? WINDOW_WORDS : description;
