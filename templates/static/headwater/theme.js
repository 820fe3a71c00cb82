/* The theme that the viewer chose in the admin, before the first paint of pages that stand alone. */
(() => {
  "use strict";
  const chosen = (localStorage.getItem("adminTheme") || "auto").replaceAll('"', "");
  const dark = chosen === "dark" || (chosen === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.classList.toggle("dark", dark);
})();
