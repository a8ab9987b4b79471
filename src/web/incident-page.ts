import type { LoggedEvent } from "../incident/event.ts";
import { causeWords } from "../incident/finding.ts";
import { prose as proseRun, say } from "../report/text.ts";
import { channelLink } from "../report/channel-link.ts";
import { joinedWords } from "../report/joining-words.ts";
import { outsideLine } from "../report/tool-view.ts";
import { type IncidentReport, incidentReport } from "../report/incident-report.ts";
import { readText } from "../report/coverage-words.ts";
import { type IncidentStatus, type IncidentState, toStatus } from "../report/status.ts";
import { toTimeline } from "../report/timeline.ts";
import { type IncidentView, viewOf } from "../incident/view.ts";
import type { EvidenceEntry } from "../store/evidence.ts";
import type { Account } from "./account.ts";
import { answerView, weakSuspects } from "./answer-view.ts";
import { chartsView } from "./charts-view.ts";
import { coverageView, evidenceView } from "./coverage-view.ts";
import { hiddenValueForm } from "./hidden-value.ts";
import { type Html, ago, html, incidentPath, keepUnits, outsideLink, percent, time } from "./html.ts";
import { factStrip, incidentFacts } from "./incident-facts.ts";
import { layout } from "./layout.ts";
import { wordsAsHtml } from "./words.ts";
import { peopleView } from "./people-view.ts";
import { shortNames } from "./short-names.ts";
import { axisView, timelineView } from "./timeline-view.ts";
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
export type RegionName = "head" | "answer" | "axis" | "charts" | "work" | "details" | "evidence";
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

/** What midwatch is at, for who wonders whether more will come. */
const workChip = (status: IncidentStatus): Html =>
  status.state === "fix"
    ? html`<a class="chip state s-fix" href="#fix">${stateText(status)}</a>`
    : html`<span class="chip state s-${status.state}">${stateText(status)}</span>`;

function headRegion(model: IncidentModel, view: IncidentView, status: IncidentStatus, report: IncidentReport): Html {
  const channel = channelLink(model.log, view);
  return html`<div class="headline">
      <h1>${shortNames(keepUnits(status.headline))}</h1>
      ${workChip(status)}
    </div>
    ${factStrip(incidentFacts(model.log, view, status, report, model.now))}
    ${view.joining.lead === null ? html`<p class="lead">${leadText(view, status)}</p>` : null} ${joinedLines(view)}
    <p class="sub">
      ${status.headline.includes(status.title) ? null : html`<span class="title">${status.title}</span>`}
      <span>${outsideLink(status.pager.name, status.pager.link)}</span>
      ${channel === null ? null : html`<span>${outsideLink(outsideLine(channel.title), channel.url)}</span>`}
      ${view.statusMessage?.link == null ? null : html`<span>${outsideLink("Slack thread", view.statusMessage.link)}</span>`}
      <span class="on-wide"
        >${status.onset === null ? "paged" : "began"} ${time(status.since, "day")} (${ago(status.since, model.now)})</span
      >
    </p>`;
}

/** Renders the parts that change. */
export function renderRegions(model: IncidentModel, view: IncidentView = viewOf(model.log), status = toStatus(model.log)): Regions {
  const report = incidentReport(view, model.withoutModel);
  return {
    head: headRegion(model, view, status, report),
    answer: answerView(model, view, report),
    axis: axisView(model, view, status),
    charts: chartsView(model, view),
    work: workView(model.id, view, model.log),
    details: html`${peopleView(model.log)}${weakSuspects(model.id, report)}${coverageView(model.id, view, status, report)}`,
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
    live: html`<span id="live" class="live" data-state="off">reload to update</span>`,
    main: html`<div id="incident" data-events="${path}/events" data-seq="${seq}">
      ${region("head")}
      <p id="say" class="hidden" role="status"></p>
      ${region("answer")}
      <div class="columns">
        <div class="column">${timelineView(model.id, toTimeline(model.log), regions.axis, model.now)}</div>
        <div class="column">
          ${region("charts")}
          <div id="sources">${region("details")}</div>
          ${region("work")} ${region("evidence")} ${keepsHidden ? hiddenValueForm(model.id, account) : null}
        </div>
      </div>
      <footer id="exports" class="exports">
        <span>Export:</span> <a class="button" href="${path}.md">Markdown</a> <a class="button" href="${path}.json">JSON</a>
        <a class="button" href="${path}/postmortem">Postmortem draft</a>
      </footer>
    </div>`,
  });
}
