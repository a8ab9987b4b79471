/**
 * Whether a text is what a pattern says; `*` stands for any run of characters, all else for itself. Runs in time linear in the text for patterns
 * of bounded length: no regular expression is built from what people or pages wrote.
 */
export function matchesGlob(pattern: string, text: string): boolean {
  const [first = "", ...rest] = pattern.split("*");
  const last = rest.pop();
  if (last === undefined) return pattern === text;
  const end = text.length - last.length;
  if (end < first.length || !text.startsWith(first) || !text.endsWith(last)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}

/** Whether a pattern matches anywhere in a text. */
export const containsGlob = (pattern: string, text: string): boolean => matchesGlob(`*${pattern}*`, text);
