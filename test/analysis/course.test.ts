import { describe, expect, test } from "vitest";
import { analyse } from "../../src/analysis/analyse.ts";
import { courseOf } from "../../src/analysis/course.ts";
import { finish } from "../../src/analysis/turns.ts";
import { type Belief, type Course, judgeCourse } from "../../src/incident/belief.ts";
import { beliefOf } from "../../src/incident/belief-log.ts";
import type { ChangeEvent, Point, SignalKind, Telemetry } from "../../src/incident/telemetry.ts";
import { empty, from, minute, page, series } from "./telemetry.ts";

/** Failures of shop as different monitoring systems see them, usual and in trouble. */
const styles: readonly (readonly [metric: string, kind: SignalKind, unit: string | null, usual: number, bad: number, worse: number])[] = [
  ["trace.http.request.errors", "errors", "error", 1, 120, 300],
  ["http_error_ratio", "errors", "fraction", 0.002, 0.2, 0.6],
  ["p99:trace.http.request", "latency", "second", 0.2, 1.4, 5],
];
type Style = (typeof styles)[number];

const onset = page - 4 * minute;
const deployed: ChangeEvent = {
  ...{
    kind: "deploy",
    at: onset - minute,
    service: "cart",
    title: "Deploy cart",
    sha: "a".repeat(40),
    previousSha: "b".repeat(40),
    version: null,
  },
  ...{ repository: null, author: null, pullRequest: null, files: null, link: null, evidence: 5 },
};

/** One point a minute up to `until`; `level` says which minutes are at which level. */
function points(until: number, level: (at: number) => number): Point[] {
  const found: Point[] = [];
  for (let at = from; at < until; at += minute) found.push({ at, value: level(at) * (1 + 0.03 * Math.sin(at / minute)) });
  return found;
}

/** shop calls cart calls stock. What each of them shows up to `to`. */
function system(
  [metric, kind, unit, usual, bad]: Style,
  to: number,
  over: number,
  changes: ChangeEvent[] = [deployed],
  last = to,
): Telemetry {
  const level = (at: number) => (at >= onset && at < over ? bad : usual);
  return {
    ...empty,
    ...{ changes, page: { ...empty.page, title: "shop is unhealthy" }, window: { from: page - 10 * minute, to } },
    series: [
      series("shop", metric, kind, unit, points(last, level)),
      series("cart", metric, kind, unit, points(last, level)),
      series(
        "stock",
        metric,
        kind,
        unit,
        points(to, () => usual),
      ),
      ...["shop", "cart", "stock"].map((service) =>
        series(
          service,
          "trace.http.request.hits",
          "traffic",
          "hit",
          points(to, () => 600),
        ),
      ),
    ],
  };
}

const first = (style: Style): Belief => {
  const asOf = page + minute;
  return beliefOf(analyse(system(style, asOf, asOf)), asOf);
};
const courseAt = (telemetry: Telemetry, belief: Belief): Course => finish(courseOf(telemetry, belief));

describe.each(styles)("an incident that shows in %s", (...style: [...Style]) => {
  const belief = first(style);

  test.each([9, 26, 50])("that was over after 4 min is over by then, read after %d min", (minutes) => {
    const course = courseAt(system(style, page + minutes * minute, page + 4 * minute), belief);
    expect(judgeCourse(belief, course)).toMatchObject({ state: "recovered", since: page + 4 * minute });
  });

  test("of which a part of the metrics could not be read is not over", () => {
    const telemetry: Telemetry = { ...system(style, page + 9 * minute, page + 4 * minute), unread: ["metrics"] };
    expect(judgeCourse(belief, courseAt(telemetry, belief))).toMatchObject({ state: "same" });
  });

  test("that goes on is the same, also after an hour", () => {
    for (const minutes of [5, 30, 90]) {
      const to = page + minutes * minute;
      expect(judgeCourse(belief, courseAt(system(style, to, to), belief))).toMatchObject({ state: "same" });
    }
  });

  test("of which no new point comes is not over", () => {
    const to = page + 30 * minute;
    const course = courseAt(system(style, to, to, [deployed], page + 8 * minute), belief);
    expect(course.recoveredAt).toBeNull();
    expect(judgeCourse(belief, course)).toMatchObject({ state: "same" });
  });

  test("after whose roll-back nothing changed takes back the change, and one that helped does not", () => {
    const to = page + 15 * minute;
    const back: ChangeEvent = { ...deployed, kind: "rollback", at: page + 5 * minute, sha: deployed.previousSha, evidence: 6 };
    const blaming = { ...belief, change: { service: "cart", sha: deployed.sha, version: null, at: deployed.at }, suspect: "cart" };
    expect(judgeCourse(blaming, courseAt(system(style, to, to, [deployed, back]), blaming))).toMatchObject({
      state: "withdrawn",
      since: back.at,
    });
    const helped = courseAt(system(style, to, page + 7 * minute, [deployed, back]), blaming);
    expect(judgeCourse(blaming, helped)).toMatchObject({ state: "recovered" });
  });

  test.each([
    [
      "stays, and does not get better, is not all of it",
      16,
      1,
      { state: "second-fault", isRest: true, service: null, since: page + 6 * minute },
    ],
    ["still falls may be over soon", 16, 0.9, { state: "same" }],
    ["was not looked at for long yet is too early to tell", 12, 1, { state: "same" }],
  ])("of which after a roll-back a part %s", (_what, minutes, eachMinute, expected) => {
    const to = page + minutes * minute;
    const [metric, kind, unit, usual, bad] = style;
    const back: ChangeEvent = { ...deployed, kind: "rollback", at: page + 5 * minute, sha: deployed.previousSha, evidence: 6 };
    const blaming = { ...belief, change: { service: "cart", sha: deployed.sha, version: null, at: deployed.at }, suspect: "cart" };
    const part = (at: number) => usual + 0.3 * (bad - usual) * eachMinute ** ((at - back.at) / minute);
    const level = (at: number) => (at < onset ? usual : at < back.at + 2 * minute ? bad : part(at));
    const telemetry = system(style, to, to, [deployed, back]);
    const shop = series("shop", metric, kind, unit, points(to, level));
    const cart = series("cart", metric, kind, unit, points(to, level));
    const course = courseAt({ ...telemetry, series: [shop, cart, ...telemetry.series.slice(2)] }, blaming);
    expect(judgeCourse(blaming, course)).toMatchObject(expected);
  });

  test("that is far worse after a roll-back is worse, and not a roll-back that changed nothing", () => {
    const to = page + 16 * minute;
    const [metric, kind, unit, usual, bad] = style;
    const back: ChangeEvent = { ...deployed, kind: "rollback", at: page + 5 * minute, sha: deployed.previousSha, evidence: 6 };
    const blaming = { ...belief, change: { service: "cart", sha: deployed.sha, version: null, at: deployed.at }, suspect: "cart" };
    const level = (at: number) => (at < onset ? usual : at < back.at + minute ? bad : 3 * bad);
    const telemetry = system(style, to, to, [deployed, back]);
    const failing = ["shop", "cart"].map((service) => series(service, metric, kind, unit, points(to, level)));
    const course = courseAt({ ...telemetry, series: [...failing, ...telemetry.series.slice(2)] }, blaming);
    expect(judgeCourse(blaming, course)).toMatchObject({ state: "worse" });
  });

  test("whose level rises far beyond what it was is worse since then", () => {
    const to = page + 15 * minute;
    const [metric, kind, unit, usual, bad, worse] = style;
    const telemetry = system(style, to, to);
    const rises = points(to, (at) => (at < onset ? usual : at < page + 6 * minute ? bad : worse));
    const course = courseAt({ ...telemetry, series: [series("shop", metric, kind, unit, rises), ...telemetry.series.slice(1)] }, belief);
    expect(judgeCourse(belief, course)).toMatchObject({ state: "worse", since: page + 6 * minute, service: "shop" });
  });

  test("after which another service fails is a second fault", () => {
    const to = page + 30 * minute;
    const [metric, kind, unit, usual, bad] = style;
    const telemetry = system(style, to, page + 4 * minute);
    const twice = points(to, (at) => ((at >= onset && at < page + 4 * minute) || at >= page + 20 * minute ? bad : usual));
    const later = points(to, (at) => (at >= page + 20 * minute ? 2 * bad : usual));
    const over: Belief = { ...belief, recoveredAt: page + 4 * minute };
    const all = [
      series("shop", metric, kind, unit, twice),
      series("cart", metric, kind, unit, twice),
      series("stock", metric, kind, unit, later),
    ];
    const course = courseAt({ ...telemetry, series: [...all, ...telemetry.series.slice(3)] }, over);
    expect(judgeCourse(over, course)).toMatchObject({ state: "second-fault", since: page + 20 * minute });
    // Nobody looked while all was well between the two.
    expect(judgeCourse(belief, courseAt({ ...telemetry, series: [...all, ...telemetry.series.slice(3)] }, belief))).toMatchObject({
      ...{ state: "second-fault", since: page + 20 * minute },
    });
  });
});

describe.each(styles)("recovered is not said of what shows in %s", (...style: [...Style]) => {
  const belief: Belief = { ...first(style), suspect: "cart", change: null };
  const [metric, kind, unit, usual, bad] = style;
  const over = page + 4 * minute;
  const judged = (to: number, shop: (at: number) => number, cart = shop, last = to) => {
    const telemetry = system(style, to, over);
    const both = [series("shop", metric, kind, unit, points(last, shop)), series("cart", metric, kind, unit, points(last, cart))];
    return judgeCourse(belief, courseAt({ ...telemetry, series: [...both, ...telemetry.series.slice(2)] }, belief));
  };
  const until = (end: number) => (at: number) => (at >= onset && at < end ? bad : usual);

  test("while a pause is no longer than those that it made before", () => {
    // Bad for 4 min, quiet for 6 min, twice, and then quiet.
    const wavers = (at: number) => (at >= onset && at < onset + 14 * minute && (at - onset) % (10 * minute) < 4 * minute ? bad : usual);
    const back = onset + 14 * minute;
    expect(judged(back + 7 * minute, wavers).state).not.toBe("recovered");
    expect(judged(back + 16 * minute, wavers)).toMatchObject({ state: "recovered", since: back });
  });

  test("while points come late: the clock proves nothing", () => {
    expect(judged(over + 6 * minute, until(over), until(over), over + 3 * minute).state).not.toBe("recovered");
    expect(judged(over + 8 * minute, until(over), until(over), over + 5 * minute)).toMatchObject({ state: "recovered", since: over });
  });

  test("while the suspect itself is still out of its usual range", () => {
    const to = over + 12 * minute;
    expect(judged(to, until(over), until(Infinity)).state).not.toBe("recovered");
    expect(judged(to, until(over), until(over + 2 * minute))).toMatchObject({ state: "recovered" });
  });

  test("while the newest point is not as usual, though it is too little to call it trouble", () => {
    const to = over + 7 * minute;
    const touch = usual === 1 ? 4 : kind === "latency" ? usual * 1.3 : usual + 0.03;
    expect(judged(to, (at) => (at >= to - minute ? touch : until(over)(at))).state).not.toBe("recovered");
  });
});

describe.each(styles)("after a roll-back, trouble that shows in %s", (...style: [...Style]) => {
  const [metric, kind, unit, usual, bad] = style;
  const back: ChangeEvent = { ...deployed, kind: "rollback", at: page + 5 * minute, sha: deployed.previousSha, evidence: 6 };
  const belief: Belief = {
    ...first(style),
    ...{ change: { service: "cart", sha: deployed.sha, version: null, at: deployed.at }, suspect: "cart" },
  };
  type Levels = (at: number) => number;
  const judged = (to: number, [shop, cart, stock]: readonly [Levels, Levels, Levels]) => {
    const telemetry = system(style, to, to, [deployed, back]);
    const all = [shop, cart, stock].map((level, index) =>
      series(["shop", "cart", "stock"][index] ?? "", metric, kind, unit, points(to, level)),
    );
    return judgeCourse(belief, courseAt({ ...telemetry, series: [...all, ...telemetry.series.slice(3)] }, belief));
  };
  const within =
    (...times: readonly (readonly [number, number])[]): Levels =>
    (at) =>
      times.some(([start, end]) => at >= start && at < end) ? bad : usual;
  const [gone, again] = [page + 6 * minute, page + 10 * minute];

  test("that was back for minutes and is there again at the same place is trouble again, and no place is named", () => {
    const level = within([onset, gone], [again, Infinity]);
    expect(judged(page + 16 * minute, [level, level, within()])).toMatchObject({ state: "second-fault", service: null, since: again });
  });

  test("that begins at another place where the page showed nothing at first is a second fault there", () => {
    const [shop, stock] = [within([again, Infinity]), (at: number) => (at >= again ? 2 * bad : usual)];
    const at = page + 20 * minute;
    expect(judged(at, [shop, (when) => (when >= again ? bad : usual), stock])).toMatchObject({
      state: "second-fault",
      service: "stock",
      since: again,
    });
  });

  test("that the page still shows long after the suspect is well is not all of it", () => {
    expect(judged(page + 18 * minute, [within([onset, Infinity]), within([onset, gone]), within()])).toMatchObject({
      state: "second-fault",
    });
  });
});

describe.each([
  ["no error line before", 0, 40],
  ["some error lines always", 3, 60],
  ["many error lines always", 60, 500],
])("an incident that shows in error lines alone, with %s", (_what, usual, bad) => {
  const over = page + 4 * minute;
  const lines = (at: number, until: number) => (at >= onset && at < until ? bad : usual);
  /** Latency stays in range throughout; only the log has the trouble. */
  const measured = (to: number, count: (at: number) => number, unread: Telemetry["unread"] = []): Telemetry => ({
    ...empty,
    ...{ page: { ...empty.page, title: "shop is unhealthy" }, window: { from: page - 10 * minute, to }, unread },
    series: [
      series(
        "shop",
        "p99:trace.http.request",
        "latency",
        "second",
        points(to, () => 0.2),
      ),
    ],
    counts: [series("shop", "log.error_lines", "errors", "line", points(to, count))],
  });
  const belief: Belief = {
    ...beliefOf(analyse(measured(page + minute, () => usual)), page + minute),
    ...{ onset, suspect: "shop", series: [], recoveredAt: null },
  };
  const judged = (telemetry: Telemetry) => judgeCourse(belief, courseAt(telemetry, belief));

  test("is over once the lines are as usual", () => {
    for (const minutes of [9, 26])
      expect(judged(measured(page + minutes * minute, (at) => lines(at, over)))).toMatchObject({ state: "recovered", since: over });
  });

  test("is the same while they go on, and worse once there are far more", () => {
    for (const minutes of [5, 30])
      expect(judged(measured(page + minutes * minute, (at) => lines(at, Infinity)))).toMatchObject({ state: "same" });
    const rises = (at: number) => lines(at, Infinity) * (at >= page + 6 * minute ? 4 : 1);
    expect(judged(measured(page + 15 * minute, rises))).toMatchObject({ state: "worse", since: page + 6 * minute });
  });

  test.each(["logs", "traces"] as const)("is not called over while the %s could not be read", (kind) => {
    expect(judged(measured(page + 9 * minute, (at) => lines(at, over), [kind]))).toMatchObject({ state: "same" });
  });

  test("is not looked for in the lines of a service whose failures are measured and show the trouble", () => {
    const [style] = styles;
    if (style === undefined) throw new Error("there is a style");
    const to = page + 9 * minute;
    const telemetry = {
      ...system(style, to, over),
      counts: [
        series(
          "shop",
          "log.error_lines",
          "errors",
          "line",
          points(to, () => bad),
        ),
      ],
    };
    const ofMetrics = first(style);
    expect(judgeCourse(ofMetrics, courseAt(telemetry, ofMetrics))).toMatchObject({ state: "recovered" });
  });
});
