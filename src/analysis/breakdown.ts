import { clockTime, figure } from "../report/words.ts";
import type { Clue } from "./clue.ts";
import { median } from "./baseline.ts";
import type { Signal } from "./signal.ts";
import { metricWords } from "./words.ts";

/** Share of the whole from which on one part is called the main one. */
const MAIN = 0.4;
const LEVEL_POINTS = 5;

const level = (signal: Signal): number => median(signal.series.points.slice(-LEVEL_POINTS).map((point) => point.value));

/**
 * What a load is made of, where a source splits its parts by a tag (waits of a database, states of connections, reasons of errors): the part
 * that is most of it now. It says how a service suffers, not that it does, and so weighs little.
 */
export function breakdownClues(signals: readonly Signal[]): Clue[] {
  const groups = new Map<string, { key: string; parts: Signal[] }>();
  for (const signal of signals) {
    const keys = Object.keys(signal.series.tags);
    const key = keys.find((name) => /wait|state|reason|cause|type|code/i.test(name));
    if (key === undefined || signal.edge !== null || (signal.meaning.kind !== "saturation" && signal.meaning.kind !== "errors")) continue;
    const id = `${signal.service}\n${signal.series.metric}\n${key}`;
    const group = groups.get(id);
    if (group === undefined) groups.set(id, { key, parts: [signal] });
    else group.parts.push(signal);
  }
  const clues: Clue[] = [];
  for (const { key, parts } of groups.values()) {
    if (parts.length < 2) continue;
    const sizes = parts.map((signal) => ({ signal, now: level(signal) })).filter(({ now }) => now > 0);
    const whole = sizes.reduce((sum, { now }) => sum + now, 0);
    const [main] = sizes.toSorted((a, b) => b.now - a.now);
    if (main === undefined || whole <= 0 || main.now / whole < MAIN) continue;
    const { series, shift, baseline, service } = main.signal;
    const name = series.tags[key] ?? "";
    const before = shift === null ? (main.signal.borrowed ? null : baseline.median) : shift.before;
    const wasOther = before !== null && figure(before) !== figure(main.now);
    clues.push({
      service,
      instance: series.instance,
      fault: /cpu/i.test(name) ? "cpu" : "overload",
      family: "monitor",
      code: "main-part",
      about: [metricWords(series.metric), name],
      weight: 0.5,
      onset: shift?.onset ?? null,
      text:
        `${figure((main.now / whole) * 100)} % of ${metricWords(series.metric)} of ${service} is ${name.slice(0, 80)}: ${figure(main.now)} of ${figure(whole)}` +
        (wasOther ? `, ${figure(before)} before` : "") +
        (shift === null ? "" : `${wasOther ? "" : " since"} ${clockTime(shift.onset)}`),
      evidence: [...new Set(parts.map((signal) => signal.series.evidence))],
      quote: null,
    });
  }
  return clues;
}
