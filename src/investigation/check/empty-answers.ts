/** An answer without rows is short. */
const LONGEST_EMPTY = 4_000;

/** Whether an answer holds no rows: all its lists are empty, and it has one or else no value at all. */
export function holdsNothing(raw: string): boolean {
  if (raw.trim() === "") return true;
  if (raw.length > LONGEST_EMPTY) return false;
  const rows: unknown[] = [];
  let [lists, values] = [0, 0];
  for (const line of raw.trim().split("\n")) {
    try {
      rows.push(JSON.parse(line));
    } catch {
      return false;
    }
  }
  for (let value = rows.pop(); value !== undefined; value = rows.pop()) {
    if (Array.isArray(value)) {
      if (value.length > 0) return false;
      lists++;
    } else if (typeof value === "object" && value !== null) rows.push(...Object.values(value));
    else values++;
  }
  return lists > 0 || values === 0;
}
