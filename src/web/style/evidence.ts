/** A page of evidence: the drawing or table of it, and behind that the answer as it came. */
export const evidence = `
main.evidence-page { max-width: 84rem; }
.back { display: flex; justify-content: space-between; gap: var(--s4); margin: 0 0 var(--s2); font-size: var(--t2); }
.neighbours { display: flex; gap: var(--s4); white-space: nowrap; overflow-wrap: normal; }
.evidence-page h1 { margin: 0 0 var(--s3); }
.pager { display: flex; gap: var(--s3); align-items: center; margin: var(--s2) 0; }
.raw { margin: var(--s2) 0 0; padding: var(--s2) var(--s2) var(--s2) 3.6rem; background: var(--soft); border-radius: 8px; font-size: var(--t2); }
.raw li::marker { color: var(--muted); font-size: var(--t1); font-variant-numeric: tabular-nums; }
.raw code { white-space: pre-wrap; }
.around { font-size: var(--t1); white-space: nowrap; }
.raw li:target { background: var(--mark); }
.drawn .card-note { font-size: var(--t2); }
.drawn .charts { margin-top: var(--s3); }
.chart.cited figcaption strong { background: var(--mark); border-radius: 2px; }
.scroll { overflow-x: auto; }
.lines { width: 100%; border-collapse: collapse; font-size: var(--t2); }
.lines th { text-align: left; font-weight: 600; color: var(--muted); font-size: var(--t1); padding: var(--s1) var(--s2); border-bottom: 1px solid var(--line); white-space: nowrap; }
.lines td { min-width: 6rem; vertical-align: top; padding: var(--s1) var(--s2); border-bottom: 1px solid var(--line); }
.lines td:first-child { white-space: nowrap; color: var(--muted); font-size: var(--t1); line-height: 1.3rem; }
.lines td > code { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 4; overflow: hidden; }
.lines td:has(> code) { min-width: 20rem; }
.lines .service { white-space: nowrap; font-weight: 400; }
.lines tr.cited td { background: color-mix(in srgb, var(--mark) 35%, transparent); }
.lines .sev-bad { color: var(--bad); font-weight: 600; }
.lines .sev-warn { color: var(--warn); }
@media (max-width: 39.99rem) {
  .of-log :is(th, td):is(:nth-child(2), :nth-child(3)) { display: none; }
  .of-log td:has(> code) { min-width: 0; }
  .of-log tr:has(.sev-bad) td:first-child { color: var(--bad); }
  .of-records thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .of-records tr { display: block; padding: var(--s2) 0; border-bottom: 1px solid var(--line); }
  .of-records :is(tbody, td) { display: block; }
  .of-records td, .of-records td:first-child { border: 0; padding: 0 var(--s2); white-space: normal; }
  .of-records td:empty { display: none; }
  .of-records td::before { content: attr(data-name) " "; color: var(--muted); font-size: var(--t1); }
}
.tree { list-style: none; margin: 0; padding: 0; font-size: var(--t2); }
.tree li { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1.2fr) 5rem; gap: 0 var(--s3); align-items: center; padding: 2px 0; border-bottom: 1px solid var(--line); }
.tree .op { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.tree .took { text-align: right; font-variant-numeric: tabular-nums; font-size: var(--t1); }
.tree svg { width: 100%; height: .75rem; }
.tree rect { fill: var(--accent); }
.tree .failed rect { fill: var(--bad); }
.tree .failed .took { color: var(--bad); font-weight: 600; }
.tree .cited { background: color-mix(in srgb, var(--mark) 35%, transparent); }
.d0 .op { padding-left: 0; } .d1 .op { padding-left: .75rem; } .d2 .op { padding-left: 1.5rem; } .d3 .op { padding-left: 2.25rem; }
.d4 .op { padding-left: 3rem; } .d5 .op { padding-left: 3.75rem; } .d6 .op { padding-left: 4.5rem; }
.diff { margin: var(--s2) 0 var(--s4); border: 1px solid var(--line); border-radius: 6px; overflow-x: auto; }
.diff h3 { font-size: var(--t2); font-family: var(--mono); font-weight: 600; padding: var(--s2) var(--s3); background: var(--soft); border-bottom: 1px solid var(--line); }
.diff ol { list-style: none; margin: 0; padding: var(--s1) 0; min-width: max-content; }
.diff li { padding: 0 var(--s3); }
.diff code { white-space: pre; font-size: var(--t2); }
.diff .add { background: var(--good-soft); } .diff .del { background: var(--bad-soft); } .diff .hunk { color: var(--muted); background: var(--soft); }
@media (max-width: 39.99rem) {
  .tree li { grid-template-columns: minmax(0, 1fr) 4.5rem; }
  .tree .op { grid-column: 1 / -1; }
}
`;
