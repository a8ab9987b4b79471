/** The timeline: lanes on one time axis, and the list below it. */
export const timeline = `
.card-head { display: flex; justify-content: space-between; align-items: center; gap: var(--s3); margin: 0 0 var(--s2); min-height: 2rem; }
.card-head h2 { margin: 0; }
.tools { display: flex; gap: var(--s1); }
.tool { min-width: 2rem; min-height: 2rem; padding: 0 var(--s2); border: 1px solid var(--line); border-radius: 6px; background: var(--card); font-size: var(--t1); cursor: pointer; }
.tool:hover { border-color: var(--accent); color: var(--accent); }
.filters { display: flex; flex-wrap: wrap; gap: var(--s1); align-items: center; margin: 0 0 var(--s3); font-size: var(--t1); }
.switch { display: inline-flex; gap: .35rem; align-items: center; min-height: 1.75rem; padding: 0 var(--s2); border: 1px solid var(--line); border-radius: 99px; color: var(--muted); cursor: pointer; }
.switch:has(:checked) { color: var(--text); background: var(--soft); }
.switch:has(:focus-visible) { outline: 2px solid var(--accent); outline-offset: 2px; }
.switch input { margin: 0; accent-color: var(--accent); }
.filters .find { flex: 1 1 10rem; min-height: 1.75rem; font-size: var(--t1); border-color: var(--line); }

.axis { --name: 6rem; --zoom: 1; overflow-x: auto; overflow-y: hidden; border: 1px solid var(--line); border-radius: 6px; margin: 0 0 var(--s2); scrollbar-width: thin; }
.axis-body { position: relative; width: calc(var(--name) + (100% - var(--name)) * var(--zoom)); min-width: 100%; }
.axis-lines { position: absolute; left: var(--name); top: 0; width: calc(100% - var(--name)); height: 100%; pointer-events: none; }
.axis-lines line { stroke: var(--line); }
.axis-lines .onset { stroke: var(--bad); stroke-dasharray: 4 3; stroke-width: 1.5; }
.lane { position: relative; display: grid; grid-template: minmax(0, 1fr) / var(--name) minmax(0, 1fr); height: 1.75rem; }
.lane > svg { width: 100%; height: 100%; overflow: visible; }
.lane.spark { height: 2.25rem; }
.lane.ticks { height: 1.25rem; }
.lane.ticks text { fill: var(--muted); font-size: var(--t1); font-variant-numeric: tabular-nums; }
.ticks g { display: none; }
@media (max-width: 49.99rem) {
  .axis:not([data-level]) .t0, .axis[data-level="1"] .t1, .axis[data-level="2"] .t2 { display: inline; }
}
.lane-name {
  position: sticky; left: 0; z-index: 1; align-self: stretch; display: flex; flex-direction: column; justify-content: center; padding: 0 var(--s2); overflow: hidden;
  background: var(--card); border-right: 1px solid var(--line); color: var(--muted); font-size: var(--t1); line-height: 1.2; white-space: nowrap; text-overflow: ellipsis;
}
.lane-name small { overflow: hidden; text-overflow: ellipsis; }
.spark .onset { stroke: none; }
.spark .line { stroke-width: 1.25; }
.mark { cursor: pointer; text-decoration: none; }
.mark path { fill: var(--muted); stroke: var(--card); stroke-width: 1; }
.mark text { font-size: var(--t1); fill: var(--text); paint-order: stroke; stroke: var(--card); stroke-width: 4px; display: none; }
.mark.k-change path { fill: var(--own); }
.mark.k-signal path { fill: var(--card); stroke: var(--bad); stroke-width: 2; }
.mark.k-signal.good path { stroke: var(--good); }
.mark.k-page path { fill: var(--bad); }
.mark.k-page.good path { fill: var(--good); }
.mark.k-person path { fill: var(--accent); }
.mark.k-fix.good path { fill: var(--good); }
.mark.k-fix.bad path, .mark.k-midwatch.bad path { fill: var(--bad); }
.mark:hover path { stroke: var(--text); stroke-width: 2; }
.earlier { font-size: var(--t1); margin: 0 0 var(--s2); }

.happened:not(:has(#lane-change:checked)) :is(.entry.k-change, .l-change),
.happened:not(:has(#lane-signal:checked)) :is(.entry.k-signal, .l-signal),
.happened:not(:has(#lane-alert:checked)) :is(.entry.k-page, .l-alert),
.happened:not(:has(#lane-person:checked)) :is(.entry.k-person, .entry.k-note, .l-person),
.happened:not(:has(#lane-fix:checked)) :is(.entry.k-fix, .l-fix),
.happened:not(:has(#lane-midwatch:checked)) :is(.entry.k-midwatch, .l-midwatch) { display: none; }

.timeline { list-style: none; margin: 0; padding: 0; outline: none; font-size: var(--t2); }
.entry { display: grid; grid-template-columns: 4rem minmax(0, 1fr); gap: 0 1.25rem; position: relative; padding: var(--s1) 0; }
/* Of hundreds, what is out of sight is not laid out. */
.many { contain: layout style; }
.many > .entry { content-visibility: auto; contain-intrinsic-size: auto 2rem; }
.unfound { display: none; }
.entry::before { content: ""; position: absolute; left: 4.55rem; top: 0; bottom: 0; width: 1px; background: var(--line); }
.entry::after {
  content: ""; position: absolute; left: 4.27rem; top: .6rem; width: .6rem; height: .6rem; border-radius: 50%;
  background: var(--card); border: 2px solid var(--muted);
}
.k-page::after { background: var(--bad); border-color: var(--bad); }
.k-signal::after { border-color: var(--bad); }
.entry.k-change::after { border-color: var(--own); background: var(--own); border-radius: 2px; transform: rotate(45deg); }
.k-person::after, .k-note::after { border-color: var(--accent); background: var(--accent); }
.k-fix::after { border-radius: 2px; }
.k-fix.good::after { border-color: var(--good); background: var(--good); }
.k-fix.bad::after { border-color: var(--bad); background: var(--bad); }
.entry.good.k-page::after { background: var(--good); border-color: var(--good); }
.entry.good.k-signal::after { border-color: var(--good); }
.switch::after, .mark::after { content: none; }
.entry .when { color: var(--muted); font-size: var(--t1); line-height: 1.5rem; }
.entry .what { min-width: 0; }
.entry .kind { margin-right: .35rem; }
.entry .service { margin-right: .35rem; }
.entry .refs { display: inline-flex; flex-wrap: wrap; gap: var(--s1); align-items: baseline; }
.entry .late { font-size: var(--t1); }
.k-midwatch .kind { color: var(--own); }
.k-midwatch.bad .text { color: var(--bad); }
.entry .detail { white-space: pre-wrap; color: var(--muted); font-size: var(--t2); max-height: 20rem; overflow-y: auto; }
.k-person .detail, .k-note .detail { color: var(--text); border-left: 2px solid var(--line); padding-left: var(--s2); }
.entry summary { font-size: var(--t2); padding: 0; }
.entry:target, .entry.at { background: var(--accent-soft); box-shadow: 0 0 0 .25rem var(--accent-soft); border-radius: 4px; }
.entry.new { animation: arrive 2.5s ease-out; }
@keyframes arrive { from { background: var(--own-soft); } to { background: transparent; } }
.latest { margin-top: var(--s2); font-size: var(--t1); }
.pill {
  position: fixed; bottom: var(--s4); left: 50%; transform: translateX(-50%); z-index: 6; padding: var(--s2) var(--s4); border-radius: 99px;
  background: var(--accent); color: var(--accent-text); font-weight: 600; text-decoration: none; box-shadow: 0 3px 14px rgb(0 0 0 / .35);
}
@media (min-width: 50rem) {
  .axis { --name: 11rem; }
  .mark text { display: block; }
  .axis:not([data-level]) .t1, .axis[data-level="1"] .t2, .axis[data-level="2"] .t3 { display: inline; }
}
@media (prefers-reduced-motion: reduce) {
  .entry.new { animation: none; }
}
@media print {
  .many > .entry { content-visibility: visible; }
}
`;
