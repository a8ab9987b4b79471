import type { Fact, Question } from "../incident/source.ts";

/**
 * Asks a source's questions side by side, but for those that answered at an earlier look. What answers is said; then the first failure is thrown,
 * for one part that fails must not hide the others.
 * @param parts by names that are the same at each look
 */
export async function askParts(
  { answered }: Pick<Question, "answered">,
  emit: (fact: Fact) => void,
  parts: Readonly<Record<string, () => Promise<Omit<Fact, "part">>>>,
): Promise<void> {
  const asked = Object.entries(parts).filter(([part]) => answered?.has(part) !== true);
  const settled = await Promise.allSettled(asked.map(async ([part, ask]) => emit({ ...(await ask()), part })));
  const failed = settled.find((result) => result.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}
