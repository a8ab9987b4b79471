import type { LoggedEvent } from "../incident/event.ts";
import { newestOf } from "../incident/newest-event.ts";
import { causeWords } from "../incident/finding.ts";
import { prose as proseRun, say } from "../report/text.ts";
import { joinedWords } from "../report/joining-words.ts";
import { readText } from "../report/coverage-words.ts";
import { proofWords } from "../report/proof-words.ts";
import { type IncidentStatus, type IncidentState, toStatus } from "../report/status.ts";
import { toTimeline } from "../report/timeline.ts";
import { type IncidentView, viewOf } from "../incident/view.ts";
import type { EvidenceEntry } from "../store/evidence.ts";
import type { Account } from "./account.ts";
import { answerView } from "./answer-view.ts";
import { chartsView } from "./charts-view.ts";
import { coverageView, evidenceView } from "./coverage-view.ts";
import { hiddenValueForm } from "./hidden-value.ts";
import { type Html, ago, html, incidentPath, keepUnits, outsideLink, percent, severityChip, time } from "./html.ts";
import { layout } from "./layout.ts";
import { wordsAsHtml } from "./words.ts";
import { timelineList } from "./timeline-list.ts";
import { workView } from "./work-view.ts";

/** All that the page of one incident is made of. */
export interface IncidentModel {
  readonly id: string;
  readonly log: readonly LoggedEvent[];
  readonly evidence: readonly EvidenceEntry[];
  readonly now: number;
  /** Why no model takes part by the settings of today, or null where one does. */
  readonly withoutModel: string | null;
}

/** The parts of the page that change as a whole when events come in; the timeline gets its new entries one by one. */
export type RegionName = "head" | "answer" | "charts" | "work" | "details" | "evidence";
export type Regions = Readonly<Record<RegionName, Html>>;

const STATE_WORDS: Readonly<Record<IncidentState, string>> = {
  reading: "reading",
  brief: "brief is out",
  finding: "finding is out",
  fix: "fix proposed",
  resolved: "resolved",
};

/** The state in words: that a model is at work says more than that a brief is out. */
export const stateText = ({ state, investigation }: IncidentStatus): string =>
  state === "brief" && investigation?.working === true ? `investigating, turn ${investigation.turns + 1}` : STATE_WORDS[state];

/** Whether someone has taken the page, and who. */
export function heldText(status: IncidentStatus): string {
  if (status.pager.status === "triggered") return "not acknowledged";
  return status.by === null ? status.pager.status : `${status.pager.status} by ${status.by}`;
}

/** The answer in one line, under what is wrong; there from the first moment, so that nothing moves when it comes. */
function leadText(view: IncidentView, status: IncidentStatus): Html | string {
  const { topSuspect } = status;
  if (view.analysis === null) {
    return view.failures.length > 0
      ? "No answer: midwatch could not read the sources."
      : "Reading every source; the answer comes within seconds.";
  }
  const finding = view.investigation?.finding ?? null;
  const likelihood = topSuspect === null ? "" : `${topSuspect.likelihood} (${percent(topSuspect.probability)})`;
  if (finding !== null)
    return topSuspect === null ? wordsAsHtml(say`${proseRun(causeWords(finding))}`) : html`Cause: <b>${topSuspect.name}</b>, ${likelihood}`;
  if (topSuspect !== null) {
    return html`Best suspect: <b>${topSuspect.name}</b>, ${topSuspect.likelihood} (${Math.round(topSuspect.probability * 100)} %)`;
  }
  return status.verdict === "nothing-wrong"
    ? `midwatch ${readText(view.coverage, null)}, and found nothing that explains the page.`
    : status.verdict === "recovered"
      ? "It is over: the paged service is back in its usual range."
      : status.verdict === "inconclusive"
        ? "No cause found yet."
        : view.analysis.together === undefined
          ? "No clear suspect."
          : `${view.analysis.together.join(", ")} fail alike: check what they share first.`;
}

/** What CI shows of the fix, in one line under the cause: whether there is a way out is asked right after what it is. */
function proofLine({ fix, proof }: IncidentView): Html | null {
  if (fix?.type !== "fix-proposed" || proof === null) return null;
  return html`<p class="lead proof">
    <a href="#fix">${fix.kind === "patch" ? "Patch" : "Revert"} #${fix.number}</a>: ${proofWords(proof, fix.base.branch)}
  </p>`;
}

/** Which incident the page belongs to, or which pages belong to it. */
function joinedLines({ joining: { lead, pages } }: IncidentView): Html | null {
  if (lead !== null)
    return html`<p class="lead">
      Joined to <a href="${incidentPath(lead.incident)}">${lead.page.name}</a> (${lead.page.service}): ${joinedWords(lead.because)}.
    </p>`;
  if (pages.length === 0) return null;
  return html`<details class="joined">
    <summary>${pages.length} ${pages.length === 1 ? "page" : "pages"} joined</summary>
    <ul>
      ${pages.map(
        ({ incident, page, because }) =>
          html`<li><a href="${incidentPath(incident)}">${page.name}</a> ${page.service}: ${page.title}, ${joinedWords(because)}</li>`,
      )}
    </ul>
  </details>`;
}

function headRegion(model: IncidentModel, view: IncidentView, status: IncidentStatus): Html {
  const who = status.assignees.length === 0 ? "nobody is assigned" : `on call: ${status.assignees.join(", ")}`;
  return html`<div class="chips">
      ${
        status.state === "fix"
          ? html`<a class="chip state s-fix" href="#fix">${stateText(status)}</a>`
          : html`<span class="chip state s-${status.state}">${stateText(status)}</span>`
      }
      ${severityChip(status.severity)}
      <span class="chip ${status.pager.status === "triggered" ? "warn" : ""}">${heldText(status)}</span>
    </div>
    <h1>${keepUnits(status.headline)}</h1>
    ${view.joining.lead === null ? html`<p class="lead">${leadText(view, status)}</p>` : null} ${joinedLines(view)} ${proofLine(view)}
    <p class="sub">
      ${status.headline.includes(status.title) ? null : html`<span class="title">${status.title}</span>`}
      <span>${outsideLink(status.pager.name, status.pager.link)}</span> <span>${who}</span>
      <span>${status.onset === null ? "paged" : "began"} ${time(status.since, "day")} (${ago(status.since, model.now)})</span>
      ${view.statusMessage?.link == null ? null : html`<span>${outsideLink("Slack thread", view.statusMessage.link)}</span>`}
    </p>`;
}

/** Start of the time under suspicion, or null before triage. */
function windowStart(log: readonly LoggedEvent[]): number | null {
  return newestOf(log, "triage-started")?.event.window.from ?? null;
}

/** Renders the parts that change. */
export function renderRegions(model: IncidentModel, view: IncidentView = viewOf(model.log), status = toStatus(model.log)): Regions {
  return {
    head: headRegion(model, view, status),
    answer: answerView(model, view),
    charts: chartsView(model.id, view, windowStart(model.log)),
    work: workView(model.id, view, model.log),
    details: coverageView(model.id, view, status),
    evidence: evidenceView(model.id, model.evidence),
  };
}

/** Title of the browser's tab: the state first, because tabs are narrow. */
export function pageTitle(status: IncidentStatus): string {
  return `${status.state === "resolved" ? "Resolved: " : ""}${status.headline}`;
}

/** The whole page of an incident, complete without a script. @param keepsHidden whether what redaction hid can be shown to people who may see it */
export function incidentPage(model: IncidentModel, account: Account | null = null, keepsHidden = false): Html {
  const status = toStatus(model.log);
  const regions = renderRegions(model, viewOf(model.log), status);
  const path = incidentPath(model.id);
  const seq = model.log.at(-1)?.seq ?? 0;
  const region = (name: RegionName) => html`<div data-region="${name}" class="region r-${name}">${regions[name]}</div>`;
  return layout({
    title: pageTitle(status),
    now: model.now,
    className: "incident",
    account,
    live: html`<span id="live" class="live" role="status" data-state="off">reload to update</span>`,
    main: html`<div id="incident" data-events="${path}/events" data-seq="${seq}">
      ${region("head")}
      <p id="say" class="hidden" role="status"></p>
      <nav class="jump" aria-label="On this page">
        <a href="#finding">Finding</a><a href="#timeline">Timeline</a><a href="#sources">Sources</a><a href="#exports">Export</a>
      </nav>
      <div class="columns">
        <div class="column">${region("answer")}${region("charts")}${region("work")}</div>
        <div class="column">
          <section class="card side" id="timeline" aria-labelledby="timeline-title">
            <h2 id="timeline-title">Timeline</h2>
            <label class="own-steps"><input type="checkbox" id="own-steps" /> midwatch’s own steps</label>
            <div aria-live="polite" aria-relevant="additions">${timelineList(model.id, toTimeline(model.log))}</div>
            <p id="latest" class="muted latest">as of ${time(model.now)}</p>
          </section>
          <div id="sources">${region("details")}</div>
          ${region("evidence")} ${keepsHidden ? hiddenValueForm(model.id, account) : null}
        </div>
      </div>
      <footer id="exports" class="exports">
        <span>Take it with you:</span> <a class="button" href="${path}.md">Markdown</a> <a class="button" href="${path}.json">JSON</a>
        <a class="button" href="${path}/postmortem">Postmortem draft</a>
      </footer>
    </div>`,
  });
}
