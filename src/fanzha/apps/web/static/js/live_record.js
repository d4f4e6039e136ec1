// A record that stays true while it is looked at: parts that changed are put in place, never under a hand that works there.
"use strict";
(() => {
  const EVERY_MS = 5000;
  const newer = document.getElementById("newer");
  const parts = () => [...document.querySelectorAll("[data-part]")];
  // Clocks tell another second each time; that alone is no news.
  const news = (part) => { const copy = part.cloneNode(true); copy.querySelectorAll("time").forEach((each) => { each.textContent = ""; each.removeAttribute("data-urgency"); }); return copy.innerHTML; };
  const known = new Map(parts().map((each) => [each.dataset.part, news(each)]));
  const busy = (part) => part.matches(":hover") || part.contains(document.activeElement) || part.querySelector("details[open]") || part.querySelector(".here");
  let waiting = new Map();
  const place = (part, fresh) => {
    const before = new Set([...part.querySelectorAll("[data-value]")].map((each) => each.textContent));
    part.innerHTML = fresh.innerHTML;
    known.set(part.dataset.part, news(part));
    waiting.delete(part.dataset.part);
    for (const each of part.querySelectorAll("[data-value]")) if (!before.has(each.textContent)) each.classList.add("glow");
  };
  const settle = (whether) => {
    for (const part of parts()) {
      const fresh = waiting.get(part.dataset.part);
      if (fresh && (whether === "all" || !busy(part))) place(part, fresh);
    }
    newer.hidden = !waiting.size;
  };
  const look = async () => {
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      if (answer.redirected && !answer.url.startsWith(location.href.split("?")[0])) { location.assign(answer.url); return; }
      if (answer.ok) {
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        waiting = new Map([...page.querySelectorAll("[data-part]")].filter((each) => known.get(each.dataset.part) !== news(each)).map((each) => [each.dataset.part, each]));
        settle();
      }
    } catch { /* the line is lost: the bar above says so, the next look catches up */ }
    setTimeout(look, EVERY_MS);
  };
  newer.addEventListener("click", () => settle("all"));
  document.addEventListener("mouseout", () => waiting.size && settle());
  setTimeout(look, EVERY_MS);
})();
