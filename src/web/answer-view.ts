import { confidenceWords } from "../incident/confidence.ts";
import type { LoggedEvent } from "../incident/event.ts";
import { stepIds } from "../incident/step-id.ts";
import type { IncidentView } from "../incident/view.ts";
import type { Answer, Blame, SymptomLine } from "../report/answer.ts";
import { lostSources, shortSources } from "../report/coverage-words.ts";
import { type DoNow, OWN_ADVICE } from "../report/do-now.ts";
import type { FixReport } from "../report/fix-words.ts";
import { type IncidentReport, incidentReport } from "../report/incident-report.ts";
import { doneSince } from "../report/done-since.ts";
import { lastWordOf, lastWordWords, type LastWord } from "../report/last-word.ts";
import { sayable } from "../report/sayable.ts";
import { verdictText } from "../report/suspect-words.ts";
import { outsideLine } from "../report/tool-view.ts";
import type { Words } from "../report/text.ts";
import { endedWords, passedWords, tookWords } from "../report/work-words.ts";
import { decidingChart } from "./charts-view.ts";
import { ruledOutItem } from "./coverage-view.ts";
import { type Html, evidenceLinks, html, keepUnits, outsideLink, percent, time } from "./html.ts";
import { shortNames } from "./short-names.ts";
import { folded, headed, list, pointItem, prose, wordsAsHtml } from "./words.ts";
import { atWork } from "./work-view.ts";

const OPEN_REASONS = 2;
/** A second suspect this likely is not left folded away. */
const OPEN_SUSPECT = 0.45;
const MOST_SYMPTOMS = 6;
/** Further suspects in sight; the rest is one click away. */
const OTHERS_SHOWN = 3;
/** Below this, at "0 %" and "1 %", a suspect is only a name to look for. */
const WORTH_A_LINE = 0.015;

function blameTitle({ service, instance, fault, probability }: Blame, rank: number | null): Html {
  return html`<span class="name"
      >${rank === null ? null : html`<span class="rank">${rank + 1}</span> `}${outsideLine(service)}${
        instance === null ? null : html` <small class="muted">${shortNames(outsideLine(instance))}</small>`
      }</span
    >
    ${fault === null ? null : html`<span class="chip plain">${fault}</span>`}
    <span class="prob" title="probability ${probability.toFixed(2)}">${confidenceWords(probability)}, ${percent(probability)}</span>`;
}

const changeLine = (id: string, { change }: Blame) =>
  change === null
    ? null
    : html`<p class="cause">${wordsAsHtml(change.words)} ${change.link === null ? null : outsideLink("open", change.link)}</p>`;

const suspectBody = (id: string, suspect: Blame, name: string) =>
  html`${changeLine(id, suspect)}
  ${suspect.onset === null ? null : html`<p class="muted onset">left its usual range at ${time(suspect.onset)}</p>`}
  ${folded(
    suspect.points.map((point) => pointItem(id, point, suspect.service)),
    OPEN_REASONS,
    "reasons",
    `more-reasons-${name}`,
  )}`;

const topBlame = (blame: Blame, rank: number | null, body: Html) =>
  html`<div class="suspect top">
    <h3>${blameTitle(blame, rank)}</h3>
    <meter min="0" max="1" value="${Math.min(1, Math.max(0, blame.probability))}" aria-hidden="true"></meter>
    ${body}
  </div>`;

function otherSuspects(id: string, { others: suspects, blame }: Answer): Html | null {
  if (suspects.length === 0) return null;
  const items = suspects.map(
    (suspect, index) =>
      html`<li>
        <details id="suspect-${index + 1}" class="suspect" ${suspect.probability >= OPEN_SUSPECT ? html`open` : null}>
          <summary>${blameTitle(suspect, index + 1)}</summary>
          ${suspectBody(id, suspect, `${index + 1}`)}
        </details>
      </li>`,
  );
  // Best first: from the first one that nobody would act on, all are folded.
  const shown = Math.min(OTHERS_SHOWN, suspects.filter(({ probability }) => probability >= WORTH_A_LINE).length);
  const heading = blame === null ? "Further signals" : "Other suspects";
  if (shown === 0)
    return html`<details class="card" id="suspects">
      <summary>${heading}: ${items.length} weaker</summary>
      ${list(items, "suspects")}
    </details>`;
  return html`<section class="card" id="suspects">
    <h2>${heading}</h2>
    ${folded(items, shown, "suspects", "more-suspects", "weaker")}
  </section>`;
}

const hasStrongOther = ({ others }: Answer): boolean => others.some(({ probability }) => probability >= OPEN_SUSPECT);

/** Other suspects of the data that nobody would act on yet, for beside the timeline; null where they are with the claim. */
export function weakSuspects(id: string, { answer, data }: Pick<IncidentReport, "answer" | "data">): Html | null {
  return data === null || answer?.by !== "data" || hasStrongOther(data) ? null : otherSuspects(id, data);
}

function symptomList(id: string, symptoms: readonly SymptomLine[]): Html | null {
  if (symptoms.length === 0) return null;
  const more = symptoms.length - MOST_SYMPTOMS;
  const rows = symptoms
    .slice(0, MOST_SYMPTOMS)
    .map(
      ({ service, what, level, since, evidence }) =>
        html`<li>
          <span class="service">${service}</span> <span>${what}</span> <b class="delta">${keepUnits(level)}</b>
          <span class="muted">${wordsAsHtml(since)}</span> ${evidenceLinks(id, evidence, service)}
        </li>`,
    );
  return list([...rows, ...(more > 0 ? [html`<li class="muted">and ${more} more, in the timeline</li>`] : [])], "symptoms");
}

function fixCard(id: string, fix: FixReport | null, { fixChange }: IncidentView): Html | null {
  if (fix === null) return null;
  const { heading, pull, sentences } = fix;
  const files = pull?.files ?? [];
  return html`<section class="card fix" id="fix">
    <h2>${heading}</h2>
    ${pull === null ? null : html`<p>${outsideLink(html`#${pull.number} ${pull.name}`, pull.url, "pull")}</p>`}
    ${sentences.map((sentence) => html`<p>${wordsAsHtml(sentence)}</p>`)}
    ${fixChange === null ? null : html`<p class="muted">${time(fixChange.when)}</p>`}
    ${
      pull === null
        ? null
        : html`<details id="fix-files">
            <summary>${files.length} ${files.length === 1 ? "file" : "files"} in ${pull.repository}</summary>
            <p class="muted">branch <code>${pull.branch}</code></p>
            ${list(
              files.map((file) => html`<li><code>${file.path}</code></li>`),
              "",
            )}
          </details>`
    }
  </section>`;
}

/** So many of the newest are shown: the timeline has all. */
const TRIED_SHOWN = 4;

/** What was tried already, right under what to do: who joins late must not try it again. */
function triedCard(log: readonly LoggedEvent[], view: IncidentView): Html | null {
  const done = doneSince(log, view, TRIED_SHOWN);
  return done.length === 0
    ? null
    : html`<section class="card" id="tried">
        <h2>Done since it began</h2>
        ${list(
          done.map((line) => html`<li>${line}</li>`),
          "ruled",
        )}
      </section>`;
}

const capitalized = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

const doNotLine = (doNot: Words): Html | null => (doNot.length === 0 ? null : html`<p><b>Do not</b> ${wordsAsHtml(doNot)}</p>`);

/** The way back to what ran before, or a model's steps; then the runbooks that have the details. Where people decided otherwise they are folded. */
function nextSteps({ decided, order, steps, doNot, books }: DoNow, isOver: boolean, word: LastWord | null): Html | null {
  if (decided === null && order === null && steps.length === 0 && doNot.length === 0 && books.length === 0) return null;
  const [head, ...rest] = order ?? [];
  const own = head?.as === "own" ? [{ ...head, text: capitalized(head.text) }, ...rest] : (order ?? []);
  const items = steps.map(
    ({ words, runbook }) =>
      html`<li>${wordsAsHtml(words)} ${runbook === null ? null : html`<span class="muted">runbook ${outsideLine(runbook)}</span>`}</li>`,
  );
  const advice = html`${own.length === 0 ? null : html`<p class="own">${wordsAsHtml(own)}</p>`}
  ${items.length === 0 ? null : list(items, "do-now", "ol")}`;
  const behind = html`<details id="own-advice">
    <summary>${OWN_ADVICE}</summary>
    ${advice}
  </details>`;
  return html`<section class="card next" id="next">
    <h2>${isOver ? "Advice during the incident" : "Do now"}</h2>
    ${decided === null ? null : html`<p class="own" id="decided">${wordsAsHtml(decided)}</p>`}
    ${word === null ? null : html`<p id="last-word">${capitalized(lastWordWords(word))}</p>`}
    ${decided === null ? advice : own.length + items.length === 0 ? null : behind}
    ${doNotLine(doNot.length > 0 ? doNot : (books[0]?.doNot ?? []))}
    ${books.map(
      (book, index) =>
        html`<details id="runbook-${index}" ${index === 0 && own.length + items.length === 0 ? html`open` : null}>
          <summary>Runbook: ${book.title}</summary>
          ${list(
            book.steps.map((step) => html`<li>${wordsAsHtml(step)}</li>`),
            "",
            "ol",
          )}
          ${index === 0 ? null : doNotLine(book.doNot)}
        </details>`,
    )}
  </section>`;
}

/** Beside the answer, not below it: what was not seen limits what the answer is worth. */
function missedLine({ coverage }: IncidentView): Html | null {
  const missed = lostSources(coverage).map(({ source }) => source);
  const { partly } = shortSources(coverage);
  if (missed.length + partly.length === 0) return null;
  const part = (label: string, sources: readonly string[]) =>
    sources.length === 0 ? null : html`<b>${label}:</b> ${sources.join(", ")}. `;
  return html`<p class="missed">${part("Not read", missed)}${part("Read in part", partly)}<a href="#coverage">Why, and what to do</a></p>`;
}

/** Of a page that was over before it was read. */
const passed = (view: IncidentView): Html =>
  html`<section class="card answer" id="finding">
    <h2>Not investigated</h2>
    <p>${wordsAsHtml(passedWords(view))}</p>
  </section>`;

function waiting(failed: boolean): Html {
  return html`<section class="card answer ${failed ? "" : "waiting"}" id="finding">
    <h2>${failed ? "No answer" : "Reading"}</h2>
    <p>
      ${
        failed
          ? "The sources could not be read, so there is no answer. The timeline has what happened so far."
          : "midwatch is asking every source at once. The answer appears here within seconds of the page."
      }
    </p>
  </section>`;
}

function laterLine({ consequences }: Answer): Html | null {
  if (consequences.length === 0) return null;
  const items = consequences.map((one, index) => html`${index === 0 ? "" : ", "}${one.service} (${time(one.onset)})`);
  return html`<p class="muted"><b>Moved later, as a consequence:</b> ${items}</p>`;
}

/** What a claim is made of: the claim itself, and what is behind it for who asks on. */
interface Claim {
  readonly claim: Html;
  readonly behind: Html;
}

/** What is behind the claim of the data, in one fold that says what it holds. */
function behindData(id: string, answer: Answer, hasSymptoms: boolean): Html {
  const { unproven, elsewhere, limits, blame } = answer;
  const parts = [
    blame !== null && hasSymptoms && answer.symptoms.length > 0 ? "Symptoms" : answer.title,
    ...(unproven.length === 0 ? [] : [`${unproven.length} other ${unproven.length === 1 ? "cause" : "causes"} not ruled out`]),
    ...(elsewhere.length === 0 ? [] : ["separate trouble"]),
  ];
  const content = html`<p>${blame === null ? null : wordsAsHtml(answer.cause)}</p>
    ${hasSymptoms ? symptomList(id, answer.symptoms) : null}
    ${limits.length === 0 ? null : html`<p class="muted" id="limits">${wordsAsHtml(limits)}</p>`}
    ${headed(
      "Not ruled out",
      unproven.map((one) => ruledOutItem(id, one)),
      "ruled",
    )}
    ${headed(
      "Separately",
      elsewhere.map((one) => pointItem(id, one)),
      "ruled",
    )}
    ${laterLine(answer)}`;
  return html`<details id="behind" ${blame === null ? html`open` : null}>
    <summary>${parts.join(", ")}</summary>
    ${content}
  </details>`;
}

/** What the data alone say, without the frame of its card. @param state lines about how it was read; null below a model's answer */
function fromData(id: string, answer: Answer, state: Html | null): Claim {
  const { blame, lead, heading, verdict } = answer;
  const claim = html`${
    blame === null
      ? html`<h2>${answer.title}</h2>
          <p>${wordsAsHtml(answer.cause)}</p>`
      : html`<h2>${heading}</h2>
          ${topBlame(blame, 0, suspectBody(id, blame, "0"))}`
  }
  ${
    lead === null
      ? null
      : html`<h2>${heading}</h2>
          ${verdict === "nothing-wrong" ? html`<p class="muted">Too weak to blame: a quiet hour sometimes shows as much.</p>` : null}
          <h3>${lead.service} ${lead.fault === null ? null : html`<span class="chip plain">${lead.fault}</span>`}</h3>
          ${suspectBody(id, lead, "0")}`
  }`;
  return { claim, behind: html`${state} ${behindData(id, answer, state !== null)}` };
}

/** What a model found: the cause, how it spread, what that rests on, and the impact. */
function fromModel(id: string, answer: Answer, symptoms: Html | null): Claim {
  const { blame, path, points, impact } = answer;
  const cause = html`<p class="cause-words">${wordsAsHtml(answer.cause)}</p>`;
  const hops = path.map(
    ({ service, what, evidence }) => html`<li><b>${outsideLine(service)}</b> ${wordsAsHtml(what)} ${evidenceLinks(id, evidence)}</li>`,
  );
  const claim = html`<h2>${answer.title}</h2>
    ${blame === null ? cause : topBlame(blame, null, html`${cause}${changeLine(id, blame)}`)} ${headed("How it spread", hops, "path", "ol")}
    ${headed(
      "What it rests on",
      points.map((point) => pointItem(id, point)),
      "reasons",
    )}`;
  const behind =
    impact === null && symptoms === null
      ? html``
      : html`<h2>Impact</h2>
          ${impact === null ? null : html`<p>${wordsAsHtml(impact.words)} ${evidenceLinks(id, impact.evidence)}</p>`} ${symptoms}`;
  return { claim, behind };
}

/** What the answer is made of besides the incident's view. */
export interface AnswerModel {
  readonly id: string;
  readonly log: readonly LoggedEvent[];
  readonly now: number;
  readonly withoutModel: string | null;
}

/**
 * What is wrong, who is to blame and why, what to do now, and what midwatch could not do: the first thing a reader needs. A model's checked
 * finding is the answer where there is one; what the data alone say is folded below it.
 */
export function answerView(
  { id, log, now, withoutModel }: AnswerModel,
  view: IncidentView,
  report: IncidentReport = incidentReport(view, withoutModel),
): Html {
  const { analysis, investigation } = view;
  const { answer, data, revision, noModel, dataAlone, doNow, fix, missing, cuts, failures } = report;
  const problems =
    failures.length === 0
      ? null
      : html`<section class="card problem" id="failures">
          <h2>midwatch could not do everything</h2>
          ${list(
            failures.map((failure) => html`<li>${wordsAsHtml(failure)}</li>`),
            "",
          )}
        </section>`;
  if (answer === null || data === null || analysis === null)
    return html`${problems}${view.passed ? passed(view) : waiting(view.failures.some(({ step }) => step === stepIds.triage))}`;
  const others = otherSuspects(id, data);
  // What no model was asked for is in the line about the data.
  const ended = view.refusal === null ? endedWords(view) : [];
  const state = html`${ended.length === 0 ? null : html`<p class="missed" id="ended">${wordsAsHtml(ended)}</p>`}
  ${noModel === null ? null : html`<p class="muted" id="no-model"><b>From the data alone:</b> ${wordsAsHtml(dataAlone)}.</p>`}
  ${revision.length === 0 ? null : html`<p class="missed" id="corrected">${wordsAsHtml(revision)}</p>`} ${missedLine(view)}`;
  const chart = decidingChart({ id, log }, view);
  const frame = ({ claim, behind }: Claim, more: Html | null = null) =>
    html`<section class="card answer v-${answer.verdict}" id="finding">
      <div class="claim">${claim}</div>
      ${chart}
      <div class="behind">${behind}${more}</div>
    </section>`;
  // What to do comes first, with the pull request that it names; that there is none is said below.
  const fixed = fixCard(id, fix, view);
  const isOver = view.status === "resolved" && view.belief?.state !== "still-bad";
  const next = nextSteps(doNow, isOver, sayable(lastWordOf(log, view), view));
  const tried = isOver ? null : triedCard(log, view);
  const hasActions = next !== null || fix?.pull != null || tried !== null;
  const actions = hasActions ? html`<div class="actions">${next}${fix?.pull == null ? null : fixed}${tried}</div>` : null;
  const noFix = fix?.pull == null ? fixed : null;
  const beside = (claim: Html) =>
    html`<div class="desk ${hasActions ? "" : "alone"} ${isOver ? "over" : ""}">
      ${isOver ? html`${claim}${actions}` : html`${actions}${claim}`}
    </div>`;
  const working = atWork(id, view, log, now);
  if (answer.by === "data" || investigation === null)
    return html`${problems}${beside(frame(fromData(id, data, state)))}${noFix} ${working} ${hasStrongOther(data) ? others : null}`;
  const limits = html`${headed(
    "Ruled out",
    answer.ruledOut.map((one) => ruledOutItem(id, one)),
    "ruled",
  )}${headed(
    "Could not check",
    missing.map((words) => html`<li>${wordsAsHtml(words)}</li>`),
    "ruled",
  )}${
    cuts.length === 0
      ? null
      : html`<h2>Cut by the checks</h2>
          <div class="muted" id="dropped">
            ${list(
              cuts.map((words) => html`<li>${wordsAsHtml(words)}</li>`),
              "ruled",
            )}
          </div>`
  }`;
  const alone = fromData(id, data, null);
  return html`${problems}${beside(
      frame(
        fromModel(id, answer, symptomList(id, data.symptoms)),
        html`${state}
          <p class="muted took-line">${wordsAsHtml(tookWords(investigation))}. <a href="#work">How it was found</a></p>`,
      ),
    )}
    ${working}${noFix}
    ${answer.ruledOut.length + missing.length + cuts.length === 0 ? null : html`<section class="card" id="finding-limits">${limits}</section>`}
    <details class="card" id="from-data" ${answer.verdict === "inconclusive" ? html`open` : null}>
      <summary>From the data alone: ${prose(verdictText(analysis))}</summary>
      ${alone.claim} ${alone.behind} ${others}
    </details>`;
}
