/** The incident's page, but for its timeline: head, what to do, the claim with its chart, and what it rests on. */
export const incident = `
.headline { display: flex; flex-wrap: wrap; gap: var(--s1) var(--s3); align-items: baseline; margin: 0 0 var(--s2); }
.headline h1 { flex: 0 1 auto; }
.strip { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); margin: var(--s2) 0 var(--s3); border: 1px solid var(--line); border-radius: 8px; background: var(--card); overflow: hidden; gap: 1px; background: var(--line); }
.fact { min-width: 0; padding: .35rem var(--s3); background: var(--card); font-size: var(--t2); line-height: 1.35; }
.fact dt { color: var(--muted); font-size: var(--t1); }
.fact dd { margin: 0; }
.fact .value { font-weight: 600; }
.fact .none { color: var(--muted); }
.fact .note { color: var(--muted); font-size: var(--t1); }
.fact .chip.sev { white-space: normal; }
.fact.bad .value { color: var(--bad); }
.fact.warn .value { color: var(--warn); }
.fact.good .value { color: var(--good); }
.f-impact .value { font-weight: 400; display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 3; overflow: hidden; }
.f-duration { grid-column: 1 / -1; }
.lead { margin: 0 0 var(--s1); }
.sub { display: flex; flex-wrap: wrap; gap: 0 var(--s4); color: var(--muted); font-size: var(--t2); margin: 0 0 var(--s3); }
.joined { margin: 0 0 var(--s2); }

.region:empty { display: none; }
.waiting { min-height: 9rem; }
.desk > .actions { min-width: 0; }
.next { border-left: 3px solid var(--accent); background: linear-gradient(var(--accent-soft), var(--card) 6rem); }
.next h2 { color: var(--accent); }
.next li { margin: var(--s1) 0; }
.next .own { font-size: var(--t3); margin: 0 0 var(--s2); }
.do-now li { margin: var(--s1) 0; }
.fix .pull { font-weight: 600; }
.fix p { margin: var(--s1) 0; }

.symptoms { list-style: none; padding: 0; margin: 0 0 var(--s2); }
.symptoms li { display: flex; flex-wrap: wrap; gap: 0 var(--s2); align-items: baseline; padding: var(--s1) 0; border-bottom: 1px solid var(--line); }
.symptoms li:last-child { border-bottom: 0; }
.delta { font-variant-numeric: tabular-nums; color: var(--bad); }
.missed { background: var(--warn-soft); border-radius: 6px; padding: var(--s2) var(--s3); }
.suspects { list-style: none; padding: 0; margin: 0; }
.suspects li { border-bottom: 1px solid var(--line); }
.suspects li:last-child { border-bottom: 0; }
.suspect > summary { color: var(--text); min-height: 2.25rem; align-items: center; }
.suspect > summary::before { content: "▸"; color: var(--accent); }
.suspect[open] > summary::before { content: "▾"; }
.suspect .name { font-weight: 600; }
.suspect h3, .suspect > summary { display: flex; flex-wrap: wrap; gap: 0 var(--s2); align-items: baseline; }
.suspect .rank { color: var(--muted); font-weight: 400; }
.suspect.top .rank { display: none; }
.suspect .prob { margin-left: auto; font-size: var(--t2); font-weight: 600; white-space: nowrap; }
.suspect meter { width: 100%; height: .25rem; display: block; margin: var(--s1) 0 var(--s2); }
meter::-webkit-meter-bar { height: .25rem; border: 0; border-radius: 9px; background: var(--line); }
meter::-webkit-meter-optimum-value { background: var(--accent); border-radius: 9px; }
meter::-moz-meter-bar { background: var(--accent); border-radius: 9px; }
.suspect .cause { background: var(--soft); border-radius: 6px; padding: var(--s2) var(--s3); }
.suspect .onset { margin: var(--s1) 0; font-size: var(--t2); }
.reasons { padding-left: 1.1rem; }
.reasons li { margin: var(--s1) 0; }
blockquote { margin: var(--s1) 0; padding: var(--s1) var(--s2); border-radius: 6px; }
blockquote .evs { vertical-align: middle; }
/* A long one scrolls, and the shade at its edge says that there is more. */
blockquote {
  max-height: 5rem; overflow: auto; background:
    linear-gradient(var(--soft) 40%, transparent) top / 100% 2.2rem no-repeat local,
    linear-gradient(transparent, var(--soft) 60%) bottom / 100% 2.2rem no-repeat local,
    linear-gradient(var(--shade), transparent) top / 100% .6rem no-repeat scroll,
    linear-gradient(transparent, var(--shade)) bottom / 100% .6rem no-repeat scroll,
    var(--soft);
}
.cause-words { font-size: var(--t3); }
.path { list-style: none; padding: 0; margin: 0; }
.path li { position: relative; padding: var(--s1) 0 var(--s1) var(--s5); }
.path li::before { content: ""; position: absolute; left: .3rem; top: .7rem; width: .55rem; height: .55rem; border-radius: 50%; background: var(--bad); }
.path li:not(:last-child)::after { content: ""; position: absolute; left: .52rem; top: 1.3rem; bottom: -.7rem; width: 2px; background: var(--line); }
.took-line { font-size: var(--t2); }
.working { border-color: var(--own); }
.board, .calls, .turns, .coverage, .ruled, .evidence { list-style: none; padding: 0; margin: 0; }
.board li, .calls li, .coverage li, .ruled li, .evidence li { padding: var(--s1) 0; border-bottom: 1px solid var(--line); }
:is(.board, .calls, .coverage, .ruled, .evidence) li:last-child { border-bottom: 0; }
.board li { display: flex; flex-wrap: wrap; gap: 0 var(--s2); align-items: baseline; }
.b-supported { color: var(--good); background: var(--good-soft); }
.b-ruled-out { color: var(--muted); }
.calls .failed { color: var(--bad); }
.turns > li { margin: var(--s3) 0 0; }
.turns h3 { font-size: var(--t2); }
.turns h3 .muted { font-weight: 400; }
#work .facts { margin: var(--s3) 0; }
#from-data .card { border: 0; padding: 0; margin: var(--s4) 0 0; }

.deciding { min-width: 0; }
.behind { margin-top: var(--s3); }
.deciding .chart { margin-top: var(--s3); }
.deciding > div + div { margin-top: var(--s4); }
.peaks { font-size: var(--t2); margin: var(--s1) 0 0; }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 17.5rem), 1fr)); gap: var(--s4) var(--s5); }
.chart { margin: 0; min-width: 0; }
.chart figcaption { font-size: var(--t2); }
.chart .reading { display: block; color: var(--muted); font-size: var(--t1); }
.chart > svg { width: 100%; display: block; font: var(--t1) system-ui, "Open Sans", sans-serif; font-variant-numeric: tabular-nums; }
.line { vector-effect: non-scaling-stroke; fill: none; stroke: var(--accent); stroke-width: 1.75; stroke-linejoin: round; stroke-linecap: round; }
.line.earlier { stroke: var(--muted); stroke-width: 1; opacity: 0.7; }
.line.earlier.d7 { stroke-dasharray: 4 3; }
.chart .after { fill: var(--bad); opacity: .08; }
.chart .grid { stroke: var(--line); }
.chart .tick { fill: var(--muted); }
.chart .top { paint-order: stroke; stroke: var(--card); stroke-width: 4px; stroke-linejoin: round; }
.chart g text { paint-order: stroke; stroke: var(--card); stroke-width: 4px; stroke-linejoin: round; font-weight: 600; }
.chart g.onset line { stroke: var(--bad); stroke-dasharray: 4 3; stroke-width: 1.5; }
.chart g.onset text { fill: var(--bad); }
.chart g.change line { stroke: var(--own); stroke-width: 1.5; }
.chart g.change text { fill: var(--own); }
.elsewhere { display: flex; flex-wrap: wrap; gap: var(--s1); align-items: baseline; }

.cov .status { font-size: var(--t1); padding: 0 var(--s2); border-radius: 99px; background: var(--soft); }
.cov .status::before { content: "✓ "; }
.c-sampled .status::before { content: "◐ "; }
.c-empty .status::before { content: "○ "; }
.c-failed .status, .c-timed-out .status { background: var(--bad-soft); color: var(--bad); font-weight: 600; }
.c-failed .status::before, .c-timed-out .status::before { content: "✕ "; }
.c-not-asked, .c-not-asked .status, .c-not-configured, .c-not-configured .status { color: var(--muted); }
.c-not-asked .status::before, .c-not-configured .status::before { content: "– "; }
.cov .took { font-size: var(--t1); }
.cov .why { display: block; color: var(--muted); font-size: var(--t2); }
.c-failed .why, .c-timed-out .why { color: var(--text); }
.exports { display: flex; flex-wrap: wrap; gap: var(--s2); align-items: center; color: var(--muted); padding: var(--s1) 0 var(--s6); }

/* Folded parts one under the other are one list. */
.column details.card:not([open]) { margin-bottom: var(--s2); padding: var(--s2) var(--s4); }
#finding-limits { columns: 20rem 3; column-gap: var(--s5); }
#finding-limits h2 { margin-top: 0; break-after: avoid; }
#finding-limits :is(ul, .muted) { break-inside: avoid; margin-bottom: var(--s3); }
@media (max-width: 39.99rem) {
  .claim :is(.cause, .reasons), .behind, .fix { font-size: var(--t2); }
  .claim blockquote { max-height: 3.75rem; }
}
@media (max-width: 69.99rem) {
  .on-wide { display: none; }
}
@media (min-width: 40rem) {
  .strip { grid-template-columns: 1.1fr .9fr 1.3fr 1.8fr 1.1fr; }
  .f-duration { grid-column: auto; }
  .fact { padding: var(--s2) var(--s3); }
}
@media (min-width: 70rem) {
  .on-narrow { display: none; }
  .strip { margin: var(--s3) 0 var(--s3); }
  .fact { padding: var(--s2) var(--s4); }
  .desk { display: grid; grid-template-columns: minmax(18rem, 23rem) minmax(0, 1fr); gap: 0 var(--s4); align-items: start; }
  .desk.over { grid-template-columns: minmax(0, 1fr) minmax(18rem, 23rem); }
  .desk.alone { display: block; }
  .columns { display: grid; grid-template-columns: minmax(0, 1.7fr) minmax(22rem, 1fr); gap: 0 var(--s4); align-items: start; }
  .answer:has(> .deciding) { display: grid; grid-template: auto 1fr / minmax(0, 1.1fr) minmax(0, 1fr); gap: 0 var(--s5); align-items: start; }
  .answer > .deciding { grid-area: 1 / 2 / 3 / 3; }
  .deciding .chart { margin-top: 0; }
}
`;
