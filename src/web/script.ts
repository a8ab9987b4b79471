/** Short name of a text's content, so that a changed asset has a new address. FNV-1a, 32 bits. */
export function contentMark(text: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return (hash >>> 0).toString(36);
}

/**
 * The pages' script, served as it is: no build step, and no file to read, so that it is the same on Node and on Workers.
 * Without it every page is complete; with it times are also said in the reader's zone and an incident's page is live.
 */
export const script = String.raw`"use strict";
(() => {
  const root = document.documentElement;
  // The server's clock, as far as known: phones are sometimes minutes off.
  const offset = Number(root.dataset.now || Date.now()) - Date.now();
  const now = () => Date.now() + offset;

  const agoText = (ms) =>
    ms < 5e3 ? "just now" : ms < 6e4 ? Math.floor(ms / 1e3) + " s ago" : ms < 36e5 ? Math.floor(ms / 6e4) + " min ago"
      : ms < 864e5 ? Math.floor(ms / 36e5) + " h ago" : Math.floor(ms / 864e5) + " d ago";
  const local = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone || "local time";

  function dress(part) {
    for (const time of part.querySelectorAll("time[datetime]")) {
      const at = Date.parse(time.dateTime);
      if (Number.isNaN(at) || time.dataset.dressed) continue;
      time.dataset.dressed = "1";
      time.title += "\n" + local.format(at) + " " + zone;
    }
  }
  function tick() {
    for (const time of document.querySelectorAll("time[data-ago]")) {
      const text = agoText(now() - Date.parse(time.dateTime));
      if (time.textContent !== text) time.textContent = text;
    }
  }
  dress(document);
  tick();
  setInterval(tick, 5000);

  const page = document.getElementById("incident");
  const list = document.getElementById("entries");
  const lamp = document.getElementById("live");
  const say = document.getElementById("say");
  if (!page || !list || !lamp || !window.EventSource) return;

  const pill = document.createElement("a");
  pill.className = "pill";
  pill.href = "#latest";
  pill.hidden = true;
  document.body.append(pill);
  let unseen = 0;
  const latest = document.getElementById("latest");
  // The observer's report may be older than what came since, so measure the place again.
  function look() {
    const box = latest.getBoundingClientRect();
    if (box.top >= 0 && box.top <= window.innerHeight) unseen = 0;
    pill.hidden = unseen === 0;
    pill.textContent = unseen + " new ↓";
  }
  new IntersectionObserver(look).observe(latest);
  pill.addEventListener("click", () => list.focus({ preventScroll: true }));

  function state(name, text) {
    lamp.dataset.state = name;
    if (lamp.textContent !== text) lamp.textContent = text;
  }

  // Where the reader is stays where it is, whatever grows above. At the very top nothing is held: the head is what they look at.
  function still(change) {
    let anchor = null;
    let top = 0;
    // Entries of the timeline first: they come and go around each other, while cards change as a whole.
    const places = window.scrollY > 0 ? [".entry[id]", "section[id], details.card[id]"] : [];
    for (const selector of places) {
      for (const one of document.querySelectorAll(selector)) {
        const box = one.getBoundingClientRect();
        if (box.top >= 0 && box.top < window.innerHeight) { anchor = one.id; top = box.top; break; }
      }
      if (anchor) break;
    }
    change();
    const after = anchor && document.getElementById(anchor);
    if (!after) return;
    const moved = after.getBoundingClientRect().top - top;
    if (Math.abs(moved) >= 1) window.scrollBy({ top: moved, behavior: "instant" });
  }

  // Regions hold only markup that the server escaped; the page's policy lets no inline script run in any case.
  function replace(region, markup) {
    const old = document.activeElement;
    const focused = old && region.contains(old) ? (old.id ? "#" + CSS.escape(old.id) : old.getAttribute("href") && 'a[href="' + CSS.escape(old.getAttribute("href")) + '"]') : null;
    const open = new Set([...region.querySelectorAll("details[id][open]")].map((one) => one.id));
    region.innerHTML = markup;
    for (const one of region.querySelectorAll("details[id]")) if (open.has(one.id)) one.open = true;
    const again = focused && region.querySelector(focused);
    if (again) again.focus({ preventScroll: true });
    dress(region);
  }

  const order = (item) => {
    const [seq, place] = item.dataset.key.split(".").map(Number);
    return [Number(item.dataset.at), seq, place];
  };
  const later = (a, b) => { for (let i = 0; i < 3; i++) if (a[i] !== b[i]) return a[i] > b[i]; return false; };

  function insert(entry) {
    if (document.getElementById("t-" + entry.key)) return false;
    const box = document.createElement("template");
    box.innerHTML = entry.html;
    const item = box.content.firstElementChild;
    if (!item) return false;
    item.classList.add("new");
    const place = order(item);
    let before = list.lastElementChild;
    while (before && later(order(before), place)) before = before.previousElementSibling;
    if (before) before.after(item); else list.prepend(item);
    dress(item);
    return true;
  }

  let seq = Number(page.dataset.seq) || 0;
  const shown = {};

  function take(news) {
    if (news.seq <= seq) return;
    seq = news.seq;
    page.dataset.seq = String(seq);
    still(() => {
      for (const entry of news.entries) if (insert(entry)) unseen += 1;
      for (const [name, markup] of Object.entries(news.regions || {})) {
        if (shown[name] === markup) continue;
        shown[name] = markup;
        const region = document.querySelector('[data-region="' + CSS.escape(name) + '"]');
        if (region) replace(region, markup);
      }
    });
    if (news.asOf) {
      replace(latest, news.asOf);
      tick();
    }
    if (news.title) {
      const title = news.title + " · midwatch";
      if (document.title !== title) { document.title = title; if (say) say.textContent = news.title; }
    }
    look();
  }

  let source = null;
  let heard = 0;
  let waitMs = 1000;
  let retry = 0;

  function close() {
    clearTimeout(retry);
    if (source) source.close();
    source = null;
  }
  function connect() {
    close();
    heard = Date.now();
    source = new EventSource(page.dataset.events + "?after=" + seq);
    const alive = () => { heard = Date.now(); waitMs = 1000; state("on", "live"); };
    source.addEventListener("open", alive);
    source.addEventListener("ping", alive);
    source.addEventListener("news", (event) => { alive(); take(JSON.parse(event.data)); });
    source.addEventListener("reset", () => location.reload());
    source.addEventListener("error", () => {
      state("wait", "reconnecting");
      // The browser tries again by itself after a broken connection, but not after an answer that is an error.
      if (source && source.readyState === EventSource.CLOSED) {
        close();
        retry = setTimeout(connect, waitMs);
        // Trying again does not help whose session is over.
        fetch(location.pathname, { method: "HEAD", cache: "no-store" }).then((answer) => {
          if (answer.status !== 401) return;
          clearTimeout(retry);
          state("off", "signed out: reload");
        }, () => {});
        waitMs = Math.min(waitMs * 2, 30000);
      }
    });
  }
  // A proxy or a sleeping phone can leave a connection that is dead without knowing it.
  setInterval(() => { if (source && Date.now() - heard > 45000) { state("wait", "reconnecting"); connect(); } }, 10000);

  // Browsers allow few connections to one host: a tab that nobody looks at gives its own back after a minute.
  let hide = 0;
  document.addEventListener("visibilitychange", () => {
    clearTimeout(hide);
    if (document.hidden) hide = setTimeout(() => { close(); state("off", "paused"); }, 60000);
    else if (!source || Date.now() - heard > 20000) connect();
  });
  addEventListener("pagehide", close);
  addEventListener("pageshow", (event) => { if (event.persisted) connect(); });

  state("wait", "connecting");
  connect();
})();
`;

export const scriptPath = `/assets/midwatch.js?v=${contentMark(script)}`;
