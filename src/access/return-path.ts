/** Where people go who name no place. */
export const HOME = "/incidents";

/**
 * Where a person is sent after signing in: a path of our own pages, whatever was asked for. Never another site, so that a link to the sign-in
 * cannot be made to end elsewhere.
 * @param wanted as it came in a URL; null: none
 */
export function returnPath(wanted: string | null): string {
  // What a browser would read as the start of another site ("//", "/\") cannot begin with our own folder; what it would drop is refused.
  if (wanted === null || wanted.length > 1_000 || !/^\/incidents(?:[/?]|$)/.test(wanted) || /[\\\p{Cc}]/u.test(wanted)) return HOME;
  const base = "https://pages.invalid";
  if (!URL.canParse(wanted, base)) return HOME;
  const { origin, pathname, search } = new URL(wanted, base);
  return origin === base && /^\/incidents(?:\/|$)/.test(pathname) ? pathname + search : HOME;
}
