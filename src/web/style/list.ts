/** The list of incidents: a card for each on a phone, one line for each on a wide screen. */
export const list = `
.list-head { display: flex; flex-wrap: wrap; gap: var(--s1) var(--s4); align-items: baseline; margin: 0 0 var(--s3); }
.list-head p { margin: 0; }
.list-filter { display: flex; flex-wrap: wrap; gap: var(--s2); align-items: center; margin: 0 0 var(--s3); font-size: var(--t2); }
.list-filter input[type="search"] { flex: 1 1 12rem; }
.tabs { display: flex; border: 1px solid var(--line); border-radius: 6px; overflow: hidden; background: var(--card); }
.tabs a { padding: var(--s2) var(--s3); color: var(--muted); text-decoration: none; border-right: 1px solid var(--line); white-space: nowrap; }
.tabs a:last-child { border-right: 0; }
.tabs a[aria-current] { color: var(--text); font-weight: 600; background: var(--soft); }
.rows { list-style: none; padding: 0; margin: 0; }
.row {
  position: relative; display: grid; gap: var(--s1) var(--s4); grid-template-columns: minmax(0, 1fr); background: var(--card);
  border: 1px solid var(--line); border-left: 3px solid var(--line); border-radius: 8px; padding: var(--s3) var(--s4); margin: 0 0 var(--s2); font-size: var(--t2);
}
.row.unheld { border-left-color: var(--bad); }
.row.held { border-left-color: var(--warn); }
.row:hover, .row.at { border-color: var(--accent); }
.row-link { color: inherit; text-decoration: none; font-weight: 600; font-size: var(--t3); }
.row-link::after { content: ""; position: absolute; inset: 0; border-radius: 8px; }
.row .cell a { position: relative; }
.row .headline { display: inline; }
.row b { font-weight: 400; color: var(--muted); font-size: var(--t1); margin-right: var(--s1); }
.row.s-resolved .headline { font-weight: 400; }
.row.s-resolved .chip { font-weight: 400; color: var(--muted); background: none; border-color: var(--line); }
.row .chips { gap: var(--s1); }
.no-rows { color: var(--muted); }
@media (max-width: 39.99rem) {
  .tabs { flex: 1 1 100%; }
  .tabs a { flex: 1; text-align: center; }
  .list-filter select { flex: 1 1 7rem; }
  .list-filter input[type="search"] { flex: 1 1 8rem; }
}
@media (min-width: 70rem) {
  .rows { border: 1px solid var(--line); border-radius: 8px; background: var(--card); overflow: hidden; }
  .row {
    grid-template-columns: 15.5rem minmax(0, 5fr) minmax(0, 3fr) 8rem minmax(0, 8rem); align-items: baseline; border: 0; border-left: 3px solid transparent;
    border-bottom: 1px solid var(--line); border-radius: 0; margin: 0; padding: .4rem var(--s4); gap: 0 var(--s4);
  }
  .row:last-child { border-bottom: 0; }
  .row:hover, .row.at { background: var(--soft); }
  .row > * { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
  .row > .chips { flex-wrap: nowrap; order: -1; }
  .row-link { font-size: var(--t2); display: block; overflow: hidden; text-overflow: ellipsis; }
  .row-link::after { border-radius: 0; }
  .row .c-service, .row .c-since .muted, .row .state { display: none; }
  .row .cell b:not(.joins) { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
}
`;
