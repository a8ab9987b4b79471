import { controlOrLineEndRuns, shapelessRuns } from "../guard/unseen.ts";

/**
 * Text from outside (titles, log lines, commit messages, paths) as a pull request may hold it. GitHub acts on some texts: it notifies
 * whom `@name` names, closes the issue after "fixes #1", loads images, follows links to other repositories with a note there. None of
 * this may be caused by what an incident's data happen to say.
 */

/** Invisible, and enough to keep GitHub from reading a mention, reference or link. */
const BREAK = "\u200b";

/** What Linear, Jira and others close when the pull request is merged: the keys of issues that follow on such a word. */
const closing =
  /\b(?:clos(?:e[sd]?|ing)|fix(?:e[sd]|ing)?|resolv(?:e[sd]?|ing)|complet(?:e[sd]?|ing)|implement(?:s|ed|ing)?|part of|contributes to):? {1,4}(?:[A-Z][A-Z0-9]{1,9}-\d{1,7}(?:, | and |,|$|(?=\W))){1,10}/gi;
const issueKey = /(?!(?:UTF|SHA|ISO|RFC|MD|AES|TLS|HTTP|CVE|IPV)\d?-)(\b[A-Z][A-Z0-9]{1,9}-)(?=\d)/gi;

function inert(text: string, longest: number): string {
  const line = text.replace(controlOrLineEndRuns, " ").replace(shapelessRuns, "").replace(/\s+/g, " ").trim();
  const characters = Array.from(line);
  const cut = characters.length > longest ? `${characters.slice(0, longest - 1).join("")}…` : line;
  return (
    cut
      // Mentions of people and teams, also as written in full width.
      .replace(/[@＠]/g, (sign) => sign + BREAK)
      // Issues and pull requests: #1, GH-1, owner/name#1; also !1 and the like do no harm broken.
      .replace(/#(?=\d)/g, `#${BREAK}`)
      .replace(/\b(gh)-(?=\d)/gi, `$1-${BREAK}`)
      .replace(closing, (words) => words.replace(issueKey, `$1${BREAK}`))
      // Links by themselves, which also name issues: https://…/issues/1, www.…
      .replace(/:\/\//g, `:${BREAK}//`)
      .replace(/\bwww\./gi, (www) => `${www.slice(0, 3)}${BREAK}.`)
      // A squash may make a body the message of a commit, and "[skip ci]" in it keeps CI from running.
      .replace(/\[(?=\s*(?:skip|no|ci|actions)\b)/gi, `[${BREAK}`)
      .replace(/\bskip-(?=checks\b)/gi, (skip) => skip + BREAK)
      .replace(/NO_(?=CI)/g, `NO_${BREAK}`)
      .replace(/\b(mailto|xmpp|javascript|data):/gi, `$1${BREAK}:`)
  );
}

/** One line of Markdown that reads as the text did and does nothing. @param longest characters, the rest is cut with "…" */
export function outside(text: string, longest = 300): string {
  return (
    inert(text, longest)
      .replace(/[\\`*_[\]|~$]/g, "\\$&")
      // What starts a heading, list or quote where the text starts a line.
      .replace(/^(?=[-+=#])/, "\\")
      .replace(/^(\d+)(?=[.)](?: |$))/, "$1\\")
      // Commands to other bots: /approve, !merge, bors r+.
      .replace(/^(?=[/!])/, "\\")
      .replace(/\b(bor)(?=s\b)/gi, `$1${BREAK}`)
      .replaceAll("&", "&amp;")
      .replaceAll("<", "&lt;")
      .replaceAll(">", "&gt;")
  );
}

/** The same as a code span: for paths, log lines and names. */
export function outsideCode(text: string, longest = 300): string {
  // A code span shows its text as it is; broken all the same, so that a copy of it elsewhere does nothing either.
  const plain = inert(text, longest)
    .replaceAll("`", "'")
    .replace(/<(?=[a-z/!?])/gi, `<${BREAK}`)
    .replaceAll("![", `!${BREAK}[`)
    .replaceAll("](", `]${BREAK}(`);
  return `\`${plain === "" ? " " : plain}\``;
}

/**
 * The same where GitHub shows plain text: titles and commit messages. These are read by CI, by other trackers and, pasted, by shells too, and
 * are searched: what acts is written otherwise, and unseen characters break mentions and links alone.
 */
export function outsidePlain(text: string, longest = 200): string {
  const line = text
    .replace(controlOrLineEndRuns, " ")
    .replace(shapelessRuns, "")
    // First what a shell reads: gone later, it would have hidden what follows.
    .replaceAll(";", ",")
    .replace(/[`$\\"<>|]/g, "")
    // "[skip ci]" and its likes keep CI from running, anywhere in the message of a branch's newest commit.
    .replace(/\[\s*((?:skip|no)[ _-]+[\w -]*?|[\w -]*?[ _-]skip)\s*\]/gi, "($1)")
    .replace(/\bskip-(checks|ci)\b/gi, "skip $1")
    .replace(/\*{3}\s*NO_CI\s*\*{3}/gi, "NO CI")
    // "#118" and "GH-118" link and close; Jira takes "#close", "#time" and "#comment" for commands.
    .replace(/(?<=\w)#(?=\d)/g, " PR ")
    .replace(/#(?=\d)/g, "PR ")
    .replace(/\bgh-(?=\d)/gi, "PR ")
    .replace(/(?<!\w)#(?=[a-z])/gi, "")
    .replace(/^(?:[/!]+|bors\b)\s*/i, "");
  return inert(line, longest);
}

/** A link's address, or null for anything but plain http(s): what comes from a vendor's answer is not trusted to be one. */
export function outsideUrl(url: string | null): string | null {
  if (url === null || !URL.canParse(url)) return null;
  const parsed = new URL(url);
  if ((parsed.protocol !== "https:" && parsed.protocol !== "http:") || parsed.username !== "" || parsed.password !== "") return null;
  return parsed.href.replace(/[()\s<>"`]/g, (character) => `%${character.charCodeAt(0).toString(16).padStart(2, "0")}`);
}
