// The clock of the picture: its slider stands on every instant at which money moved; to play it is to let it run.
"use strict";
(() => {
  const { picture } = window.fanzha;
  const { words } = picture;
  const WHOLE_MS = 12_000;
  picture.clock = (bar, changed) => {
    const slider = bar.querySelector("input");
    const shown = bar.querySelector("output");
    const play = bar.querySelector("[data-act=play]");
    let times = [];
    let running = 0;
    const instant = () => (Number(slider.value) >= times.length ? Infinity : times[Number(slider.value)] ?? Infinity);
    const told = () => {
      const at = instant();
      shown.textContent = at === Infinity ? bar.dataset.end : words.exact(at);
      slider.setAttribute("aria-valuetext", shown.textContent);
      changed(at);
    };
    const stop = () => { cancelAnimationFrame(running); running = 0; play.setAttribute("aria-pressed", "false"); };
    const run = () => {
      if (running) return stop();
      if (instant() === Infinity) slider.value = 0;
      play.setAttribute("aria-pressed", "true");
      const [from, began] = [Number(slider.value), performance.now()];
      // One instant after the other, each as long, but all of them in twelve seconds.
      const pace = Math.max(times.length / WHOLE_MS, 1 / 400);
      const next = (now) => {
        slider.value = Math.min(times.length, from + Math.floor((now - began) * pace));
        told();
        if (Number(slider.value) < times.length) running = requestAnimationFrame(next); else stop();
      };
      told();
      running = requestAnimationFrame(next);
    };
    const step = (by) => { stop(); slider.value = Number(slider.value) + by; told(); };
    slider.addEventListener("input", () => { stop(); told(); });
    play.addEventListener("click", run);
    return {
      run, step, instant,
      // The same instant among other times; without one, the end.
      set: (all, at = Infinity) => {
        times = all;
        slider.max = times.length;
        const place = times.findIndex((each) => each >= at);
        slider.value = place < 0 ? times.length : place;
        bar.hidden = !times.length;
        told();
      },
    };
  };
})();
