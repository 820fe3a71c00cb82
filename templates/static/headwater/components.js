/* What the theme says to its Alpine.js by evaluating, said to the build that evaluates nothing (docs/adr/0143).
   tests/cdp_site/permissions/test_alpine.py notices when the theme says it otherwise. */
document.addEventListener("alpine:init", () => {
  "use strict";
  const { Alpine, theme, searchCommand } = window;
  const KEPT = "sidebarDesktopOpen"; // as the theme names it in the browser

  Alpine.data("theme", theme);
  Alpine.data("searchCommand", searchCommand);
  Alpine.data("sidebar", () => ({
    sidebarMobileOpen: false,
    sidebarDesktopOpen: (localStorage.getItem(KEPT) ?? "1") === "1",
    init() {
      this.$watch(KEPT, (open) => localStorage.setItem(KEPT, open ? "1" : "0"));
    },
  }));

  document.body.setAttribute("x-data", "sidebar");
  document.body.removeAttribute("x-init");

  const enter = document.getElementById("search-input-command")?.getAttributeNode("x-on:keydown.enter.prevent");
  if (enter) enter.value = enter.value.replace(/^if (\(.*?\)) /, "$1 && ");
});
