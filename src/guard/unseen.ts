/**
 * Characters that nobody sees: they move a cursor, forge a line, hide words or turn the reading direction. Patterns named `…Runs` match whole
 * runs, for `replaceAll`; the others match one character and have no state.
 */

/** Control characters (line breaks and tabs too), format characters, and the line ends of Unicode. */
export const unseenRuns = /[\p{Cc}\p{Cf}\u2028\u2029]+/gu;
/** Format characters and all that fonts leave out; tags (U+E0000…) can spell out words. */
export const shapelessRuns = /[\p{Cf}\p{Default_Ignorable_Code_Point}]+/gu;
/** The same with the line ends of Unicode. */
export const shapelessOrLineEndRuns = /[\p{Cf}\p{Default_Ignorable_Code_Point}\u2028\u2029]+/gu;
export const controlRuns = /\p{Cc}+/gu;
export const controlOrLineEndRuns = /[\p{Cc}\u2028\u2029]+/gu;
export const controlsButTabRuns = /[^\P{Cc}\t]+/gu;
/** Control characters, line ends, and the marks that turn the reading direction. */
export const controlOrTurnRuns = /[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]+/gu;

/** Control characters but line breaks and tabs, and marks that turn the reading direction: on a page they would say something else than they are. */
export const deceivingEach = /[^\P{Cc}\t\n\r]|[\u202A-\u202E\u2066-\u2069]/gu;

/** All of the above. */
export const anyUnseen = /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2028\u2029]/u;
/** One at a time, for `replaceAll`. */
export const anyUnseenEach = new RegExp(anyUnseen, "gu");
/** {@link anyUnseen}; a tab is text. */
export const unseenButTab = /[\p{Cf}\p{Default_Ignorable_Code_Point}\u2028\u2029]|[^\P{Cc}\t]/u;
/** As {@link unseenRuns}, one at a time; a tab is text. */
export const unseenInCode = /[^\P{Cc}\t]|[\p{Cf}\u2028\u2029]/gu;
/** No question to a vendor needs one. Joiners and the selector of emoji are left: words of some scripts have them. */
export const unseenInQuestions = /[^\P{Cc}\t\n\r]|(?!\u200C|\u200D|\uFE0F)\p{Default_Ignorable_Code_Point}/u;
/** Nobody can review a skill or runbook that holds one. */
export const unseenInSkills = /(?![\t\r\n])\p{Cc}|[\u200B\u202A-\u202E\u2060-\u2064\u2066-\u2069\u{E0000}-\u{E007F}]/u;
/** No statement of SQL needs one. */
// oxlint-disable-next-line no-control-regex
export const unseenInSql = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F\u200B-\u200F\u202A-\u202E\u2060-\u2069\uFEFF]/u;
/** Slack would show them, or turn the text around; U+200B is kept, midwatch's own messages use it. */
// oxlint-disable-next-line no-control-regex
export const unseenInSlack = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069\uFEFF]/g;
/** What JSON would keep as it is and no editor shows; private and unassigned characters too. */
export const unseenInJson = /[\p{Cf}\p{Co}\p{Cn}\u007f-\u009f\u2028\u2029]/gu;
/** A text hidden in another one: tags that spell words, rows of characters without width. */
export const hiddenText = /[\u{E0020}-\u{E007F}]{8,1000}|[\u200B\u2060\uFEFF]{4,1000}/gu;
