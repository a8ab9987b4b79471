import type { Analysis, RuledOut } from "../incident/finding.ts";
import { isModelStep } from "../incident/step-id.ts";
import type { IncidentView } from "../incident/view.ts";
import { type Answer, dataAnswer, dataSuspect, modelAnswer } from "./answer.ts";
import { type Correction, correctionOf, isCorrection, revisionOf } from "./correction.ts";
import { missingWords } from "./coverage-words.ts";
import { type DoNow, doNowOf } from "./do-now.ts";
import { type FixReport, fixReport } from "./fix-words.ts";
import { stepWords } from "./step-words.ts";
import { prose, say, strong, type Words } from "./text.ts";
import { dataAloneWords, droppedReasons, droppedWords, noModelReason } from "./work-words.ts";

/** All that is said of an incident, without markup: Slack, the pages and Markdown show parts of this. */
export interface IncidentReport {
  /** What people should act on: a model's checked finding, else what the data alone say; null before triage. */
  readonly answer: Answer | null;
  /** What the data alone say, also where a model has the answer. */
  readonly data: Answer | null;
  /** Whether a model's finding contradicts what the data alone said: their list of innocents holds no more what it blames. */
  readonly corrected: boolean;
  /** What late answers changed of what was first said; empty where nothing. */
  readonly revision: Words;
  /** Whether they took back what was believed. */
  readonly isCorrection: boolean;
  /** Whom the data blame, where the model's answer leaves that open. */
  readonly alsoData: Words;
  /** Why no model takes part, or null where one does or will. */
  readonly noModel: string | null;
  /** Why the answer comes from the data alone, as a part of a sentence. */
  readonly dataAlone: Words;
  readonly doNow: DoNow;
  readonly fix: FixReport | null;
  /** What could not be checked, and who can. */
  readonly missing: readonly Words[];
  /** Where the checks cut something out of the finding, in one sentence. */
  readonly dropped: Words;
  /** Each such cut, with why. */
  readonly cuts: readonly Words[];
  readonly failures: readonly Words[];
}

/** So many of what a finding rules out are in sight everywhere. */
export const SHOWN_RULED_OUT = 4;

function kept(analysis: Analysis, correction: Correction | null): Analysis {
  if (correction === null) return analysis;
  const holds = (items: readonly RuledOut[]) => items.filter((one) => !correction.clears(one));
  return { ...analysis, ruledOut: holds(analysis.ruledOut), unproven: holds(analysis.unproven ?? []) };
}

/** @param withoutModel why no model takes part by the settings of today, or null where one does */
export function incidentReport(view: IncidentView, withoutModel: string | null): IncidentReport {
  const { analysis, investigation, coverage, triage, trigger } = view;
  const finding = investigation?.finding ?? null;
  const correction = correctionOf(view);
  const data = analysis === null ? null : dataAnswer(kept(analysis, correction), trigger?.service?.name ?? null);
  const noModel = noModelReason(view, withoutModel);
  return {
    answer: finding === null || analysis === null ? data : modelAnswer(finding, triage?.changes ?? []),
    data,
    corrected: correction !== null,
    revision: revisionOf(view),
    isCorrection: isCorrection(view),
    alsoData: finding === null ? [] : dataSuspect(finding, analysis, SHOWN_RULED_OUT),
    noModel,
    dataAlone: dataAloneWords(investigation, noModel),
    doNow: doNowOf(view),
    fix: fixReport(view),
    missing: missingWords(finding?.missing ?? [], coverage),
    dropped: droppedWords(investigation?.dropped ?? []),
    cuts: droppedReasons(investigation?.dropped ?? []),
    // How the model's work ended says what became of its own steps.
    failures: view.failures
      .filter(({ step }) => investigation === null || !isModelStep(step))
      .map(
        ({ step, attempt, error }) =>
          say`midwatch gave up on ${strong(stepWords(step))} after ${attempt === 1 ? "1 try" : `${attempt} tries`}: ${prose(error)}`,
      ),
  };
}
