import { problemOf, type Unplaced } from "./problem.ts";
import { isReading, isReadInWords } from "./reading-code.ts";

/**
 * Steps and wishes under the bot's name. They are no facts, so no evidence proves them; what they may not be is a way to make people run, open
 * or hand over something that nobody of the team wrote down.
 */

const PHONE = /(?:\+|\b00)\d[\d ()/-]{6,20}\d|(?<![\d.-])\(?\d{3}\)?[ -]\d{3}[ -]\d{4}(?![\d.-])/g;

/** A step without numbers to call: nobody vouches for them. */
export const withoutNumbers = (text: string): string => text.replaceAll(PHONE, "(number removed)");

const CODE = /`([^`]+)`/g;
/** One word that names something. `{rm,-rf,data}` is three to a shell. */
const NAME = /^(?![\w./-]*\{[\w./-]*,)[^\s|;&<>$()]{1,80}$/;
const fold = (text: string) => text.replaceAll(/\s+/g, " ").trim();
/**
 * A program, but "kubectl access", "a psql session" or "psql on the replica": no program has a command of that name. Options and paths behind such a
 * word are a command's all the same: `rm` and `curl` take any word.
 */
const COMMAND =
  /\b(?:kubectl|helm|curl|wget|sudo|psql|mysql|docker|ssh|scp|aws|gcloud|terraform|systemctl|redis-cli|rm)\s+(?!(?:access|rights?|permissions?|console|sessions?|clients?|output|team|people|on|for|to|in|at|with|and|or|of|from|against|by|is|was|can|who|that)\b(?![-./:@*~]\S|[^.;\n]{0,100}?\s-{1,2}\w))[-\w./"']|\brm\s(?:[^.;\n]{0,100}?\s)?[~/*.]{1,2}[\w/]|\b(?:drop|truncate|alter)\s+(?:table|database|schema|index)\b|\bdelete\s+from\s+\w|\bexplain\s+\(?\s*analy[sz]e\b|\|\s*(?:sudo|bash|sh)\b/gi;
const ASKS_SECRET =
  /\b(?:enter|post|paste|send|share|give|tell|type|upload|forward|reveal|email|dm)\b(?:[^.;]|[.;](?=\S)){0,80}\b(?:passwords?|passphrases?|tokens?(?! (?:cache|bucket))|secrets?|credentials?|(?:api|private|access|ssh) keys?|one-time codes?|otp)\b/i;

/** Verbs of SQL and Redis that change something: where a runbook has `VACUUM orders`, nobody fills in another one. */
const CHANGES =
  /^(?:alter|call|cluster|copy|create|delete|drop|exec|execute|grant|insert|lock|merge|reindex|rename|replace|reset|revoke|set|truncate|update|vacuum|config|debug|del|eval|expire|failover|flushall|flushdb|kill|migrate|replicaof|restore|save|bgsave|script|shutdown|slaveof|swapdb|unlink)$/i;

/** SQL is the same in capitals; options, paths and what is quoted are not. */
const isSame = (one: string, other: string): boolean =>
  one === other || (!/(?:^|\s)-|[/\\'"]/.test(one) && one.toLowerCase() === other.toLowerCase());

/** Neither a verb nor an option (`--all`), nor an address elsewhere. */
const isFilledName = (value: string): boolean => !CHANGES.test(value) && !value.startsWith("-") && !value.includes("//");

/** Code of runbooks and skills; words in capitals stand for what a reader fills in, which is a name and no verb. The first word is what is done. */
export function isWritten(code: string, steps: readonly string[]): boolean {
  const wanted = fold(code);
  return steps.some((text) =>
    [...text.matchAll(CODE)].some(([, span = ""]) => {
      const written = fold(span);
      if (isSame(written, wanted)) return true;
      const verb = /^\S+/.exec(written)?.[0] ?? "";
      const parts = written.slice(verb.length).split(/\b[A-Z][A-Z_]+\b/);
      if (parts.length === 1 || !/\p{Ll}/u.test(written)) return false;
      const pattern = parts.map((part) => RegExp.escape(part)).join(String.raw`([\w.:/=@-]{1,100})`);
      const [, ...filled] = new RegExp(`^${RegExp.escape(verb)}${pattern}$`).exec(wanted) ?? [];
      const words = written.slice(verb.length).match(/\b[A-Z][A-Z_]+\b/g) ?? [];
      return filled.length > 0 && filled.every((value, index) => value === words[index] || isFilledName(value));
    }),
  );
}

/**
 * What a step must not hold, or null.
 * @param steps texts of the runbooks that match and of what was read of skills and runbooks
 * @param isGap it says what is missing and who could see it, so that a command that only reads is no order
 */
export function adviceProblem(text: string, steps: readonly string[], isGap = false): Unplaced | null {
  if (ASKS_SECRET.test(text)) return problemOf("asks-secret");
  let rest = text;
  for (const { 0: span, 1: code = "", index } of text.matchAll(CODE)) {
    if (!NAME.test(code) && !isWritten(code, steps) && !isReading(code)) return problemOf("unwritten-code", code);
    rest = rest.slice(0, index) + " ".repeat(span.length) + rest.slice(index + span.length);
  }
  const commands = [...rest.matchAll(COMMAND)];
  const order = commands.find(({ index }, at) => !isGap || !isReadInWords(rest.slice(index, commands[at + 1]?.index)));
  return order === undefined ? null : problemOf("holds-command", order[0]);
}
