import type { IncidentStatus } from "../report/status.ts";
import type { Account } from "./account.ts";
import { type Html, ago, html, incidentPath, keepUnits, severityChip, time } from "./html.ts";
import { heldText, stateText } from "./incident-page.ts";
import type { IncidentRow } from "./incidents.ts";
import { layout } from "./layout.ts";

/** Open incidents before resolved ones, newest first within each. */
function ordered(rows: readonly IncidentRow[]): readonly IncidentRow[] {
  const rank = (status: IncidentStatus) => (status.state === "resolved" ? 1 : 0);
  return rows.toSorted((a, b) => rank(a.status) - rank(b.status) || b.status.since - a.status.since);
}

/** What is held to be the cause, and whether a model's checked finding says so or the data alone. */
function suspectCell({ verdict, topSuspect, investigation, joinedTo }: IncidentStatus): Html {
  if (joinedTo !== null)
    return html`<span class="cell"><b>Joined to</b> <a href="${incidentPath(joinedTo.incident)}">${joinedTo.name}</a></span>`;
  const found = investigation?.found === true;
  const text =
    verdict === "nothing-wrong"
      ? "nothing looks wrong"
      : topSuspect === null
        ? verdict === "recovered"
          ? "it is over"
          : verdict === "inconclusive"
            ? "no cause found yet"
            : "no suspect yet"
        : `${topSuspect.name} (${topSuspect.likelihood})`;
  const retry = investigation?.retryAt ?? null;
  const next = retry === null || found ? null : html`<span class="muted">, the model tries again at ${time(retry, "minute")}</span>`;
  return html`<span class="cell"><b>${found ? "Cause" : "Best suspect"}</b> ${text}${next}</span>`;
}

function whoText(status: IncidentStatus): string {
  const people = status.assignees.length === 0 ? "nobody" : status.assignees.join(", ");
  return people === status.by ? `${people}, ${status.pager.status}` : `${people}, ${heldText(status)}`;
}

function rowItem({ id, status }: IncidentRow, now: number): Html {
  const number = status.pager.number === null ? null : `#${status.pager.number}`;
  return html`<li class="row s-${status.state}">
    <a class="row-link" href="${incidentPath(id)}"><span class="headline">${keepUnits(status.headline)}</span></a>
    <span class="chips"><span class="chip state s-${status.state}">${stateText(status)}</span> ${severityChip(status.severity)}</span>
    <span class="cell"
      ><b>Service</b> ${status.service ?? "unknown"} ${number === null ? null : html`<span class="muted">${number}</span>`}</span
    >
    <span class="cell"><b>Since</b> ${time(status.since, "day")} <span class="muted">(${ago(status.since, now)})</span></span>
    ${suspectCell(status)}
    <span class="cell"
      ><b>Who</b> ${whoText(status)}${
        status.joined === 0 ? null : html` <span class="muted">${status.joined} ${status.joined === 1 ? "page" : "pages"} joined it</span>`
      }</span
    >
  </li>`;
}

/** A pager that midwatch hears, and how to connect it. */
export interface PagerSetup {
  readonly title: string;
  /** Where in the pager a webhook is added. */
  readonly menu: string;
  /** Where it delivers: "/webhooks/<name>". */
  readonly path: string;
  /** Names of the settings that take its secret. */
  readonly secrets: readonly string[];
}

const setupItem = ({ title, menu, path, secrets }: PagerSetup, origin: string) =>
  html`<li>
    In ${title} open <b>${menu}</b> and add <code>${origin}${path}</code> for the services to watch. Put the webhook's secret into
    <code>${secrets.join(", ")}</code>.
  </li>`;

const emptyState = (origin: string, pagers: readonly PagerSetup[]) =>
  html`<section class="card empty">
    <h2>No incidents yet</h2>
    <p>
      midwatch starts work when ${pagers.map(({ title }) => title).join(" or ")} pages someone. To connect
      ${pagers.length === 1 ? "it" : "one of them"}:
    </p>
    <ul>
      ${pagers.map((pager) => setupItem(pager, origin))}
    </ul>
    <p>
      Then start midwatch again. Check everything with <code>npm run midwatch -- doctor</code>, and send a test event from the webhook's
      page.
    </p>
    <p>To see a recorded incident first, without any key: <code>npm run demo</code>.</p>
  </section>`;

/** All incidents, open ones first. */
export function listPage(
  rows: readonly IncidentRow[],
  options: { now: number; origin: string; pagers: readonly PagerSetup[]; account?: Account | null; notices?: readonly string[] },
): Html {
  const { now, notices = [] } = options;
  const open = rows.filter((row) => row.status.state !== "resolved").length;
  return layout({
    title: open === 0 ? "Incidents" : `${open} open ${open === 1 ? "incident" : "incidents"}`,
    now,
    className: "list",
    account: options.account,
    main: html`<h1>Incidents</h1>
      ${notices.map((notice) => html`<p class="muted">${notice}</p>`)}
      ${
        rows.length === 0
          ? emptyState(options.origin, options.pagers)
          : html`<p class="muted">${open} open, ${rows.length - open} resolved, as of ${time(now)}</p>
              <ul class="rows">
                ${ordered(rows).map((row) => rowItem(row, now))}
              </ul>`
      }`,
  });
}
