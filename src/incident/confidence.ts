/** Below this a suspect is one of several possibilities, and no fix is opened for it without a person's word. */
export const LIKELY = 0.7;

/** Words for a probability; the figure is beside them wherever people read it. */
export function confidenceWords(probability: number): string {
  if (probability >= 0.9) return "very likely";
  if (probability >= LIKELY) return "likely";
  if (probability >= 0.45) return "possible";
  return "weak";
}
