/** Of recorded cases what the gate takes: one in `each`. With MIDWATCH_EVERY_CASE=1 it takes all, which is minutes more. */
export const sampled = <T>(all: readonly T[], each: number): T[] =>
  process.env["MIDWATCH_EVERY_CASE"] === "1" ? [...all] : all.filter((_, index) => index % each === 0);
