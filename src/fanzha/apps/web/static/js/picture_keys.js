// Keys of the picture: those that only mean something while one stands on it, and those that act from anywhere on its page.
"use strict";
(() => {
  const { keys, picture } = window.fanzha;
  const stage = document.querySelector("#picture [data-stage]");
  const ACTS = { "+": "nearer", "=": "nearer", "-": "farther", 0: "fit", " ": "play", "[": "earlier", "]": "later", m: "method", t: "table", f: "large", h: "hide", H: "show", e: "merge", u: "unpin", o: "open", i: "note" };
  for (const [key, name] of Object.entries(ACTS)) keys[key] = () => picture.act(name);
  const standing = { ArrowRight: 1, ArrowLeft: 1, ArrowUp: 1, ArrowDown: 1 };
  stage.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const name = { Enter: "enter", x: "select", Escape: "close" }[event.key];
    if (!name && !standing[event.key]) return;
    event.preventDefault();
    event.stopPropagation();
    if (name) picture.act(name); else picture.step(event.key);
  });
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.key !== "Enter" || event.isComposing || !event.target.matches("#picture [name=note]")) return;
    event.preventDefault();
    event.target.form.querySelector("button").click();
  });
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.target.matches("input, textarea, select")) return;
    const name = { z: event.shiftKey ? "redo" : "undo", Z: "redo", y: "redo" }[event.key];
    if (name) { event.preventDefault(); picture.act(name); }
  });
})();
