import type { TimeWindow } from "../incident/telemetry.ts";
import { clockTime, figure } from "../report/words.ts";
import { MIN_POINTS } from "./baseline.ts";
import { type Clue, saturating } from "./clue.ts";
import { borrowHistory, findStep, type Samples, type Step, surprise, tailOf } from "./step.ts";
import type { Feature, Features } from "./trace-feature.ts";
import { counted, duration, extract, shorten } from "./words.ts";

/** Student's t that chance reaches in fewer than 1 of 10,000 features. */
export const SURE = 4.5;

/** What steps of features are found and weighed by. */
export interface Question {
  readonly suspect: TimeWindow;
  readonly earlier: readonly TimeWindow[];
  /** Added milliseconds that a tired engineer would notice. */
  readonly material: number;
}

/** A change of shape is worth little where no healthy run shows which shapes are usual. */
const known = (step: Step): number => (step.history >= MIN_POINTS ? 1 : 0.35);

const stepIn = (samples: Samples, { suspect, earlier }: Question, floor: number, minNow: number): Step | null =>
  findStep(samples, suspect.from, suspect.to, floor, minNow, earlier);

/** Weight of a step in the logarithm of a time. */
function timeWeight(step: Step, cap: number, material: number): number {
  if (step.t < SURE) return 0;
  // Two quiet calls more than were seen: one lone slow call proves little.
  const doublings = (((step.now - step.before) / Math.LN2) * step.countNow) / (step.countNow + 2);
  const added = Math.exp(step.now) - Math.exp(step.before);
  return saturating(doublings, 2, cap) * (added / (added + material));
}

const each = function* (features: Features): Generator<Feature> {
  for (const row of features.values()) yield* row.values();
};

const inCode = (operation: string): string => `\`${shorten(extract(operation), 80)}\``;
const grownTime = (step: Step): string => `${duration(Math.exp(step.before))} → ${duration(Math.exp(step.now))}`;

interface EdgeStep {
  readonly from: string;
  readonly to: string;
  readonly weight: number;
  readonly step: Step;
  /** The caller's own work is in it too. */
  readonly isDirect: boolean;
  readonly evidence: number;
}

/** Weight that is left of time lost where the caller's own work may be what takes it, and no second caller loses it too. */
const DIRECT = 0.15;

/** Of the edges of one service: how many were seen lately, and how many of them lose time. */
interface Breadth {
  shifted: number;
  all: number;
}

/** Calls that lose time between caller and callee: charged to the callee, and to a caller that loses it towards everyone. */
export function gapClues(gaps: Features, question: Question): Clue[] {
  const { from } = question.suspect;
  const tail = tailOf(gaps, from);
  borrowHistory(gaps, from);
  const edges: EdgeStep[] = [];
  const inbound = new Map<string, Breadth>();
  const outbound = new Map<string, Breadth>();
  const breadthOf = (into: Map<string, Breadth>, service: string): Breadth => {
    const found = into.get(service) ?? { shifted: 0, all: 0 };
    into.set(service, found);
    return found;
  };
  for (const [caller, row] of gaps) {
    for (const [callee, samples] of row) {
      const step = stepIn(samples, question, 0.3, 1);
      const weight = step === null ? 0 : timeWeight(step, 9, question.material) * surprise(samples, step, tail);
      const isLate = (samples.at.at(-1) ?? 0) >= from;
      const isShifted = step !== null && weight > 0.5;
      for (const breadth of [breadthOf(inbound, callee), breadthOf(outbound, caller)]) {
        if (isLate) breadth.all += 1;
        if (isShifted) breadth.shifted += 1;
      }
      if (isShifted)
        edges.push({
          from: caller,
          to: callee,
          weight,
          step,
          isDirect: samples.direct > samples.at.length / 2,
          evidence: samples.evidence,
        });
    }
  }
  return [...calleeClues(edges, inbound), ...cutOffClues(edges, outbound)];
}

function calleeClues(edges: readonly EdgeStep[], inbound: ReadonlyMap<string, Breadth>): Clue[] {
  return [...Map.groupBy(edges, ({ to }) => to)].flatMap(([callee, unsorted]) => {
    const into = unsorted.toSorted((a, b) => b.weight - a.weight);
    const [best] = into;
    const breadth = inbound.get(callee);
    if (best === undefined || breadth === undefined) return [];
    const onset = Math.min(...into.map((edge) => edge.step.onset));
    const callers = into.map((edge) => edge.from);
    const isOpen = best.isDirect && into.length === 1;
    return [
      {
        service: callee,
        instance: null,
        fault: "network",
        family: "gap",
        code: "time-lost",
        about: [callee],
        weight: best.weight * (0.5 + (0.5 * breadth.shifted) / Math.max(1, breadth.all)) * (isOpen ? DIRECT : 1),
        onset,
        text:
          `${isOpen ? `time in ${best.from} or on the way to ${callee}` : `network time to ${callee}`}: ${grownTime(best.step)} per call since ` +
          `${clockTime(onset)} (${counted(best.step.countNow, "call")} from ${callers.slice(0, 3).join(", ")}${callers.length > 3 ? " and others" : ""})`,
        evidence: [...new Set(into.map((edge) => edge.evidence))],
        quote: null,
      },
    ];
  });
}

/** A service that loses time towards everyone it calls is itself cut off; two callees at least, or nobody could tell which end it is. */
function cutOffClues(edges: readonly EdgeStep[], outbound: ReadonlyMap<string, Breadth>): Clue[] {
  return [...outbound].flatMap(([caller, { shifted, all }]) => {
    if (shifted < 2 || shifted / all < 0.75) return [];
    const mine = edges.filter((edge) => edge.from === caller);
    const onset = Math.min(...mine.map((edge) => edge.step.onset));
    return [
      {
        service: caller,
        instance: null,
        fault: "network",
        family: "gap",
        code: "cut-off",
        about: [caller],
        weight: mine.reduce((sum, edge) => sum + edge.weight, 0) / mine.length,
        onset,
        text: `network time from ${caller} to ${shifted === all ? `all ${all}` : `${shifted} of the ${all}`} services it calls has been longer since ${clockTime(onset)}`,
        evidence: [...new Set(mine.map((edge) => edge.evidence))],
        quote: null,
      },
    ];
  });
}

/** Operations whose own time grew. */
export function ownTimeClues(own: Features, question: Question): Clue[] {
  const tail = tailOf(own, question.suspect.from);
  const clues: Clue[] = [];
  for (const samples of each(own)) {
    const step = stepIn(samples, question, 0.3, 3);
    const weight = step === null ? 0 : timeWeight(step, 4, question.material) * surprise(samples, step, tail);
    if (step === null || weight < 0.3) continue;
    clues.push({
      service: samples.service,
      instance: null,
      fault: "latency",
      family: "own-time",
      code: "own-time-grew",
      about: [samples.operation],
      weight,
      onset: step.onset,
      text: `self time of ${inCode(samples.operation)} in ${samples.service} ${grownTime(step)} since ${clockTime(step.onset)} (${counted(step.countNow, "span")})`,
      evidence: [samples.evidence],
      quote: null,
    });
  }
  return clues;
}

/** Operations that call nothing any more, where they used to. */
export function childlessClues(childless: Features, question: Question): Clue[] {
  const clues: Clue[] = [];
  for (const samples of each(childless)) {
    const step = stepIn(samples, question, 0.05, 3);
    if (step === null || step.t < SURE || step.before > 0.5) continue;
    const missing = (step.now - step.before) * step.countNow;
    if (missing < 3 || step.now - step.before < 0.05) continue;
    clues.push({
      service: samples.other !== "" ? samples.other : samples.service,
      instance: null,
      fault: "code",
      family: "shape",
      code: "ends-early",
      about: [samples.operation],
      weight: saturating(step.now - step.before, 0.2, 5) * (missing / (missing + 3)) * known(step),
      onset: step.onset,
      text:
        `${inCode(samples.operation)} of ${samples.service} ends early: ${figure(step.before * 100)} % → ${figure(step.now * 100)} % ` +
        `without the ${samples.other === "" ? "steps" : `answer of ${samples.other}`} that follow, since ${clockTime(step.onset)} (${counted(step.countNow, "span")})`,
      evidence: [samples.evidence],
      quote: null,
    });
  }
  return clues;
}

/** Operations that make fewer calls than they used to. */
export function fanoutClues(fanout: Features, question: Question): Clue[] {
  const clues: Clue[] = [];
  for (const samples of each(fanout)) {
    const step = stepIn(samples, question, 0.1, 5);
    if (step === null || Math.abs(step.t) < SURE + 1.5) continue;
    const drop = 1 - Math.exp(step.now - step.before);
    if (drop < 0.15) continue;
    clues.push({
      service: samples.service,
      instance: null,
      fault: "code",
      family: "shape",
      code: "calls-less",
      about: [samples.operation],
      weight: saturating(drop, 0.3, 5) * (step.countNow / (step.countNow + 5)) * known(step),
      onset: step.onset,
      text:
        `${inCode(samples.operation)} of ${samples.service} makes ${figure(Math.exp(step.before) - 1)} → ${figure(Math.exp(step.now) - 1)} ` +
        `calls per run since ${clockTime(step.onset)}: it ends early`,
      evidence: [samples.evidence],
      quote: null,
    });
  }
  return clues;
}

/** One in twenty: chance may leave out as many failures. */
const BY_CHANCE = 0.05;

/** 1 where failures go on to the newest spans; less the less chance explains that so many since the last failing one are well. */
function goesOn({ at, value }: Feature, first: number): number {
  const last = at.findLast((_, index) => value[index] === 1) ?? first;
  const among = value.filter((_, index) => (at[index] ?? 0) >= first && (at[index] ?? 0) <= last);
  const share = among.reduce((sum, one) => sum + one, 0) / (among.length + 1);
  const well = at.filter((one) => one > last).length;
  return Math.min(1, (1 - share) ** well / BY_CHANCE);
}

/** Operations that fail by themselves: no call below them does. */
export function originClues(failures: Features, from: number): Clue[] {
  const clues: Clue[] = [];
  for (const samples of each(failures)) {
    const isLate = (index: number) => (samples.at[index] ?? 0) >= from;
    const late = samples.at.filter((at) => at >= from).length;
    const failing = samples.value.reduce((sum, value, index) => sum + (isLate(index) ? value : 0), 0);
    const before = samples.value.reduce((sum, value, index) => sum + (isLate(index) ? 0 : value), 0);
    const calm = samples.at.length - late;
    const rate = failing / late;
    if (failing < 1 || (calm > 0 && rate < (2 * (before + 0.5)) / (calm + 1))) continue;
    const first = samples.at[samples.value.findIndex((value, index) => value === 1 && isLate(index))] ?? from;
    const share =
      late < 5
        ? `${failing} of ${counted(late, "span")} ${failing === 1 ? "fails" : "fail"}`
        : `${figure(rate * 100)} % of ${figure(late)} spans fail`;
    clues.push({
      service: samples.service,
      instance: null,
      fault: "error",
      family: "origin",
      code: "errors-begin",
      about: [samples.operation],
      weight: saturating(rate, 0.3, 4) * (failing / (failing + 2)) * goesOn(samples, first),
      onset: first,
      text: `errors begin in ${inCode(samples.operation)} of ${samples.service}: ${share} with no failing call below them, first at ${clockTime(first)}`,
      evidence: [samples.evidence],
      quote: samples.other === "" ? null : extract(samples.other),
    });
  }
  return clues;
}
