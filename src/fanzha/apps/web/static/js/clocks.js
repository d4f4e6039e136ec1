// Clocks count where they stand, by the house's clock: down, amber in the last fifth of their time, red when late; up, what is gone.
"use strict";
(() => {
  const { say } = window.fanzha;
  const HOURS = 100;
  const told = (seconds) => {
    const whole = Math.abs(seconds);
    const hours = Math.floor(whole / 3600);
    const two = (number) => String(number).padStart(2, "0");
    const shown = hours >= HOURS ? say("days_left", { n: Math.floor(hours / 24) }) : `${hours}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
    return seconds < 0 ? say("late", { time: shown }) : shown;
  };
  const tick = () => {
    const now = window.fanzha.now();
    for (const clock of document.querySelectorAll("time[data-from]")) clock.textContent = told(Math.max(0, Math.round((now - Date.parse(clock.dateTime)) / 1000)));
    for (const clock of document.querySelectorAll("time[data-until]")) {
      const until = Date.parse(clock.dateTime);
      const since = Date.parse(clock.dataset.since || "");
      clock.textContent = told(Math.round((until - now) / 1000));
      clock.dataset.urgency = now >= until ? "late" : (until - now) * 5 <= until - since ? "soon" : "runs";
    }
  };
  tick();
  setInterval(tick, 1000);
  window.fanzha.tick = tick;
  // One deliberate key presses the button that prints it.
  for (const button of document.querySelectorAll("[data-press]")) {
    window.fanzha.keys[button.dataset.press] ??= () => (document.querySelector(`[data-row].here [data-press="${button.dataset.press}"]`) || (document.querySelectorAll(`[data-press="${button.dataset.press}"]`).length === 1 ? button : null))?.click();
  }
})();
