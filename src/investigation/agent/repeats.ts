import { cut } from "../../report/cut.ts";

/** One call of a tool as the transcript has it. */
export interface ToolCall {
  readonly tool: string;
  /** As the model gave it. */
  readonly input: unknown;
  /** The error's text where the call failed. */
  readonly error: string | null;
  /** Evidence numbers that this call added to the ledger. */
  readonly newEvidence: readonly number[];
}

/** The calls that one turn of the model asked for, together. */
export type Round = readonly ToolCall[];

export type RepeatState =
  | { readonly state: "ok" }
  /** `words`: for the model, what repeats and what to do instead. */
  | { readonly state: "warn"; readonly words: string }
  /** `because`: for people. */
  | { readonly state: "stop"; readonly because: string };

/** How often something may come again before the model gets a warning, and before the run ends. */
const REPEATS = {
  sameCall: { warn: 2, stop: 4 },
  sameError: { warn: 2, stop: 4 },
  /** Rounds in turn A-B-A-B: two whole turns, then four. */
  alternation: { warn: 2, stop: 4 },
  /** Rounds without new evidence. */
  idleRounds: { warn: 3, stop: 6 },
} as const;

const LONGEST_KEY = 2_000;

/** An input as text, whatever the order of its fields. Cut: an input of any size must not cost more than its beginning. */
function keyOf(value: unknown, depth = 0): string {
  if (depth > 8) return "…";
  if (Array.isArray(value))
    return `[${value
      .slice(0, 50)
      .map((one) => keyOf(one, depth + 1))
      .join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const fields = Object.entries(value)
      .slice(0, 50)
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, one]) => `${name}:${keyOf(one, depth + 1)}`);
    return `{${fields.join(",")}}`;
  }
  return typeof value === "string" ? value.slice(0, LONGEST_KEY).replaceAll(/\s+/g, " ").trim() : String(value);
}

const callKey = ({ tool, input }: ToolCall) => `${tool} ${keyOf(input)}`.slice(0, LONGEST_KEY);
/** Times, ids and counts differ from one failure to the next; the failure is the same. */
const errorKey = ({ tool, error }: ToolCall) =>
  `${tool} ${(error ?? "").slice(0, 500).replaceAll(/\d+/g, "#").replaceAll(/\s+/g, " ").trim()}`;

/** What the model did before it saw an answer is one try, however often one round holds it. */
const oncePerRound = (rounds: readonly Round[], key: (call: ToolCall) => string): ToolCall[] =>
  rounds.flatMap((round) => [...new Map(round.map((call) => [key(call), call])).values()]);

function tally<T>(items: readonly T[], key: (item: T) => string): Map<string, { item: T; times: number }> {
  const counted = new Map<string, { item: T; times: number }>();
  for (const item of items) {
    const seen = counted.get(key(item));
    counted.set(key(item), { item, times: (seen?.times ?? 0) + 1 });
  }
  return counted;
}

const most = <T>(counted: Map<string, { item: T; times: number }>) =>
  [...counted.values()].toSorted((one, other) => other.times - one.times)[0] ?? null;

/** Whole turns A-B that the rounds end in; 0 where the last two are the same. */
function alternations(keys: readonly string[]): number {
  const [a, b] = [keys.at(-2), keys.at(-1)];
  if (a === undefined || b === undefined || a === b) return 0;
  let rounds = 0;
  for (let at = keys.length - 1; at >= 0 && keys[at] === (rounds % 2 === 0 ? b : a); at--) rounds++;
  return Math.floor(rounds / 2);
}

const short = (text: string) =>
  cut(
    text
      .slice(0, 400)
      .replaceAll(/[\s\p{Cc}]+/gu, " ")
      .trim(),
    160,
  );

/**
 * Whether the calls go in circles: the same call again, two rounds in turn, the same error again and again, rounds that bring nothing new.
 * Pure: computed from all rounds so far, oldest first.
 * @param handIn the tool that ends the work
 */
export function repeatsIn(rounds: readonly Round[], handIn = "submit_finding"): RepeatState {
  const latest = new Set((rounds.at(-1) ?? []).map(callKey));
  const latestErrors = new Set((rounds.at(-1) ?? []).filter((call) => call.error !== null).map(errorKey));
  // What came again and again counts while it still does.
  const sameCall = most(
    tally(
      oncePerRound(rounds, callKey).filter((call) => latest.has(callKey(call))),
      callKey,
    ),
  );
  const sameError = most(
    tally(
      oncePerRound(rounds, errorKey).filter((call) => call.error !== null && latestErrors.has(errorKey(call))),
      errorKey,
    ),
  );
  const turns = alternations(rounds.map((round) => round.map(callKey).toSorted().join(" | ")));
  const fresh = rounds.findLastIndex((round) => round.some((call) => call.newEvidence.length > 0));
  // A round without a call is the model thinking or submitting.
  const idle = rounds.slice(fresh + 1).filter((round) => round.length > 0).length;

  const found = [
    {
      times: sameCall?.times ?? 0,
      limits: REPEATS.sameCall,
      words: `You have made the same call of ${sameCall?.item.tool} ${sameCall?.times} times; its answer will not change. Ask something else, or use what it said.`,
      because: `the agent repeated one call of ${sameCall?.item.tool} ${sameCall?.times} times`,
    },
    {
      times: sameError?.times ?? 0,
      limits: REPEATS.sameError,
      words: `${sameError?.item.tool} failed ${sameError?.times} times in the same way: “${short(sameError?.item.error ?? "")}”. Do not try it again like this: change the input as the message says, or note it under \`missing\`.`,
      because: `${sameError?.item.tool} failed ${sameError?.times} times in the same way: ${short(sameError?.item.error ?? "")}`,
    },
    {
      times: turns,
      limits: REPEATS.alternation,
      words:
        "Your last rounds go back and forth between the same two questions. Both answers are above: compare them and decide, or ask a third.",
      because: "the agent went back and forth between two questions",
    },
    {
      times: idle,
      limits: REPEATS.idleRounds,
      words: `The last ${idle} rounds brought no new evidence. Say which answer would change your mind and ask for that, or call ${handIn} with what you have.`,
      because: `${idle} rounds in a row brought no new evidence`,
    },
  ];
  const stop = found.find(({ times, limits }) => times >= limits.stop);
  if (stop !== undefined) return { state: "stop", because: stop.because };
  const warnings = found.filter(({ times, limits }) => times >= limits.warn).map(({ words }) => words);
  return warnings.length === 0 ? { state: "ok" } : { state: "warn", words: warnings.join("\n") };
}
