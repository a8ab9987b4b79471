/** As people know their messenger: places at the left, the channel, and the thread beside it; on a phone one at a time. System fonts only. */
export const stylesheet = `
:root {
  color-scheme: light dark;
  --bg: #ffffff; --text: #1d1c1d; --muted: #616061; --line: #e2e2e2; --edge: #cfcfd2; --soft: #f8f8f8;
  --side: #4a154b; --side-2: #3b0f3c; --side-text: #e9dcea; --side-on: #1264a3;
  --link: #0b5ea8; --code: #c01343; --mine: #fef8e6; --go: #007a5a; --stop: #d1184c; --badge: #ebeaeb; --shadow: 0 1px 3px rgb(0 0 0 / .12);
}
@media (prefers-color-scheme: dark) {
  :root {
    --bg: #1a1d21; --text: #d7d8da; --muted: #a3a5a9; --line: #32353a; --edge: #565a60; --soft: #222529;
    --side: #1d0f20; --side-2: #150a17; --side-text: #d8c9da; --side-on: #1264a3;
    --link: #5fb2ee; --code: #f0849f; --mine: #2c2719; --go: #1f8a5f; --stop: #d1315f; --badge: #34373c; --shadow: 0 1px 3px rgb(0 0 0 / .5);
  }
}
*, *::before, *::after { box-sizing: border-box; }
[hidden] { display: none !important; }
html, body { height: 100%; margin: 0; }
body {
  display: grid; grid-template: auto 1fr / 15rem minmax(0, 1fr) minmax(20rem, 27rem); background: var(--bg); color: var(--text);
  font: 400 15px/1.4667 Lato, "Slack-Lato", system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; overflow-wrap: anywhere;
}
body.no-thread { grid-template-columns: 15rem minmax(0, 1fr); }
.note { margin: 0; grid-column: 1 / -1; padding: .3rem 1rem; background: var(--side-2); color: var(--side-text); font-size: .8rem; }
nav { background: var(--side); color: var(--side-text); display: flex; flex-direction: column; min-height: 0; overflow-y: auto; padding-bottom: 1rem; }
nav h1 { font-size: 1.15rem; margin: 0; padding: .85rem 1rem; color: #fff; border-bottom: 1px solid rgb(255 255 255 / .12); }
nav h2 { font-size: .8rem; font-weight: 600; margin: 1.1rem 1rem .3rem; opacity: .8; }
.place {
  display: block; width: calc(100% - 1rem); margin: 0 .5rem; padding: .25rem .6rem; font: inherit; text-align: left; color: inherit; background: none;
  border: 0; border-radius: 6px; cursor: pointer; white-space: nowrap; overflow: hidden; text-overflow: ellipsis;
}
.place span { display: inline-block; width: 1.1rem; opacity: .75; }
svg { display: block; fill: currentColor; }
.place.quiet { opacity: .7; }
.place:hover { background: rgb(255 255 255 / .1); }
.place[aria-current] { background: var(--side-on); color: #fff; opacity: 1; font-weight: 600; }
.me { display: block; margin: auto 1rem 0; padding-top: 1.5rem; font-size: .8rem; }
.me select { display: block; width: 100%; margin-top: .3rem; padding: .35rem .5rem; font: inherit; font-size: .9rem; color: #fff; background: var(--side-2); border: 1px solid rgb(255 255 255 / .25); border-radius: 6px; }
.pane { display: flex; flex-direction: column; min-width: 0; min-height: 0; }
#thread { border-left: 1px solid var(--line); }
.pane > header { display: flex; gap: .6rem; align-items: baseline; padding: .8rem 1.25rem; border-bottom: 1px solid var(--line); font-size: 1.05rem; white-space: nowrap; overflow: hidden; }
.pane > header .muted { overflow: hidden; text-overflow: ellipsis; }
#thread > header { justify-content: space-between; }
.list { flex: 1; overflow-y: auto; padding: .75rem 0; }
.day { display: grid; place-items: center; margin: .25rem 0 .5rem; position: relative; }
.day::before { content: ""; position: absolute; inset: 50% 0 auto; border-top: 1px solid var(--line); }
.day span { position: relative; padding: .15rem .8rem; font-size: .8rem; font-weight: 700; background: var(--bg); border: 1px solid var(--line); border-radius: 99px; }
article { position: relative; display: grid; grid-template-columns: 2.25rem minmax(0, 1fr); gap: 0 .55rem; padding: .5rem 1.25rem; }
article:hover, article:focus-within { background: var(--soft); }
article.whisper { background: var(--mine); }
.face { width: 2.25rem; height: 2.25rem; border-radius: .4rem; display: grid; place-items: center; font-weight: 700; color: #fff; background: #5b6b7a; }
.face.c0 { background: #2f6f73; } .face.c1 { background: #8a4b32; } .face.c2 { background: #5a4a8a; } .face.c3 { background: #3d6b3d; }
.face.bot { background: #1f3f9e; }
.head { line-height: 1.3; }
.by { font-weight: 800; }
.app { font-size: .65rem; font-weight: 700; background: var(--badge); color: var(--muted); border-radius: 3px; padding: .05rem .25rem; vertical-align: .1em; }
time, .muted, .hint { color: var(--muted); font-size: .8rem; font-weight: 400; }
.context { color: var(--muted); font-size: .82rem; margin: .25rem 0; }
.section { margin: .1rem 0; }
.has-beside { display: flex; gap: .8rem; justify-content: space-between; align-items: flex-start; }
.fields { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: .4rem 1rem; }
h3 { margin: .4rem 0 .2rem; font-size: 1.1rem; font-weight: 800; }
hr { border: 0; border-top: 1px solid var(--line); margin: .7rem 0; }
.actions { display: flex; flex-wrap: wrap; gap: .5rem; margin: .5rem 0 .2rem; }
.button {
  display: inline-block; font: inherit; font-size: .84rem; font-weight: 700; line-height: 1.4; color: var(--text); background: var(--bg); border: 1px solid var(--edge);
  border-radius: 8px; padding: .3rem .75rem; cursor: pointer; max-width: 100%; text-decoration: none;
}
.button:hover { background: var(--soft); box-shadow: var(--shadow); text-decoration: none; }
.button.primary { background: var(--go); border-color: var(--go); color: #fff; }
.button.danger { background: var(--stop); border-color: var(--stop); color: #fff; }
a { color: var(--link); text-decoration: none; }
a:hover { text-decoration: underline; }
code, pre { font: .82em/1.5 ui-monospace, Monaco, Menlo, Consolas, "DejaVu Sans Mono", monospace; background: var(--soft); border: 1px solid var(--line); border-radius: 4px; }
code { color: var(--code); padding: .1em .25em; }
pre { padding: .5rem .6rem; white-space: pre-wrap; margin: .3rem 0; }
pre code { border: 0; padding: 0; background: none; color: inherit; }
blockquote { margin: 0; padding-left: .8rem; border-left: 4px solid var(--edge); }
figure { margin: .3rem 0; }
figcaption { font-size: .84rem; color: var(--muted); margin-bottom: .25rem; }
.picture { display: block; max-width: min(100%, 34rem); height: auto; border: 1px solid var(--line); border-radius: 8px; background: #fff; }
.thumb { width: 5.5rem; border-radius: 6px; } .tiny { width: 1.25rem; vertical-align: middle; }
.file { display: inline-block; padding: .5rem .8rem; border: 1px solid var(--line); border-radius: 8px; }
.alert { padding: .5rem .7rem; border: 1px solid var(--edge); border-radius: 8px; background: var(--mine); }
.mention { color: var(--link); background: color-mix(in srgb, var(--link) 12%, transparent); border-radius: 3px; padding: 0 .15em; }
.wide { overflow-x: auto; margin: .4rem 0; }
table { border-collapse: collapse; font-size: .9em; }
td { border: 1px solid var(--line); padding: .25rem .5rem; vertical-align: top; }
.replies {
  display: flex; flex-wrap: wrap; gap: .45rem; align-items: center; font: inherit; font-size: .84rem; font-weight: 700; color: var(--link); background: none; border: 1px solid transparent;
  border-radius: 8px; margin: .25rem 0 0 -.3rem; padding: .2rem .3rem; cursor: pointer; text-align: left;
}
.replies:hover { background: var(--bg); border-color: var(--line); }
.faces { display: inline-flex; gap: .2rem; }
.faces .face { width: 1.4rem; height: 1.4rem; font-size: .7rem; border-radius: .25rem; }
.tools { position: absolute; top: -.7rem; right: 1rem; display: flex; background: var(--bg); border: 1px solid var(--line); border-radius: 8px; box-shadow: var(--shadow); padding: .1rem; opacity: 0; }
article:hover .tools, article:focus-within .tools { opacity: 1; }
.tools button { font: inherit; font-size: .8rem; color: var(--text); background: none; border: 0; border-radius: 6px; padding: .25rem .55rem; cursor: pointer; }
.tools button:hover { background: var(--soft); }
.menu { position: relative; } .menu summary { list-style: none; }
.menu div { position: absolute; z-index: 2; min-width: 11rem; background: var(--bg); border: 1px solid var(--line); border-radius: 8px; box-shadow: var(--shadow); padding: .3rem; }
.menu div button { display: block; width: 100%; text-align: left; font: inherit; color: inherit; background: none; border: 0; padding: .35rem .6rem; border-radius: 6px; cursor: pointer; }
.menu div button:hover { background: var(--soft); }
.composer { display: flex; gap: .3rem; margin: .25rem 1.25rem 1.1rem; border: 1px solid var(--edge); border-radius: 10px; padding: .3rem .35rem; background: var(--bg); }
.composer:focus-within { border-color: var(--link); }
.composer input { flex: 1; min-width: 0; font: inherit; color: inherit; background: none; border: 0; padding: .4rem .6rem; outline: none; }
.composer button { font: inherit; color: #fff; background: var(--go); border: 0; border-radius: 7px; padding: .35rem .7rem; cursor: pointer; }
#close, [data-dismiss]:not(.button) { font: inherit; background: none; border: 0; color: var(--muted); border-radius: 6px; padding: .1rem .4rem; cursor: pointer; }
.special { padding: 1.25rem; }
.home, .document { max-width: 46rem; }
.empty { color: var(--muted); }
.document h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .6rem; }
.document h2 { font-size: 1.3rem; margin: 1.2rem 0 .4rem; }
.document p, .document ul, .document ol { margin: .4rem 0; }
dialog { width: min(33rem, calc(100vw - 2rem)); max-height: calc(100dvh - 4rem); padding: 0; color: var(--text); background: var(--bg); border: 1px solid var(--line); border-radius: 12px; box-shadow: 0 12px 48px rgb(0 0 0 / .35); }
dialog::backdrop { background: rgb(0 0 0 / .5); }
dialog form { display: flex; flex-direction: column; max-height: inherit; }
dialog header, dialog footer { display: flex; gap: .6rem; align-items: center; padding: 1rem 1.25rem; }
dialog header { justify-content: space-between; } dialog header h2 { margin: 0; font-size: 1.3rem; }
dialog footer { justify-content: flex-end; }
.fill { padding: 0 1.25rem; overflow-y: auto; display: grid; gap: .8rem; }
.input { display: grid; gap: .3rem; border: 0; margin: 0; padding: 0; }
.input .label, .input legend { font-weight: 700; }
.input input:not([type="radio"], [type="checkbox"]), .input textarea, .input select { width: 100%; font: inherit; font-weight: 400; color: inherit; background: var(--bg); border: 1px solid var(--edge); border-radius: 6px; padding: .45rem .6rem; }
.options { display: grid; gap: .25rem; padding-top: .2rem; }
.problem { color: var(--stop); font-size: .85rem; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 1px; }
.composer input:focus-visible { outline: none; }
@media (max-width: 56rem) {
  body, body.no-thread { grid-template: auto minmax(0, 1fr) / minmax(0, 1fr); }
  .note { display: none; }
  nav { grid-column: 1; flex-direction: row; align-items: center; overflow-x: auto; padding: .35rem .75rem; gap: .5rem; }
  nav h1, nav h2, #make { display: none; }
  #places { display: flex; }
  .place { width: auto; margin: 0 .1rem; }
  .me { margin: 0 0 0 auto; padding: 0; font-size: 0; }
  .me select { margin: 0; font-size: .9rem; }
  .place.quiet { display: none; }
  #thread { border-left: 0; grid-column: 1; }
  article, .pane > header { padding-left: .85rem; padding-right: .85rem; }
  .composer { margin: .25rem .85rem .85rem; }
  body:not(.no-thread) #channel { display: none; }
}
@media (hover: none) { .tools { position: static; grid-column: 2; opacity: 1; justify-self: start; box-shadow: none; margin-top: .3rem; } }
`;
