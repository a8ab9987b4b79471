/** Times in the reader's zone and how long ago they were; the incident's page is live. */
export const pageScript = String.raw`
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
  const elapsedText = (ms) => {
    const minutes = Math.floor(Math.max(0, ms) / 6e4);
    if (minutes < 60) return minutes < 1 ? "under 1 min" : minutes + " min";
    const hours = Math.floor(minutes / 60);
    return hours < 48 ? hours + " h " + (minutes % 60) + " min" : Math.floor(hours / 24) + " d " + (hours % 24) + " h";
  };
  function tick() {
    for (const time of document.querySelectorAll("time[data-elapsed]")) {
      const text = elapsedText(now() - Date.parse(time.dateTime));
      if (time.textContent !== text) time.textContent = text;
    }
    for (const time of document.querySelectorAll("time[data-ago]")) {
      const text = agoText(now() - Date.parse(time.dateTime));
      if (time.textContent !== text) time.textContent = text;
    }
  }
  dress(document);
  tick();
  setInterval(tick, 5000);

  // What only works with a script is not shown without it.
  for (const one of document.querySelectorAll("[data-script]")) one.hidden = false;
  // A link to something folded unfolds it.
  function unfold() {
    const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (let one = target; one; one = one.parentElement) if (one.tagName === "DETAILS") one.open = true;
  }
  addEventListener("hashchange", unfold);
  unfold();

  // The list is asked for again while somebody looks at it; where nothing changed, nothing moves.
  const LIST_MS = 20000;
  if (document.getElementById("rows")) setInterval(async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch(location.href, { cache: "no-store" });
      if (!answer.ok) return;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      const shape = (part) => part && part.innerHTML.replace(/>[^<]* ago</g, "><");
      for (const selector of ["#rows", ".list-head"]) {
        const [old, next] = [document.querySelector(selector), fresh.querySelector(selector)];
        if (!old || !next || shape(old) === shape(next)) continue;
        const focused = old.contains(document.activeElement) && document.activeElement.getAttribute("href");
        old.replaceWith(next);
        if (focused) next.querySelector('a[href="' + CSS.escape(focused) + '"]')?.focus({ preventScroll: true });
        dress(next);
      }
    } catch {}
  }, LIST_MS);

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

  // Screen readers hear of a new headline at once, and of anything else at most every half minute: work in progress must not drown what people say.
  const QUIET_MS = 30000;
  let saidAt = 0;
  let unsaid = 0;
  let saying = 0;
  function announce(text) {
    clearTimeout(saying);
    unsaid = 0;
    saidAt = Date.now();
    if (say) say.textContent = text;
  }
  function announceEntries(count) {
    unsaid += count;
    if (unsaid === 0) return;
    clearTimeout(saying);
    saying = setTimeout(() => announce(unsaid === 1 ? "1 new entry in the timeline" : unsaid + " new entries in the timeline"), Math.max(1000, saidAt + QUIET_MS - Date.now()));
  }

  let seq = Number(page.dataset.seq) || 0;
  const shown = {};

  function take(news) {
    if (news.seq <= seq) return;
    seq = news.seq;
    page.dataset.seq = String(seq);
    let added = 0;
    still(() => {
      for (const entry of news.entries) if (insert(entry)) added += 1;
      unseen += added;
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
      if (document.title !== title) { document.title = title; announce(news.title); added = 0; }
    }
    announceEntries(added);
    dispatchEvent(new Event("midwatch:drawn"));
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
        // Trying again does not help whose session is over, and only later where too many pages are open.
        fetch(page.dataset.events, { method: "HEAD", cache: "no-store" }).then((answer) => {
          if (answer.status === 503) state("wait", "too many live pages: waiting");
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
