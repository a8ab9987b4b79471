import { confidenceWords } from "../incident/confidence.ts";
import type { LoggedEvent } from "../incident/event.ts";
import { feedbackOf, type FeedbackVerdict } from "../incident/feedback.ts";
import { toStatus } from "./status.ts";

/** How midwatch did, over many incidents: what people said of its answers, how long they took, what the model cost. */

interface Tally {
  readonly right: number;
  readonly area: number;
  readonly wrong: number;
  /** Answers of which nobody said anything. */
  readonly unsaid: number;
}

export interface Stats {
  readonly incidents: number;
  /** Pages that joined another incident: not counted among `incidents`. */
  readonly joined: number;
  /** By the paged service, most incidents first. */
  readonly byService: readonly (Tally & { readonly name: string })[];
  /** Of answers that blame somebody, by how sure they said they were: "very likely", "likely", "possible". */
  readonly bySureness: readonly (Tally & { readonly name: string })[];
  /** From the page's arrival, milliseconds; null: it never came to that. */
  readonly median: { readonly firstWordsMs: number | null; readonly briefMs: number | null; readonly findingMs: number | null };
  /** US dollars of all investigations by a model. */
  readonly dollars: number;
}

const NONE: Tally = { right: 0, area: 0, wrong: 0, unsaid: 0 };
const FIELD = { right: "right", "right-area": "area", wrong: "wrong" } as const satisfies Record<FeedbackVerdict, keyof Tally>;

/** The middle value, or the mean of the two in the middle; null: none. */
function medianOf(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? 0;
  return Number.isInteger(middle) ? ((sorted[middle - 1] ?? 0) + upper) / 2 : upper;
}

/** What the newest word of anybody says of an answer. */
const saidOf = (log: readonly LoggedEvent[]): keyof Tally => {
  const last = feedbackOf(log).at(-1);
  return last === undefined ? "unsaid" : FIELD[last.verdict];
};

const counted = (all: Map<string, Tally>, name: string, field: keyof Tally): void => {
  const before = all.get(name) ?? NONE;
  all.set(name, { ...before, [field]: before[field] + 1 });
};

const total = ({ right, area, wrong, unsaid }: Tally): number => right + area + wrong + unsaid;
const listed = (all: ReadonlyMap<string, Tally>): Stats["byService"] =>
  [...all]
    .map(([name, tally]) => ({ name, ...tally }))
    .toSorted((one, other) => total(other) - total(one) || (one.name < other.name ? -1 : 1));

const costOf = (log: readonly LoggedEvent[]): number =>
  log.reduce((sum, { event }) => sum + (event.type === "model-turn" ? event.cost : 0), 0);

/** @param logs of each incident, whole */
export function statsOf(logs: Iterable<readonly LoggedEvent[]>): Stats {
  const byService = new Map<string, Tally>();
  const bySureness = new Map<string, Tally>();
  const times = { firstWordsMs: [] as number[], briefMs: [] as number[], findingMs: [] as number[] };
  let incidents = 0;
  let joined = 0;
  let dollars = 0;
  for (const log of logs) {
    const status = toStatus(log);
    dollars += costOf(log);
    if (status.joinedTo !== null) {
      joined++;
      continue;
    }
    incidents++;
    const after = (at: number | null, into: number[]) => at !== null && into.push(Math.max(0, at - status.openedAt));
    after(status.firstWordsAt, times.firstWordsMs);
    after(status.briefAt, times.briefMs);
    after(status.findingAt, times.findingMs);
    if (status.findingAt === null) continue;
    const said = saidOf(log);
    counted(byService, status.service ?? "no service", said);
    if (status.topSuspect !== null) counted(bySureness, confidenceWords(status.topSuspect.probability), said);
  }
  return {
    ...{ incidents, joined, dollars },
    byService: listed(byService),
    bySureness: listed(bySureness),
    median: { firstWordsMs: medianOf(times.firstWordsMs), briefMs: medianOf(times.briefMs), findingMs: medianOf(times.findingMs) },
  };
}
