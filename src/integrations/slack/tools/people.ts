import { IntegrationError } from "../../../guard/errors.ts";
import type { SlackClient } from "../client.ts";

/** Names asked for at once; each costs one call, the first time. */
const MOST_NAMES = 25;

/** What people are called, for words and mentions; ids stay where Slack has no name. */
export interface Names {
  readonly of: (id: string | null) => string;
  /** `@U0123` in a text → `@Ana`. */
  readonly inText: (text: string) => string;
  /** Why some names are ids, or null. */
  readonly note: string | null;
}

const mention = /@([UW][A-Z0-9]{2,20})\b/g;

/** Names of the people who wrote these texts or are named in them. */
export async function namesOf(
  slack: SlackClient,
  authors: readonly (string | null)[],
  texts: readonly string[],
  signal: AbortSignal,
): Promise<Names> {
  const mentioned = texts.flatMap((text) => [...text.slice(0, 4_000).matchAll(mention)].map(([, id]) => id ?? ""));
  const ids = [...new Set([...authors.filter((id) => id !== null), ...mentioned])].filter((id) => /^[UW][A-Z0-9]+$/.test(id));
  const names = new Map<string, string>();
  let note =
    ids.length > MOST_NAMES ? `names of ${MOST_NAMES} of ${ids.length} people were asked for; the others are shown by their ids` : null;
  await Promise.all(
    ids.slice(0, MOST_NAMES).map(async (id) => {
      try {
        names.set(id, await slack.userName(id, signal));
      } catch (error) {
        if (!(error instanceof IntegrationError)) throw error;
        note ??= `some people are shown by their ids: ${error.message}`;
      }
    }),
  );
  return {
    of: (id) => (id === null ? "(unknown)" : (names.get(id) ?? id)),
    inText: (text) => text.replaceAll(mention, (whole, id: string) => (names.has(id) ? `@${names.get(id) ?? id}` : whole)),
    note,
  };
}
