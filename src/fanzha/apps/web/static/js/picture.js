// The page of the picture: fetches it once, keeps what is looked at and how, and lets paper, panel, table and clock follow.
"use strict";
(() => {
  const { ask, say, count, toast, picture } = window.fanzha;
  const { words } = picture;
  const root = document.getElementById("picture");
  const VIEW = ["shown", "at", "node"];
  const find = (selector) => root.querySelector(selector);
  const paper = find("canvas");
  const stage = find("[data-stage]");
  const panel = picture.panel(find("aside"));
  const told = find("[data-told]");
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const params = new URLSearchParams(location.search);
  const state = { data: null, scene: null, side: params.get("shown") === "1" ? 1 : 0, instant: Infinity, camera: null, here: params.get("node"), edge: null, chosen: new Set(), glow: 0, frame: null, look: null, asked: 0, dragged: null };
  const source = (path = root.dataset.source, some = {}) => {
    const asked = new URLSearchParams(params);
    VIEW.forEach((each) => asked.delete(each));
    for (const [name, value] of Object.entries(some)) if (value) asked.set(name, value); else asked.delete(name);
    return `${path}?${asked}`;
  };
  const written = () => {
    const set = (name, value) => (value ? params.set(name, value) : params.delete(name));
    set("shown", state.side ? "1" : "");
    set("at", state.instant === Infinity ? "" : new Date(state.instant).toISOString());
    set("node", state.scene?.byId.has(state.here) ? state.here : "");
    history.replaceState(null, "", `?${params}`);
  };
  // Address and table follow when the hand rests: browsers allow few changes of an address a second.
  const RESTS_MS = 150;
  let resting = 0;
  const keep = () => {
    clearTimeout(resting);
    resting = setTimeout(() => { written(); if (!find("[data-table]").hidden) tables(state.scene); }, RESTS_MS);
  };
  const size = () => ({ width: paper.clientWidth, height: paper.clientHeight });
  // On a narrow screen the panel lies over the paper: what one goes to must stand above it.
  const sight = () => {
    const { width, height } = size();
    const aside = find("aside");
    return { width, height: getComputedStyle(aside).position === "absolute" ? height - aside.offsetHeight : height };
  };
  const hereNode = () => state.scene?.byId.get(state.here) || null;
  const chosen = () => [...state.chosen].map((id) => state.scene.byId.get(id)).filter(Boolean);
  const compares = () => state.data?.methods.length > 1;
  const mayMark = () => Boolean(state.data?.marks.may_mark);
  const view = () => ({ ...state.camera, ...size(), ratio: devicePixelRatio, look: state.look, side: state.side, instant: state.instant, compare: compares(), here: hereNode(), edge: state.edge, chosen: state.chosen, glow: state.glow, headTop: 0 });
  // Where one stands is an element too, of no ink: magnifiers and readers of screens follow elements.
  const standing = find("#picture-here");
  const stand = () => {
    const node = hereNode();
    standing.hidden = !node;
    stage.toggleAttribute("aria-activedescendant", Boolean(node));
    if (!node) return;
    stage.setAttribute("aria-activedescendant", standing.id);
    standing.setAttribute("aria-label", describe(node));
    standing.dataset.node = node.id;
    const { zoom, x, y } = state.camera;
    Object.assign(standing.style, { transform: `translate(${node.x * zoom + x}px, ${node.y * zoom + y}px)`, width: `${state.data.size.node_width * zoom}px`, height: `${node.height * zoom}px` });
  };
  // Only the next frame paints, however many events ask for it.
  let waiting = false;
  const paint = () => {
    if (waiting || !state.scene) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      const { width, height } = size();
      const [wide, high] = [Math.round(width * devicePixelRatio), Math.round(height * devicePixelRatio)];
      if (paper.width !== wide || paper.height !== high) Object.assign(paper, { width: wide, height: high });
      const pen = paper.getContext("2d");
      pen.setTransform(1, 0, 0, 1, 0, 0);
      pen.clearRect(0, 0, wide, high);
      picture.paint(pen, state.scene, view());
      stand();
      if (!root.dataset.painted) performance.mark("picture-painted");
      root.dataset.painted = String(Number(root.dataset.painted || 0) + 1);
    });
  };
  const describe = (node) => say("picture_told", { layer: words.layer(node.layer), label: words.label(node), state: words.state(node.state), in: words.yuan(node.now.in_fen), out: words.yuan(node.now.out_fen) });
  const leave = (id) => { state.chosen.clear(); go(id); };
  const tables = picture.table(find("[data-table]"), (id) => leave(id));
  const beside = () => {
    const some = chosen();
    const node = hereNode();
    const several = some.length > 1 && (!node || state.chosen.has(node.id));
    if (several) panel.several(state.scene, some, mayMark());
    else if (state.edge) panel.edge(state.scene, state.edge, view());
    else if (node) panel.node(state.scene, node, view(), mayMark());
    else panel.whole(state.scene, view());
    root.classList.toggle("open", Boolean(several || state.edge || node));
  };
  const follow = () => {
    picture.reckon(state.scene, state.side, state.instant);
    beside();
    keep();
    find("[data-act=undo]").disabled = !mayMark() || !picture.undoable(state.data.marks);
    find("[data-act=redo]").disabled = !mayMark() || !picture.redoable(state.data.marks);
    paint();
  };
  const choose = (node, edge = null) => {
    state.here = node?.id || null;
    state.edge = edge;
    keep();
    beside();
    paint();
  };
  const go = (id) => {
    const node = state.scene.byId.get(id) || state.scene.home.get(id);
    if (!node) return;
    choose(node);
    state.camera = picture.camera.show(state.camera, node, sight());
    told.textContent = describe(node);
  };
  const clock = picture.clock(find("[data-clock]"), (instant) => { state.instant = instant; if (state.scene) follow(); });
  const rebuild = () => {
    state.scene = picture.scene(state.data, state.data.marks);
    state.edge = state.edge && state.scene.edges.find((each) => each.id === state.edge.id);
    state.chosen = new Set([...state.chosen].filter((id) => state.scene.byId.has(id)));
    follow();
  };
  const marked = (marks) => {
    if (marks) state.data.marks = marks;
    rebuild();
    if (!marks) load();
  };
  const mark = picture.marker(() => state.data.links.marks, () => state.data.marks.latest, marked);
  const glow = () => {
    if (!compares()) return;
    const began = performance.now();
    const fade = (now) => {
      state.glow = calm.matches ? 0 : Math.max(0, 1 - (now - began) / 1600);
      paint();
      if (state.glow) requestAnimationFrame(fade);
    };
    fade(began);
  };
  const shows = (side) => {
    if (!compares()) return;
    state.side = side;
    for (const each of root.querySelectorAll("[data-side]")) each.setAttribute("aria-pressed", String(Number(each.dataset.side) === side));
    follow();
    glow();
    told.textContent = say("picture_by", { method: words.method(state.data.methods[side]) });
  };
  const controls = () => {
    const sides = find("[data-sides]");
    sides.hidden = !compares();
    for (const each of sides.querySelectorAll("[data-side]")) each.textContent = words.method(state.data.methods[Number(each.dataset.side)] || "");
    if (!compares()) state.side = 0;
    find("[name=beside]").value = state.data.methods[1] || "";
    const dust = find("[name=dust]");
    const amount = state.data.question.dust_fen;
    if (![...dust.options].some((each) => Number(each.value) === amount)) dust.add(new Option(`< ${words.short(amount)}`, amount));
    dust.value = String(amount);
    for (const each of root.querySelectorAll("[data-short]")) {
      const told = words[each.dataset.short](state.data);
      each.hidden = !told;
      each.querySelector("span").textContent = told;
    }
    for (const each of root.querySelectorAll("[data-marks]")) each.hidden = !mayMark();
  };
  const say_state = (name, sentence = "") => {
    for (const each of root.querySelectorAll("[data-when]")) each.hidden = each.dataset.when !== name;
    if (sentence) find("[data-trouble]").textContent = sentence;
    root.setAttribute("aria-busy", String(name === "loading"));
  };
  const load = async () => {
    const number = ++state.asked;
    if (!state.data) say_state("loading");
    root.setAttribute("aria-busy", "true");
    try {
      const data = await ask(source(), { method: "GET" });
      if (number !== state.asked) return;
      state.data = data;
      say_state(data.nodes.length ? "" : "empty");
      if (!data.nodes.length) return;
      state.look ||= picture.look();
      controls();
      state.scene = picture.scene(data, data.marks);
      const at = Date.parse(params.get("at") || "");
      clock.set(state.scene.times, Number.isNaN(at) ? Infinity : at);
      if (!state.camera || !picture.camera.sees(state.camera, state.scene, size())) state.camera = picture.camera.fit(state.scene, size(), false);
      shows(state.side);
      if (hereNode()) state.camera = picture.camera.show(state.camera, hereNode(), sight());
    } catch (trouble) { if (state.data) { say_state(""); toast(trouble.message); } else say_state("trouble", trouble.message); }
  };
  const asks = (name, value) => {
    params.delete(name);
    if (value) params.set(name, value);
    if (name === "dust_fen") params.delete("open");
    history.pushState(null, "", `?${params}`);
    load();
  };
  const targets = () => (state.chosen.size ? chosen() : [hereNode()]).filter(Boolean);
  const ids = (nodes) => nodes.flatMap((node) => node.members.map((each) => each.id));
  const take = (kind) => {
    const at = state.instant === Infinity ? find("[data-clock]").dataset.end : words.exact(state.instant);
    const other = compares() ? `  ${root.dataset.beside} ${words.method(state.data.methods[1 - state.side])}` : "";
    // By the house's clock, which an exercise may have moved.
    const now = Date.parse(document.getElementById("clock").dateTime) + performance.now();
    const limits = [words.stopped(state.data), words.cut(state.data), words.patterns(state.data), words.hidden(state.data, state.side)];
    const lines = [`${root.dataset.title} ${words.method(state.data.methods[state.side])}${other}`, `${at}  ·  ${root.dataset.taken} ${words.exact(now)}`, root.dataset.exercise, root.dataset.masked, ...limits, ...words.notes(state.scene)].filter(Boolean);
    picture.take(kind, { scene: state.scene, view: view(), lines, name: `${state.data.case}-picture`, path: source(root.dataset.takenPath) }).catch((trouble) => toast(trouble.message));
  };
  const acts = {
    nearer: () => { state.camera = picture.camera.near(state.camera, { x: size().width / 2, y: size().height / 2 }, 1.3); paint(); },
    farther: () => { state.camera = picture.camera.near(state.camera, { x: size().width / 2, y: size().height / 2 }, 1 / 1.3); paint(); },
    fit: () => { state.camera = picture.camera.fit(state.scene, size(), true); paint(); },
    play: () => clock.run(),
    earlier: () => clock.step(-1),
    later: () => clock.step(1),
    method: () => shows(1 - state.side),
    close: () => { state.chosen.clear(); choose(null); stage.focus({ preventScroll: true }); },
    large: () => { root.classList.toggle("large"); find("[data-act=large]").setAttribute("aria-pressed", String(root.classList.contains("large"))); },
    table: () => {
      const table = find("[data-table]");
      table.hidden = !table.hidden;
      find("[data-act=table]").setAttribute("aria-pressed", String(!table.hidden));
      if (!table.hidden) { tables(state.scene); table.focus(); }
    },
    select: () => {
      const node = hereNode();
      if (!node) return;
      if (!state.chosen.delete(node.id)) state.chosen.add(node.id);
      beside();
      paint();
      told.textContent = say("chosen", { count: count(state.chosen.size) });
    },
    hide: () => { const nodes = ids(targets()); if (nodes.length) { state.chosen.clear(); state.here = null; mark({ kind: "hide", nodes }); } },
    show: () => { const nodes = state.data.marks.hidden; if (nodes.length) mark({ kind: "show", nodes }); },
    merge: () => {
      const nodes = ids(chosen());
      if (nodes.length < 2) return;
      const text = find("[name=title]")?.value.trim() || "";
      state.chosen.clear();
      mark({ kind: "group", nodes, text });
    },
    ungroup: () => { const node = hereNode(); if (node?.entry) { state.here = node.members[0].id; mark({ kind: "ungroup", entry: node.entry }); } },
    unpin: () => { const nodes = ids(targets()); if (nodes.length) mark({ kind: "unpin", nodes }); },
    undo: () => mark(() => ({ kind: "undo", entry: picture.undoable(state.data.marks)?.entry })),
    redo: () => mark(() => ({ kind: "undo", entry: picture.redoable(state.data.marks)?.entry })),
    open: () => { const node = hereNode(); if (node) { params.append("open", node.layer); history.pushState(null, "", `?${params}`); load(); } },
    note: () => { const field = find("[name=note]"); field?.closest("details").setAttribute("open", ""); field?.focus(); },
    enter: () => (find("[data-panel] a") || find("[data-panel] button"))?.focus(),
    again: () => load(),
    png: () => take("png"),
    svg: () => take("svg"),
  };
  const able = { undo: () => mayMark() && picture.undoable(state.data.marks), redo: () => mayMark() && picture.redoable(state.data.marks), hide: mayMark, show: mayMark, merge: mayMark, ungroup: mayMark, unpin: mayMark };
  const act = (name) => { if (state.scene && (able[name] || (() => true))()) acts[name](); else if (name === "again") load(); };
  picture.act = act;
  picture.step = (key) => { const node = state.scene && picture.walk(state.scene, hereNode(), key); if (node) go(node.id); };
  // The file that the server makes is of what is asked now, by the rule on show, not of what the page was opened with.
  root.addEventListener("submit", ({ target }) => {
    if (target.matches("[data-file]")) target.action = source(target.dataset.file, { method: state.data?.methods[state.side], beside: "" });
  }, { capture: true });
  root.addEventListener("click", (event) => {
    const button = event.target.closest("[data-act]");
    if (button) act(button.dataset.act);
    const side = event.target.closest("[data-side]");
    if (side) shows(Number(side.dataset.side));
    const there = event.target.closest("[data-go]");
    if (there) leave(there.dataset.go);
  });
  // What the server refuses is still there to be sent again.
  const noted = async (node, typed) => {
    const draft = picture.draft(state.scene, node);
    draft.keep("");
    if (await mark({ kind: "note", node: node.members[0].id, text: typed.trim() })) return;
    draft.keep(typed);
    beside();
  };
  root.addEventListener("input", ({ target }) => { if (target.matches("[name=note]")) picture.draft(state.scene, hereNode()).keep(target.value); });
  root.addEventListener("submit", (event) => {
    if (event.target.matches("[data-file]")) return;
    event.preventDefault();
    if (event.target.matches("[data-note-form]")) noted(hereNode(), event.target.elements.note.value);
    if (event.target.matches("[data-merge-form]")) act("merge");
  });
  find("[name=dust]").addEventListener("change", (event) => asks("dust_fen", Number(event.target.value) || ""));
  find("[name=beside]").addEventListener("change", (event) => { state.side = event.target.value ? 1 : 0; asks("beside", event.target.value); });
  addEventListener("popstate", () => location.reload());
  picture.hands(paper, { camera: () => state.camera, scene: () => state.scene, here: hereNode, mayTake: mayMark }, {
    moved: (x, y) => { state.camera = picture.camera.moved(state.camera, x, y); paint(); },
    nearer: (at, times) => { state.camera = picture.camera.near(state.camera, at, times); paint(); },
    taken: (node, x, y) => { Object.assign(node, { x, y, pinned: true }); paint(); },
    dropped: (node) => mark({ kind: "pin", places: [{ node: node.members[0].id, x: Math.round(node.x), y: Math.round(node.y) }] }),
    framed: (from, to, done) => {
      const [a, b] = [from, to].map((at) => picture.camera.toScene(state.camera, at));
      const box = find("[data-frame]");
      box.hidden = done;
      Object.assign(box.style, { left: `${Math.min(from.x, to.x)}px`, top: `${Math.min(from.y, to.y)}px`, width: `${Math.abs(from.x - to.x)}px`, height: `${Math.abs(from.y - to.y)}px` });
      if (!done) return;
      for (const node of state.scene.nodes) {
        const inside = node.now.fen && node.x <= Math.max(a.x, b.x) && node.x + state.data.size.node_width >= Math.min(a.x, b.x) && node.y <= Math.max(a.y, b.y) && node.y + node.height >= Math.min(a.y, b.y);
        if (inside) state.chosen.add(node.id);
      }
      beside();
      paint();
    },
    pressed: (node, at, many) => {
      if (node && many) {
        if (!state.chosen.size && hereNode()) state.chosen.add(state.here);
        if (!state.chosen.delete(node.id)) state.chosen.add(node.id);
        beside();
        paint();
        return;
      }
      state.chosen.clear();
      if (node) choose(node);
      else choose(null, picture.bandAt(state.scene, picture.camera.toScene(state.camera, at), state.camera.zoom));
    },
    hovered: (at) => {
      if (!state.scene) return;
      const there = picture.camera.toScene(state.camera, at);
      paper.style.cursor = picture.placeAt(state.scene, there, state.camera.zoom) ? "pointer" : "grab";
    },
  });
  new ResizeObserver(paint).observe(stage);
  const repaint = () => { state.look = picture.look(); paint(); };
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
  load();
})();
