import { dataWithoutOrders, trustedWords } from "../guard/untrusted.ts";
import { patchAllowance } from "../guard/allowances.ts";
import { findSensitive, withoutSensitive } from "../guard/sensitive.ts";
import { shapelessRuns } from "../guard/unseen.ts";

/**
 * Secrets and personal data in a text as people read it. One unseen character inside, letters of full width or Markdown's backslashes hide
 * them from a search, and are gone once the text is copied.
 */

const plainLetters = (text: string) => text.normalize("NFKC");
const unescaped = (text: string) => text.replace(/\\([\\`*_[\]|~$.!#+=-])/g, "$1");

/** The text without what is not seen. */
const asSeen = (text: string): string => text.replace(shapelessRuns, "");

/** The content of a text, however it is written. @param own credentials of this process */
export function sensitiveAsSeen(text: string, own: readonly string[]): ReadonlySet<string> {
  const seen = asSeen(text);
  const readings = new Set([text, seen, plainLetters(seen), unescaped(seen)]);
  return new Set([...readings].flatMap((reading) => findSensitive(reading, { allowed: patchAllowance, own }).map(({ kind }) => kind)));
}

/** The text as it is seen, with all of it cut out: before anything is escaped. Letters of full width stay where they hide nothing. */
export function withoutSensitiveAsSeen(text: string, own: readonly string[] = []): string {
  const seen = asSeen(text);
  const plain = plainLetters(seen);
  const hides =
    plain !== seen &&
    findSensitive(plain, { allowed: patchAllowance, own }).length > findSensitive(seen, { allowed: patchAllowance, own }).length;
  return withoutSensitive(hides ? plain : seen, { allowed: patchAllowance, own });
}

/**
 * Plain data with this process's credentials cut out of all its texts, and what gives orders to software; functions stay as they are.
 * @param orderSigns by which orders that were read are known again
 * @param trusted texts of the team's own, whose sentences stay
 */
export function withoutOwn<T>(value: T, own: readonly string[], orderSigns: readonly string[] = [], trusted: readonly string[] = []): T {
  const cut = (part: unknown): unknown => {
    if (typeof part === "string") return sensitiveAsOwn(part, own) ? withoutSensitiveAsSeen(part, own) : part;
    if (Array.isArray(part)) return part.map(cut);
    if (typeof part !== "object" || part === null) return part;
    return Object.fromEntries(Object.entries(part).map(([name, inner]) => [name, cut(inner)]));
  };
  return dataWithoutOrders(own.length === 0 ? value : (cut(value) as T), orderSigns, trustedWords(trusted));
}

function sensitiveAsOwn(text: string, own: readonly string[]): boolean {
  const seen = asSeen(text);
  return [seen, plainLetters(seen)].some((reading) =>
    findSensitive(reading, { allowed: patchAllowance, own }).some(({ kind }) => kind === "own-secret"),
  );
}
