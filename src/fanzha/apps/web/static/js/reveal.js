// The eye: asks the purpose once in five minutes, shows clear values for one minute, never keeps them.
"use strict";
(() => {
  const { ask, say, toast } = window.fanzha;
  const SHOWN_MS = 60_000;
  const PURPOSE_MS = 5 * 60_000;
  const MOST = 200;
  const dialog = document.getElementById("purpose");
  const known = () => {
    const kept = JSON.parse(sessionStorage.getItem("purpose") || "null");
    return kept && Date.now() - kept.at < PURPOSE_MS ? kept.code : "";
  };
  const purpose = () => new Promise((decided) => {
    if (known()) return decided(known());
    dialog.returnValue = "";
    dialog.addEventListener("close", () => {
      const code = dialog.returnValue === "go" ? new FormData(dialog.querySelector("form")).get("purpose") : "";
      if (code) sessionStorage.setItem("purpose", JSON.stringify({ code, at: Date.now() }));
      decided(code);
    }, { once: true });
    dialog.showModal();
  });
  const hide = (cell) => { cell.textContent = cell.dataset.mask; cell.classList.remove("shown"); };
  const show = (cell, clear) => {
    cell.dataset.mask ??= cell.textContent;
    cell.textContent = clear;
    cell.classList.add("shown");
    setTimeout(() => hide(cell), SHOWN_MS);
  };
  const reveal = async (cells) => {
    const asked = cells.filter((cell) => !cell.classList.contains("shown")).slice(0, MOST);
    const shown = cells.filter((cell) => cell.classList.contains("shown"));
    if (!asked.length) return shown.forEach(hide);
    const code = await purpose();
    if (!code) return;
    const about = asked[0].closest("[data-case], [data-reveals]").dataset;
    try {
      const body = JSON.stringify({ asked: [...new Set(asked.map((cell) => cell.dataset.ref))], purpose: code });
      const clear = await ask(about.reveals || `/cases/${about.case}/reveal`, { body, headers: { "Content-Type": "application/json" } });
      for (const cell of asked) if (clear[cell.dataset.ref] !== undefined) show(cell, clear[cell.dataset.ref]);
      toast(say("revealed"));
    } catch (trouble) { toast(trouble.message); }
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-reveal]");
    if (!button) return;
    event.preventDefault();
    const within = button.dataset.reveal === "page" ? button.closest("dialog") || document.getElementById("content") : button.closest(".sealed");
    reveal([...within.querySelectorAll("[data-ref]")]);
  });
  // Nothing clear stays when the person turns away.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) document.querySelectorAll(".masked.shown").forEach(hide);
  });
})();
