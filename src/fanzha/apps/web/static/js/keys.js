// The keyboard: / search, g then a letter, j k move, x choose, Enter open, r reveal, n p pages, 1–9 tabs, . actions, ? help.
"use strict";
(() => {
  let leading = 0;
  const rows = () => [...document.querySelectorAll("[data-row]")].filter((row) => row.offsetParent);
  const here = () => document.querySelector("[data-row].here");
  const stand = (row) => {
    here()?.classList.remove("here");
    row.classList.add("here");
    (row.querySelector("a.row-link") || row.querySelector("a, button, select"))?.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  };
  const move = (step) => {
    const all = rows();
    if (!all.length) return;
    const at = all.indexOf(here());
    stand(all[Math.min(all.length - 1, Math.max(0, at < 0 ? 0 : at + step))]);
  };
  const go = { h: "/", d: "/incidents", c: "/cases", o: "/orders", t: "/clocks", q: "/sign", b: "/objections", v: "/delegations", s: "/search", i: "/institutions", f: "/figures" };
  // What each key does; a page with more to do adds its own.
  const act = window.fanzha.keys = {
    "/": () => {
      const field = document.getElementById("finder");
      if (field?.offsetParent) field.focus();
      else location.assign("/search");
    },
    j: () => move(1),
    k: () => move(-1),
    ArrowDown: () => here() && move(1),
    ArrowUp: () => here() && move(-1),
    Enter: () => here()?.querySelector("a.row-link, a")?.click(),
    x: () => here()?.querySelector("[data-choose]")?.click(),
    r: () => (here() || document).querySelector("[data-reveal]")?.click(),
    n: () => document.querySelector('a[rel="next"]')?.click(),
    p: () => document.querySelector('a[rel="prev"]')?.click(),
    ".": () => (document.querySelector("#chosen:not([hidden]) .button:not([hidden])") || document.querySelector("#content .actions .button, #content .table-tools .button"))?.focus(),
    "?": () => document.getElementById("help").showModal(),
    g: () => { leading = Date.now(); },
  };
  // Who left a field by Esc stands nowhere: where there is one such form only, it is meant.
  const alone = (target) => {
    const forms = target === document.body && !document.querySelector("dialog[open]") ? document.querySelectorAll("form[data-quick-send]") : [];
    return forms.length === 1 ? forms[0] : null;
  };
  const typing = (target) => target.matches("input:not([type=checkbox], [type=radio], [type=range]), textarea, select, [contenteditable]");
  document.addEventListener("keydown", (event) => {
    // One deliberate press sends a form whose button prints it.
    const send = (event.ctrlKey || event.metaKey) && event.key === "Enter";
    const form = send && (event.target.closest?.("form[data-quick-send]") ?? alone(event.target));
    if (form) { event.preventDefault(); form.requestSubmit(form.querySelector("button.primary")); return; }
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (typing(event.target)) { if (event.key === "Escape") event.target.blur(); return; }
    if (document.querySelector("dialog[open]")) return;
    if (Date.now() - leading < 1500 && go[event.key]) { event.preventDefault(); location.assign(go[event.key]); return; }
    if (/^[1-9]$/.test(event.key)) { document.querySelector(`[data-tab="${event.key}"], [data-take="${event.key}"]`)?.click(); return; }
    // A focused link or button keeps its own Enter and space.
    if ((event.key === "Enter" || event.key === " ") && event.target.matches("a, button, summary, input:not([type=range])")) return;
    if (act[event.key]) {
      if (!["Enter", "ArrowDown", "ArrowUp"].includes(event.key) || here()) event.preventDefault();
      act[event.key]();
    }
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-help]")) document.getElementById("help").showModal();
    const open = document.querySelector("details.menu[open]");
    if (open && !open.contains(event.target)) open.open = false;
  });
})();
