/* What the screens do in the browser: moments in the viewer's zone, copying, keys, pausing, pointers over charts. */
(() => {
  "use strict";

  const dateTime = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
  const timeOfDay = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
  const hour = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const dayAndHour = new Intl.DateTimeFormat(undefined, { weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const steps = [[60, 1, "second"], [3600, 60, "minute"], [86400, 3600, "hour"], [5184000, 86400, "day"], [63115200, 2630016, "month"], [Infinity, 31557600, "year"]];

  /* Moments */

  function relative(moment) {
    const age = (Date.now() - moment.getTime()) / 1000;
    const seconds = Math.abs(age);
    if (seconds < 5) return "just now";
    const [, size, unit] = steps.find(([limit]) => seconds < limit);
    const count = Math.floor(seconds / size);
    const text = `${count} ${unit}${count === 1 ? "" : "s"}`;
    return age < 0 ? `in ${text}` : `${text} ago`;
  }

  function exact(moment) {
    const [year, month, day] = [moment.getFullYear(), moment.getMonth() + 1, moment.getDate()];
    const date = [year, month, day].map((part) => String(part).padStart(2, "0")).join("-");
    return `${date} ${timeOfDay.format(moment)}.${String(moment.getMilliseconds()).padStart(3, "0")}`;
  }

  function say(element, text) {
    if (element.textContent !== text) element.textContent = text;
  }

  function tellTimes(root) {
    for (const element of root.querySelectorAll("time[datetime]")) {
      const moment = new Date(element.dateTime);
      if (Number.isNaN(moment.getTime())) continue;
      if (element.title || "relative" in element.dataset || "clock" in element.dataset) element.title = dateTime.format(moment);
      if ("relative" in element.dataset) say(element, relative(moment));
      else if ("clock" in element.dataset) say(element, timeOfDay.format(moment));
      else if ("hour" in element.dataset) say(element, hour.format(moment));
      else if ("exact" in element.dataset) {
        say(element, exact(moment));
      }
    }
  }

  /* Copying */

  async function copy(button) {
    const source = document.getElementById(button.dataset.copy);
    const label = button.querySelector("[data-copy-text]");
    try {
      await navigator.clipboard.writeText(source.dataset.value ?? source.textContent);
      say(label, "Copied");
    } catch {
      const range = document.createRange();
      range.selectNodeContents(source);
      getSelection().removeAllRanges();
      getSelection().addRange(range);
      say(label, "Press Ctrl+C");
    }
    setTimeout(() => say(label, "Copy"), 2000);
  }

  function reveal(button) {
    const target = document.getElementById(button.dataset.reveal);
    const shown = button.getAttribute("aria-pressed") === "true";
    target.textContent = shown ? target.dataset.hidden : target.dataset.value;
    button.setAttribute("aria-pressed", String(!shown));
    say(button, shown ? "Show" : "Hide");
  }

  /* Pausing what is live */

  let paused = false;

  function pause(button) {
    paused = !paused;
    button.setAttribute("aria-pressed", String(paused));
    say(button.querySelector("[data-pause-text]"), paused ? "Paused" : "Live");
    document.dispatchEvent(new CustomEvent("headwater:pause", { detail: paused }));
  }

  let restsUntil = 0; // when a list that grows may be asked for again

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (!event.target.matches("[data-live]")) return;
    const rests = "grows" in event.target.dataset && Date.now() < restsUntil;
    if (paused || document.hidden || rests) event.preventDefault();
  });

  /* A list that grows at its top: it waits while the pointer or the focus is in it, so that nothing moves away. */

  const PAUSE_S = 5; // after an answer that does not say how long
  const held = [];

  function isHeld(list) {
    return list.matches(":hover") || list.contains(document.activeElement) || window.scrollY > 200;
  }

  function tellHeld(list) {
    const button = document.querySelector(`[data-held-by="${list.id}"]`);
    const rows = held.flat().filter((row) => row.dataset.key).length;
    button.hidden = rows === 0;
    say(button, rows === 1 ? "1 new event" : `${rows} new events`);
  }

  function letIn(list) {
    for (const batch of held.splice(0)) list.prepend(...batch);
    for (const row of [...list.children].slice(Number(list.dataset.keep || 200))) row.remove();
    tellHeld(list);
    list.dispatchEvent(new CustomEvent("headwater:grown", { bubbles: true }));
    tellTimes(list);
    window.htmx.process(list);
  }

  /* What no hand asked for does not keep a session from running out. */

  document.addEventListener("htmx:configRequest", (event) => {
    if (!event.detail.triggeringEvent?.isTrusted) event.detail.headers["X-Unattended"] = "1";
  });

  document.addEventListener("htmx:configRequest", (event) => {
    const list = document.getElementById(event.target.dataset.grows || "");
    if (!list) return;
    event.detail.parameters.after = list.dataset.after;
  });

  document.addEventListener("htmx:beforeSwap", (event) => {
    const list = document.getElementById(event.target.dataset.grows || "");
    if (!list) return;
    event.detail.shouldSwap = false;
    const pause = Number(event.detail.xhr.getResponseHeader("Retry-After")) || PAUSE_S;
    restsUntil = Date.now() + pause * 1000 - 500; // it is asked for at whole seconds, more or less
    if (event.detail.xhr.status !== 200) return;
    const template = document.createElement("template");
    template.innerHTML = event.detail.serverResponse;
    const [look] = template.content.children;
    list.dataset.after = look.dataset.after;
    const rows = [...look.children];
    if (!rows.length) return;
    held.push(rows);
    if (isHeld(list)) tellHeld(list);
    else letIn(list);
  });

  /* The pointer over a chart */

  let tip = null;

  function showTip(target, event) {
    tip ??= document.body.appendChild(Object.assign(document.createElement("div"), { className: "hw-tip" }));
    const head = Object.assign(document.createElement("b"), { textContent: dayAndHour.format(new Date(target.dataset.tipAt)) });
    const lines = target.dataset.tip.split("\n").map((line) => {
      const row = document.createElement("span");
      for (const text of line.split("\t")) row.append(Object.assign(document.createElement("em"), { textContent: text }));
      return row;
    });
    tip.replaceChildren(head, ...lines);
    tip.classList.add("hw-tip-on");
    const left = Math.min(event.clientX + 14, innerWidth - tip.offsetWidth - 8);
    tip.style.left = `${left}px`;
    tip.style.top = `${Math.max(8, event.clientY - tip.offsetHeight - 12)}px`;
  }

  document.addEventListener("pointermove", (event) => {
    const target = event.target instanceof Element ? event.target.closest("[data-tip]") : null;
    if (target) showTip(target, event);
    else tip?.classList.remove("hw-tip-on");
  });

  /* A link within a drawing opens by htmx, which keeps the browser from following links of HTML only */

  document.addEventListener("click", (event) => {
    if (event.target instanceof SVGElement && event.target.closest("a[hx-get]")) event.preventDefault();
  });

  /* A drawer at the side */

  let openedFrom = null;

  function closeDrawer(id) {
    const drawer = document.getElementById(id);
    drawer.hidden = true;
    drawer.replaceChildren();
    openedFrom?.focus({ preventScroll: true });
  }

  document.addEventListener("htmx:afterSwap", (event) => {
    const drawer = event.detail.target;
    if (!drawer.matches(".hw-drawer")) return; // a part of it is renewed: whoever reads goes on reading
    openedFrom = event.detail.requestConfig.elt;
    drawer.hidden = false;
    drawer.focus();
  });

  document.addEventListener("keydown", (event) => {
    const drawer = document.querySelector(".hw-drawer:not([hidden])");
    if (event.key === "Escape" && drawer) closeDrawer(drawer.id);
  });

  /* Keys */

  function isTyping(target) {
    return target.closest("input, textarea, select, [contenteditable]") !== null;
  }

  function visible(selector) {
    return [...document.querySelectorAll(selector)].find((element) => element.offsetParent !== null);
  }

  let goes = false;

  function onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (goes) {
      goes = false;
      document.querySelector(`[data-go="${CSS.escape(event.key)}"]`)?.click();
      return;
    }
    const actions = {
      "/": () => visible("[data-search]")?.focus(),
      "?": () => document.getElementById("hw-keys")?.showModal(),
      p: () => visible("[data-pause]")?.click(),
      g: () => { goes = true; setTimeout(() => { goes = false; }, 1200); },
    };
    if (Object.hasOwn(actions, event.key)) {
      event.preventDefault();
      actions[event.key]();
    }
  }

  /* Rows that people add and remove */

  let added = 10000; // above the numbers that a page comes with

  function addRow(button) {
    const list = document.getElementById(button.dataset.to);
    const row = document.createElement("template");
    row.innerHTML = document.getElementById(button.dataset.addRow).innerHTML.replaceAll("__N__", String(added++));
    const [made] = row.content.children;
    list.append(made);
    window.htmx.process(made);
    made.querySelector("input:not([type=hidden]), select").focus();
  }

  function dropRow(button) {
    const row = button.closest("[data-row]");
    const list = row.parentElement;
    (row.nextElementSibling ?? row.previousElementSibling)?.querySelector("input:not([type=hidden]), select").focus();
    row.remove();
    list.dispatchEvent(new Event("change", { bubbles: true }));
  }

  /* Tabs within a page, confirmations, files */

  function openTab(tab) {
    for (const other of tab.parentElement.querySelectorAll("[role=tab]")) {
      const chosen = other === tab;
      other.setAttribute("aria-selected", String(chosen));
      other.tabIndex = chosen ? 0 : -1;
      document.getElementById(other.getAttribute("aria-controls")).hidden = !chosen;
    }
    tab.focus({ preventScroll: true });
  }

  function moveTab(event) {
    const tab = event.target.closest("[role=tab]");
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!tab || !step) return;
    const tabs = [...tab.parentElement.querySelectorAll("[role=tab]")];
    openTab(tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length]);
  }

  document.addEventListener("click", (event) => {
    const target = event.target.closest("[data-copy], [data-reveal], [data-pause], [data-keys-open], [data-held-by], [data-dialog], [data-closes], [data-add-row], [data-drop-row], [role=tab]");
    if (!target) {
      for (const menu of document.querySelectorAll("details.hw-menu[open]")) if (!menu.contains(event.target)) menu.open = false;
      return;
    }
    if (target.dataset.copy) copy(target);
    else if (target.dataset.reveal) reveal(target);
    else if ("pause" in target.dataset) pause(target);
    else if ("keysOpen" in target.dataset) document.getElementById("hw-keys").showModal();
    else if (target.dataset.heldBy) letIn(document.getElementById(target.dataset.heldBy));
    else if (target.dataset.closes) closeDrawer(target.dataset.closes);
    else if (target.dataset.addRow) addRow(target);
    else if ("dropRow" in target.dataset) dropRow(target);
    else if (target.dataset.dialog) document.getElementById(target.dataset.dialog).showModal();
    else openTab(target);
  });

  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-auto]");
    if (form && event.target.matches("select, input[type=checkbox]")) form.requestSubmit();
    if (event.target.matches("input[type=file]")) tellFile(event.target);
    if (event.target.matches("select") && event.target.form) askFor(event.target.form);
  });

  /* Fields that are asked for only with some values of another */

  function askFor(form) {
    for (const field of form.querySelectorAll("[data-shown-if]")) {
      const other = form.elements[field.dataset.shownIf];
      field.hidden = !field.dataset.shownFor.split(" ").includes(other.value);
    }
  }

  function tellFile(input) {
    const place = document.getElementById(input.dataset.tells || "");
    const file = input.files[0];
    if (place && file) say(place, `${file.name} · ${(file.size / 1048576).toFixed(1)} MB`);
  }

  function dropZone(event) {
    const zone = event.target instanceof Element ? event.target.closest("[data-drop]") : null;
    if (!zone) return;
    event.preventDefault();
    zone.classList.toggle("hw-drop-over", event.type === "dragover");
    if (event.type !== "drop") return;
    const input = zone.querySelector("input[type=file]");
    input.files = event.dataTransfer.files;
    tellFile(input);
  }

  for (const name of ["dragover", "dragleave", "drop"]) document.addEventListener(name, dropZone);
  document.addEventListener("keydown", onKey);
  document.addEventListener("keydown", moveTab);
  document.addEventListener("htmx:load", (event) => tellTimes(event.target));
  document.addEventListener("mouseout", (event) => {
    const list = event.target.closest?.("[data-growing]");
    if (list && held.length && !isHeld(list)) letIn(list);
  });
  document.addEventListener("DOMContentLoaded", () => {
    tellTimes(document);
    // Unfold looks for a text field of its own beside each file input that is not marked as done.
    for (const input of document.querySelectorAll("input[type=file][data-tells]")) input.hasChangeListener = true;
  });
  setInterval(() => tellTimes(document), 10000);
})();
