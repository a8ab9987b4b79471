import { beginningsOf } from "./beginnings.ts";
import { type FieldNames, fieldNames } from "./field-names.ts";
import { fieldValuesIn, looseNameBeginnings } from "./field-values.ts";
import { ownValueFinder } from "./own-values.ts";
import { mayHoldPassword, passwordBeginnings, passwordsIn } from "./password-shapes.ts";
import { mixedBeginnings, personalDataIn } from "./personal-data.ts";
import type { Allowance, Place } from "./place.ts";
import { randomValuesIn, secretWordBeginnings } from "./random-values.ts";
import { NO_RULES, type RedactionRules } from "./redaction-rules.ts";
import { spokenBeginnings, spokenValuesIn } from "./spoken-values.ts";
import { tokenBeginnings, tokensIn } from "./token-shapes.ts";
import { narrowed } from "./wide-forms.ts";

/** The one finder of secrets and personal data: a text goes in, places with their kinds come out. */

export interface Finder {
  /** What is sensitive, first to last and never overlapping: cutting it out leaves nothing of it. */
  readonly find: (text: string, allowed?: Allowance) => readonly Place[];
  readonly meaningOf: FieldNames["meaningOf"];
  /** Whether the operator's rules leave a value alone. */
  readonly isIgnored: (value: string) => boolean;
}

/** What overlaps as one: by the kind that begins first, secrets before others, the longest of these. */
function joined(found: Place[]): Place[] {
  if (found.length < 2) return found;
  const apart: Place[] = [];
  for (const one of found.toSorted((a, b) => a.start - b.start || Number(b.secret) - Number(a.secret) || b.end - a.end)) {
    const last = apart.at(-1);
    if (last === undefined || one.start >= last.end) apart.push(one);
    else
      apart[apart.length - 1] = {
        ...last,
        secret: last.secret || one.secret,
        kind: one.secret && !last.secret ? one.kind : last.kind,
        end: Math.max(last.end, one.end),
        ...(one.named === true ? { named: true } : {}),
      };
  }
  return apart;
}

function* byRules(text: string, { rules }: RedactionRules): Generator<Place> {
  for (const { kind, pattern, literal } of rules) {
    if (literal !== "" && !text.includes(literal)) continue;
    const matcher = pattern.matcher(text);
    while (matcher.find()) {
      const group = matcher.groupCount() > 0 && matcher.start(1) >= 0 ? 1 : 0;
      if (matcher.end(group) > matcher.start(group)) yield { kind, secret: false, start: matcher.start(group), end: matcher.end(group) };
    }
  }
}

const beginnings = beginningsOf([
  { words: tokenBeginnings, exact: true },
  { words: secretWordBeginnings },
  { words: looseNameBeginnings },
  { words: passwordBeginnings },
  { words: spokenBeginnings },
  { words: mixedBeginnings, exact: true },
]);

/** Texts whose places are remembered: characters of one, and how many. */
const LONGEST_KNOWN = 300;
const MOST_KNOWN = 4_000;
/** A name, a level, a status: nothing in it could be an assignment, a number or a token. */
const isWord = (text: string): boolean => text.length < 16 && /^[A-Za-z _./-]*$/.test(text);

/** One table for all finders without fields of the operator's: it is large. */
let commonNames: FieldNames | undefined;
const namesOf = ({ fields }: RedactionRules): FieldNames => (fields.length > 0 ? fieldNames(fields) : (commonNames ??= fieldNames([])));

/**
 * Makes a finder; its tables are built here, so make one for many texts.
 * @param own credentials of this process, found in every encoding of `own-values.ts`. No allowance or rule lets one pass
 */
export function createFinder({ own = [], rules = NO_RULES }: { own?: readonly string[]; rules?: RedactionRules } = {}): Finder {
  const findOwn = ownValueFinder(own);
  const names = namesOf(rules);
  const isIgnored = (value: string): boolean => rules.ignore.some((pattern) => pattern.matcher(value).matches());

  /** Logs repeat: what was found in short texts is remembered. Texts are long gone from memory before their number matters. */
  const known = new Map<string, readonly Place[]>();
  function find(text: string, allowed?: Allowance): readonly Place[] {
    if (allowed !== undefined || text.length > LONGEST_KNOWN) return look(text, allowed);
    const before = known.get(text);
    if (before !== undefined) return before;
    const found = rules.rules.length === 0 && isWord(text) ? ownIn(text) : look(text);
    if (known.size >= MOST_KNOWN) known.clear();
    known.set(text, found);
    return found;
  }

  const ownIn = (text: string): Place[] => findOwn(text).map(({ start, end }) => ({ kind: "own-secret", secret: true, start, end }));

  function look(text: string, allowed?: Allowance): Place[] {
    const others: Place[] = [];
    // What is written in wide forms is read in both: rules of an operator may be written for either.
    const narrow = narrowed(text);
    if (narrow !== null) for (const place of look(narrow, allowed)) others.push(place);
    const { lists, marks } = beginnings(text);
    const [tokens = [], words = [], loose = [], passwords = [], spoken = [], mixed = []] = lists;
    // Most texts are short and have nothing to begin with: what is not started for them makes no garbage.
    if (tokens.length > 0) for (const place of tokensIn(text, tokens)) others.push(place);
    if (passwords.length > 0 || mayHoldPassword(text)) for (const place of passwordsIn(text, passwords)) others.push(place);
    if (spoken.length > 0) for (const place of spokenValuesIn(text, spoken)) others.push(place);
    if (marks.length > 0 || loose.length > 0)
      for (const { meaning, start, end } of fieldValuesIn(text, names, marks, loose))
        others.push({ kind: meaning.kind, secret: meaning.secret, named: true, start, end });
    if (words.length > 0) for (const place of randomValuesIn(text, words)) others.push(place);
    for (const place of personalDataIn(text, mixed, rules.ipAddresses)) others.push({ ...place, secret: false });
    if (rules.rules.length > 0) for (const place of byRules(text, rules)) others.push(place);
    const found = ownIn(text);
    for (const place of others) {
      if (rules.ignore.length > 0 && isIgnored(text.slice(place.start, place.end))) continue;
      if (allowed?.(place, text) !== true) found.push(place);
    }
    return joined(found);
  }

  return { find, meaningOf: names.meaningOf, isIgnored };
}
