/** As people know their messenger: channels at the left, the channel, and the thread beside it; on a phone one at a time. System fonts only. */
export const stylesheet = `
:root {
  color-scheme: light dark;
  --bg: #ffffff; --text: #1d1c1d; --muted: #5c5b60; --line: #dddddd; --side: #3f0e40; --side-text: #f3e9f3; --soft: #f6f6f6;
  --link: #1264a3; --code: #c01343; --mine: #fdf3d7; --go: #007a5a; --badge: #e4e4e6;
}
@media (prefers-color-scheme: dark) {
  :root {
    --bg: #1a1d21; --text: #e3e4e6; --muted: #a6a7ac; --line: #383b40; --side: #250a29; --soft: #222529;
    --link: #6cb8ee; --code: #f58ab0; --mine: #3a3115; --go: #2bac76; --badge: #3a3c41;
  }
}
*, *::before, *::after { box-sizing: border-box; }
[hidden] { display: none !important; }
html, body { height: 100%; margin: 0; }
body {
  display: grid; grid-template: auto 1fr / 13rem minmax(0, 1fr) minmax(0, 1fr); background: var(--bg); color: var(--text);
  font: 400 15px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; overflow-wrap: anywhere;
}
body.no-thread { grid-template-columns: 13rem minmax(0, 1fr); }
.note { margin: 0; grid-column: 1 / -1; padding: .4rem 1rem; background: var(--soft); border-bottom: 1px solid var(--line); color: var(--muted); }
nav { background: var(--side); color: var(--side-text); padding: 1rem; }
nav h1 { font-size: 1.1rem; margin: 0 0 1rem; }
nav p { margin: .3rem 0; }
nav label { display: block; margin-top: 1.5rem; font-size: .85rem; }
nav select { width: 100%; margin-top: .3rem; color: var(--text); }
.pane { display: flex; flex-direction: column; min-width: 0; min-height: 0; }
#thread { border-left: 1px solid var(--line); }
.pane > header { display: flex; justify-content: space-between; padding: .7rem 1rem; border-bottom: 1px solid var(--line); font-weight: 700; }
.list { flex: 1; overflow-y: auto; padding: .5rem 0; }
article { position: relative; display: grid; grid-template-columns: 2.6rem minmax(0, 1fr); gap: 0 .6rem; padding: .45rem 1rem; }
article:hover { background: var(--soft); }
article.whisper { background: var(--mine); }
.face { width: 2.4rem; height: 2.4rem; border-radius: .4rem; display: grid; place-items: center; font-weight: 700; color: #fff; background: #5b6b7a; }
.face.bot { background: #1f3f9e; }
.by { font-weight: 700; }
.app { font-size: .65rem; font-weight: 700; background: var(--badge); border-radius: 2px; padding: 0 .25rem; vertical-align: middle; }
time, .muted { color: var(--muted); font-size: .8rem; font-weight: 400; }
.context { color: var(--muted); font-size: .82rem; margin: .25rem 0; }
.section { margin: .1rem 0; }
.actions { display: flex; flex-wrap: wrap; gap: .5rem; margin: .5rem 0 .2rem; }
.button, nav select, .composer button {
  font: inherit; font-size: .85rem; font-weight: 700; color: var(--text); background: var(--bg); border: 1px solid var(--line); border-radius: 4px;
  padding: .3rem .7rem; cursor: pointer; max-width: 100%;
}
.button.primary, .composer button { background: var(--go); border-color: var(--go); color: #fff; }
a { color: var(--link); text-decoration: none; }
a:hover { text-decoration: underline; }
code { font: .82em ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; color: var(--code); background: var(--soft); border: 1px solid var(--line); border-radius: 3px; padding: 0 .2em; }
pre { font: .82em ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; background: var(--soft); border: 1px solid var(--line); border-radius: 4px; padding: .5rem; white-space: pre-wrap; margin: .3rem 0; }
blockquote { margin: 0; padding-left: .7rem; border-left: 4px solid var(--line); }
.mention { background: var(--mine); border-radius: 3px; padding: 0 .15em; }
.replies { font: inherit; font-size: .85rem; font-weight: 700; color: var(--link); background: none; border: 0; padding: .2rem 0; cursor: pointer; }
.composer { display: flex; gap: .5rem; padding: .7rem 1rem; border-top: 1px solid var(--line); }
.composer input { flex: 1; min-width: 0; font: inherit; color: inherit; background: var(--bg); border: 1px solid var(--line); border-radius: 6px; padding: .5rem .7rem; }
#close { font: inherit; background: none; border: 0; color: var(--link); cursor: pointer; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 1px; }
@media (max-width: 56rem) {
  body, body.no-thread { grid-template: auto auto 1fr / minmax(0, 1fr); }
  nav { grid-column: 1; padding: .5rem 1rem; display: flex; gap: 1rem; align-items: center; }
  nav h1, nav p { margin: 0; }
  nav label { margin: 0 0 0 auto; }
  nav select { width: auto; }
  #thread { border-left: 0; }
  body:not(.no-thread) #channel { display: none; }
}
`;
