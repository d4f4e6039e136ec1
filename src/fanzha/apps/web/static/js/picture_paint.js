// A scene on paper: bands as wide as their money, places as high as theirs, coloured by what became of it. Also on a printed one.
"use strict";
(() => {
  const { picture } = window.fanzha;
  const { words } = picture;
  const LABEL_ROOM = 226;
  const THIN_PX = 2.5;
  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const TOKENS = { held: "--green", lying: "--green", passed: "--blue", gone: "--red", origin: "--ink-soft", not_followed: "--quiet", last_seen: "--quiet", before: "--quiet", disputed: "--quiet", reached: "--line", absent: "--quiet", quiet: "--quiet", ink: "--ink", soft: "--ink-soft", paper: "--paper", accent: "--accent", line: "--line", sans: "--sans" };
  // Without colour too: what nobody knows for certain is hatched, what the rules do not agree on is dotted.
  const PATTERNS = { last_seen: "hatch", before: "hatch", disputed: "dots" };
  const pattern = (colour, paper, kind) => {
    const tile = document.createElement("canvas");
    tile.width = tile.height = 6;
    const pen = tile.getContext("2d");
    pen.fillStyle = paper;
    pen.fillRect(0, 0, 6, 6);
    pen.strokeStyle = pen.fillStyle = colour;
    pen.lineWidth = 1.6;
    pen.beginPath();
    if (kind === "dots") pen.arc(3, 3, 1.2, 0, 7);
    else for (const at of [-3, 3, 9]) { pen.moveTo(at - 3, 9); pen.lineTo(at + 9, -3); }
    if (kind === "dots") pen.fill(); else pen.stroke();
    return pen.createPattern(tile, "repeat");
  };
  // Colours as the page has them now; reckoned again when light turns to dark.
  picture.look = (make = pattern) => {
    const look = Object.fromEntries(Object.entries(TOKENS).map(([name, of]) => [name, token(of)]));
    look.fill = Object.fromEntries(Object.keys(TOKENS).map((name) => [name, PATTERNS[name] ? make(look[name], look.paper, PATTERNS[name]) : look[name]]));
    return look;
  };
  // Where a band runs: from the right edge of one box to the left edge of another; backwards, it swings out first.
  picture.course = (edge, scene) => {
    const [x1, y1] = [edge.from.x + scene.data.size.node_width, edge.from.y + edge.leaves];
    const [x2, y2] = [edge.to.x, edge.to.y + edge.arrives];
    const bend = x2 > x1 ? (x2 - x1) / 2 : 80;
    return { x1, y1, x2, y2, c1: x1 + bend, c2: x2 - bend };
  };
  const widthOf = (edge, scene) => Math.max(edge.fen / scene.data.size.fen_per_px, 0.75);
  const thick = (pen, edge, scene) => {
    const { x1, y1, x2, y2, c1, c2 } = picture.course(edge, scene);
    const half = widthOf(edge, scene) / 2;
    pen.beginPath();
    pen.moveTo(x1, y1 - half);
    pen.bezierCurveTo(c1, y1 - half, c2, y2 - half, x2, y2 - half);
    pen.lineTo(x2, y2 + half);
    pen.bezierCurveTo(c2, y2 + half, c1, y1 + half, x1, y1 + half);
    pen.fill();
  };
  // Thousands of lines drawn one by one take five times as long as drawn in one go; so those about as thin go together.
  const thin = (pen, edges, scene, zoom) => {
    const byWidth = new Map();
    for (const edge of edges) {
      const half_px = Math.max(1, Math.round(widthOf(edge, scene) * zoom * 2));
      if (!byWidth.has(half_px)) byWidth.set(half_px, []);
      byWidth.get(half_px).push(edge);
    }
    for (const [half_px, some] of byWidth) {
      pen.lineWidth = half_px / 2 / zoom;
      pen.beginPath();
      for (const edge of some) {
        const { x1, y1, x2, y2, c1, c2 } = picture.course(edge, scene);
        pen.moveTo(x1, y1);
        pen.bezierCurveTo(c1, y1, c2, y2, x2, y2);
      }
      pen.stroke();
    }
  };
  const inSight = (edge, sight) => {
    const { y1, y2 } = { y1: edge.from.y + edge.leaves, y2: edge.to.y + edge.arrives };
    const half = edge.width;
    return Math.max(edge.to.x, edge.from.x + 94) >= sight.left && Math.min(edge.from.x, edge.to.x - 80) <= sight.right
      && Math.max(y1, y2) + half >= sight.top && Math.min(y1, y2) - half <= sight.bottom;
  };
  const bands = (pen, scene, view) => {
    const byColour = new Map();
    for (const edge of scene.edges) {
      if (!edge.fen || !inSight(edge, view.sight)) continue;
      const lit = edge === view.edge || edge.from === view.here || edge.to === view.here;
      // Thousands of thin ones over each other would be a wall: they are fainter.
      const shade = (lit ? 0.62 : view.here || view.edge ? 0.16 : 0.32) * (!lit && widthOf(edge, scene) * view.zoom < 1 ? 0.5 : 1);
      const colour = `${edge.to.state} ${shade}`;
      if (!byColour.has(colour)) byColour.set(colour, []);
      byColour.get(colour).push(edge);
    }
    for (const [key, edges] of byColour) {
      const [name, shade] = key.split(" ");
      pen.fillStyle = pen.strokeStyle = view.look[name];
      pen.globalAlpha = Number(shade);
      const isThin = (edge) => widthOf(edge, scene) * view.zoom < THIN_PX;
      thin(pen, edges.filter(isThin), scene, view.zoom);
      for (const edge of edges) if (!isThin(edge)) thick(pen, edge, scene);
    }
    pen.globalAlpha = 1;
  };
  const heightOf = (node, scene) => (node.now.fen ? Math.max(node.now.fen / scene.data.size.fen_per_px, 3) : 0);
  const box = (pen, node, scene, view) => {
    const wide = scene.data.size.node_width;
    const high = Math.min(heightOf(node, scene), node.height);
    const { look } = view;
    pen.strokeStyle = look.line;
    pen.lineWidth = 1 / view.zoom;
    if (high < node.height) pen.strokeRect(node.x, node.y, wide, node.height);
    const all = node.parts.reduce((sum, [, fen]) => sum + fen, 0) || 1;
    let down = node.y;
    for (const [state, fen] of node.parts) {
      const part = (high * fen) / all;
      if (!part) continue;
      pen.fillStyle = look.fill[state];
      pen.globalAlpha = state === "lying" ? 0.6 : 1;
      pen.fillRect(node.x, down, wide, part);
      down += part;
    }
    pen.globalAlpha = 1;
    if (node.kind === "exit" && high) arrow(pen, node, high, wide, look);
    const chosen = view.chosen?.has(node.id);
    if (chosen || node === view.here) {
      pen.strokeStyle = look.accent;
      pen.lineWidth = (node === view.here ? 3 : 2) / view.zoom;
      const out = 3 / view.zoom;
      pen.strokeRect(node.x - out, node.y - out, wide + 2 * out, node.height + 2 * out);
    }
  };
  // What leaves for good ends in a point.
  const arrow = (pen, node, high, wide, look) => {
    pen.fillStyle = look.fill[node.state === "not_followed" ? "not_followed" : "gone"];
    const middle = node.y + high / 2;
    const reach = Math.max(5, Math.min(high / 2, 12));
    pen.beginPath();
    pen.moveTo(node.x + wide, middle - reach);
    pen.lineTo(node.x + wide + reach, middle);
    pen.lineTo(node.x + wide, middle + reach);
    pen.fill();
  };
  const glow = (pen, node, scene, view) => {
    pen.strokeStyle = view.look.accent;
    pen.globalAlpha = view.glow;
    pen.lineWidth = 6 / view.zoom;
    pen.strokeRect(node.x - 4, node.y - 4, scene.data.size.node_width + 8, node.height + 8);
    pen.globalAlpha = 1;
  };
  const SIGNS = { held: "●", lying: "●", passed: "→", gone: "✕", origin: "○", last_seen: "?", before: "◌", disputed: "≠", reached: "~", not_followed: "·", absent: "–" };
  // What has no room is left out, whole words at a time: the last first, but what changed stays longest.
  const fitting = (pen, sum, changed, state, room) => [[sum, changed, state], [sum, changed], [changed || sum]].map((words) => words.filter(Boolean).join(" ")).find((told) => pen.measureText(told).width <= room) || "";
  const cut = (pen, text, room) => {
    let told = text;
    while (told.length > 2 && pen.measureText(told).width > room) told = `${told.slice(0, -2)}…`;
    return told;
  };
  // What hangs on a place: a pattern that names it, a note, a pin.
  const signs = (node) => (node.members.some((each) => each.patterns.length) ? "◆ " : "") + (node.notes.length ? "✎ " : "") + (node.pinned ? "⌖ " : "");
  // Words stand on bands of any colour: a rim of paper keeps them apart.
  const write = (pen, text, y, look) => {
    if (!text) return;
    pen.strokeStyle = look.paper;
    pen.lineWidth = 3;
    pen.lineJoin = "round";
    pen.globalAlpha = 0.8;
    pen.strokeText(text, 0, y);
    pen.globalAlpha = 1;
    pen.fillText(text, 0, y);
  };
  const label = (pen, node, view, room, lines) => {
    const { look } = view;
    const changed = view.compare ? picture.difference(node, view.side, view.instant) : 0;
    pen.font = `12px ${look.sans}`;
    pen.fillStyle = look[node.state] || look.soft;
    const sum = `${SIGNS[node.state] || ""} ${words.short(node.now.fen)}`;
    write(pen, fitting(pen, sum, changed && words.difference(changed), lines > 1 || node.kind !== "account" ? words.state(node.state) : words.tail(node).slice(-5), room), lines > 1 ? 12 : 4, look);
    if (lines === 1) return;
    pen.fillStyle = look.ink;
    pen.font = `${node.kind === "account" ? "" : "600 "}12px ${look.sans}`;
    const whole = `${signs(node)}${words.label(node)}`;
    // Of a number its end tells it from others: where there is no room for the holder too, the holder gives way.
    const short = node.kind === "account" && pen.measureText(whole).width > room ? `${signs(node)}${words.tail(node)}` : whole;
    write(pen, cut(pen, short, room), -3, look);
  };
  // Whether nothing is written yet about a place on paper; if so it is taken. Rows of eight pixels, each with what stands in it.
  const take = (taken, x, y, wide, half) => {
    const rows = [];
    for (let row = Math.floor((y - half) / 8); row <= Math.floor((y + half - 1) / 8); row++) rows.push(row);
    if (rows.some((row) => taken.get(row)?.some((each) => each.x < x + wide && x < each.x + each.wide))) return false;
    for (const row of rows) { if (!taken.has(row)) taken.set(row, []); taken.get(row).push({ x, wide }); }
    return true;
  };
  // Far away only the largest are named: text keeps its size, so the smaller give way.
  const labels = (pen, scene, view) => {
    const room = LABEL_ROOM * view.zoom;
    if (room < 46) return;
    const size = Math.max(view.zoom, 1);
    const taken = new Map();
    const byFen = scene.nodes.filter((node) => (node.now.fen || view.compare) && node.x <= view.sight.right && node.x + LABEL_ROOM >= view.sight.left && node.y <= view.sight.bottom && node.y + node.height >= view.sight.top);
    byFen.sort((a, b) => (b === view.here) - (a === view.here) || b.now.fen - a.now.fen);
    pen.save();
    pen.setTransform(view.ratio, 0, 0, view.ratio, 0, 0);
    pen.textBaseline = "alphabetic";
    for (const node of byFen) {
      const x = (node.x + scene.data.size.node_width + (node.kind === "exit" ? 10 : 0) + 6) * view.zoom + view.x;
      const top = Math.max(node.y * view.zoom + view.y, 0);
      const bottom = Math.min((node.y + node.height) * view.zoom + view.y, view.height);
      const y = (top + bottom) / 2;
      const lines = room > 60 && take(taken, x, y, room - 14, 16 * size) ? 2 : 1;
      if (lines === 1 && !take(taken, x, y, room - 14, 8 * size)) continue;
      pen.save();
      pen.translate(x, y);
      pen.scale(size, size);
      label(pen, node, view, (room - 14) / size, lines);
      pen.restore();
    }
    pen.restore();
  };
  const heads = (pen, scene, view) => {
    if (view.zoom * LABEL_ROOM < 46) return;
    pen.save();
    pen.setTransform(view.ratio, 0, 0, view.ratio, 0, 0);
    pen.font = `600 12px ${view.look.sans}`;
    for (const each of scene.data.layers) {
      const x = each.x * view.zoom + view.x;
      pen.fillStyle = view.look.paper;
      pen.globalAlpha = 0.85;
      pen.fillRect(x - 4, view.headTop, Math.min(LABEL_ROOM * view.zoom, 110), 22);
      pen.globalAlpha = 1;
      pen.fillStyle = view.look.soft;
      pen.fillText(words.layer(each.layer), x, view.headTop + 16, LABEL_ROOM * view.zoom - 8);
    }
    pen.restore();
  };
  // view: zoom, x, y (place of the scene's corner), width, height, ratio of device pixels, look; what is lit, chosen, compared.
  picture.paint = (pen, scene, view) => {
    view.sight = { left: -view.x / view.zoom, top: -view.y / view.zoom, right: (view.width - view.x) / view.zoom, bottom: (view.height - view.y) / view.zoom };
    pen.setTransform(view.ratio * view.zoom, 0, 0, view.ratio * view.zoom, view.ratio * view.x, view.ratio * view.y);
    bands(pen, scene, view);
    for (const node of scene.nodes) {
      if (node.x > view.sight.right || node.x + 30 < view.sight.left || node.y > view.sight.bottom || node.y + node.height < view.sight.top) continue;
      box(pen, node, scene, view);
      if (view.glow && picture.difference(node, view.side, view.instant)) glow(pen, node, scene, view);
    }
    labels(pen, scene, view);
    heads(pen, scene, view);
  };
})();
