import type { LoggedEvent } from "../incident/event.ts";
import { stepWords } from "../report/step-words.ts";
import { confidenceWords } from "../incident/confidence.ts";
import {
  type Analysis,
  blamed,
  changedElsewhere,
  type CoverageLine,
  leadOf,
  type Reason,
  rollbackOf,
  type Suspect,
  type Symptom,
} from "../incident/finding.ts";
import { afterwardsWords, fixState, fixTitle, isWriting, mergeWay, nextTryWords, offeredWords, WRITING } from "../report/fix-words.ts";
import { noModelWords } from "../incident/investigation.ts";
import { isModelStep, stepIds } from "../incident/step-id.ts";
import { proofWords } from "../report/proof-words.ts";
import { changeText, verdictText } from "../report/suspect-words.ts";
import type { IncidentView } from "../incident/view.ts";
import { changeMark, earlierPeakWords, levelWords, shortSha, sinceWords } from "../report/words.ts";
import { type Html, evidenceLinks, html, keepUnits, outsideLink, percent, prose, time } from "./html.ts";
import { modelAnswer, modelLimits, modelSteps } from "./model-finding-view.ts";
import { atWork, endedEarly, tookWords } from "./work-view.ts";

const OPEN_REASONS = 5;
/** A second suspect this likely is not left folded away. */
const OPEN_SUSPECT = 0.45;
const MOST_SYMPTOMS = 6;
/** Further suspects in sight; the rest is one click away. */
const OTHERS_SHOWN = 3;
/** Below this, at "0 %" and "1 %", a suspect is only a name to look for. */
const WORTH_A_LINE = 0.015;

const reasonItem = (id: string, reason: Reason) =>
  html`<li>
    ${prose(reason.text)} ${evidenceLinks(id, reason.evidence, reason.quote)}
    ${reason.quote === null ? null : html`<blockquote><code>${reason.quote}</code></blockquote>`}
  </li>`;

function reasonList(id: string, suspect: Suspect, rank: number): Html {
  const rest = suspect.reasons.slice(OPEN_REASONS);
  return html`<ul class="reasons">
      ${suspect.reasons.slice(0, OPEN_REASONS).map((reason) => reasonItem(id, reason))}
    </ul>
    ${
      rest.length === 0
        ? null
        : html`<details id="more-reasons-${rank}">
            <summary>${rest.length} more</summary>
            <ul class="reasons">
              ${rest.map((reason) => reasonItem(id, reason))}
            </ul>
          </details>`
    }`;
}

function suspectChange(suspect: Suspect): Html | null {
  const { change } = suspect;
  if (change === null) return null;
  const pull = change.pullRequest;
  const owner = changedElsewhere(suspect);
  return html`<p class="cause">
    <span class="kind">${change.kind}</span> ${owner === null ? null : html`<b>${owner}</b>`} ${changeText(change)} at
    ${time(change.at)}${pull === null ? null : html`: ${outsideLink(pull.title, pull.url)}`}
    ${change.link === null ? null : outsideLink("open", change.link)}
  </p>`;
}

function suspectTitle(suspect: Suspect, rank: number): Html {
  const instance = suspect.instance === null ? null : html` <small class="muted">${suspect.instance}</small>`;
  const fault = suspect.fault === null ? null : html`<span class="chip plain">${suspect.fault}</span>`;
  return html`<span class="name"><span class="rank">${rank + 1}</span> ${suspect.service}${instance}</span> ${fault}
    <span class="prob" title="probability ${suspect.probability.toFixed(2)}"
      >${confidenceWords(suspect.probability)}, ${percent(suspect.probability)}</span
    >`;
}

const suspectBody = (id: string, suspect: Suspect, rank: number) =>
  html`${suspectChange(suspect)}
  ${suspect.onset === null ? null : html`<p class="muted onset">left its baseline at ${time(suspect.onset)}</p>`}
  ${reasonList(id, suspect, rank)}`;

const bestSuspect = (id: string, suspect: Suspect) =>
  html`<div class="suspect top">
    <h3>${suspectTitle(suspect, 0)}</h3>
    <meter min="0" max="1" value="${Math.min(1, Math.max(0, suspect.probability))}" aria-hidden="true"></meter>
    ${suspectBody(id, suspect, 0)}
  </div>`;

function otherSuspects(id: string, suspects: readonly Suspect[]): Html | null {
  if (suspects.length === 0) return null;
  const items = suspects.map((suspect, index) => {
    const rank = index + 1;
    return html`<li>
      <details id="suspect-${rank}" class="suspect" ${suspect.probability >= OPEN_SUSPECT ? html`open` : null}>
        <summary>${suspectTitle(suspect, rank)}</summary>
        ${suspectBody(id, suspect, rank)}
      </details>
    </li>`;
  });
  // Best first: from the first one that nobody would act on, all are folded.
  const shown = Math.min(OTHERS_SHOWN, suspects.filter(({ probability }) => probability >= WORTH_A_LINE).length);
  const more = items.length - shown;
  return html`<section class="card" id="suspects">
    <h2>Other suspects</h2>
    <ol class="suspects">
      ${items.slice(0, shown)}
    </ol>
    ${
      more <= 0
        ? null
        : html`<details id="more-suspects">
            <summary>${more} weaker</summary>
            <ol class="suspects">
              ${items.slice(shown)}
            </ol>
          </details>`
    }
  </section>`;
}

const earlier = (symptom: Symptom): string => (symptom.earlierPeak === undefined ? "" : `; ${earlierPeakWords(symptom)}`);

function symptomList(id: string, symptoms: readonly Symptom[]): Html | null {
  if (symptoms.length === 0) return null;
  const more = symptoms.length - MOST_SYMPTOMS;
  const rows = symptoms.slice(0, MOST_SYMPTOMS).map(
    (symptom) =>
      html`<li>
        <span class="service">${symptom.service}</span> <span>${symptom.what}</span>
        <b class="delta">${keepUnits(levelWords(symptom))}</b>
        <span class="muted">${sinceWords(symptom, "")}${time(symptom.since)}${earlier(symptom)}</span>
        ${evidenceLinks(id, symptom.evidence, symptom.service)}
      </li>`,
  );
  return html`<ul class="symptoms">
    ${rows}${more > 0 ? html`<li class="muted">and ${more} more, in the timeline</li>` : null}
  </ul>`;
}

function fixCard(view: IncidentView): Html | null {
  const { fix, offered, approval, proof, fixChange } = view;
  if (fix === null && isWriting(view))
    return html`<section class="card fix" id="fix">
      <h2>A patch is being written</h2>
      <p>${WRITING}</p>
    </section>`;
  if (fix === null)
    return offered === null
      ? null
      : html`<section class="card fix" id="fix">
          <h2>No PR yet</h2>
          <p>${prose(offeredWords(offered, approval, "The button in the Slack thread"))}</p>
        </section>`;
  if (fix.type === "fix-declined")
    return html`<section class="card fix" id="fix">
      <h2>No fix PR</h2>
      <p>${prose(fix.because)}</p>
    </section>`;
  const state = fixState(view);
  const kind = fix.kind === "patch" ? "Patch" : "Revert";
  const next = nextTryWords(view);
  const files = fix.files.map((file) => html`<li><code>${file.path}</code></li>`);
  return html`<section class="card fix" id="fix">
    <h2>${state === null ? `${fix.draft ? "Draft" : "Open"} ${fix.kind} PR` : `${kind} PR, ${state}`}</h2>
    <p>${outsideLink(html`#${fix.number} ${fixTitle(fix)}`, fix.url, "button primary")}</p>
    ${proof === null ? null : html`<p class="proof">${proofWords(proof, fix.base.branch)}</p>`} ${next === "" ? null : html`<p>${next}</p>`}
    <p>${afterwardsWords(view)}${fixChange === null ? null : html` <small class="muted">${time(fixChange.when)}</small>`}</p>
    <p class="muted">${fix.repository}, branch <code>${fix.branch}</code></p>
    ${
      fix.files.length === 0
        ? null
        : html`<details id="fix-files">
            <summary>${fix.files.length} ${fix.files.length === 1 ? "file" : "files"}</summary>
            <ul>
              ${files}
            </ul>
          </details>`
    }
  </section>`;
}

/** The way back to what ran before, where a deploy is the likely cause; then the runbooks that people wrote for such a page. */
function nextSteps(view: IncidentView): Html | null {
  const { analysis, triage, fix } = view;
  if (analysis === null || triage === null || analysis.verdict === "nothing-wrong") return null;
  // Where a model's finding blames something, the data alone give no order of their own.
  const back = view.investigation?.finding == null ? rollbackOf(analysis) : null;
  const way = mergeWay(view);
  const pull =
    fix?.type === "fix-proposed" && way !== null ? html`, ${way.before}${outsideLink(html`#${fix.number}`, fix.url)}${way.after}` : null;
  const migration = back?.migration ?? null;
  const ask =
    migration === null
      ? "Roll back"
      : html`Ask ${migration.author ?? "its author"} whether the code before <code>${changeMark(migration.sha)}</code> runs on the schema of
          <code>${migration.file}</code>; if so, roll back`;
  const own = back === null ? null : html`<p class="own">${ask} <b>${back.service}</b> to <code>${shortSha(back.sha)}</code>${pull}.</p>`;
  const books = triage.runbooks.map((book, index) => {
    const steps = html`<ol>
      ${book.steps.map((step) => html`<li>${prose(step)}</li>`)}
    </ol>`;
    if (index === 0)
      return html`<h3>Runbook: ${book.title}</h3>
        ${steps}`;
    return html`<details id="runbook-${index}">
      <summary>Runbook: ${book.title}</summary>
      ${steps}
    </details>`;
  });
  if (own === null && books.length === 0) return null;
  return html`<section class="card next" id="next">
    <h2>Do now</h2>
    ${own}${books}
  </section>`;
}

function failureCard({ failures, investigation }: IncidentView): Html | null {
  // How the model's work ended tells of its own steps.
  const told = failures.filter(({ step }) => investigation === null || !isModelStep(step));
  if (told.length === 0) return null;
  const items = told.map(
    (failure) =>
      html`<li>
        <b>${stepWords(failure.step)}</b> failed ${failure.attempt === 1 ? "once" : `${failure.attempt} times`} and was given up:
        ${prose(failure.error)}
      </li>`,
  );
  return html`<section class="card problem" id="failures">
    <h2>midwatch could not do everything</h2>
    <ul>
      ${items}
    </ul>
  </section>`;
}

/** Beside the answer, not below it: what was not seen limits what the answer is worth. */
function missedLine(coverage: readonly CoverageLine[]): Html | null {
  const missed = coverage.filter((line) => line.status === "failed" || line.status === "timed-out");
  if (missed.length === 0) return null;
  return html`<p class="missed">
    <b>Not checked:</b> ${missed.map((line) => line.source).join(", ")}. <a href="#coverage">Why, and what to do</a>
  </p>`;
}

const VERDICT_TITLES: Readonly<Record<Analysis["verdict"], string>> = {
  incident: "What is wrong",
  "nothing-wrong": "Nothing looks wrong",
  inconclusive: "Inconclusive",
};

function waiting(view: IncidentView): Html {
  const failed = view.failures.some((failure) => failure.step === stepIds.triage);
  return html`<section class="card answer ${failed ? "" : "waiting"}" id="finding">
    <h2>${failed ? "No answer" : "Reading"}</h2>
    <p>
      ${
        failed
          ? "The sources could not be read, so there is no answer. What happened so far stands in the timeline."
          : "midwatch is asking every source it may read, all at once. The answer appears here by itself, within seconds of the page."
      }
    </p>
  </section>`;
}

function laterLine(analysis: Analysis): Html | null {
  if (analysis.consequences.length === 0) return null;
  const items = analysis.consequences.map((one, index) => html`${index === 0 ? "" : ", "}${one.service} (${time(one.onset)})`);
  return html`<p class="muted"><b>Moved later, as a consequence:</b> ${items}</p>`;
}

/** What analysis concludes from the data alone, without the frame of its card. */
function fromData(id: string, analysis: Analysis, symptoms: Html | null, state: Html | null): Html {
  const best = blamed(analysis)[0];
  const lead = leadOf(analysis);
  return html`<h2>${VERDICT_TITLES[analysis.verdict]}</h2>
    ${state}${symptoms}
    <p>${prose(analysis.because)}</p>
    ${
      best === undefined
        ? null
        : html`<h2>Best suspect</h2>
            ${bestSuspect(id, best)}`
    }
    ${
      lead === null
        ? null
        : html`<h2>Furthest from usual</h2>
            <p class="muted">Too weak to blame: an hour in which nothing is wrong shows as much now and then.</p>
            <h3>${lead.service} ${lead.fault === null ? null : html`<span class="chip plain">${lead.fault}</span>`}</h3>
            ${suspectBody(id, lead, 0)}`
    }
    ${laterLine(analysis)}`;
}

/** What the answer is made of besides the incident's view. */
export interface AnswerModel {
  readonly id: string;
  readonly log: readonly LoggedEvent[];
  readonly now: number;
  readonly withoutModel: string | null;
}

/** Whose answer it is where no model was asked. */
function noModelLine(view: IncidentView, withoutModel: string | null): Html | null {
  const why = noModelWords(view, withoutModel);
  return why === null ? null : html`<p class="muted" id="no-model"><b>From the data alone:</b> no model took part (${why}).</p>`;
}

/**
 * What is wrong, who is to blame and why, what to do now, and what midwatch could not do: the first thing a reader needs. A model's checked
 * finding is the answer where there is one; what the data alone say is folded below it.
 */
export function answerView({ id, log, now, withoutModel }: AnswerModel, view: IncidentView): Html {
  const { analysis, investigation } = view;
  if (analysis === null) return html`${failureCard(view)}${waiting(view)}`;
  const others = otherSuspects(id, blamed(analysis).slice(1));
  const symptoms = symptomList(id, analysis.symptoms);
  const working = atWork(id, view, log, now);
  const finding = investigation?.finding ?? null;
  if (investigation === null || finding === null) {
    return html`${failureCard(view)}
      <section class="card answer v-${analysis.verdict}" id="finding">
        ${fromData(id, analysis, symptoms, html`${endedEarly(view)}${noModelLine(view, withoutModel)}${missedLine(view.coverage)}`)}
      </section>
      <div class="actions">${nextSteps(view)}${fixCard(view)}</div>
      ${working} ${others}`;
  }
  const state = html`${endedEarly(view)}${missedLine(view.coverage)}
    <p class="muted took-line">${tookWords(investigation)}. <a href="#work">How it was found</a></p>`;
  const steps = modelSteps(view, finding) ?? (finding.verdict === "nothing-wrong" ? null : nextSteps(view));
  return html`${failureCard(view)}${working}${modelAnswer(id, view, finding, symptoms, state)}
    <div class="actions">${steps}${fixCard(view)}</div>
    ${modelLimits(id, finding, investigation.dropped)}
    <details class="card" id="from-data" ${finding.verdict === "inconclusive" ? html`open` : null}>
      <summary>From the data alone: ${verdictText(analysis)}</summary>
      ${fromData(id, analysis, null, null)}${others}
    </details>`;
}
