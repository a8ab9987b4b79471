import { analyse } from "../../src/analysis/analyse.ts";
import { courseOf } from "../../src/analysis/course.ts";
import { finish } from "../../src/analysis/turns.ts";
import { type Belief, beliefAfter, type BeliefState, judgeCourse } from "../../src/incident/belief.ts";
import { beliefOf } from "../../src/incident/belief-log.ts";
import { readAgainAt } from "../../src/incident/reading-schedule.ts";
import { chanceOf } from "./worlds/chance.ts";
import { makeCourse, PLAYED_MS, type WorldCourse } from "./worlds/courses.ts";
import { inHalves } from "./worlds/in-halves.ts";

/**
 * Made-up incidents that go on after their page: what re-readings say of them, and when.
 *
 * npm run bench -- belief [FIRST] [COUNT]     seeds below 100,000 are for development, the others for the report
 */

const MINUTE = 60_000;

interface Said {
  readonly state: BeliefState;
  readonly asOf: number;
  readonly since: number;
  readonly service: string | null;
}
interface Told extends Omit<WorldCourse, "readAt"> {
  readonly verdict: string;
  readonly blamesChange: boolean;
  readonly said: readonly Said[];
  readonly readings: number;
}

function follow(seed: number): Told {
  const { readAt, ...about } = makeCourse(seed);
  const { page } = about;
  const triageAt = page + chanceOf(seed).whole(20, 90) * 1000;
  const analysis = analyse(readAt(triageAt));
  let belief: Belief = beliefOf(analysis, triageAt);
  const said: Said[] = [];
  let last: Said = { state: "same", asOf: triageAt, since: triageAt, service: null };
  let readings = 0;
  const { changes } = readAt(page + PLAYED_MS);
  // Each minute it is looked whether somebody changed something.
  const seenAt = (at: number) => triageAt + Math.ceil((at - triageAt) / MINUTE) * MINUTE;
  const acted = changes.flatMap(({ at }) => (at > triageAt ? [at] : []));
  const next = () => {
    const known = acted.filter((at) => seenAt(at) <= clock);
    const soon = acted.map(seenAt).filter((at) => at > clock);
    const at = readAgainAt(triageAt, last, known, known.map(seenAt)) ?? Infinity;
    return Math.min(at, ...soon);
  };
  let clock = triageAt;
  if (analysis.verdict !== "incident" && analysis.verdict !== "inconclusive")
    return { ...about, verdict: analysis.verdict, blamesChange: false, said, readings };
  for (let at = next(); at <= page + PLAYED_MS; at = next()) {
    clock = at;
    readings += 1;
    // Metrics and changes: see `read-again.ts`.
    const telemetry = { ...readAt(at), logs: [], spans: [], events: [], monitors: [] };
    const judged = judgeCourse(belief, finish(courseOf(telemetry, belief)));
    last = { ...judged, asOf: at };
    if (judged.state !== "same" && judged.state !== "recovering") said.push(last);
    belief = beliefAfter(belief, judged, at);
  }
  return { ...about, verdict: analysis.verdict, blamesChange: beliefOf(analysis, triageAt).change !== null, said, readings };
}

const percent = (part: number, whole: number) => (whole === 0 ? "-" : `${((100 * part) / whole).toFixed(1)} %`);
const middle = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

function report(all: readonly Told[]): void {
  const says = ({ said }: Told, state: BeliefState) => said.filter((one) => one.state === state);
  console.log("course            n  incident | said: recovered  worse  withdrawn  second | nothing");
  for (const [kind, rows] of Map.groupBy(all, (one) => one.kind)) {
    const of = (state: BeliefState) => String(rows.filter((one) => says(one, state).length > 0).length).padStart(7);
    const incidents = rows.filter(({ verdict }) => verdict === "incident").length;
    console.log(
      `${kind.padEnd(16)} ${String(rows.length).padStart(3)} ${String(incidents).padStart(7)}   |     ${of("recovered")} ${of("worse")} ${of("withdrawn")} ${of("second-fault")}   | ${rows.filter(({ said }) => said.length === 0).length}`,
    );
  }
  const recovered = all.flatMap((one) => says(one, "recovered").map((said) => ({ one, said })));
  const isBad = ({ one: { truth, stepMs }, said }: (typeof recovered)[number]) =>
    truth.overAt === null || said.asOf < truth.overAt || (truth.second !== null && said.asOf >= truth.second.onset + stepMs);
  const over = all.filter(({ kind, verdict }) => (kind === "rollback-helps" || kind === "by-itself") && verdict === "incident");
  const bad = recovered.filter(isBad);
  const isHidden = ({ one: { truth }, said }: (typeof recovered)[number]) =>
    truth.second?.isSeen === false && truth.overAt !== null && said.asOf >= truth.overAt;
  console.log(
    `recovered: said while still bad ${bad.length} of ${recovered.length}, of them ${bad.filter(isHidden).length} with a second fault that no signal of the page shows`,
  );
  const errors = recovered.filter((one) => !isBad(one)).map(({ one, said }) => Math.abs(said.since - (one.truth.overAt ?? 0)) / 1000);
  console.log(
    `recovered: error of its time, median ${middle(errors).toFixed(0)} s, 90th ${(errors.toSorted((a, b) => a - b)[Math.floor(errors.length * 0.9)] ?? 0).toFixed(0)} s; recognised ${percent(over.filter((one) => says(one, "recovered").length > 0).length, over.length)} of ${over.length}`,
  );
  const useless = all.filter(({ kind, blamesChange }) => kind === "rollback-useless" && blamesChange);
  const withdrawn = (one: Told) => says(one, "withdrawn").length > 0;
  console.log(
    `withdrawn: recognised ${percent(useless.filter(withdrawn).length, useless.length)} of ${useless.length}; wrong ${all.filter((one) => one.kind !== "rollback-useless" && withdrawn(one)).length}`,
  );
  const seconds = all.filter(({ kind, verdict }) => kind === "second-fault" && verdict === "incident");
  const isRecognised = (one: Told) => says(one, "second-fault").length > 0;
  const isNamed = (one: Told) => says(one, "second-fault").some(({ service }) => service !== null);
  const seen = seconds.filter(({ truth }) => truth.second?.isSeen === true);
  const isRight = (one: Told) =>
    says(one, "second-fault").some(({ service }) => one.truth.second?.services.includes(service ?? "") === true);
  console.log(
    `second fault: recognised ${percent(seconds.filter(isRecognised).length, seconds.length)} of ${seconds.length}, its place named in ${seconds.filter(isNamed).length} and right in ${seconds.filter(isRight).length}; of those that the page's signals show ${percent(seen.filter(isRecognised).length, seen.length)} of ${seen.length}; where the change was blamed ${percent(seconds.filter((one) => one.blamesChange && isRecognised(one)).length, seconds.filter((one) => one.blamesChange).length)}; wrong ${all.filter((one) => one.kind !== "second-fault" && isRecognised(one)).length}`,
  );
  const worse = all.filter(({ kind, verdict }) => kind === "worse" && verdict === "incident");
  console.log(`worse: recognised ${percent(worse.filter((one) => says(one, "worse").length > 0).length, worse.length)} of ${worse.length}`);
  const still = all.filter(({ kind }) => kind === "unchanged" || kind === "wavers");
  console.log(`said though nothing changed: ${still.filter(({ said }) => said.length > 0).length} of ${still.length}`);
  const most = Math.max(0, ...all.map(({ said }) => said.length));
  console.log(
    `messages: at most ${most} of one incident in ${PLAYED_MS / 60_000} min; readings ${(all.reduce((sum, one) => sum + one.readings, 0) / all.length).toFixed(1)} on average`,
  );
}

await inHalves({ file: import.meta.url, first: 60_001, count: 200, name: "courses", list: "BELIEF_LIST", judge: follow, report });
