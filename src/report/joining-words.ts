import type { ApartReason, JoinReason } from "../incident/joining.ts";
import { minuteTime } from "./words.ts";

const ORDINALS = new Intl.PluralRules("en", { type: "ordinal" });
const ENDINGS: Readonly<Record<Intl.LDMLPluralRule, string>> = { one: "st", two: "nd", few: "rd", other: "th", zero: "th", many: "th" };
const ordinal = (count: number): string => `${count}${ENDINGS[ORDINALS.select(count)]}`;

/** Why a page joined, behind its name: "its failing calls end in payments too". */
export function joinedWords(reason: JoinReason): string {
  switch (reason.code) {
    case "merged":
      return "merged in the pager";
    case "related":
      return "the pager relates them, and both left their usual range at once";
    case "again":
      return `the ${ordinal(reason.count)} page of ${reason.service} since ${minuteTime(reason.since)}`;
    case "same-end":
      if (reason.end === reason.service) return "the trouble ends in it";
      return reason.fails ? `its failing calls end in ${reason.end} too` : `its slow calls end in ${reason.end} too`;
    case "alike":
      return `it fails alike and at once with ${reason.count - 1} other services`;
    case "same-change":
      return `both began with ${reason.change.slice(0, 7)}`;
  }
}

/** Why a page stays apart, as a sentence without its first word's capital. */
export function apartWords(reason: ApartReason): string {
  switch (reason.code) {
    case "other-environment":
      return `it is about ${reason.environments[1]}, not ${reason.environments[0]}`;
    case "other-resource":
      return `the same alert, but about ${reason.names[1]}, not ${reason.names[0]}`;
    case "unexplained-resource":
      return `nothing that was read leads to the ${reason.kind} ${reason.name}`;
    case "ended":
      return "the incident was over";
    case "not-read":
      return "nothing was read yet that could link them";
    case "not-moved":
      return `no signal of ${reason.service} left its usual range`;
    case "other-onset":
      return `${reason.minutes} min lie between their onsets`;
    case "other-end":
      return reason.ends[0] === null || reason.ends[1] === null || reason.ends[0] === reason.ends[1]
        ? "nothing shows that they have one cause"
        : `one ends in ${reason.ends[0]}, the other in ${reason.ends[1]}`;
  }
}
