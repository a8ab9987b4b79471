/** What the page does in the browser: fetches what is new, sends what a person does. Without it the page shows what there was when it was opened. */
export const script = String.raw`"use strict";
(() => {
  const body = document.body;
  const lists = { channel: document.querySelector("#channel .list"), thread: document.querySelector("#thread .list") };
  const as = document.getElementById("as");
  let thread = new URLSearchParams(location.search).get("thread") || "";

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

  let asked = 0;
  async function refresh() {
    const mine = ++asked;
    const answer = await fetch("/messages?" + new URLSearchParams({ thread, as: as.value }));
    if (!answer.ok || mine !== asked) return;
    const shown = await answer.json();
    fill(lists.channel, shown.channel);
    fill(lists.thread, shown.thread);
    body.classList.toggle("no-thread", thread === "");
    document.getElementById("thread").hidden = thread === "";
  }

  function open(ts) {
    thread = ts;
    const url = new URL(location.href);
    ts === "" ? url.searchParams.delete("thread") : url.searchParams.set("thread", ts);
    history.replaceState(null, "", url);
    lists.thread.replaceChildren();
    void refresh();
  }

  async function act(what) {
    const answer = await fetch("/act", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ as: as.value, ...what }),
    });
    if (!answer.ok) alert(await answer.text());
    await refresh();
  }

  document.addEventListener("click", (event) => {
    const at = event.target;
    if (at.id === "close") open("");
    if (at.dataset.thread) open(at.dataset.thread);
    if (at.dataset.press) void act({ kind: "control", place: at.dataset.press });
  });
  document.addEventListener("change", (event) => {
    const at = event.target;
    if (at === as) void refresh();
    if (!at.dataset.choose || at.value === "") return;
    void act({ kind: "control", place: at.dataset.choose, value: at.value });
    at.value = "";
  });
  document.addEventListener("submit", (event) => {
    event.preventDefault();
    const field = event.target.elements.words;
    const words = field.value.trim();
    if (words === "") return;
    field.value = "";
    void act({ kind: "say", words, ...(event.target.dataset.to === "thread" ? { thread } : {}) });
  });
  new EventSource("/changes").addEventListener("message", () => void refresh());
  void refresh();
})();
`;
