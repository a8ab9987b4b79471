import type { IncidentStatus } from "../report/status.ts";
import type { Account } from "./account.ts";
import { type Html, ago, html, incidentPath, keepUnits, severityChip, time } from "./html.ts";
import { heldText } from "./incident-facts.ts";
import { stateText } from "./incident-page.ts";
import type { IncidentRow } from "./incidents.ts";
import { layout } from "./layout.ts";

/** What of the list is asked for; all of it in the page's address, so that a filtered list can be sent to somebody. */
export interface ListFilter {
  readonly show: "all" | "open" | "mine";
  readonly service: string;
  readonly severity: string;
  readonly text: string;
}

const LONGEST_ASKED = 200;

/** Reads the filter of an address; what it does not know is no filter. */
export function listFilter(query: (name: string) => string | undefined): ListFilter {
  const asked = (name: string) => (query(name) ?? "").slice(0, LONGEST_ASKED).toWellFormed().trim();
  const show = asked("show");
  return {
    show: show === "open" || show === "mine" ? show : "all",
    service: asked("service"),
    severity: asked("severity"),
    text: asked("q"),
  };
}

/** "ana.ruiz@example.com" and "Ana Ruiz" as the same words. */
const nameWords = (name: string) =>
  (name.split("@")[0] ?? "")
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== "")
    .join(" ");

/** Whether somebody has the incident: it is assigned to them, or they acknowledged it. */
function isOf({ assignees, by }: IncidentStatus, account: Account | null | undefined): boolean {
  if (account == null) return false;
  const own = nameWords(account.name);
  return own !== "" && [...assignees, by ?? ""].some((name) => nameWords(name) === own);
}

function isAsked({ id, status }: IncidentRow, { show, service, severity, text }: ListFilter, account: Account | null | undefined): boolean {
  if (show === "open" && status.state === "resolved") return false;
  if (show === "mine" && !isOf(status, account)) return false;
  if (service !== "" && status.service !== service) return false;
  if (severity !== "" && status.severity !== severity) return false;
  const held = [
    id,
    status.headline,
    status.title,
    status.service,
    status.pager.name,
    status.topSuspect?.name,
    ...status.assignees,
    status.by,
  ];
  return text === "" || held.some((one) => one?.toLowerCase().includes(text.toLowerCase()) === true);
}

/** Open incidents before resolved ones, those that nobody has taken first, newest first within each. */
function ordered(rows: readonly IncidentRow[]): readonly IncidentRow[] {
  const rank = ({ state, pager, joinedTo }: IncidentStatus) =>
    state === "resolved" ? 2 : pager.status === "triggered" && joinedTo === null ? 0 : 1;
  return rows.toSorted((a, b) => rank(a.status) - rank(b.status) || b.status.since - a.status.since);
}

/** What is held to be the cause, and whether a model's checked finding says so or the data alone. */
function suspectCell({ verdict, topSuspect, investigation, joinedTo }: IncidentStatus): Html {
  if (joinedTo !== null)
    return html`<span class="cell"><b class="joins">Joined to</b> <a href="${incidentPath(joinedTo.incident)}">${joinedTo.name}</a></span>`;
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
  // That nobody has acknowledged it is the first thing in its line.
  if (status.pager.status === "triggered") return people;
  return people === status.by ? `${people}, ${status.pager.status}` : `${people}, ${heldText(status)}`;
}

/** Whether somebody has it: what is open and nobody's is what the list is looked at for. */
const heldChip = ({ state, pager, joinedTo }: IncidentStatus): Html =>
  state === "resolved"
    ? html`<span class="chip s-resolved">resolved</span>`
    : joinedTo !== null
      ? html`<span class="chip">joined</span>`
      : pager.status === "triggered"
        ? html`<span class="chip bad">unacknowledged</span>`
        : html`<span class="chip warn">acknowledged</span>`;

function rowItem({ id, status }: IncidentRow, now: number): Html {
  const number = status.pager.number === null ? null : `#${status.pager.number}`;
  const held = status.state === "resolved" || status.joinedTo !== null ? "" : status.pager.status === "triggered" ? "unheld" : "held";
  return html`<li class="row s-${status.state} ${held}">
    <a class="row-link" href="${incidentPath(id)}"><span class="headline">${keepUnits(status.headline)}</span></a>
    <span class="chips">${heldChip(status)} ${severityChip(status.severity)}</span>
    <span class="cell c-service"
      ><b>Service</b> ${status.service ?? "unknown"} ${number === null ? null : html`<span class="muted">${number}</span>`}</span
    >
    ${suspectCell(status)}
    <span class="cell c-since"><b>Since</b> ${time(status.since, "day")} <span class="muted">(${ago(status.since, now)})</span></span>
    <span class="cell"
      ><b>Who</b> ${whoText(status)}${
        status.joined === 0 ? null : html` <span class="muted">${status.joined} ${status.joined === 1 ? "page" : "pages"} joined it</span>`
      }
      ${status.state === "resolved" ? null : html`<span class="chip state s-${status.state}">${stateText(status)}</span>`}</span
    >
  </li>`;
}

const choice = (name: string, label: string, values: readonly string[], chosen: string): Html | null =>
  values.length < 2 && chosen === ""
    ? null
    : html`<select name="${name}" aria-label="${label}">
        <option value="">${label}: all</option>
        ${values.map((value) => html`<option value="${value}" ${value === chosen ? html`selected` : null}>${value}</option>`)}
      </select>`;

function filterForm(rows: readonly IncidentRow[], filter: ListFilter, account: Account | null | undefined): Html {
  const distinct = (of: (status: IncidentStatus) => string | null) =>
    [...new Set(rows.flatMap(({ status }) => of(status) ?? []))].toSorted((a, b) => (a < b ? -1 : 1));
  const count = (show: ListFilter["show"]) =>
    rows.filter((row) => isAsked(row, { show, service: "", severity: "", text: "" }, account)).length;
  const kept = {
    ...(filter.service === "" ? {} : { service: filter.service }),
    ...(filter.severity === "" ? {} : { severity: filter.severity }),
  };
  const tab = (show: ListFilter["show"], label: string) => {
    const query = new URLSearchParams({
      ...(show === "all" ? {} : { show }),
      ...kept,
      ...(filter.text === "" ? {} : { q: filter.text }),
    }).toString();
    return html`<a href="/incidents${query === "" ? "" : `?${query}`}" ${filter.show === show ? html`aria-current="page"` : null}
      >${label} <span class="muted">${count(show)}</span></a
    >`;
  };
  return html`<form class="list-filter" method="get" action="/incidents" role="search">
    <nav class="tabs" aria-label="Which incidents">
      ${tab("all", "All")}${tab("open", "Open")}${account == null ? null : tab("mine", "Mine")}
    </nav>
    ${filter.show === "all" ? null : html`<input type="hidden" name="show" value="${filter.show}" />`}
    ${choice(
      "service",
      "Service",
      distinct(({ service }) => service),
      filter.service,
    )}
    ${choice(
      "severity",
      "Severity",
      distinct(({ severity }) => severity),
      filter.severity,
    )}
    <input
      type="search"
      name="q"
      value="${filter.text}"
      placeholder="Search"
      aria-label="Search incidents"
      autocomplete="off"
      spellcheck="false"
    />
    <button type="submit" class="button">Search</button>
  </form>`;
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

/** The incidents that are asked for, those that nobody has taken first. */
export function listPage(
  rows: readonly IncidentRow[],
  options: {
    now: number;
    origin: string;
    pagers: readonly PagerSetup[];
    account?: Account | null;
    notices?: readonly string[];
    filter: ListFilter;
  },
): Html {
  const { now, filter, account, notices = [] } = options;
  const open = rows.filter((row) => row.status.state !== "resolved").length;
  const shown = ordered(rows.filter((row) => isAsked(row, filter, account)));
  return layout({
    title: open === 0 ? "Incidents" : `${open} open ${open === 1 ? "incident" : "incidents"}`,
    now,
    className: "list",
    account,
    main: html`<div class="list-head">
        <h1>Incidents</h1>
        ${rows.length === 0 ? null : html`<p class="muted">${open} open, ${rows.length - open} resolved, as of ${time(now)}</p>`}
      </div>
      ${notices.map((notice) => html`<p class="muted">${notice}</p>`)}
      ${
        rows.length === 0
          ? emptyState(options.origin, options.pagers)
          : html`${filterForm(rows, filter, account)}
            ${
              shown.length === 0
                ? html`<p class="no-rows">No incident matches. <a href="/incidents">Show all ${rows.length}</a></p>`
                : html`<ul class="rows" id="rows">
                    ${shown.map((row) => rowItem(row, now))}
                  </ul>`
            }`
      }`,
  });
}
