import type { Allowance, Place } from "./place.ts";
import { anyCardLength, isExamplePhone, isReservedDomain, isTestCard, looksRandom } from "./sensitive-shapes.ts";
import { CUT_TOKEN } from "./token-shapes.ts";

/** What texts of some uses may hold. Each allowance has a name; a caller says which it grants. */

const valueOf = ({ start, end }: Place, text: string): string => text.slice(start, end);

/** Addresses that reach nobody: domains for examples (RFC 2606, RFC 6761), GitHub's own, names of files and of the language. */
export const examplesAndFileNames: Allowance = (place, text) => {
  if (place.kind !== "email") return false;
  const [, name = "", domain = ""] = /^(.*?)(?:@|%40)([^@]*)$/.exec(valueOf(place, text)) ?? [];
  return /^(?:this|super|return)$/i.test(name) || isReservedDomain(domain) || /^(?:users\.)?noreply\./i.test(domain);
};

/** Numbers that networks, offices and providers publish for tests, films and examples. */
export const publishedNumbers: Allowance = (place, text) => {
  const value = valueOf(place, text);
  const digits = value.replace(/\D/g, "");
  if (place.kind === "card") return isTestCard(value.slice(0, anyCardLength(value)));
  if (place.kind === "phone") return isExamplePhone(digits);
  return place.kind === "national-id" && /^(?:123456789|078051120|219099999)$/.test(digits);
};

/** Keys of AWS' own documentation, and tokens that somebody cut short to show their form. */
export const shownTokens: Allowance = (place, text) =>
  place.kind === CUT_TOKEN || (place.kind === "aws-key" && valueOf(place, text).endsWith("EXAMPLE"));

/** Stands for a password: `postgres://user:${PASSWORD}@host`, `:password@`, `:***@`. */
const noRealPassword = /^(?:[<[{$%*x.]|pass(?:word|wd)?$|pwd$|secret$|changeme|example|postgres$|root$|test$|user$|admin$|your)/i;
export const placeholderPasswords: Allowance = (place, text) =>
  place.kind === "password" && place.named !== true && noRealPassword.test(valueOf(place, text));

/** Names that only programs read, so that a short password behind them is one: people choose plain letters. */
const readByPrograms = /(?:^|[^A-Za-z0-9])(?:PGPASSWORD|MYSQL_PWD|REDISCLI_AUTH|SSHPASS)=["']?$/;
const inConnection = /(?:^|[^A-Za-z])(?:Password|Pwd)=$/i;

/** Code and fixtures have names of fields everywhere, with variables, types and made-up people behind them: only what looks random counts. */
export const wordsBehindNames: Allowance = (place, text) => {
  if (place.named !== true) return false;
  if (!place.secret) return true;
  const value = valueOf(place, text);
  const before = text.slice(Math.max(0, place.start - 32), place.start);
  if (readByPrograms.test(before)) return value.length < 4 || noRealPassword.test(value);
  if (inConnection.test(before) && text.charAt(place.end) === ";" && value.length >= 6) return noRealPassword.test(value);
  if (!looksRandom(value)) return true;
  // In quotes, or bare as in settings files and commands. What a program reads or calls has dots and brackets.
  return !/["'`\\]/.test(text.charAt(place.end)) && !(/^[\w+/=~-]+$/.test(value) && /\d/.test(value));
};

const patchAllowances = [examplesAndFileNames, publishedNumbers, shownTokens, placeholderPasswords, wordsBehindNames];

/** What patches, and the files of operators, may hold. */
export const patchAllowance: Allowance = (place, text) => patchAllowances.some((allowed) => allowed(place, text));
