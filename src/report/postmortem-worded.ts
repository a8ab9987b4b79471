import type { EventOf, LoggedEvent } from "../incident/event.ts";
import { newestOf } from "../incident/newest-event.ts";
import type { Sentence } from "./postmortem-facts.ts";
import { type Postmortem, type Section, type SectionId, skeletonOf } from "./postmortem.ts";
import { plain, prose, say } from "./text.ts";

/**
 * A model's prose over the draft. It words what the draft says and adds nothing: each of its sentences names the sentences that it is made of, takes
 * their place, and rests on what they rest on. Where the log has gone on and one of them is not as it was, the draft's own sentences are shown.
 */

/** Sections that a model may word: the others are lists of who does what. */
export const WORDED = ["summary", "impact", "cause", "tried", "well", "badly"] as const satisfies readonly SectionId[];

export type Worded = EventOf<"postmortem-worded">["sentences"];

/** A sentence of the draft, as a model is shown it. */
export interface NumberedSentence {
  readonly number: number;
  readonly section: SectionId;
  readonly text: string;
  readonly sentence: Sentence;
}

/** The sentences that a model may word, numbered from 1. */
export const numbered = ({ sections }: Postmortem): readonly NumberedSentence[] =>
  sections
    .filter(({ id }) => WORDED.some((one) => one === id))
    .flatMap(({ id, sentences }) => sentences.map((sentence) => ({ section: id, text: plain(sentence.words), sentence })))
    .map((one, index) => ({ number: index + 1, ...one }));

function wordedSection(section: Section, worded: Worded): Section {
  const own = new Map(section.sentences.map((sentence) => [plain(sentence.words), sentence]));
  const covered = new Set<string>();
  const sentences: Sentence[] = [];
  for (const { section: id, text, of } of worded) {
    const parts = of.flatMap((one) => own.get(one) ?? []);
    if (id !== section.id || parts.length === 0 || parts.length < of.length) continue;
    const all = <T>(each: (part: Sentence) => readonly T[]): readonly T[] => [...new Set(parts.flatMap(each))];
    sentences.push({ words: say`${prose(text)}`, evidence: all(({ evidence }) => evidence), entries: all(({ entries }) => entries) });
    for (const one of of) covered.add(one);
  }
  return { ...section, sentences: [...sentences, ...section.sentences.filter(({ words }) => !covered.has(plain(words)))] };
}

/** The draft in the model's words, as far as they hold. */
export const withProse = (draft: Postmortem, worded: Worded): Postmortem => ({
  ...draft,
  sections: draft.sections.map((section) => wordedSection(section, worded)),
});

/** The draft of a postmortem: what the log holds, in a model's words where one has worded it and they still hold. */
export const postmortemOf = (log: readonly LoggedEvent[]): Postmortem =>
  withProse(skeletonOf(log), newestOf(log, "postmortem-worded")?.event.sentences ?? []);
