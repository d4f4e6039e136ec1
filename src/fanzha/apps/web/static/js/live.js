// One event stream a browser: the tab that holds the lock listens and tells the others. Lost lines are said.
"use strict";
(() => {
  const { say, count } = window.fanzha;
  const others = "BroadcastChannel" in window ? new BroadcastChannel("fanzha") : null;
  const lost = document.getElementById("lost");
  let since = null;
  const clock = (at) => at.toLocaleTimeString("en-GB", { timeZone: "Asia/Shanghai" });
  const line = (alive) => {
    if (alive) { since = null; lost.hidden = true; return; }
    since ??= new Date(window.fanzha.now?.() ?? Date.now()); // by the house's clock, which stands beside it
    lost.hidden = false;
    lost.querySelector("span").textContent = say("lost", { since: clock(since) });
  };
  const draw = (holder, each) => {
    let part = holder.querySelector(`[data-import="${CSS.escape(each.id)}"]`);
    if (!part) {
      part = document.createElement("div");
      part.className = "progress glow";
      part.dataset.import = each.id;
      part.innerHTML = '<p><a></a> <span class="quiet mono"></span></p><progress></progress><p class="progress-words"><span data-stage></span> <span class="tabular" data-amount></span> <span class="tabular" data-rows></span> <span class="tabular quiet" data-elapsed></span></p>';
      part.querySelector("a").href = `/cases/${each.case}`;
      part.querySelector("a").textContent = each.title;
      part.querySelector(".mono").textContent = each.case;
      part.querySelector("progress").setAttribute("aria-label", each.title);
      holder.append(part);
    }
    part.dataset.state = each.state;
    const bar = part.querySelector("progress");
    if (each.whole) { bar.max = each.whole; bar.value = each.done; } else bar.removeAttribute("value");
    const words = (name, sentence) => { part.querySelector(`[data-${name}]`).textContent = sentence; };
    const file = each.files > 1 && each.file ? say("file_of", { file: each.file, files: each.files }) : "";
    words("stage", [say(each.state === "running" ? `stage_${each.stage}` : `state_${each.state}`), file, each.sheet].filter(Boolean).join(" "));
    words("amount", each.whole ? say("bytes_of", { done: size(each.done), whole: size(each.whole), share: `${Math.floor(100 * each.done / each.whole)} %` }) : "");
    words("rows", each.rows ? say("rows", { rows: count(each.rows) }) : "");
    if (each.since) part.dataset.since = each.since;
    elapse();
  };
  const size = (bytes) => (bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`);
  // By the server's clock: the page's own may be wrong, or another than the house's.
  const elapse = () => {
    for (const part of document.querySelectorAll(".progress[data-since]")) {
      const seconds = Math.max(0, Math.round((window.fanzha.now() - Date.parse(part.dataset.since)) / 1000));
      const shown = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
      part.querySelector("[data-elapsed]").textContent = say("elapsed", { time: shown });
    }
  };
  elapse();
  setInterval(elapse, 1000);
  const ended = new Set();
  const told = (imports) => {
    const moving = imports.filter((each) => each.state === "running" || each.state === "waiting");
    const mark = document.getElementById("running");
    mark.hidden = !moving.length;
    mark.textContent = say("running", { count: moving.length });
    const holder = document.getElementById("progress");
    if (!holder) return;
    const ours = imports.filter((each) => !holder.dataset.progress || each.case === holder.dataset.progress);
    ours.filter((each) => moving.includes(each)).forEach((each) => draw(holder, each));
    document.getElementById("moving").hidden = !holder.children.length;
    const done = [...holder.children].filter((part) => !moving.some((each) => each.id === part.dataset.import));
    // The page is asked again only when nobody is typing on it.
    if (done.length && !ended.size && !document.querySelector("dialog[open]") && !document.activeElement?.matches("input, textarea")) {
      ended.add(done[0].dataset.import);
      location.reload();
    }
  };
  const hear = (message) => {
    if (message.kind === "imports") told(message.imports);
    if (message.kind === "line") line(message.alive);
    if (message.kind === "ended") location.assign("/login");
  };
  const tell = (message) => { hear(message); others?.postMessage(message); };
  if (others) others.onmessage = (event) => hear(event.data);
  const listen = () => new Promise((released) => {
    const stream = new EventSource("/events");
    stream.addEventListener("open", () => tell({ kind: "line", alive: true }));
    stream.addEventListener("imports", (event) => tell({ kind: "imports", imports: JSON.parse(event.data) }));
    stream.addEventListener("ended", () => { stream.close(); tell({ kind: "ended" }); });
    stream.addEventListener("error", () => {
      // The server ends a stream on purpose now and then; only a line that stays away is lost.
      setTimeout(() => { if (stream.readyState !== EventSource.OPEN) tell({ kind: "line", alive: false }); }, 4000);
      if (stream.readyState === EventSource.CLOSED) { setTimeout(() => { stream.close(); released(); }, 3000); }
    });
    addEventListener("pagehide", () => { stream.close(); released(); }, { once: true });
  });
  const hold = () => navigator.locks ? navigator.locks.request("fanzha-events", listen) : listen();
  const forever = () => hold().then(() => { if (!document.hidden || document.visibilityState) forever(); });
  forever();
  addEventListener("offline", () => line(false));
})();
