/** Zoom of the time axis, and the search in the timeline. The axis is drawn in percent, so a wider one needs no new drawing. */
export const axisScript = String.raw`
(() => {
  const MOST = 64;
  let zoom = 1;
  let left = 0;
  const axis = () => document.querySelector(".axis");
  const room = (box) => {
    const name = box.querySelector(".lane-name").offsetWidth;
    return { name, seen: box.clientWidth - name, whole: box.firstElementChild.offsetWidth - name };
  };
  function apply(box) {
    box.style.setProperty("--zoom", zoom);
    if (zoom >= 4) box.dataset.level = zoom >= 16 ? "2" : "1";
    else delete box.dataset.level;
  }
  // share: the part of the whole time that is to be in the middle.
  function zoomTo(next, share) {
    const box = axis();
    if (!box) return;
    const { seen, whole } = room(box);
    const middle = share === undefined ? (box.scrollLeft + seen / 2) / whole : share;
    zoom = Math.min(MOST, Math.max(1, next));
    apply(box);
    const after = room(box);
    box.scrollLeft = middle * after.whole - after.seen / 2;
    left = box.scrollLeft;
  }
  function zoomToOnset() {
    const box = axis();
    if (!box) return;
    const { from, to, onset } = box.dataset;
    const span = to - from;
    // Ten minutes to each side.
    zoomTo(onset ? Math.max(2, span / 12e5) : 4, onset ? (onset - from) / span : undefined);
  }
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-zoom]");
    if (!button) return;
    const how = button.dataset.zoom;
    if (how === "onset") zoomToOnset();
    else zoomTo(how === "in" ? zoom * 2 : how === "out" ? zoom / 2 : 1);
  });
  document.addEventListener("wheel", (event) => {
    const box = event.target.closest && event.target.closest(".axis");
    if (!box || !event.ctrlKey) return;
    event.preventDefault();
    const { name, whole } = room(box);
    zoomTo(zoom * (event.deltaY < 0 ? 1.25 : 0.8), (box.scrollLeft + event.clientX - box.getBoundingClientRect().left - name) / whole);
  }, { passive: false });
  document.addEventListener("scroll", (event) => { if (event.target === axis()) left = event.target.scrollLeft; }, true);
  // Drawn again by the server: as it was.
  addEventListener("midwatch:drawn", () => {
    const box = axis();
    if (box && zoom > 1) { apply(box); box.scrollLeft = left; }
    search();
  });

  const find = document.getElementById("find");
  const texts = new WeakMap();
  const textOf = (entry) => {
    if (!texts.has(entry)) texts.set(entry, entry.textContent.toLowerCase());
    return texts.get(entry);
  };
  function search() {
    if (!find) return;
    const wanted = find.value.trim().toLowerCase();
    const gone = new Set();
    for (const entry of document.querySelectorAll("#entries > .entry")) {
      const isGone = wanted !== "" && !textOf(entry).includes(wanted);
      if (isGone) gone.add("#" + entry.id);
      if (entry.classList.contains("unfound") !== isGone) entry.classList.toggle("unfound", isGone);
    }
    for (const mark of document.querySelectorAll(".axis .mark")) {
      const isGone = gone.has(mark.getAttribute("href"));
      if (mark.classList.contains("unfound") !== isGone) mark.classList.toggle("unfound", isGone);
    }
  }
  if (find) find.addEventListener("input", search);
})();
`;
