// Rows a person chooses: by click, by shift-click from the last one, by x on the row they stand on, all at once.
"use strict";
(() => {
  const { say } = window.fanzha;
  const boxes = () => [...document.querySelectorAll("[data-choose]")];
  let last = null;
  const tell = () => {
    const bar = document.getElementById("chosen");
    const chosen = boxes().filter((box) => box.checked);
    const all = document.querySelector("[data-choose-all]");
    if (all) {
      all.checked = chosen.length > 0 && chosen.length === boxes().length;
      all.indeterminate = chosen.length > 0 && !all.checked;
    }
    for (const box of boxes()) box.closest("tr")?.classList.toggle("chosen-row", box.checked);
    if (!bar) return;
    bar.hidden = !chosen.length;
    bar.querySelector("[data-chosen-words]").textContent = say("chosen", { count: chosen.length });
    for (const button of bar.querySelectorAll("[data-needs]")) {
      const fits = chosen.filter((box) => box.dataset.choose === button.dataset.needs).length;
      button.hidden = !fits;
    }
  };
  document.addEventListener("click", (event) => {
    const box = event.target.closest("[data-choose]");
    if (box) {
      if (event.shiftKey && last?.isConnected) {
        const all = boxes();
        const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((a, b) => a - b);
        for (const each of all.slice(from, to + 1)) each.checked = box.checked;
      }
      last = box;
    }
    if (event.target.closest("[data-choose-none]")) for (const each of boxes()) each.checked = false;
    const every = event.target.closest("[data-choose-all]");
    if (every) for (const each of boxes()) each.checked = every.checked;
    tell();
  });
  document.addEventListener("htmx:after:swap", tell);
  addEventListener("pageshow", tell);
  tell();
})();
