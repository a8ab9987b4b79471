/** A revert of more files than this is never drafted, even if a person asks for it. */
export const MOST_REVERTED_FILES = 100;
/** A longer text is not for a review. Lock files come near it. */
export const LARGEST_TEXT_BYTES = 1_000_000;
/** Texts of all files together, before and after, that are kept with the proposal; stores hold at most 2 MB a row. */
export const MOST_KEPT_TEXT_BYTES = 500_000;
/** Folders that are read to find what a change touched. */
export const MOST_FOLDERS_READ = 400;

/** A patch that a person reads within minutes. */
export const MOST_PATCHED_FILES = 10;
/** Lines added and removed, over all files. */
export const MOST_CHANGED_LINES = 400;
/** Of one added line: nobody reads beyond the edge of a screen. */
export const LONGEST_ADDED_LINE = 500;
/** Blanks between two words of an added line, by which the second could be pushed out of sight; and before the first. */
export const MOST_BLANKS_INSIDE = 40;
export const MOST_BLANKS_BEFORE = 120;
/** Of all added lines together: 400 long lines are more than minutes of reading. */
export const MOST_ADDED_CHARACTERS = 40_000;
/** Edits that are looked at; a patch within the other limits needs fewer. */
export const MOST_EDITS = 60;
/** Characters of one edit's search text, and of its new text. */
export const LONGEST_SEARCH = 20_000;
export const LONGEST_REPLACEMENT = 100_000;
/** A text of at most {@link LARGEST_TEXT_BYTES} has no more characters than that. */
export const LARGEST_TEXT_CHARACTERS = LARGEST_TEXT_BYTES;
