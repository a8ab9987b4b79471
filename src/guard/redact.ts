import { createFinder, type Finder } from "./finder.ts";
import { type Place, replaced } from "./place.ts";
import { deriveKey, LABEL, labeller, seal, type SealedValue, unseal } from "./pseudonym.ts";
import { walk } from "./redact-data.ts";
import type { RedactionRules } from "./redaction-rules.ts";
import type { FieldMeaning } from "./field-names.ts";

/**
 * Hides secrets and personal data in texts. A secret becomes `<password>`, `<github-token>`; personal data becomes a pseudonym such as
 * `<email:kvmtrzpd>`, the same for the same value within one incident. What is hidden already is left alone, so texts may pass any number of times.
 *
 * Pseudonyms are derived with a key and not counted: triage runs in a thread, steps run again after a crash, and all must come to the same label
 * without asking each other.
 */

/** An answer of a source, as far as redaction knows it. */
interface AnswerLike {
  readonly raw: string;
  readonly value: unknown;
  readonly query: string;
  readonly link: string | null;
  readonly cut: string | null;
}

export interface Redactor {
  readonly text: (text: string) => string;
  /** Every string within plain data; fields by their names as well. Objects without anything to hide come back as they are. */
  readonly deep: <T>(value: T) => T;
  /** As `deep`, by shapes alone, for data whose field names are our own; `passes` names fields that stay as they are. */
  readonly event: <T>(event: T, passes: (key: string) => boolean) => T;
  /** Raw text and parsed value alike: what is hidden in one is hidden in the other, under the same label. */
  readonly answer: <T extends AnswerLike>(answer: T) => T;
  /** The values behind the pseudonyms that were made since it was last asked, sealed: to be kept with what they were taken from. */
  readonly takeSealed: () => readonly SealedValue[];
}

export interface RedactionOptions {
  /** This process's credentials. */
  readonly own: readonly string[];
  readonly rules?: RedactionRules;
  /** Pseudonyms are derived with it: any text that only this installation knows. */
  readonly labelSecret: string;
  /** Values are kept for a person who may see them, sealed with it. Without it nothing is kept. */
  readonly revealKey?: string | undefined;
}

export interface Redaction {
  readonly forIncident: (incidentId: string) => Redactor;
  /** For texts of no incident, such as log lines and error reports: labels without identity (`<email>`). */
  readonly plain: (text: string) => string;
  /** The same for every text within a message that leaves. */
  readonly message: <T>(message: T) => T;
  /** The value behind a pseudonym, or null without the key or with another one. */
  readonly unseal: (incidentId: string, sealed: SealedValue) => string | null;
}

/** Digits and letters alone, where the writing of a number varies; else lower case, blanks folded. */
function normalised(kind: string, value: string): string {
  if (kind === "phone") return value.replaceAll(/\D/g, "").replace(/^0+/, "");
  if (kind === "card" || kind === "iban" || kind === "national-id" || kind === "birth-date")
    return value.replaceAll(/[^A-Za-z0-9]/g, "").toUpperCase();
  return value.replaceAll("%40", "@").toLowerCase().replaceAll(/\s+/g, " ").trim();
}

/** Shortest value that is looked for elsewhere in the same answer: shorter ones are words of their own. */
const SHORTEST_KNOWN = 6;
/** JSON may spell any character by its code, and a slash with a backslash: the same text, which no shape would know. */
const codedSigns = /\\u00([2-7][0-9a-fA-F])/g;
const readableJson = (raw: string): string => {
  const slashes = raw.includes("\\/") ? raw.replaceAll("\\/", "/") : raw;
  if (!slashes.includes("\\u00")) return slashes;
  return slashes.replaceAll(codedSigns, (whole, hex: string) => {
    const char = String.fromCharCode(Number.parseInt(hex, 16));
    return char === '"' || char === "\\" ? whole : char;
  });
};

/** Longest text of an answer that is remembered with what it became, characters: names, tags and ids come thousands of times. */
const LONGEST_REMEMBERED = 200;

/** Redactors kept at once; a new one comes to the same labels. */
const MOST_INCIDENTS = 1_000;
const LABEL_WHOLE = new RegExp(`^(?:${LABEL.source})$`);

type Hide = (place: Omit<Place, "start" | "end">, value: string) => string;

/** What all redactors of a process share. */
interface Shared {
  readonly finder: Finder;
  readonly isCleanName: (name: string) => boolean;
  readonly hidesNumber: (key: string, value: number) => boolean;
  readonly labelKey: Uint8Array;
  readonly sealKey: Uint8Array | null;
}

const hideIn = ({ find }: Finder, text: string, hide: Hide): string => (text.length < 4 ? text : replaced(text, find(text), hide));

const byMeaning = ({ isIgnored }: Finder, meaning: FieldMeaning | null, value: string): meaning is FieldMeaning =>
  meaning !== null && value !== "" && !LABEL_WHOLE.test(value) && meaning.holds(value) && !isIgnored(value);

/** Names of fields in which nothing was found are remembered: the same ones come again and again. */
function cleanNames({ find }: Finder): (name: string) => boolean {
  const clean = new Set<string>();
  return (name) => {
    if (name.length < 6 || clean.has(name)) return true;
    if (find(name).length > 0) return false;
    if (clean.size > 20_000) clean.clear();
    clean.add(name);
    return true;
  };
}

const never = () => false;
/** Ids of messages, people and the calls of tools. */
const isAddress = (key: string) => ["type", "tool_use_id", "block_id", "action_id", "ts", "channel"].includes(key);

class IncidentRedactor implements Redactor {
  readonly #shared: Shared;
  readonly #incidentId: string;
  readonly #label: (kind: string, normalised: string) => string;
  /** Values behind pseudonyms, by pseudonym, that nobody has kept yet. */
  readonly #taken = new Map<string, string>();
  readonly #hide = this.#hider(null);

  constructor(shared: Shared, incidentId: string) {
    this.#shared = shared;
    this.#incidentId = incidentId;
    this.#label = labeller(shared.labelKey, incidentId);
  }

  /** @param known takes what only its field's name revealed, with its label */
  #hider(known: Map<string, string> | null): Hide {
    return ({ kind, secret, named }, value) => {
      const shown = secret ? `<${kind}>` : this.#label(kind, normalised(kind, value));
      if (!secret && this.#shared.sealKey !== null && !this.#taken.has(shown)) this.#taken.set(shown, value);
      if (named === true && known !== null && value.length >= SHORTEST_KNOWN) known.set(value, shown);
      return shown;
    };
  }

  #byName = (text: string, key: string | null): string => {
    const { finder } = this.#shared;
    const meaning = key === null ? null : finder.meaningOf(key);
    const shaped = hideIn(finder, text, this.#hide);
    // An e-mail address within such a field is known by its shape, with what is around it kept.
    return shaped === text && byMeaning(finder, meaning, text) ? this.#hide(meaning, text) : shaped;
  };

  readonly #walk = <T>(value: T, onText: (text: string, key: string | null) => string, passes: (key: string) => boolean): T =>
    walk(value, { ...this.#shared, onText, passes }) as T;

  readonly text = (text: string): string => hideIn(this.#shared.finder, text, this.#hide);
  readonly deep = <T>(value: T): T => this.#walk(value, this.#byName, never);
  readonly event = <T>(event: T, passes: (key: string) => boolean): T => this.#walk(event, this.text, passes);

  readonly takeSealed = (): readonly SealedValue[] => {
    const { sealKey } = this.#shared;
    if (sealKey === null) return [];
    const sealed = [...this.#taken].map(([pseudonym, value]) => seal(sealKey, this.#incidentId, pseudonym, value));
    this.#taken.clear();
    return sealed;
  };

  readonly answer = <T extends AnswerLike>(answer: T): T => {
    const known = new Map<string, string>();
    const raw = hideIn(this.#shared.finder, readableJson(answer.raw), this.#hider(known));
    const hidden = [...known].toSorted(([a], [b]) => b.length - a.length);
    const onText = (text: string, key: string | null): string => {
      let clean = this.#byName(text, key);
      // What only the raw answer's field name revealed.
      for (const [value, shown] of hidden) if (clean.includes(value)) clean = clean.replaceAll(value, shown);
      return clean;
    };
    const within = hidden.length > 200 ? this.#byName : onText;
    const before = new Map<string, string>();
    const remembering = (text: string, key: string | null): string => {
      // What the name of a field says is not said of the same text in another.
      if (text.length > LONGEST_REMEMBERED || (key !== null && this.#shared.finder.meaningOf(key) !== null)) return within(text, key);
      let clean = before.get(text);
      if (clean === undefined) before.set(text, (clean = within(text, key)));
      return clean;
    };
    const { value, query, link, cut } = answer;
    return {
      ...answer,
      raw,
      value: this.#walk(value, remembering, never),
      query: onText(query, null),
      link: link === null ? null : onText(link, null),
      cut: cut === null ? null : onText(cut, null),
    };
  };
}

/** One for the whole process: patterns are compiled here. */
export function createRedaction(options: RedactionOptions): Redaction {
  const { own, rules, labelSecret, revealKey } = options;
  const finder = createFinder({ own, ...(rules === undefined ? {} : { rules }) });
  const shared: Shared = {
    finder,
    isCleanName: cleanNames(finder),
    hidesNumber(key, value) {
      const meaning = finder.meaningOf(key);
      return meaning !== null && byMeaning(finder, meaning, String(value));
    },
    labelKey: deriveKey(labelSecret, "midwatch pseudonyms"),
    sealKey: revealKey === undefined ? null : deriveKey(revealKey, "midwatch sealed values"),
  };
  const plain = (text: string) => hideIn(finder, text, ({ kind }) => `<${kind}>`);
  const incidents = new Map<string, Redactor>();
  return {
    forIncident(incidentId) {
      const before = incidents.get(incidentId);
      if (before !== undefined) return before;
      const made = new IncidentRedactor(shared, incidentId);
      const [oldest] = incidents.keys();
      if (incidents.size >= MOST_INCIDENTS && oldest !== undefined) incidents.delete(oldest);
      incidents.set(incidentId, made);
      return made;
    },
    plain,
    message: (message) => walk(message, { ...shared, onText: plain, passes: isAddress }) as typeof message,
    unseal: (incidentId, sealed) => (shared.sealKey === null ? null : unseal(shared.sealKey, incidentId, sealed)),
  };
}
