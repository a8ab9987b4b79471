/**
 * Addresses in texts from outside, which every surface would make links of: a host, an address or a link stays as words that lead nowhere:
 * `db[.]example[.]com`.
 */

const SIGNS = String.raw`[^\s<>"'\`|)\]]`;
/** With a scheme, or with what only links begin with. */
const LINK = String.raw`(?:[a-z][a-z0-9+.-]{1,20}:\/\/|www\.)${SIGNS}{1,1000}`;
/** `host.tld`, alone, behind a user's name or before a port or path. The ends of names are those that no code and no metric has. */
const HOST = String.raw`(?<![\w.@/-])(?:[\w.+-]{1,64}@)?(?:[a-z0-9](?:[a-z0-9-]{0,62})\.){1,8}(?:com|net|org|edu|gov|mil|int|info|biz|example|test|invalid|dev|app|cloud|online|site|xyz|top|shop|io|ai|co|eu|uk|de|fr|nl|ch|at|ru|cn|jp|us|me|tv|cc|ly)(?![\w-]|\.\w)(?::\d{1,5})?(?:[/?]${SIGNS}{0,1000})?`;
/** `//host.tld`: a link without its scheme. */
const BARE_SLASHES = String.raw`(?<![\w:/])\/\/(?:[a-z0-9][a-z0-9-]{0,62}\.){1,8}[a-z]{2,24}(?![\w-])(?:[:/?]${SIGNS}{0,1000})?`;
/** `host.tld/path`, whatever its end: people open it all the same. */
const WITH_PATH = String.raw`(?<![\w.@/-])(?:[a-z0-9][a-z0-9-]{0,62}\.){1,8}[a-z]{2,24}(?::\d{1,5})?\/${SIGNS}{0,1000}`;
const MAIL = String.raw`[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,8}[a-z]{2,24}`;
const REACHABLE = new RegExp([LINK, BARE_SLASHES, HOST, WITH_PATH, MAIL].join("|"), "gi");
/** Ends of file names that look like those of hosts, and are those of none: "md", "py", "rs" and "sh" are countries. */
const FILE =
  /^[^/@:]*\.(?:c|cfg|conf|cpp|cs|css|go|gradle|h|html|ini|java|js|json|jsx|kt|log|lua|php|properties|rb|scala|sql|toml|ts|tsx|txt|xml|ya?ml)(?:\/|$)/i;

function vouched(link: string, hosts: readonly string[]): boolean {
  try {
    const url = new URL(/^[a-z][a-z0-9+.-]{1,20}:\/\//i.test(link) ? link : `https://${link}`);
    // A backslash ends the host for browsers, and is part of a user's name for other readers.
    return !link.includes("\\") && url.protocol === "https:" && url.username === "" && url.password === "" && hosts.includes(url.hostname);
  } catch {
    return false;
  }
}

/** A link that leads nowhere. */
const broken = (link: string): string => link.replace(/^(?:[a-z][a-z0-9+.-]{1,20}:)?\/\//i, "").replaceAll(/[.。](?=\S)/g, "[.]");

/**
 * A text in which nothing leads anywhere but to hosts that somebody vouches for; the rest stays as code that can be read and not opened.
 * @param hosts exact and in lower case. @param asCode false: in a quote, which is code already
 */
export function defanged(text: string, hosts: readonly string[], asCode = true): string {
  // Inside code there is no code.
  return text
    .split(/(`[^`]*`)/)
    .map((piece, index) =>
      piece.replaceAll(REACHABLE, (found) => {
        const end = /[.,;:!?]+$/.exec(found)?.[0] ?? "";
        const link = found.slice(0, found.length - end.length);
        if (vouched(link, hosts) || (!link.includes("://") && FILE.test(link))) return found;
        return index % 2 === 1 || !asCode ? `${broken(link)}${end}` : `\`${broken(link)}\`${end}`;
      }),
    )
    .join("");
}
