import { z } from "zod";
import type { TimeWindow } from "../incident/telemetry.ts";
import { type AskedWindow, TIME_WORDS, windowOf } from "./tool-view.ts";
import type { ToolContext, ToolResult } from "../incident/tool.ts";

/** What a model reads about inputs of windows, once for all tools. */
export const WINDOW_WORDS = `Times in inputs are ${TIME_WORDS}. Unless a tool says otherwise, from and to default to the suspected period, which includes triage's onset; around looks at one moment, 15 minutes on either side; compare_from and compare_to bound the quiet time to compare with (default: the hours before).`;

/** The moment in place of a window's ends; see {@link windowOf}. */
export const aroundInput = z.string().max(40).optional();

/** Inputs of a tool that looks at one window. {@link WINDOW_WORDS} says once what they mean: a dozen tools have them. */
export const windowInput = {
  from: z.string().max(40).optional(),
  to: z.string().max(40).optional(),
  around: aroundInput,
};

/** Inputs of a tool that compares a window with a quiet one. */
export const comparedInput = {
  ...windowInput,
  compare_from: z.string().max(40).optional(),
  compare_to: z.string().max(40).optional(),
};

export interface ComparedWindows {
  readonly window: TimeWindow;
  readonly baseline: TimeWindow;
}

interface AskedWindows extends AskedWindow {
  readonly compare_from?: string | undefined;
  readonly compare_to?: string | undefined;
}

/**
 * The window that a model asks for and the quiet time before it; what it leaves out is the question's. Where the question's own quiet time reaches
 * into the window, as much time directly before the window stands for it. A text says what is wrong, in words for the model.
 */
export function comparedWindows(asked: AskedWindows, { question, now }: ToolContext): ComparedWindows | string {
  const window = windowOf(asked, question.window, question, now());
  if (typeof window === "string") return window;
  const usual = question.baseline;
  const before = usual.to <= window.from ? usual : { from: window.from - (usual.to - usual.from), to: window.from };
  const baseline = windowOf({ from: asked.compare_from, to: asked.compare_to }, before, question, now());
  if (typeof baseline === "string") return `compare_from, compare_to: ${baseline}`;
  if (baseline.from < window.to && window.from < baseline.to) {
    return "The quiet time (compare_from, compare_to) overlaps the window (from, to), so they would not differ.";
  }
  return { window, baseline };
}

/** Nothing was asked of anybody, because the input says nothing that could be. @param problem for the model: what is wrong, what to write */
export const notAsked = (problem: string): ToolResult => ({
  answers: [],
  view: () => `Nothing was asked. ${problem}`,
  fact: `Nothing was asked: ${problem}`,
});
