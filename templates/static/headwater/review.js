/* The review queue by keyboard: j and k move, o opens, m, a and l decide, u takes back. What a key does, a button
   or link of the page with that data-key does too; in the list it is that of the pair that has the focus. */
(() => {
  "use strict";

  const rows = () => [...document.querySelectorAll("[data-review]")];
  let goes = 0; // until then a key belongs to `g`, which headwater.js reads

  function chosen() {
    return document.activeElement?.closest("[data-review]") ?? null;
  }

  function move(step) {
    const all = rows();
    if (!all.length) return false;
    const now = all.indexOf(chosen());
    const next = now < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(now + step, 0), all.length - 1);
    const link = all[next].querySelector("[data-key=o]");
    link.focus();
    link.scrollIntoView({ block: "nearest" });
    return true;
  }

  function press(key) {
    const place = rows().length && key !== "u" ? chosen() : document;
    const target = place?.querySelector(`[data-key="${CSS.escape(key)}"]`);
    target?.click();
    return Boolean(target);
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (event.target.closest("input, textarea, select, [contenteditable]") || document.querySelector("dialog[open]")) return;
    if (event.key === "g") {
      goes = event.timeStamp + 1200;
      return;
    }
    if (event.timeStamp < goes) {
      goes = 0;
      return;
    }
    const moves = { j: 1, k: -1 };
    const done = event.key in moves && rows().length ? move(moves[event.key]) : "jkomalu".includes(event.key) && event.key.length === 1 && press(event.key);
    if (done) event.preventDefault();
  });

  // A decision is sent once, however often a key is pressed.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "1";
  });
})();
