/** What the page does in the browser: fetches what is new, sends what a person does. Without it the page shows what there was when it was opened. */
export const script = String.raw`"use strict";
(() => {
  const body = document.body;
  const byId = (id) => document.getElementById(id);
  const lists = { channel: byId("messages"), thread: document.querySelector("#thread .list") };
  const as = byId("as");
  const dialog = byId("dialog");
  const asked = new URLSearchParams(location.search);
  let thread = asked.get("thread") || "";
  let at = body.dataset.at;

  /** Messages that did not change stay: an open menu and the focus are in them. */
  function fill(list, markup) {
    const fresh = document.createElement("div");
    fresh.innerHTML = markup;
    const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 60;
    const before = new Map([...list.children].map((one) => [one.id, one]));
    let place = null;
    for (const one of [...fresh.children]) {
      const old = before.get(one.id);
      const kept = old && old.dataset.version === one.dataset.version ? old : one;
      if (old && kept === one) old.replaceWith(one);
      else if (!old) place ? place.after(one) : list.prepend(one);
      before.delete(one.id);
      place = kept;
    }
    for (const gone of before.values()) gone.remove();
    if (atEnd) list.scrollTop = list.scrollHeight;
  }

  function showDialog(markup) {
    const fresh = document.createElement("div");
    fresh.innerHTML = markup;
    const next = fresh.firstElementChild;
    const shown = dialog.firstElementChild;
    if (!next) {
      if (dialog.open) dialog.close();
      dialog.replaceChildren();
    } else if (!shown || shown.dataset.version !== next.dataset.version) {
      // The same dialog with a complaint keeps what was filled in.
      const kept = shown && shown.dataset.view === next.dataset.view ? filledIn(shown) : {};
      dialog.replaceChildren(next);
      for (const [place, values] of Object.entries(kept)) refill(next, place, values);
      if (!dialog.open) dialog.showModal();
      const first = next.querySelector("[data-field], select, input");
      if (first) first.focus();
    }
  }

  /** "<block> <element>" of a control, and what is in it. */
  const inView = (place) => place.split(" ").slice(1).join(" ");
  function filledIn(form) {
    const values = {};
    for (const one of form.querySelectorAll("[data-field]")) values[inView(one.dataset.field)] = [one.value];
    for (const one of form.querySelectorAll("select[data-choose]"))
      values[inView(one.dataset.choose)] = [...one.selectedOptions].map(({ value }) => value).filter((value) => value !== "");
    for (const one of form.querySelectorAll("[data-options]"))
      values[inView(one.dataset.options)] = [...one.querySelectorAll("input:checked")].map(({ value }) => value);
    return values;
  }
  function refill(form, place, values) {
    for (const one of form.querySelectorAll("[data-field]")) if (inView(one.dataset.field) === place) one.value = values[0] || "";
    for (const one of form.querySelectorAll("select[data-choose]"))
      if (inView(one.dataset.choose) === place) for (const option of one.options) option.selected = values.includes(option.value);
    for (const one of form.querySelectorAll("[data-options] input"))
      if (inView(one.closest("[data-options]").dataset.options) === place) one.checked = values.includes(one.value);
  }

  let latest = 0;
  async function refresh() {
    const mine = ++latest;
    const answer = await fetch("/messages?" + new URLSearchParams({ thread, at, as: as.value }));
    if (!answer.ok || mine !== latest) return;
    const shown = await answer.json();
    fill(lists.channel, shown.channel);
    fill(lists.thread, shown.thread);
    lists.channel.hidden = shown.special !== "";
    const special = byId("special");
    special.hidden = shown.special === "";
    if (special.dataset.markup !== shown.special) special.innerHTML = special.dataset.markup = shown.special;
    byId("places").innerHTML = shown.places;
    byId("title").innerHTML = shown.title;
    showDialog(shown.dialog);
    body.classList.toggle("no-thread", thread === "");
    byId("thread").hidden = thread === "";
    const field = document.querySelector("#channel .composer input");
    field.placeholder = shown.hint;
    field.setAttribute("aria-label", shown.hint);
    document.querySelector("#channel .composer").hidden = shown.special !== "";
  }

  function address() {
    const url = new URL(location.href);
    for (const [name, value] of Object.entries({ thread, at, as: as.value }))
      value === "" ? url.searchParams.delete(name) : url.searchParams.set(name, value);
    history.replaceState(null, "", url);
  }
  function open(ts) {
    thread = ts;
    address();
    lists.thread.replaceChildren();
    void refresh();
  }
  async function go(place) {
    at = place;
    body.dataset.at = place;
    thread = "";
    address();
    lists.channel.replaceChildren();
    await refresh();
    lists.channel.scrollTop = lists.channel.scrollHeight;
  }

  async function act(what) {
    const answer = await fetch("/act", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ as: as.value, ...what }),
    });
    const said = await answer.text();
    if (!answer.ok) alert(said);
    await refresh();
    return said;
  }

  function press(at) {
    if (at.dataset.confirm && !confirm(at.dataset.confirm)) return;
    const form = at.closest("[data-view]") || at.closest("#special");
    const values = at.dataset.value === undefined ? [] : [at.dataset.value];
    void act({ kind: "control", place: at.dataset.press, values, filled: form ? filledIn(form) : {} });
  }

  document.addEventListener("click", async (event) => {
    const on = event.target.closest("button, a");
    if (!on) return;
    const { dataset } = on;
    if (on.id === "close") open("");
    if (dataset.thread) open(dataset.thread);
    if (dataset.press) press(on);
    if (dataset.shortcut) void act({ kind: "shortcut", callback: dataset.shortcut, ts: dataset.message });
    if (dataset.dismiss !== undefined) void act({ kind: "dismiss", view: on.closest("[data-view]").dataset.view });
    if (dataset.place) {
      await go(dataset.place);
      if (dataset.place === "home") void act({ kind: "home" });
    }
    if (on.id === "make") {
      const name = (prompt("Name of the channel") || "").trim().replace(/^#/, "").toLowerCase();
      if (name !== "") void go(JSON.parse(await act({ kind: "make", name })).at);
    }
    const menu = on.closest("details.menu");
    if (menu && on.dataset.press) menu.open = false;
  });
  document.addEventListener("change", (event) => {
    const on = event.target;
    if (on === as) {
      address();
      void refresh();
    }
    // What is in a dialog is sent with it.
    if (!on.dataset.choose || on.value === "" || on.closest("dialog") || on.multiple) return;
    void act({ kind: "control", place: on.dataset.choose, values: [on.value] });
    on.value = "";
  });
  document.addEventListener("submit", (event) => {
    event.preventDefault();
    const { dataset, elements } = event.target;
    if (dataset.view) return void act({ kind: "submit", view: dataset.view, filled: filledIn(event.target) });
    const field = elements.words;
    const words = field.value.trim();
    if (words === "") return;
    field.value = "";
    void act({ kind: "say", at, words, ...(dataset.to === "thread" ? { thread } : {}) });
  });
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    void act({ kind: "dismiss", view: dialog.firstElementChild.dataset.view });
  });
  new EventSource("/changes").addEventListener("message", () => void refresh());
  lists.channel.scrollTop = lists.channel.scrollHeight;
  void refresh();
})();
`;
