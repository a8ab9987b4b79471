import type { LoggedEvent } from "../incident/event.ts";
import type { IncidentView } from "../incident/view.ts";
import { inDecidingOrder } from "../report/deciding-chart.ts";
import type { IncidentStatus } from "../report/status.ts";
import { toTimeline, type TimelineEntry } from "../report/timeline.ts";
import { type Html, html, time } from "./html.ts";
import { LANES, timeAxis } from "./time-axis.ts";
import { timelineList } from "./timeline-list.ts";

/** The axis alone: it is drawn again with each event, the list below it only gets what is new. */
export function axisView(
  { log, now }: { readonly log: readonly LoggedEvent[]; readonly now: number },
  view: IncidentView,
  { since, onset }: IncidentStatus,
  entries: readonly TimelineEntry[] = toTimeline(log),
): Html {
  return timeAxis(entries, inDecidingOrder(view), { since, onset, until: view.resolvedAt, now });
}

// What midwatch did itself is for who asks: people's and the system's own events come first.
const isOn = (name: string) => name !== "midwatch";

const laneSwitch = ({ name, title }: (typeof LANES)[number]): Html =>
  html`<label class="switch k-${name}"
    ><input type="checkbox" id="lane-${name}" ${isOn(name) ? html`checked` : null} /> ${
      name === "midwatch" ? "midwatch’s own steps" : title
    }</label
  >`;

/** What happened: lanes on one axis, and below it the same as a list. Without a script, all of it but the zoom and the search works. */
export function timelineView(id: string, entries: readonly TimelineEntry[], axis: Html, now: number): Html {
  return html`<section class="card happened" id="timeline" aria-labelledby="timeline-title">
    <div class="card-head">
      <h2 id="timeline-title">Timeline</h2>
      <div class="tools" role="group" aria-label="Zoom of the time axis" data-script hidden>
        <button type="button" class="tool" data-zoom="in" aria-label="Zoom in">+</button>
        <button type="button" class="tool" data-zoom="out" aria-label="Zoom out">−</button>
        <button type="button" class="tool" data-zoom="onset">Onset</button>
        <button type="button" class="tool" data-zoom="all">All</button>
      </div>
    </div>
    <div class="filters" role="group" aria-label="Show in the timeline">
      ${LANES.map(laneSwitch)}
      <input
        type="search"
        id="find"
        class="find"
        placeholder="Find in the timeline"
        aria-label="Find in the timeline"
        autocomplete="off"
        spellcheck="false"
        data-script
        hidden
      />
    </div>
    <div data-region="axis" class="region r-axis">${axis}</div>
    ${timelineList(id, entries)}
    <p id="latest" class="muted latest">as of ${time(now)}</p>
  </section>`;
}
