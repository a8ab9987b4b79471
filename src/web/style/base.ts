/**
 * Colours, sizes, spaces, and what every page has. Five sizes of letters and six spaces; nothing on the pages has another.
 * System fonts only, so that nothing is fetched.
 */
export const base = `
:root {
  color-scheme: light dark;
  --bg: #f5f6f8; --card: #ffffff; --text: #171b22; --muted: #5a6474; --line: #e1e5eb; --soft: #f1f3f6;
  --accent: #2257c5; --accent-text: #ffffff; --accent-soft: #eaf0fc; --bad: #b3261e; --bad-soft: #fdeceb; --warn: #855600; --warn-soft: #fff4dc;
  --good: #176f34; --good-soft: #e6f5ea; --own: #6a3fb5; --own-soft: #f1ebfb; --mark: #ffe38a; --shade: rgb(20 24 31 / .18);
  --mono: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace;
  --t1: .75rem; --t2: .875rem; --t3: 1rem; --t4: 1.25rem; --t5: 1.625rem;
  --s1: .25rem; --s2: .5rem; --s3: .75rem; --s4: 1rem; --s5: 1.5rem; --s6: 2rem;
  --text-size: var(--t3);
}
/* Paper is white, whatever the screen is. */
@media screen and (prefers-color-scheme: dark) {
  :root {
    --bg: #0d1015; --card: #14181f; --text: #e3e7ee; --muted: #98a3b3; --line: #262d37; --soft: #1a2029;
    --accent: #8ab2ff; --accent-text: #0c1016; --accent-soft: #17233c; --bad: #ff8d84; --bad-soft: #34191a; --warn: #e9be5d; --warn-soft: #2e2410;
    --good: #70d48b; --good-soft: #12291a; --own: #c3a5ff; --own-soft: #231b36; --mark: #675112; --shade: rgb(0 0 0 / .6);
  }
}
*, *::before, *::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; scroll-padding-top: 4rem; }
body {
  margin: 0; background: var(--bg); color: var(--text); overflow-anchor: none;
  font: 400 var(--text-size)/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Open Sans", sans-serif;
  overflow-wrap: anywhere;
}
main { max-width: 104rem; margin: 0 auto; padding: var(--s4); outline: none; }
main.narrow { max-width: 44rem; }
h1 { font-size: var(--t4); line-height: 1.3; margin: 0; font-weight: 650; letter-spacing: -.01em; text-wrap: pretty; }
h2 { font-size: var(--t2); font-weight: 600; color: var(--muted); margin: 0 0 var(--s2); }
h3 { font-size: var(--t3); line-height: 1.4; margin: 0; }
p { margin: var(--s2) 0; }
ul, ol { margin: var(--s2) 0; padding-left: 1.3rem; }
a { color: var(--accent); text-underline-offset: .15em; text-decoration-thickness: 1px; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
small, .kind { font-size: var(--t1); }
code, pre { font-family: var(--mono); font-size: var(--t2); }
pre { white-space: pre-wrap; margin: var(--s2) 0 0; }
mark { background: var(--mark); color: inherit; border-radius: 2px; }
time { font-variant-numeric: tabular-nums; white-space: nowrap; }
.muted { color: var(--muted); }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
[hidden] { display: none !important; }
.skip { position: absolute; left: -99rem; }
.skip:focus { left: var(--s2); top: var(--s2); z-index: 9; background: var(--card); padding: var(--s2) var(--s4); }
/* The middle of a machine's name: there for search, copying and screen readers, not drawn. */
.cut { display: inline-block; max-width: 0; height: 1em; overflow: hidden; white-space: nowrap; vertical-align: text-bottom; }
.dots::before { content: "…"; }

.bar {
  position: sticky; top: 0; z-index: 5; display: flex; justify-content: space-between; align-items: center; gap: var(--s4);
  min-height: 2.75rem; padding: 0 var(--s4); background: var(--card); border-bottom: 1px solid var(--line); font-size: var(--t2);
}
.brand { flex: none; font-weight: 650; letter-spacing: -.01em; color: inherit; text-decoration: none; padding: var(--s2) 0; }
.account, .account form { display: inline-flex; gap: var(--s2); align-items: center; margin: 0; min-width: 0; }
.account form { flex: none; }
.who { overflow: hidden; text-overflow: ellipsis; }
button { font: inherit; color: inherit; }
button.plain { background: none; border: 0; padding: var(--s2) 0; color: var(--accent); text-decoration: underline; cursor: pointer; }
.bar-right { display: flex; gap: var(--s4); align-items: center; font-size: var(--t1); min-width: 0; white-space: nowrap; }
.live { flex: none; display: inline-flex; align-items: center; gap: .4rem; color: var(--muted); }
.live:not(:empty)::before { content: ""; width: .5rem; height: .5rem; border-radius: 50%; border: 2px solid currentColor; }
.live[data-state="on"] { color: var(--good); }
.live[data-state="on"]::before { background: currentColor; }
.live[data-state="wait"] { color: var(--warn); }

.card { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: var(--s4); margin: 0 0 var(--s4); min-width: 0; }
.card > :last-child { margin-bottom: 0; }
.card h2 + p { margin-top: 0; }
.card h2:not(:first-child) { margin-top: var(--s4); }
.problem { border-color: var(--bad); background: var(--bad-soft); }
main.narrow .problem { background: var(--card); border-color: var(--line); }
summary { cursor: pointer; padding: var(--s1) 0; color: var(--accent); }
details.card { padding-top: var(--s3); padding-bottom: var(--s3); }
details.card > summary { padding: 0; font-weight: 600; color: var(--text); }
details.card[open] > summary { margin-bottom: var(--s3); }

.chips { display: flex; flex-wrap: wrap; gap: var(--s1); align-items: center; }
.chip { border: 1px solid var(--line); border-radius: 5px; padding: 0 .45rem; font-size: var(--t1); line-height: 1.35rem; background: var(--soft); white-space: nowrap; display: inline-block; max-width: 100%; overflow: hidden; text-overflow: ellipsis; vertical-align: bottom; }
.chip.plain { font-weight: 400; }
.chip.state { font-weight: 600; color: var(--own); background: var(--own-soft); border-color: transparent; text-decoration: none; }
.chip.s-resolved { color: var(--good); background: var(--good-soft); }
.chip.sev { font-weight: 600; color: var(--bad); background: var(--bad-soft); border-color: transparent; }
.chip.sev.low { font-weight: 400; color: inherit; background: var(--soft); border-color: var(--line); }
.chip.warn { font-weight: 600; color: var(--warn); background: var(--warn-soft); border-color: transparent; }
.chip.bad { font-weight: 600; color: var(--bad); background: var(--bad-soft); border-color: transparent; }

.button {
  display: inline-flex; align-items: center; min-height: 2.5rem; padding: var(--s1) var(--s3); border-radius: 6px; white-space: nowrap;
  border: 1px solid var(--line); background: var(--card); color: var(--accent); text-decoration: none; font: inherit; font-weight: 600;
}
button.button { cursor: pointer; }
.button:hover { border-color: var(--accent); }
.button.primary { background: var(--accent); color: var(--accent-text); border-color: var(--accent); white-space: normal; }
.button.off { color: var(--muted); font-weight: 400; }
input[type="search"], input:not([type]), select {
  font: inherit; color: inherit; min-height: 2.5rem; min-width: 0; padding: var(--s1) var(--s3); border-radius: 6px; border: 1px solid var(--muted); background: var(--card);
}

.ev, .ref {
  display: inline-block; line-height: 1.25rem; min-height: 1.5rem; padding: 0 .35rem; border: 1px solid var(--line); border-radius: 5px;
  font-size: var(--t1); text-decoration: none; background: var(--soft); max-width: 100%;
}
.ev { font-family: var(--mono); white-space: nowrap; }
.ev:hover, .ref:hover { border-color: var(--accent); }
.evs { display: inline-flex; flex-wrap: wrap; gap: var(--s1); vertical-align: baseline; }
.kind { font-weight: 600; color: var(--muted); }
.service { font-weight: 600; }
.facts { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: var(--s1) var(--s4); margin: 0; }
.facts dt { color: var(--muted); }
.facts dd { margin: 0; }
.search span { display: flex; gap: var(--s2); margin-top: var(--s1); }
.search input { flex: 1; }

.help { border: 1px solid var(--line); border-radius: 10px; padding: var(--s5); background: var(--card); color: var(--text); max-width: min(30rem, calc(100vw - 2rem)); box-shadow: 0 1rem 3rem var(--shade); }
.help::backdrop { background: rgb(0 0 0 / .4); }
.help dl { display: grid; grid-template-columns: max-content 1fr; gap: var(--s2) var(--s4); margin: var(--s4) 0; }
.help dd { margin: 0; }
kbd { font-family: var(--mono); font-size: var(--t1); border: 1px solid var(--line); border-bottom-width: 2px; border-radius: 4px; padding: .1rem .35rem; background: var(--soft); }

@media (max-width: 39.99rem) {
  main { padding: var(--s3) var(--s3) 0; }
  .card { padding: var(--s3) var(--s4); margin-bottom: var(--s3); }
  .bar-right { gap: var(--s3); }
  .wide { display: none; }
}
@media (min-width: 40rem) {
  main { padding: var(--s4) var(--s5) var(--s6); }
}
@media (min-width: 70rem) {
  :root { --text-size: var(--t2); }
  h1 { font-size: var(--t5); line-height: 1.2; }
  h2 { font-size: var(--t2); }
  .card { padding: var(--s4) 1.25rem; }
}
@media (min-width: 110rem) {
  html { font-size: 112.5%; }
}
@media print {
  .bar, .pill, .search, .tools, .filters, .help, .exports { display: none !important; }
  :root { color-scheme: light; --bg: #ffffff; --text-size: var(--t2); }
  .card { break-inside: avoid; }
  .columns, .desk { display: block !important; }
}
`;
