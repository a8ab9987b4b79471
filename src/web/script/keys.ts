/** Single keys, with a list of them behind "?". They can be turned off there, for who speaks to the computer or types with a switch. */
export const keysScript = String.raw`
(() => {
  const OFF = "midwatch-keys-off";
  const isOff = () => { try { return localStorage.getItem(OFF) === "1"; } catch { return false; } };
  const items = () => [...document.querySelectorAll("#entries > .entry, .rows > .row, .lines tr.cited, .raw > li:has(mark)")].filter((one) => one.offsetParent !== null);
  let current = null;

  function go(step) {
    const all = items();
    if (all.length === 0) return;
    const place = all.indexOf(current);
    const next = all[place < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, place + step))];
    if (current) current.classList.remove("at");
    current = next;
    next.classList.add("at");
    next.tabIndex = -1;
    next.focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
    const box = next.getBoundingClientRect();
    if (box.top < 60) scrollBy(0, box.top - 80);
  }
  function search() {
    const field = document.querySelector("#find:not([hidden]), #q, .list-filter input[type=search]");
    if (!field) return false;
    for (let one = field; one; one = one.parentElement) if (one.tagName === "DETAILS") one.open = true;
    field.focus();
    field.select();
    return true;
  }
  function evidence() {
    const link = current && current.isConnected && current.querySelector("a.ev");
    if (link) { link.click(); return; }
    const all = document.getElementById("evidence");
    if (!all) return;
    all.open = true;
    all.scrollIntoView();
    all.querySelector("summary").focus({ preventScroll: true });
  }
  function top() {
    const first = document.querySelector("#next, #finding, main");
    scrollTo(0, 0);
    first.tabIndex = -1;
    first.focus({ preventScroll: true });
  }

  const rows = [
    ["j", "next entry or incident"], ["k", "previous entry or incident"], ["Enter", "open it"], ["/", "search"], ["e", "evidence of the entry, or all evidence"],
    ["g", "back to what to do now"], ["?", "this list"],
  ];
  let help = null;
  function showHelp() {
    if (!help) {
      help = document.createElement("dialog");
      help.className = "help";
      help.setAttribute("aria-labelledby", "help-title");
      const title = document.createElement("h2");
      title.id = "help-title";
      title.textContent = "Keyboard shortcuts";
      const list = document.createElement("dl");
      for (const [key, words] of rows) {
        const term = document.createElement("dt");
        const cap = document.createElement("kbd");
        cap.textContent = key;
        term.append(cap);
        const text = document.createElement("dd");
        text.textContent = words;
        list.append(term, text);
      }
      const label = document.createElement("label");
      const box = document.createElement("input");
      box.type = "checkbox";
      box.checked = !isOff();
      box.addEventListener("change", () => { try { localStorage.setItem(OFF, box.checked ? "0" : "1"); } catch {} });
      label.append(box, " Use single-key shortcuts");
      const close = document.createElement("button");
      close.className = "button";
      close.textContent = "Close";
      close.addEventListener("click", () => help.close());
      const end = document.createElement("p");
      end.append(close);
      help.append(title, list, label, end);
      help.addEventListener("click", (event) => { if (event.target === help) help.close(); });
      document.body.append(help);
    }
    help.showModal();
  }
  const opener = document.getElementById("keys");
  if (opener) opener.addEventListener("click", showHelp);

  addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const { target, key } = event;
    if (target.closest && target.closest("input:not([type=checkbox]), textarea, select, [contenteditable], dialog")) {
      if (key === "Escape" && target.blur) target.blur();
      return;
    }
    if (isOff() && key !== "?") return;
    if (key === "j") go(1);
    else if (key === "k") go(-1);
    else if (key === "e") evidence();
    else if (key === "g") top();
    else if (key === "?") showHelp();
    else if (key === "/") { if (!search()) return; }
    else if (key === "Enter" && current && target === current) {
      const link = current.querySelector("a[href]");
      if (!link) return;
      link.click();
    } else return;
    event.preventDefault();
  });
})();
`;
