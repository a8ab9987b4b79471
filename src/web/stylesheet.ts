import { contentMark } from "./script.ts";

/**
 * The one stylesheet. Made for a phone in the dark first: one column, large letters, no colour that says something which words don't.
 * Wide screens get the timeline beside the finding. System fonts only, so that nothing is fetched.
 */
export const stylesheet = `
:root {
  color-scheme: light dark;
  --bg: #f3f4f7; --card: #ffffff; --text: #14181f; --muted: #566072; --line: #d9dee6; --soft: #eef1f5;
  --accent: #1f55c4; --accent-text: #ffffff; --bad: #b3261e; --bad-soft: #fdeceb; --warn: #8a5a00; --warn-soft: #fff4dc;
  --good: #176f34; --good-soft: #e6f5ea; --own: #6a3fb5; --own-soft: #f1ebfb; --mark: #ffe38a; --shade: rgb(20 24 31 / .22);
  --mono: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --bg: #0c1016; --card: #141a22; --text: #e4e9f0; --muted: #98a5b6; --line: #29323e; --soft: #1b232d;
    --accent: #86b0ff; --accent-text: #0c1016; --bad: #ff8a80; --bad-soft: #34191a; --warn: #eabf5c; --warn-soft: #302510;
    --good: #6fd58b; --good-soft: #12291a; --own: #c3a5ff; --own-soft: #231b36; --mark: #6b5410; --shade: rgb(0 0 0 / .7);
  }
}
*, *::before, *::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; scroll-padding-top: 3.5rem; }
body {
  margin: 0; background: var(--bg); color: var(--text); overflow-anchor: none;
  font: 400 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Open Sans", sans-serif;
  overflow-wrap: anywhere;
}
main { max-width: 104rem; margin: 0 auto; padding: 1rem; outline: none; }
main.narrow, main.list { max-width: 60rem; }
main.evidence-page { max-width: 76rem; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: .4rem 0 .5rem; text-wrap: balance; }
h2 { font-size: .875rem; letter-spacing: .05em; text-transform: uppercase; color: var(--muted); margin: 0 0 .6rem; }
h3 { font-size: 1.125rem; margin: 0; }
p { margin: .5rem 0; }
ul, ol { margin: .4rem 0; padding-left: 1.3rem; }
a { color: var(--accent); text-underline-offset: .15em; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
code, pre { font-family: var(--mono); font-size: .875rem; }
pre { white-space: pre-wrap; margin: .6rem 0 0; }
mark { background: var(--mark); color: inherit; }
time { font-variant-numeric: tabular-nums; white-space: nowrap; }
.muted { color: var(--muted); }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
[hidden] { display: none !important; }
.skip { position: absolute; left: -99rem; }
.skip:focus { left: .5rem; top: .5rem; z-index: 9; background: var(--card); padding: .6rem 1rem; }

.bar {
  position: sticky; top: 0; z-index: 5; display: flex; justify-content: space-between; align-items: center; gap: 1rem;
  min-height: 3rem; padding: .25rem 1rem; background: var(--card); border-bottom: 1px solid var(--line);
}
.brand { flex: none; font-weight: 700; letter-spacing: -.01em; color: inherit; text-decoration: none; padding: .5rem 0; }
.account, .account form { display: inline-flex; gap: .5rem; align-items: center; margin: 0; min-width: 0; }
.account form { flex: none; }
.who { overflow: hidden; text-overflow: ellipsis; }
button.plain { font: inherit; background: none; border: 0; padding: .5rem 0; color: var(--accent); text-decoration: underline; cursor: pointer; }
.bar-right { display: flex; gap: 1rem; align-items: center; font-size: .75rem; min-width: 0; white-space: nowrap; }
.live { flex: none; display: inline-flex; align-items: center; gap: .4rem; color: var(--muted); min-width: 5.5rem; justify-content: flex-end; }
.live:not(:empty)::before { content: ""; width: .6rem; height: .6rem; border-radius: 50%; border: 2px solid currentColor; }
.live[data-state="on"] { color: var(--good); }
.live[data-state="on"]::before { background: currentColor; }
.live[data-state="wait"] { color: var(--warn); }

.card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 1rem; margin: 0 0 1rem; }
.card > :last-child { margin-bottom: 0; }
.card h2 + p { margin-top: 0; }
.card h2:not(:first-child) { margin-top: 1.4rem; }
.problem { border-color: var(--bad); background: var(--bad-soft); }
main.narrow .problem { background: var(--card); border-color: var(--line); }
summary { cursor: pointer; padding: .3rem 0; color: var(--accent); }
details.card > summary { padding: 0; font-weight: 600; }

.chips { display: flex; flex-wrap: wrap; gap: .4rem; align-items: center; }
.chip { border: 1px solid var(--line); border-radius: 99px; padding: .1rem .65rem; font-size: .875rem; background: var(--soft); }
.chip.plain { font-weight: 400; padding: 0 .5rem; }
.chip.state { font-weight: 600; color: var(--own); background: var(--own-soft); border-color: transparent; }
.chip.s-resolved { color: var(--good); background: var(--good-soft); }
.chip.sev { font-weight: 600; color: var(--bad); background: var(--bad-soft); border-color: transparent; }
.chip.sev.low { font-weight: 400; color: inherit; background: var(--soft); border-color: var(--line); }
.chip.warn { font-weight: 600; color: var(--warn); background: var(--warn-soft); border-color: transparent; }
.sub { display: flex; flex-wrap: wrap; gap: .1rem 1rem; color: var(--muted); margin: 0 0 .8rem; }
.lead { font-size: 1.125rem; margin: 0 0 .5rem; }
.sub .title { flex-basis: 100%; color: var(--text); }

.jump { display: flex; gap: .4rem; margin: 0 0 1rem; overflow-x: auto; }
.jump a, .button {
  display: inline-flex; align-items: center; min-height: 2.75rem; padding: .3rem .9rem; border-radius: 8px; white-space: nowrap;
  border: 1px solid var(--line); background: var(--card); color: var(--accent); text-decoration: none; font: inherit; font-weight: 600;
}
.jump a { font-size: .875rem; padding: .3rem .7rem; flex: 1 0 auto; justify-content: center; }
button.button { cursor: pointer; }
.button:hover, .jump a:hover { border-color: var(--accent); }
.button.primary { background: var(--accent); color: var(--accent-text); border-color: var(--accent); white-space: normal; }
.button.off { color: var(--muted); font-weight: 400; }

.ev, .ref {
  display: inline-block; min-height: 1.5rem; line-height: 1.4rem; padding: 0 .4rem; border: 1px solid var(--line); border-radius: 6px;
  font-size: .75rem; text-decoration: none; background: var(--soft); max-width: 100%;
}
.ev { font-family: var(--mono); white-space: nowrap; }
.ev:hover, .ref:hover { border-color: var(--accent); }
.evs { display: inline-flex; flex-wrap: wrap; gap: .25rem; vertical-align: baseline; }
.kind { font-size: .75rem; font-weight: 600; color: var(--muted); }
.service { font-weight: 600; }

.region:empty { display: none; }
.waiting { min-height: 11rem; }
.symptoms { list-style: none; padding: 0; margin: 0 0 .6rem; }
.symptoms li { display: flex; flex-wrap: wrap; gap: .1rem .6rem; align-items: baseline; padding: .35rem 0; border-bottom: 1px solid var(--line); }
.delta { font-variant-numeric: tabular-nums; color: var(--bad); }
.missed { background: var(--warn-soft); border-radius: 8px; padding: .5rem .75rem; }
.v-nothing-wrong, .v-recovered { border-color: var(--good); }
.suspects { list-style: none; padding: 0; margin: 0; }
.suspects li { border-bottom: 1px solid var(--line); }
.suspects li:last-child { border-bottom: 0; }
.suspect.top { border-left: 3px solid var(--bad); padding: .1rem 0 .1rem .9rem; }
.suspect > summary { color: var(--text); min-height: 2.75rem; align-items: center; }
.suspect > summary::before { content: "▸"; color: var(--accent); }
.suspect[open] > summary::before { content: "▾"; }
.suspect .name { font-weight: 600; }
.actions { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr)); gap: 0 1rem; align-items: start; }
.suspect h3, .suspect > summary { display: flex; flex-wrap: wrap; gap: .15rem .5rem; align-items: baseline; }
.suspect.top h3 { font-size: 1.125rem; }
.suspect .rank { color: var(--muted); font-weight: 400; }
.suspect .prob { margin-left: auto; font-size: .875rem; font-weight: 600; white-space: nowrap; }
.suspect meter { width: 100%; height: .5rem; display: block; margin: .2rem 0 .4rem; }
meter::-webkit-meter-bar { height: .35rem; border: 0; border-radius: 9px; background: var(--line); }
meter::-webkit-meter-optimum-value { background: var(--accent); border-radius: 9px; }
meter::-moz-meter-bar { background: var(--accent); border-radius: 9px; }
.suspect .cause { background: var(--soft); border-radius: 8px; padding: .5rem .75rem; }
.suspect .onset { margin: .2rem 0; }
.reasons { padding-left: 1.1rem; }
.reasons li { margin: .3rem 0; }
blockquote { margin: .25rem 0 .25rem; padding: .3rem .6rem; background: var(--soft); border-radius: 6px; }
blockquote .evs { vertical-align: middle; }
/* A long one scrolls, and the shade at its edge says that there is more. */
blockquote {
  max-height: 9rem; overflow: auto; background:
    linear-gradient(var(--soft) 40%, transparent) top / 100% 2.2rem no-repeat local,
    linear-gradient(transparent, var(--soft) 60%) bottom / 100% 2.2rem no-repeat local,
    linear-gradient(var(--shade), transparent) top / 100% .8rem no-repeat scroll,
    linear-gradient(transparent, var(--shade)) bottom / 100% .8rem no-repeat scroll,
    var(--soft);
}
.cause-words { font-size: 1.125rem; }
.path { list-style: none; padding: 0; margin: 0; }
.path li { position: relative; padding: .3rem 0 .3rem 1.4rem; }
.path li::before { content: ""; position: absolute; left: .3rem; top: .8rem; width: .6rem; height: .6rem; border-radius: 50%; background: var(--bad); }
.path li:not(:last-child)::after { content: ""; position: absolute; left: .55rem; top: 1.4rem; bottom: -.8rem; width: 2px; background: var(--line); }
.took-line { font-size: .875rem; }
.do-now li { margin: .4rem 0; }
.working { border-color: var(--own); }
.board, .calls, .turns { list-style: none; padding: 0; margin: 0; }
.board li, .calls li { padding: .35rem 0; border-bottom: 1px solid var(--line); }
.board li:last-child, .calls li:last-child { border-bottom: 0; }
.board li { display: flex; flex-wrap: wrap; gap: .15rem .5rem; align-items: baseline; }
.b-supported { color: var(--good); background: var(--good-soft); }
.b-ruled-out { color: var(--muted); }
.calls .failed { color: var(--bad); }
.turns > li { margin: .8rem 0 0; }
.turns h3 { font-size: .875rem; }
.turns h3 .muted { font-weight: 400; }
#work .facts { margin: .8rem 0; }
#from-data > h2:first-of-type { margin-top: .8rem; }
#from-data .card { border: 0; padding: 0; margin: 1.4rem 0 0; }
.next { border-left: 4px solid var(--accent); }
.next h3 { font-size: 1rem; margin: .8rem 0 .2rem; }
.next li { margin: .25rem 0; }
.next .own { font-size: 1.125rem; }

.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 17.5rem), 1fr)); gap: 1.25rem 1.5rem; }
.chart { margin: 0; min-width: 0; }
.chart figcaption { font-size: .875rem; }
.chart .reading { display: block; color: var(--muted); font-size: .75rem; }
.chart > svg { width: 100%; display: block; font: .75rem system-ui, "Open Sans", sans-serif; font-variant-numeric: tabular-nums; }
.chart .line { vector-effect: non-scaling-stroke; fill: none; stroke: var(--accent); stroke-width: 1.75; stroke-linejoin: round; stroke-linecap: round; }
.chart .after { fill: var(--bad); opacity: .08; }
.chart .grid { stroke: var(--line); }
.chart .tick { fill: var(--muted); }
.chart .top { paint-order: stroke; stroke: var(--card); stroke-width: 4px; stroke-linejoin: round; }
.chart g text { paint-order: stroke; stroke: var(--card); stroke-width: 4px; stroke-linejoin: round; font-weight: 600; }
.chart g.onset line { stroke: var(--bad); stroke-dasharray: 4 3; stroke-width: 1.5; }
.chart g.onset text { fill: var(--bad); }
.chart g.change line { stroke: var(--own); stroke-width: 1.5; }
.chart g.change text { fill: var(--own); }
.elsewhere { display: flex; flex-wrap: wrap; gap: .3rem; align-items: baseline; }

.coverage, .ruled, .evidence { list-style: none; padding: 0; }
.coverage li, .ruled li, .evidence li { padding: .4rem 0; border-bottom: 1px solid var(--line); }
.coverage li:last-child, .ruled li:last-child, .evidence li:last-child { border-bottom: 0; }
.cov .status { font-size: .75rem; padding: 0 .5rem; border-radius: 99px; background: var(--soft); }
.cov .status::before { content: "✓ "; }
.c-sampled .status::before { content: "◐ "; }
.c-empty .status::before { content: "○ "; }
.c-failed .status, .c-timed-out .status { background: var(--bad-soft); color: var(--bad); font-weight: 600; }
.c-failed .status::before, .c-timed-out .status::before { content: "✕ "; }
.c-not-asked, .c-not-asked .status, .c-not-configured, .c-not-configured .status { color: var(--muted); }
.c-not-asked .status::before, .c-not-configured .status::before { content: "– "; }
.cov .took { font-size: .75rem; }
.cov .why { display: block; color: var(--muted); font-size: .875rem; }
.c-failed .why, .c-timed-out .why { color: var(--text); }

.own-steps { display: flex; gap: .4rem; align-items: center; font-size: .875rem; color: var(--muted); margin: 0 0 .4rem; }
/* What midwatch did itself is for who asks: people's and the system's own events come first. */
.side:not(:has(#own-steps:checked)) .entry.k-midwatch { display: none; }
.timeline { list-style: none; margin: 0; padding: 0; outline: none; }
.entry { display: grid; grid-template-columns: 4.1rem minmax(0, 1fr); gap: 0 1.5rem; position: relative; padding: .4rem 0; }
.entry::before { content: ""; position: absolute; left: 4.75rem; top: 0; bottom: 0; width: 2px; background: var(--line); }
.entry:first-child::before { top: .9rem; }
.entry:last-child::before { bottom: auto; height: .9rem; }
.entry::after {
  content: ""; position: absolute; left: 4.43rem; top: .75rem; width: .75rem; height: .75rem; border-radius: 50%;
  background: var(--card); border: 2px solid var(--muted);
}
.k-page::after { background: var(--bad); border-color: var(--bad); }
.k-signal::after { border-color: var(--bad); }
.k-change::after { border-color: var(--own); background: var(--own); border-radius: 2px; transform: rotate(45deg); }
.k-person::after, .k-note::after { border-color: var(--accent); background: var(--accent); }
.k-fix::after { border-radius: 2px; }
.k-fix.good::after { border-color: var(--good); background: var(--good); }
.k-fix.bad::after { border-color: var(--bad); background: var(--bad); }
.entry.good.k-page::after { background: var(--good); border-color: var(--good); }
.entry .when { color: var(--muted); font-size: .875rem; padding-top: .1rem; }
.entry .kind { display: inline-block; min-width: 0; margin-right: .4rem; }
.entry .service { margin-right: .35rem; }
.entry .refs { display: inline-flex; flex-wrap: wrap; gap: .25rem; align-items: baseline; }
.entry .late { font-size: .75rem; }
.k-midwatch .kind { color: var(--own); }
.k-midwatch.bad .text { color: var(--bad); }
.entry .detail { white-space: pre-wrap; color: var(--muted); font-size: .875rem; max-height: 22rem; overflow-y: auto; }
.k-person .detail, .k-note .detail { color: var(--text); border-left: 3px solid var(--line); padding-left: .6rem; margin-top: .15rem; }
.entry summary { font-size: .875rem; padding: .1rem 0; }
.entry.new { animation: arrive 2.5s ease-out; }
@keyframes arrive { from { background: var(--own-soft); } to { background: transparent; } }
.latest { margin-top: .6rem; font-size: .75rem; }
.pill {
  position: fixed; bottom: 1rem; left: 50%; transform: translateX(-50%); z-index: 6; padding: .6rem 1.1rem; border-radius: 99px;
  background: var(--accent); color: var(--accent-text); font-weight: 600; text-decoration: none; box-shadow: 0 3px 14px rgb(0 0 0 / .35);
}
.exports { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; color: var(--muted); padding: .25rem 0 3rem; }

.rows { list-style: none; padding: 0; margin: 0; }
.row {
  position: relative; display: grid; gap: .35rem 1.25rem; grid-template-columns: minmax(0, 1fr); background: var(--card);
  border: 1px solid var(--line); border-radius: 10px; padding: .9rem 1rem; margin: 0 0 .75rem;
}
.row:hover { border-color: var(--accent); }
.row-link { color: inherit; text-decoration: none; font-size: 1.125rem; font-weight: 600; }
.row-link::after { content: ""; position: absolute; inset: 0; border-radius: 10px; }
.row b { font-weight: 400; color: var(--muted); font-size: .75rem; margin-right: .3rem; }
.row.s-resolved .headline { font-weight: 400; }

.back { display: flex; justify-content: space-between; gap: 1rem; }
.neighbours { display: flex; gap: 1rem; white-space: nowrap; overflow-wrap: normal; }
.facts { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .35rem 1rem; margin: 0; }
.facts dt { color: var(--muted); }
.facts dd { margin: 0; }
.search span { display: flex; gap: .5rem; margin-top: .25rem; }
.search input {
  flex: 1; min-width: 0; min-height: 2.75rem; padding: .3rem .7rem; border-radius: 8px; border: 1px solid var(--muted);
  background: var(--bg); color: inherit; font: inherit;
}
.pager { display: flex; gap: .75rem; align-items: center; margin: .5rem 0; }
.raw { margin: .5rem 0 0; padding: .5rem .5rem .5rem 3.6rem; background: var(--soft); border-radius: 8px; font-size: .875rem; }
.raw li::marker { color: var(--muted); font-size: .75rem; font-variant-numeric: tabular-nums; }
.raw code { white-space: pre-wrap; }
.around { font-size: .75rem; white-space: nowrap; }
.raw li:target { background: var(--mark); }

@media (max-width: 39.99rem) {
  blockquote { max-height: 5.5rem; }
  .bar-right { gap: .75rem; }
  .live { min-width: 0; }
  .wide { display: none; }
}
@media (min-width: 40rem) {
  main { padding: 1.25rem 1.5rem 2rem; }
  h1 { font-size: 1.875rem; }
  .row { grid-template-columns: repeat(2, minmax(0, 1fr)); }
  .row > .row-link { grid-column: 1; }
  .row > .chips { justify-self: end; align-self: start; }
}
@media (min-width: 70rem) {
  .jump { display: none; }
  .columns { display: grid; grid-template-columns: minmax(0, 1.45fr) minmax(26rem, 1fr); gap: 1.25rem; align-items: start; }
}
@media (min-width: 110rem) {
  html { font-size: 112.5%; }
}
@media (prefers-reduced-motion: reduce) {
  .entry.new { animation: none; }
}
@media print {
  .bar, .jump, .exports, .pill, .search { display: none; }
  .card { break-inside: avoid; }
}
`;

export const stylesheetPath = `/assets/midwatch.css?v=${contentMark(stylesheet)}`;
