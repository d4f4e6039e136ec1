// A page that stays true while it is looked at: parts that changed are put in place, never under a hand that works there.
// Of a part where somebody works only the cells of rows that stand there are renewed: nothing moves.
"use strict";
(() => {
  const { follow } = window.fanzha;
  const EVERY_MS = 3000;
  // A record may stand under the address of an act that could not be done.
  const here = document.querySelector("[data-live]")?.dataset.live || location.href;
  const newer = document.getElementById("newer");
  const parts = () => [...document.querySelectorAll("[data-part]")];
  // Clocks tell another second each time; that alone is no news, nor is the row that somebody stands on.
  const news = (part) => {
    const copy = part.cloneNode(true);
    copy.querySelectorAll("time").forEach((each) => { each.textContent = ""; each.removeAttribute("data-urgency"); });
    copy.querySelectorAll(".here, .glow").forEach((each) => { each.classList.remove("here", "glow"); if (!each.className) each.removeAttribute("class"); });
    return copy.innerHTML;
  };
  const known = new Map(parts().map((each) => [each.dataset.part, news(each)]));
  const busy = (part) => part.matches(":hover") || part.contains(document.activeElement) || part.querySelector("details[open]") || part.querySelector(".here");
  let waiting = new Map();
  const where = (part) => {
    const focused = part.contains(document.activeElement) ? document.activeElement : null;
    const same = focused && (focused.getAttribute("href") ? `[href="${CSS.escape(focused.getAttribute("href"))}"]` : focused.id ? `#${CSS.escape(focused.id)}` : "");
    return { same, row: part.querySelector(".here a")?.getAttribute("href"), open: [...part.querySelectorAll("details[open]")].map((each) => [...part.querySelectorAll("details")].indexOf(each)) };
  };
  const place = (part, fresh) => {
    const before = new Set([...part.querySelectorAll("[data-value]")].map((each) => each.textContent));
    const stood = where(part);
    part.innerHTML = fresh.innerHTML;
    window.htmx?.process(part);
    known.set(part.dataset.part, news(part));
    waiting.delete(part.dataset.part);
    for (const at of stood.open) part.querySelectorAll("details")[at]?.setAttribute("open", "");
    if (stood.row) part.querySelector(`[data-row]:has([href="${CSS.escape(stood.row)}"])`)?.classList.add("here");
    if (stood.same) part.querySelector(stood.same)?.focus({ preventScroll: true });
    for (const each of part.querySelectorAll("[data-value]")) if (!before.has(each.textContent)) each.classList.add("glow");
  };
  const key = (row) => row.querySelector("a")?.getAttribute("href");
  const renew = (part, fresh) => {
    const rows = new Map([...fresh.querySelectorAll("tr[data-row]")].map((each) => [key(each), each]));
    for (const row of part.querySelectorAll("tr[data-row]")) {
      const other = rows.get(key(row));
      [...row.cells].forEach((cell, at) => {
        const now = other?.cells[at];
        if (!now || news(now) === news(cell) || cell.contains(document.activeElement)) return;
        cell.innerHTML = now.innerHTML;
        cell.classList.add("glow");
      });
    }
    known.set(part.dataset.part, news(part));
    if (news(part) === news(fresh)) waiting.delete(part.dataset.part);
  };
  const settle = (whether) => {
    for (const part of parts()) {
      const fresh = waiting.get(part.dataset.part);
      if (!fresh) continue;
      if (whether === "all" || !busy(part)) place(part, fresh); else renew(part, fresh);
    }
    newer.hidden = !waiting.size;
    window.fanzha.tick?.();
  };
  const look = async () => {
    try {
      const answer = await fetch(here, { headers: { Accept: "text/html" } });
      if (answer.redirected && !new URL(answer.url).pathname.startsWith(new URL(here, location).pathname)) { location.assign(answer.url); return; }
      if (answer.ok) {
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const clock = page.getElementById("clock");
        if (clock) follow(clock);
        waiting = new Map([...page.querySelectorAll("[data-part]")].filter((each) => known.get(each.dataset.part) !== news(each)).map((each) => [each.dataset.part, each]));
        settle();
      }
    } catch { /* the line is lost: the bar above says so, the next look catches up */ }
    setTimeout(look, EVERY_MS);
  };
  newer.addEventListener("click", () => { const last = document.activeElement === newer; settle("all"); if (last) document.getElementById("content").focus({ preventScroll: true }); });
  document.addEventListener("mouseout", () => waiting.size && settle());
  setTimeout(look, EVERY_MS);
})();
