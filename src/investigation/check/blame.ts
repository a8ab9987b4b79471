/** Words that speak of a change without its id, and of the person behind it. */

/** A cause that lays the blame on a change: words that only mean one, not all that may. */
export const BLAMES_CHANGE = new RegExp(
  [
    String.raw`\b(?:[Dd]eploy(?:s|ed|ment|ments|ing)?|[Rr]oll-?outs?|[Rr]olled out|PRs?|[Pp]ull requests?|[Rr]elease v?\d\S*|[Cc]ommit [0-9a-f]{6,40}|[Mm]erged?|[Ss]hipped|[Pp]ushe[ds] to|[Pp]ush to)\b`,
    String.raw`\b(?:[Nn]ew|[Ll]atest|[Rr]ecent|[Ll]ast|[Nn]ewest|[Tt]oday['’]s) (?:\w+ )?(?:version|release|build|commit|change|branch)\b`,
    String.raw`\b(?:[Cc]ode|[Cc]onfig(?:uration)?) change\b`,
    String.raw`['’]s (?:\w+ ){0,3}(?:change|branch|merge|push|commit|patch|build|release)\b`,
  ].join("|"),
);

const escaped = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
const found = (text: string, word: string) =>
  new RegExp(String.raw`(?<![\p{L}\p{N}])${escaped(word)}(?![\p{L}\p{N}])(?:['’]s)?`, "iu").exec(text)?.[0] ?? null;
/** A login may be any word ("mark", "will"): as a name it is in capitals, has an owner's ending, or is no plain word. */
function namesPerson(text: string, part: string): boolean {
  const word = found(text, part);
  return word !== null && (/^\p{Lu}/u.test(word) || /['’]s$/.test(word) || /\P{L}/u.test(part));
}

/** Parts of names that are no person's. */
const NO_PERSON = /^(?:bot|team|github|actions|deploy\w*|release|admin|service|platform|user|system|automation|dependabot|renovate)$/i;

/** A name as a text may have it: whole, or one of its parts. @param names of services, lower case, which are no persons */
function partsOf(person: string, names: ReadonlyMap<string, string>): string[] {
  const parts = person.split(/[\s._[\]-]+/).filter((part) => part.length >= 4 && !NO_PERSON.test(part) && !names.has(part.toLowerCase()));
  const whole = person.trim();
  return whole.length < 3 || NO_PERSON.test(whole) || names.has(whole.toLowerCase()) ? parts : [whole, ...parts];
}

const SOMEBODY =
  /\b(?:he|she|his|her|interns?|employees?|colleagues?|co-?workers?|developers?|contractors?|on purpose|deliberately|sabotag\w*)\b/i;

/** The person whom a sentence names, or the words that mean one; null where it speaks of nobody. */
export function personIn(text: string, people: readonly string[], names: ReadonlyMap<string, string>): string | null {
  const named = people.flatMap((person) => partsOf(person, names)).find((part) => namesPerson(text, part));
  return named ?? SOMEBODY.exec(text)?.[0] ?? null;
}
