// Sentences the scripts show, in the page's language, and the small things every script needs.
"use strict";
window.fanzha = (() => {
  const words = JSON.parse(document.getElementById("words")?.textContent || "{}");
  const csrf = document.querySelector('meta[name="csrf"]')?.content || "";
  const say = (key, fields = {}) => (words[key] || key).replace(/\{(\w+)\}/g, (_, name) => fields[name] ?? "");
  const count = (number) => Number(number).toLocaleString("en-US");
  // The house's clock, which an exercise may have moved and made faster: read from the page, again whenever it is asked anew.
  let reading;
  const follow = (clock) => { reading = { house: Date.parse(clock?.dateTime || new Date().toISOString()), speed: Number(clock?.dataset.speed || 1), at: performance.now() }; };
  follow(document.getElementById("clock"));
  const now = () => reading.house + (performance.now() - reading.at) * reading.speed;
  let fading;
  const toast = (sentence) => {
    document.querySelector(".toast")?.remove();
    const shown = Object.assign(document.createElement("p"), { className: "toast", textContent: sentence });
    shown.setAttribute("role", "status");
    (document.querySelector("dialog[open]") || document.body).append(shown);
    clearTimeout(fading);
    fading = setTimeout(() => shown.remove(), 6000);
  };
  // Every unsafe request carries the session's token; a refusal becomes a sentence.
  const ask = async (path, { method = "POST", body, headers = {} } = {}) => {
    const answer = await fetch(path, { method, body, headers: { "X-CSRF": csrf, Accept: "application/json", ...headers } });
    if (answer.status === 401) location.assign("/login");
    const told = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new Error(told.message || say("failed"));
    return told;
  };
  document.addEventListener("htmx:config:request", (event) => {
    if (event.detail.ctx.request.method !== "GET") event.detail.ctx.request.headers["X-CSRF"] = csrf;
  });
  document.addEventListener("htmx:error", () => toast(say("failed")));
  return { say, count, toast, ask, csrf, now, follow };
})();
